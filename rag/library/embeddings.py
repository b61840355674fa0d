"""Keeps vector index and embedding state in step: finds missing vectors, records complete ones, deletes the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rag.library.catalog import SqliteCatalog
from rag.library.embedding_state import EmbeddingState
from rag.platform.import_lock import IMPORT_LOCK
from rag.ports import VectorStore
from rag.types import Chunk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embeddings:
    """Compares the vector index with the embedding state and changes both together."""

    def __init__(self, catalog: SqliteCatalog, state: EmbeddingState, vectors: VectorStore, fingerprint: str) -> None:
        self._catalog = catalog
        self._state = state
        self._vectors = vectors
        self._fingerprint = fingerprint
        self._complete: set[tuple[int, str]] = set()  # indexes found complete

    def missing(self, collection_id: int, fingerprint: str) -> tuple[int, int]:
        """Return how many vectors an index lacks, and how many it should have; a complete index is counted once."""
        index = (collection_id, fingerprint)
        if index in self._complete:
            return 0, 0
        expected = self._state.expected(*index)
        missing = max(expected - self._vectors.count(*index), 0)
        if not missing:
            self._complete.add(index)
        return missing, expected

    def chunks_to_embed(self, collection_id: int, document_id: str, chunks: Sequence[Chunk]) -> list[Chunk]:
        """Return the chunks of a document that still have to be embedded.

        Vectors that another collection has are copied; vectors already stored, as before a kill, stay.
        """
        missing = {chunk.id for chunk in chunks} - self._vectors.present(collection_id, [chunk.id for chunk in chunks])
        for other in self._state.collections_with(document_id):
            found = self._vectors.vectors(other, sorted(missing)) if missing else {}
            if found:
                self._vectors.add(collection_id, document_id, list(found), _stacked(found.values()))
                missing -= found.keys()
        return [chunk for chunk in chunks if chunk.id in missing]

    def record(self, collection_id: int, document_id: str, title: str, chunks: Sequence[Chunk]) -> bool:
        """Record that a document is embedded if all its present chunks have their vectors; return whether they have.

        The document may have been removed or stored again meanwhile; then its vectors are deleted.
        """
        keys = [(chunk.id, chunk.headings) for chunk in chunks]

        def agree() -> bool:
            current = self._catalog.documents.title(document_id), self._catalog.chunks.keys(document_id)
            if (title, keys) != current:
                self._vectors.remove(collection_id, document_id)
                return False
            return len(self._vectors.present(collection_id, [chunk.id for chunk in chunks])) == len(chunks)

        return self._state.record(collection_id, document_id, agree=agree)

    def settle(self) -> None:
        """Delete the vectors that removals left behind."""
        for collection_id, document_id in self._state.removals():
            self._state.carry_out(collection_id, document_id, partial(self._vectors.remove, collection_id, document_id))

    def has_older_indexes(self) -> bool:
        """Say whether vectors of another embedder are recorded."""
        return any(fingerprint != self._fingerprint for _, _, fingerprint in self._state.all())

    def drop_older_indexes(self) -> None:
        """Delete the indexes of other embedders that serve no collection any more, and those of removed collections."""
        numbers = set(self._catalog.collections.numbers())
        complete = {number for number in numbers if not self._state.count_pending(number)}
        for number in complete:
            self._state.forget_others(number)
        for number, fingerprint in self._vectors.indexes():
            if number not in numbers or (number in complete and fingerprint != self._fingerprint):
                self._vectors.drop_index(number, fingerprint)


def _stacked(vectors: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    with IMPORT_LOCK:
        import numpy as np
    return np.stack(list(vectors))
