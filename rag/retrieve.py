"""A question to hits: dense and lexical candidates, fused by weighted, normalised scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.dense import nearest
from rag.errors import InputError
from rag.library.library import Library
from rag.models.embedder import MiniLM
from rag.types import Hit
from rag.words import query_stems

MOST_CHARACTERS = 20_000  # of a question; more is a document, not a question


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: a collection and a document by id, or everywhere."""

    collection: str | None = None
    document_id: str | None = None


def retrieve(
    question: str, library: Library, embedder: MiniLM, *, scope: Scope, candidates: int, dense_weight: float
) -> list[Hit]:
    """Return the chunks that fit a question, best first.

    `candidates` are asked of each search; `dense_weight` from 0 to 1 is the share of dense search in the order.
    """
    check_question(question)
    if scope.collection is not None:
        library.catalog.collection_id(scope.collection)  # raises NotFound
    lexical = search_lexical(question, library, scope=scope, limit=candidates)
    dense = search_dense(question, library, embedder, scope=scope, limit=candidates) if dense_weight > 0 else {}
    fused = fuse(dense, lexical, weight=dense_weight)
    rows = library.catalog.chunks(list(fused), scope.collection)
    hits = [
        Hit(chunk, source, title, dense.get(key), lexical.get(key), fused[key])
        for key, (chunk, source, title) in rows.items()
    ]
    # Equal scores keep the order of the documents: the same question gets the same answer.
    return sorted(hits, key=lambda hit: (-hit.fused, hit.source, hit.chunk.ordinal))


def search_lexical(question: str, library: Library, *, scope: Scope, limit: int) -> dict[str, float]:
    """Return BM25 scores by chunk id; the question is stemmed for every language the documents have."""
    groups = query_stems(question, library.catalog.languages(scope.collection))
    found = library.lexical.search(
        groups[:200], limit=limit, collection=scope.collection, document_id=scope.document_id
    )
    return dict(found)


def search_dense(question: str, library: Library, embedder: MiniLM, *, scope: Scope, limit: int) -> dict[str, float]:
    """Return cosine similarities by chunk id."""
    found = nearest(
        question, _collections(library, scope), library, embedder, limit=limit, document_id=scope.document_id
    )
    best = sorted(found.items(), key=lambda item: -item[1])[:limit]
    return dict(best)


def fuse(dense: Mapping[str, float], lexical: Mapping[str, float], *, weight: float) -> dict[str, float]:
    """Return the weighted sum of two score lists, each scaled to 0…1; what a list lacks counts 0 in it.

    Scores rather than ranks: how much better the first is than the second says something, and ranks forget it.

    >>> fuse({"a": 0.8, "b": 0.4}, {"b": 12.0, "c": 6.0}, weight=0.5)
    {'a': 0.5, 'b': 0.75, 'c': 0.25}
    """
    dense, lexical = _scaled(dense), _scaled(lexical)
    return {
        key: weight * dense.get(key, 0.0) + (1 - weight) * lexical.get(key, 0.0) for key in sorted({*dense, *lexical})
    }


def _scaled(scores: Mapping[str, float]) -> dict[str, float]:
    """Return the scores divided by the best one; a negative cosine is as good as none."""
    top = max(scores.values(), default=0.0)
    return {key: max(score, 0.0) / top if top > 0 else 0.0 for key, score in scores.items()}


def _collections(library: Library, scope: Scope) -> list[int]:
    if scope.collection is not None:
        return [library.catalog.collection_id(scope.collection)]
    return [number for number, _ in library.catalog.searchable()]


def check_question(question: str) -> None:
    """Raise InputError for a question that can't be asked."""
    if not question.strip():
        message = "The question is empty."
        raise InputError(message, remedy='Ask something, for instance: studyhall ask "What is BM25?"')
    if len(question) > MOST_CHARACTERS:
        message = f"The question has {len(question):,} characters; {MOST_CHARACTERS:,} are read."
        raise InputError(message, remedy="Ingest long texts as documents and ask about them.")
    if any("\ud800" <= letter <= "\udfff" for letter in question):
        message = "The question holds bytes that are no text."
        raise InputError(message, remedy="Check the encoding of your terminal: Studyhall reads UTF-8.")
