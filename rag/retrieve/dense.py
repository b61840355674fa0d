"""Dense search: each collection is searched in the index that serves it, by the embedder that made the index.

While a collection is embedded anew, its old index serves it, and the question is embedded by the old embedder. A
collection that can't be searched is left to lexical search, and the reason is recorded for the notes of the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import TYPE_CHECKING

from rag.errors import EmbedderError, HomeError
from rag.library.library import Library
from rag.models.embedder_spec import MINILM
from rag.ports import Choice, Embedder
from rag.question.query import Query

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Up to so many chunks every vector is compared: Chroma would first scan the metadata of the whole collection.
_COMPARED = 1000
_LOOKED_AT = 2000  # nearest chunks, from which those on the pages of the scope are kept
REPAIR = "`studyhall doctor --repair`"


def search_dense(query: Query, library: Library, embedder: Embedder, *, limit: int) -> dict[str, float]:
    """Return the cosine similarities, -1 to 1, of the `limit` nearest chunks in the query's scope, by chunk id."""
    scope = query.scope
    found = _nearest(query, library, embedder, limit=_LOOKED_AT if scope.pages else limit)
    if scope.pages:  # the vector store knows no pages
        on_them = library.catalog.chunks.on_pages(found, scope.pages)
        found = {key: score for key, score in found.items() if key in on_them}
    return dict(sorted(found.items(), key=lambda item: -item[1])[:limit])


def _nearest(query: Query, library: Library, embedder: Embedder, *, limit: int) -> dict[str, float]:
    """Return the cosine similarities of the nearest chunks of each collection, from the index that serves it."""
    collections, groups = library.catalog.collections, defaultdict[str, list[int]](list)
    within = query.scope.collection
    numbers = [number for number, _ in collections.searchable()] if within is None else [collections.number(within)]
    for number in numbers:
        groups[library.embedding_state.serving(number)].append(number)
    found: dict[str, float] = {}
    for fingerprint, served in groups.items():
        try:
            vector = _asking(fingerprint, library, embedder).embed_question(query.text)
        except EmbedderError as exc:
            reason = f"can't be searched by meaning: {exc.what} {REPAIR} embeds its documents anew."
            library.search_problems.update(dict.fromkeys(served, reason))
            continue
        for number in served:
            found.update(_search(number, fingerprint, vector, library, limit, query.scope.documents))
    return found


def _search(
    number: int,
    fingerprint: str,
    vector: NDArray[np.float32],
    library: Library,
    limit: int,
    documents: Collection[str] | None,
) -> dict[str, float]:
    try:
        missing, expected = library.embeddings.missing(number, fingerprint)
        few = library.catalog.chunks.few(documents, _COMPARED) if documents is not None else []
        if few:
            scores = library.vectors.compare(number, vector, few, fingerprint)
            found = sorted(scores.items(), key=lambda item: -item[1])[:limit]
        else:
            found = library.vectors.search(number, vector, limit=limit, documents=documents, fingerprint=fingerprint)
    except HomeError as exc:
        library.search_problems[number] = f"can't be searched by meaning: {exc.what} {REPAIR} makes its vectors anew."
        return {}
    if missing:
        library.search_problems[number] = f"lacks {missing} of its {expected} vectors: {REPAIR} makes them anew."
    else:
        library.search_problems.pop(number, None)
    return dict(found)


def _asking(fingerprint: str, library: Library, embedder: Embedder) -> Embedder:
    """Return the embedder that made an index; raises EmbedderError when it is gone or has changed."""
    if fingerprint == library.fingerprint:
        return embedder
    # Homes older than this record used one model only.
    recorded = library.meta.recorded_embedder(fingerprint)
    choices = [recorded] if recorded else [Choice(MINILM), Choice(MINILM, "fp32")]
    for choice in choices:
        older = embedder.like(choice)
        if older.fingerprint == fingerprint:
            return older
    message = f"The embedder that made its vectors ({choices[0]}) isn't the same any more."
    raise EmbedderError(message)
