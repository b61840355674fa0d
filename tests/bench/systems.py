"""What is compared: each system is a name and a function from a question to chunks, best first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rag.library.library import Library
from rag.retrieve import Scope, search_dense, search_lexical
from rag.types import Hit
from ui.hall import Studyhall

DEPTH = 50  # candidates of each search, as in the settings' default


@dataclass(frozen=True)
class System:
    """A way to find chunks."""

    name: str
    rank: Callable[[str], list[Hit]]


def systems(hall: Studyhall) -> list[System]:
    """Return dense search, BM25, and both together as the chain of this home has them.

    A reranker joins here: a name, and a function that takes the fused hits of a question and returns them reordered.
    """
    library, embedder = hall.engine.library, hall.engine.embedder
    chain = hall.engine.chain("")

    def dense(question: str) -> list[Hit]:
        return _hits(search_dense(question, library, embedder, scope=Scope(), limit=DEPTH), library, "dense")

    def words(question: str) -> list[Hit]:
        return _hits(search_lexical(question, library, scope=Scope(), limit=DEPTH), library, "lexical")

    return [System("dense", dense), System("BM25", words), System("fused", lambda q: chain.hits(q, Scope(), DEPTH))]


def _hits(scores: Mapping[str, float], library: Library, name: str) -> list[Hit]:
    rows = library.catalog.chunks(list(scores))
    hits = [
        Hit(chunk, source, title, fused=scores[key], **{name: scores[key]})  # type: ignore[arg-type]  # dense or lexical
        for key, (chunk, source, title) in rows.items()
    ]
    return sorted(hits, key=lambda hit: (-hit.fused, hit.source, hit.chunk.ordinal))
