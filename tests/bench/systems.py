"""What is compared: each system is a name and a function from a question to chunks, best first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rag.errors import ReaderError
from rag.library.library import Library
from rag.models.reader import Reader, shipped
from rag.question.analyse import read_question
from rag.retrieve.dense import search_dense
from rag.retrieve.fuse import FusionWeights
from rag.retrieve.hits import retrieve
from rag.retrieve.lexical import search_lexical
from rag.retrieve.rerank import Ranker, rerank
from rag.settings import Settings
from rag.types import Hit
from tests.fakes import asked
from ui.hall import Studyhall

DEPTH = 50  # candidates of each search, as in the settings' default


@dataclass(frozen=True)
class System:
    """A way to find chunks."""

    name: str
    rank: Callable[[str], list[Hit]]


Rerank = Callable[[str, list[Hit]], list[Hit]]
"""A question and its fused hits to the same hits in a better order."""


def systems(hall: Studyhall, reread: Rerank | None = None) -> list[System]:
    """Return dense search, BM25, both together, and with a reranker that on top."""
    library, embedder, settings = hall.engine.library, hall.engine.embedder, hall.engine.settings

    def dense(question: str) -> list[Hit]:
        return _hits(search_dense(asked(question, library), library, embedder, limit=DEPTH), library, "dense")

    def words(question: str) -> list[Hit]:
        return _hits(search_lexical(asked(question, library), library.lexical, limit=DEPTH), library, "lexical")

    def fused(question: str) -> list[Hit]:
        return retrieve(
            asked(question, library),
            library,
            embedder,
            candidates=DEPTH,
            weights=FusionWeights.of(settings, embedder.languages),
        )

    found = [System("dense", dense), System("BM25", words), System("fused", fused)]
    if reread is not None:
        found.append(System("fused + reader", lambda question: reread(question, fused(question))))
    return found


def reader_of(hall: Studyhall) -> Rerank | None:
    """Return the reranker of the home's settings, or else the reader that comes along; None where there is neither."""
    settings = hall.engine.settings
    try:
        return reread_by(hall.engine.ranker or Reader(shipped(), threads=settings.threads), settings)
    except ReaderError:
        return None


def reread_by(ranker: Ranker, settings: Settings) -> Rerank:
    """Return what a ranker does with hits, with the depth and the weight of the settings."""

    def reread(question: str, hits: list[Hit]) -> list[Hit]:
        return rerank(
            read_question(question),
            hits,
            ranker,
            most=settings.reranked,
            weight=settings.reranker_weight,
            document_weight=settings.document_weight,
        )

    return reread


def _hits(scores: Mapping[str, float], library: Library, name: str) -> list[Hit]:
    rows = library.catalog.chunks.get(list(scores))
    hits = [
        Hit(chunk, source, title, fused=scores[key], **{name: scores[key]})  # type: ignore[arg-type]  # dense or lexical
        for key, (chunk, source, title) in rows.items()
    ]
    return sorted(hits, key=lambda hit: (-hit.fused, hit.source, hit.chunk.ordinal))
