"""Hits become passages: neighbouring hits are merged with the text between them, and the best grow in their section.

Passages come best first: a small model reads the first most carefully, a smaller budget drops the last, and the order
doesn't depend on their number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from rag.ports import Catalog
from rag.text.sentences import sentence_spans
from rag.types import Chunk, Hit, Passage

_GAP = 1  # most chunks between two hits of one passage
_GROWN = 3  # passages that grow
_SECTION = 6  # most chunks of a section that a passage grows by, in each direction from its best hit
FENCE_TOKENS = 24  # for number, fence and page of a passage in the prompt, beside its title and headings


@dataclass(frozen=True, slots=True)
class HitGroup:
    """Neighbouring hits of one document, with the text between them."""

    hits: tuple[Hit, ...]  # in the document's order

    @property
    def best(self) -> Hit:
        """The hit with the highest score."""
        return max(self.hits, key=lambda hit: hit.score)

    @property
    def start(self) -> int:
        """The start offset in the document's text."""
        return self.hits[0].chunk.start

    @property
    def end(self) -> int:
        """The end offset in the document's text."""
        return max(hit.chunk.end for hit in self.hits)

    @property
    def runs(self) -> list[HitGroup]:
        """The group split wherever a chunk between its hits is no hit."""
        runs: list[tuple[Hit, ...]] = []
        for hit in self.hits:
            follows = runs and hit.chunk.ordinal <= runs[-1][-1].chunk.ordinal + 1
            runs[-1:] = [(*runs[-1], hit)] if follows else [*runs[-1:], (hit,)]
        return [HitGroup(run) for run in runs]


def merge(hits: Sequence[Hit], *, most: int) -> list[HitGroup]:
    """Return the best hits as groups, best first; hits with adjacent or nearly adjacent chunks form one group.

    Only the `most` best hits are used, so that a long tail doesn't merge a whole chapter.
    """
    spans: list[HitGroup] = []
    chosen = sorted(hits[:most], key=lambda hit: (hit.chunk.document_id, hit.chunk.ordinal))
    for hit in chosen:
        last = spans[-1].hits[-1].chunk if spans else None
        near = last and last.document_id == hit.chunk.document_id and hit.chunk.ordinal - last.ordinal <= 1 + _GAP
        if near:
            spans[-1] = HitGroup((*spans[-1].hits, hit))
        else:
            spans.append(HitGroup((hit,)))
    return sorted(spans, key=lambda span: -span.best.score)


def fit(hits: Sequence[Hit], count: Callable[[str], int], catalog: Catalog, *, most: int, budget: int) -> list[Passage]:
    """Return the best hits as numbered passages with at most `budget` tokens together.

    `count` returns the tokens of a text. Of the `most` best hits those that fit the budget are taken, best first. Then
    neighbours are merged into one passage, with the text between them if that fits too. The best hit is never dropped
    for a worse one: it is shortened.
    """
    costs = _affordable(hits[:most], count, budget)
    chosen = [hit for hit in hits[:most] if hit.chunk.id in costs]
    if hits and not chosen and most:
        return _shortened(_passage(1, HitGroup((hits[0],)), catalog), count, budget)
    passages: list[Passage] = []
    # The text between neighbours is paid for from the rest of the budget; where it is too long, they stay apart.
    spare = budget - sum(costs.values())
    for span in merge(chosen, most=most):
        passage = _passage(len(passages) + 1, span, catalog)
        more = _tokens(passage, count) - sum(costs[hit.chunk.id] for hit in span.hits)
        if more <= spare:
            spare -= more
            passages.append(passage)
        else:
            passages += [_passage(0, run, catalog) for run in span.runs]
    passages.sort(key=lambda passage: -passage.score)
    return [replace(passage, number=number) for number, passage in enumerate(passages, start=1)]


def alone(hits: Sequence[Hit], catalog: Catalog) -> list[Passage]:
    """Return each hit as a passage of its own."""
    return [_passage(number, HitGroup((hit,)), catalog) for number, hit in enumerate(hits, start=1)]


def _affordable(hits: Sequence[Hit], count: Callable[[str], int], budget: int) -> dict[str, int]:
    """Return the tokens of the best hits that fit the budget, by chunk id; empty when the first doesn't fit."""
    costs: dict[str, int] = {}
    for hit in hits:
        cost = count(_in_prompt(hit.title, hit.chunk.headings, hit.chunk.text)) + FENCE_TOKENS
        if cost <= budget:
            costs[hit.chunk.id] = cost
            budget -= cost
        elif not costs:
            break
    return costs


