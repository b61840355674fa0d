"""The vector index: one Chroma collection per (collection, embedder), derivable from the catalog at any time."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection as Several
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from rag.errors import HomeError
from rag.library.vector_upkeep import BYTES_PER_BYTE, is_worn, note_removed, settle, tidy_files, write_anew
from rag.platform.disk import require_space
from rag.platform.import_lock import IMPORT_LOCK

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection
    from numpy.typing import NDArray

_MOST_PER_ADD = 5000  # Chroma 1.5 takes 5,461
_NAME = re.compile(r"c(\d+)-(\w+)")  # a Chroma collection: collection number, embedder fingerprint


class VectorIndex:
    """Finds chunks by the cosine similarity of their embeddings. Chroma is opened on first use."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._folder = folder
        self._fingerprint = fingerprint
        self._client: ClientAPI | None = None
        self._open: dict[tuple[int, str], Collection] = {}
        # Chroma's own register of clients is not thread-safe.
        self._opening = RLock()
        self._changing = RLock()  # an index that is being written anew takes no changes

    def warm(self) -> None:
        """Open Chroma now: importing it takes longer than a search."""
        self._chroma()

    def add(self, collection_id: int, document_id: str, chunk_ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add or overwrite the vectors of a document's chunks; `vectors` has shape (chunks, dimensions)."""
        require_space(self._folder, BYTES_PER_BYTE * vectors.nbytes)
        with self._changing, _errors(self._folder):
            index = self._index(collection_id)
            for start, part in enumerate(_parts(chunk_ids)):
                first = start * _MOST_PER_ADD
                index.upsert(
                    ids=list(part),
                    embeddings=vectors[first : first + len(part)],
                    metadatas=[{"document_id": document_id}] * len(part),
                )

    def search(
        self,
        collection_id: int,
        vector: NDArray[np.float32],
        *,
        limit: int,
        documents: Several[str] | None = None,
        fingerprint: str | None = None,
    ) -> list[tuple[str, float]]:
        """Return (chunk id, cosine similarity) of the nearest chunks, nearest first, in all or in the given documents.

        `fingerprint` selects the index of an older embedder.
        """
        if documents is not None and not documents:
            return []
        with _errors(self._folder):
            found = self._index(collection_id, fingerprint).query(
                query_embeddings=vector,
                n_results=limit,
                where={"document_id": {"$in": sorted(documents)}} if documents else None,  # type: ignore[dict-item]  # Chroma's own form
                include=["distances"],
            )
        distances = found["distances"] or [[]]
        return [(key, 1.0 - distance) for key, distance in zip(found["ids"][0], distances[0], strict=True)]

    def count(self, collection_id: int, fingerprint: str | None = None) -> int:
        """Return the number of vectors of a collection."""
        with _errors(self._folder):
            return int(self._index(collection_id, fingerprint).count())

    def probe(self, collection_id: int) -> None:
        """Search a collection for one of its own vectors; raises HomeError if this fails."""
        index = self._index(collection_id)
        with _errors(self._folder):
            vectors = index.peek(1)["embeddings"]
            if vectors is not None and len(vectors):
                index.query(query_embeddings=vectors[:1], n_results=1, include=[])

    def indexes(self) -> list[tuple[int, str]]:
        """Return (collection number, fingerprint) of all indexes."""
        client = self._chroma()
        with _errors(self._folder):
            names = [index.name for index in client.list_collections()]
        return [(int(match[1]), match[2]) for name in names if (match := _NAME.fullmatch(name))]

    def drop_index(self, collection_id: int, fingerprint: str) -> None:
        """Delete one index."""
        client = self._chroma()
        with self._changing, self._opening, _errors(self._folder):
            self._open.pop((collection_id, fingerprint), None)
            client.delete_collection(_name(collection_id, fingerprint))

    def present(self, collection_id: int, chunk_ids: Sequence[str]) -> set[str]:
        """Return the chunks, of those given, that have vectors in a collection."""
        index = self._index(collection_id)
        with _errors(self._folder):
            return {key for part in _parts(chunk_ids) for key in index.get(ids=list(part), include=[])["ids"]}

    def compare(
        self, collection_id: int, vector: NDArray[np.float32], chunk_ids: Sequence[str], fingerprint: str | None = None
    ) -> dict[str, float]:
        """Return the exact cosine similarity of each given chunk that has a vector."""
        import numpy as np

        found = self.vectors(collection_id, chunk_ids, fingerprint)
        if not found:
            return {}
        rows = np.array(list(found.values()))
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
        return dict(zip(found, (rows @ vector / lengths).tolist(), strict=True))

    def vectors(
        self, collection_id: int, chunk_ids: Sequence[str], fingerprint: str | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """Return the vector of each given chunk that has one in a collection."""
        index = self._index(collection_id, fingerprint)
        found: dict[str, NDArray[np.float32]] = {}
        with _errors(self._folder):
            for part in _parts(chunk_ids):
                rows = index.get(ids=list(part), include=["embeddings"])
                found.update(zip(rows["ids"], rows["embeddings"] if rows["ids"] else (), strict=True))  # type: ignore[arg-type]  # an array, as requested
        return found

    def document_ids(self, collection_id: int) -> dict[str, int]:
        """Return the number of vectors of each document in a collection."""
        counts: dict[str, int] = {}
        with _errors(self._folder):
            for metadata in self._index(collection_id).get(include=["metadatas"])["metadatas"] or []:
                key = str(metadata["document_id"])
                counts[key] = counts.get(key, 0) + 1
        return counts

    def remove(self, collection_id: int, document_id: str) -> None:
        """Delete a document's vectors from a collection, under every embedder."""
        client = self._chroma()
        with self._changing, _errors(self._folder):
            for index in client.list_collections():
                if (match := _NAME.fullmatch(index.name)) and int(match[1]) == collection_id:
                    before = index.count()
                    index.delete(where={"document_id": document_id})
                    note_removed(index, before - index.count())

    def tidy(self) -> None:
        """Write indexes anew from which more was removed than is left, and give the space back."""
        with self._changing, self._opening, _errors(self._folder):
            client = self._chroma()
            worn = [index for index in client.list_collections() if is_worn(index)]
            for index in worn:
                write_anew(client, index, self._created, self._folder)
            if worn:
                self.close()
            tidy_files(self._folder)

    def drop(self) -> None:
        """Delete all vectors of all collections and embedders; if Chroma can't read its folder, delete the folder."""
        try:
            client = self._chroma()
            with _errors(self._folder):
                for collection in client.list_collections():
                    client.delete_collection(collection.name)
        except HomeError:
            self.close()
            shutil.rmtree(self._folder, ignore_errors=True)
        self._open.clear()

    def close(self) -> None:
        """Close Chroma's files."""
        if self._client is not None:
            # Chroma keeps one system per folder and process, and a later PersistentClient would get the old one.
            self._client.close()  # type: ignore[attr-defined]  # Client has it, its interface hasn't
            self._client = None
            self._open.clear()

    def _index(self, collection_id: int, fingerprint: str | None = None) -> Collection:
        key = (collection_id, fingerprint or self._fingerprint)
        with self._opening:
            if key not in self._open:
                self._chroma()
                with _errors(self._folder):
                    self._open[key] = self._created(_name(*key))
            return self._open[key]

    def _created(self, name: str) -> Collection:
        return self._chroma().get_or_create_collection(
            name,
            embedding_function=None,  # Chroma's default one would be downloaded
            configuration={"hnsw": {"space": "cosine"}},
        )

    def _chroma(self) -> ClientAPI:
        with self._opening:
            if self._client is None:
                with IMPORT_LOCK:
                    import chromadb
                    from chromadb.api.shared_system_client import SharedSystemClient
                    from chromadb.config import Settings

                tidy_files(self._folder)
                try:
                    with _errors(self._folder):
                        client = chromadb.PersistentClient(
                            str(self._folder), settings=Settings(anonymized_telemetry=False)
                        )
                        settle(client)
                        self._client = client
                except HomeError:
                    # Chroma keeps a system that failed to start, and would return it the next time.
                    SharedSystemClient._identifier_to_system.pop(str(self._folder), None)
                    raise
            return self._client


def _name(collection_id: int, fingerprint: str) -> str:
    return f"c{collection_id:06d}-{fingerprint}"


def _parts(chunk_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(chunk_ids), _MOST_PER_ADD):
        yield chunk_ids[start : start + _MOST_PER_ADD]


@contextmanager
def _errors(folder: Path) -> Iterator[None]:
    """Translate Chroma's errors into errors that a person can act on."""
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, OSError, ValueError) as exc:
        message = f"The vectors in {folder} can't be used: {exc}."
        raise HomeError(message, remedy="`studyhall doctor --repair` makes them anew.") from exc
