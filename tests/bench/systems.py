"""What is compared: each system is a name and a function from a question to chunks, best first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rag.library.library import Library
from rag.retrieve import Scope, retrieve, search_dense, search_lexical
from rag.types import Hit
from ui.hall import Studyhall

DEPTH = 50  # candidates of each search, as in the settings' default


@dataclass(frozen=True)
class System:
    """A way to find chunks."""

    name: str
    rank: Callable[[str], list[Hit]]


Rerank = Callable[[str, list[Hit]], list[Hit]]
"""A question and its fused hits to the same hits in a better order."""


def systems(hall: Studyhall, rerank: Rerank | None = None) -> list[System]:
    """Return dense search, BM25, both together, and with a reranker that on top."""
    library, embedder, settings = hall.engine.library, hall.engine.embedder, hall.engine.settings

    def dense(question: str) -> list[Hit]:
        return _hits(search_dense(question, library, embedder, scope=Scope(), limit=DEPTH), library, "dense")

    def words(question: str) -> list[Hit]:
        return _hits(search_lexical(question, library, scope=Scope(), limit=DEPTH), library, "lexical")

    def fused(question: str) -> list[Hit]:
        return retrieve(
            question, library, embedder, scope=Scope(), candidates=DEPTH, dense_weight=settings.dense_weight
        )

    found = [System("dense", dense), System("BM25", words), System("fused", fused)]
    if rerank is not None:
        found.append(System("fused + reader", lambda question: rerank(question, fused(question))))
    return found


def _hits(scores: Mapping[str, float], library: Library, name: str) -> list[Hit]:
    rows = library.catalog.chunks(list(scores))
    hits = [
        Hit(chunk, source, title, fused=scores[key], **{name: scores[key]})  # type: ignore[arg-type]  # dense or lexical
        for key, (chunk, source, title) in rows.items()
    ]
    return sorted(hits, key=lambda hit: (-hit.fused, hit.source, hit.chunk.ordinal))