def grow(passages: Sequence[Passage], count: Callable[[str], int], catalog: Catalog, *, budget: int) -> list[Passage]:
    """Return the passages, the best of them grown within their sections as far as the token `budget` allows.

    A section is the text under one heading path. No passage grows into another.
    """
    grown = list(passages)
    left = budget - sum(_tokens(passage, count) for passage in passages)
    # Definitions first, for part of one is useless; then the best.
    order = sorted(range(len(passages)), key=lambda at: (-round(passages[at].defines or 0.0), at))
    for at in order[:_GROWN]:
        others = [other for other in grown if other.document_id == grown[at].document_id and other is not grown[at]]
        for chunks in _around(grown[at], catalog):
            for chunk in chunks:
                longer = _reaching(grown[at], chunk, catalog)
                cost = _tokens(longer, count) - _tokens(grown[at], count)
                if cost > left or any(_overlap(longer, other) for other in others):
                    break
                grown[at] = longer
                left -= cost
    return grown


def _around(passage: Passage, catalog: Catalog) -> tuple[list[Chunk], list[Chunk]]:
    """Return the chunks of a passage's section after and before it, each the nearest first."""
    found = catalog.chunks.get([passage.chunk_id])
    if not found:  # removed meanwhile
        return [], []
    here = found[passage.chunk_id][0].ordinal
    near = catalog.chunks.neighbours(passage.document_id, here - _SECTION, here + _SECTION)
    after = [chunk for chunk in near if chunk.start >= passage.end]
    before = [chunk for chunk in near if chunk.end <= passage.start][::-1]

    def same(chunk: Chunk) -> bool:
        return chunk.headings == passage.headings

    return list(takewhile(same, after)), list(takewhile(same, before))


def _reaching(passage: Passage, chunk: Chunk, catalog: Catalog) -> Passage:
    """Return the passage extended to include a chunk outside of it."""
    start, end = min(passage.start, chunk.start), max(passage.end, chunk.end)
    before = chunk.start < passage.start
    return replace(
        passage,
        start=start,
        end=end,
        text=catalog.documents.text(passage.document_id, start, end),
        page=chunk.page if before else passage.page,
        page_label=chunk.page_label if before else passage.page_label,
        page_end=passage.page_end if before else chunk.page_end,
        pages=catalog.documents.page_starts(passage.document_id, start, end),
    )


def _overlap(one: Passage, other: Passage) -> bool:
    return one.start < other.end and other.start < one.end


def _tokens(passage: Passage, count: Callable[[str], int]) -> int:
    return count(_in_prompt(passage.title, passage.headings, passage.text)) + FENCE_TOKENS


def _in_prompt(title: str, headings: Sequence[str], text: str) -> str:
    return "\n".join([title, *headings[-2:], text])


def _shortened(passage: Passage, count: Callable[[str], int], budget: int) -> list[Passage]:
    """Return the passage cut to its first sentences that fit the budget; empty when not even one fits."""
    for _, end in reversed(sentence_spans(passage.text)):
        page_end, _ = passage.page_of(passage.start + end - 1)
        shorter = replace(passage, end=passage.start + end, text=passage.text[:end], page_end=page_end)
        if _tokens(shorter, count) <= budget:
            return [shorter]
    return []


def _passage(number: int, span: HitGroup, catalog: Catalog) -> Passage:
    best, first, last = span.best, span.hits[0].chunk, span.hits[-1].chunk
    return Passage(
        number=number,
        document_id=best.chunk.document_id,
        chunk_id=best.chunk.id,
        source=best.source,
        title=best.title,
        start=span.start,
        end=span.end,
        text=catalog.documents.text(best.chunk.document_id, span.start, span.end),
        score=best.score,
        headings=best.chunk.headings,
        page=first.page,
        page_end=last.page_end,
        page_label=first.page_label,
        pages=catalog.documents.page_starts(best.chunk.document_id, span.start, span.end),
        dense=best.dense,
        lexical=best.lexical,
        readings=tuple(hit.reading for hit in span.hits if hit.reading),
        fused=best.fused,
        document=best.document,
        defines=best.defines,
        rerank=best.rerank,
        also=tuple(dict.fromkeys(twin for hit in span.hits for twin in hit.also)),
        language=best.language,
    )
