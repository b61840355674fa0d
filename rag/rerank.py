"""Hits to hits in a better order: the reader looks at the best of them together with the question."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from rag.models.reader import Reader
from rag.types import Hit, Reading


def rerank(question: str, hits: Sequence[Hit], reader: Reader, *, most: int, weight: float) -> list[Hit]:
    """Return the hits, best first, the first `most` of them read by the reader.

    The score of a hit that was read is the weighted mean of the reader's relevance, 0 to 1, and of its fused score:
    the two err in different places. Hits that were not read stay behind those that were, in their order.
    """
    looked, rest = hits[:most], hits[most:]
    readings = reader.read(question, [(context(hit), hit.chunk.text) for hit in looked])
    read = [_read(hit, reading, weight) for hit, reading in zip(looked, readings, strict=True)]
    read.sort(key=lambda hit: -hit.score)
    last = min((hit.score for hit in read), default=1.0)
    top = rest[0].fused if rest and rest[0].fused > 0 else 1.0
    return read + [replace(hit, rerank=last * hit.fused / top) for hit in rest]


def context(hit: Hit) -> str:
    """Return the line that the reader sees above a chunk: its innermost headings, then its document's title."""
    names = dict.fromkeys([*hit.chunk.headings[:-3:-1], hit.title])
    return " < ".join(" ".join(name.split()) for name in names if name.strip()) + "\n"


def _read(hit: Hit, reading: Reading, weight: float) -> Hit:
    relevant = 1 / (1 + math.exp(-reading.relevance))
    start = hit.chunk.start
    placed = replace(
        reading,
        start=start + reading.start,
        end=start + reading.end,
        peaks=tuple((start + at, likely) for at, likely in reading.peaks),
    )
    return replace(hit, rerank=weight * relevant + (1 - weight) * hit.fused, reading=placed)
