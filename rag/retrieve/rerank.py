"""Hits are reranked: the ranker reads the best of them together with the question."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.ports import Ranker
from rag.question.query import Query
from rag.types import Hit, Reading

_BEHIND = 0.99  # score of the best unread hit, as a share of the worst score of those read


def rerank(
    query: Query, hits: Sequence[Hit], reader: Ranker, *, most: int, weight: float, document_weight: float = 0.0
) -> list[Hit]:
    """Return the hits, best first, with the first `most` of them read by the ranker.

    The score of a read hit is the weighted mean of the ranker's relevance, 0 to 1, and the fused score: the two err in
    different places. The document match keeps its weight, for the ranker sees no file names. Unread hits follow the
    read ones, in their order. Raises ReaderError.
    """
    looked, rest = hits[:most], hits[most:]
    named = document_weight if any(hit.document for hit in hits) else 0.0  # as in the fusion
    read = [_read(hit, reading, weight, named) for hit, reading in _readings(query, looked, reader)]
    read.sort(key=lambda hit: -hit.score)
    last = min((hit.score for hit in read), default=1.0)
    top = rest[0].fused if rest and rest[0].fused > 0 else 1.0
    return read + [replace(hit, rerank=_BEHIND * last * hit.fused / top) for hit in rest]


def _readings(query: Query, hits: Sequence[Hit], reader: Ranker) -> Iterator[tuple[Hit, Reading]]:
    """Yield the hits with their readings, language by language."""
    by_language: dict[str, list[Hit]] = {}
    for hit in hits:
        by_language.setdefault(hit.language, []).append(hit)
    for language, written in by_language.items():
        languages = {query.language, language} - {""}
        yield from zip(
            written,
            reader.read(query.text, [(context(hit), hit.chunk.text) for hit in written], languages),
            strict=True,
        )


def context(hit: Hit) -> str:
    """Return the context line above a chunk: its innermost headings, then its document's title."""
    names = dict.fromkeys([*hit.chunk.headings[:-3:-1], hit.title])
    return " < ".join(" ".join(name.split()) for name in names if name.strip()) + "\n"


def _read(hit: Hit, reading: Reading, weight: float, document_weight: float) -> Hit:
    relevant = 1 / (1 + math.exp(-reading.relevance))
    start = hit.chunk.start
    placed = replace(
        reading,
        start=start + reading.start,
        end=start + reading.end,
        peaks=tuple((start + at, likely) for at, likely in reading.peaks),
    )
    return replace(hit, rerank=_mixed(hit, relevant, weight, document_weight), reading=placed)


def _mixed(hit: Hit, relevant: float, weight: float, document_weight: float) -> float:
    """Return the weighted mean of relevance and fused score, with the share of the document match unchanged.

    Without a document match, a fused score of 0.6 and a relevance of 1.0 give 0.8 at weight 0.5.
    """
    document = document_weight * (hit.document or 0.0)
    content = hit.fused * (1 + document_weight) - document
    return (weight * relevant + (1 - weight) * content + document) / (1 + document_weight)
