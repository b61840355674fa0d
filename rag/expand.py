"""Hits to passages: neighbours become one span, with whatever stands between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.library.catalog import Catalog
from rag.sentences import sentence_spans
from rag.types import Hit, Passage


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring hits of one document."""

    hits: tuple[Hit, ...]  # in the document's order

    @property
    def best(self) -> Hit:
        """The hit with the highest score."""
        return max(self.hits, key=lambda hit: hit.score)

    @property
    def start(self) -> int:
        """Where it begins in the document's text."""
        return self.hits[0].chunk.start

    @property
    def end(self) -> int:
        """Where it ends in the document's text."""
        return max(hit.chunk.end for hit in self.hits)


def merge(hits: Sequence[Hit], *, most: int) -> list[Span]:
    """Return the best hits as spans, best first; hits whose chunks follow each other become one.

    At most `most` hits are looked at, so that a long tail doesn't glue a whole chapter together.
    """
    spans: list[Span] = []
    chosen = sorted(hits[:most], key=lambda hit: (hit.chunk.document_id, hit.chunk.ordinal))
    for hit in chosen:
        last = spans[-1].hits[-1].chunk if spans else None
        if last and (last.document_id, last.ordinal + 1) == (hit.chunk.document_id, hit.chunk.ordinal):
            spans[-1] = Span((*spans[-1].hits, hit))
        else:
            spans.append(Span((hit,)))
    return sorted(spans, key=lambda span: -span.best.score)


def fit(spans: Sequence[Span], count: Callable[[str], int], catalog: Catalog, *, budget: int) -> list[Passage]:
    """Return the best spans as numbered passages that together have at most `budget` tokens.

    `count` gives a text's tokens. A span too large for what is left is reduced to its best hit, and left out
    when that is too large as well; the best hit of all is never dropped before a worse one: it is shortened.
    """
    passages: list[Passage] = []
    left = budget
    for span in spans:
        for candidate in (span, Span((span.best,))):
            passage = _passage(len(passages) + 1, candidate, catalog)
            tokens = _tokens(passage, count)
            if tokens <= left:
                left -= tokens
                passages.append(passage)
                break
        else:
            if not passages:
                return _shortened(passage, count, budget)
    return passages


FENCE_TOKENS = 24  # what number, fence and page of a passage take in the prompt, its title and heading not counted


def _tokens(passage: Passage, count: Callable[[str], int]) -> int:
    return count("\n".join([passage.title, *passage.headings[-2:], passage.text])) + FENCE_TOKENS


def _shortened(passage: Passage, count: Callable[[str], int], budget: int) -> list[Passage]:
    """Return the passage with as many of its first sentences as fit; nothing when not even one does."""
    for _, end in reversed(sentence_spans(passage.text)):
        page_end, _ = passage.page_of(passage.start + end - 1)
        shorter = replace(passage, end=passage.start + end, text=passage.text[:end], page_end=page_end)
        if _tokens(shorter, count) <= budget:
            return [shorter]
    return []


def _passage(number: int, span: Span, catalog: Catalog) -> Passage:
    best, first, last = span.best, span.hits[0].chunk, span.hits[-1].chunk
    return Passage(
        number=number,
        document_id=best.chunk.document_id,
        chunk_id=best.chunk.id,
        source=best.source,
        title=best.title,
        start=span.start,
        end=span.end,
        text=catalog.text(best.chunk.document_id, span.start, span.end),
        score=best.score,
        headings=best.chunk.headings,
        page=first.page,
        page_end=last.page_end,
        page_label=first.page_label,
        pages=catalog.page_starts(best.chunk.document_id, span.start, span.end),
        dense=best.dense,
        lexical=best.lexical,
        readings=tuple(hit.reading for hit in span.hits if hit.reading),
    )
