"""The library of one home: catalog, queue, lexical index, vectors and originals, kept in step."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from rag.errors import HomeError
from rag.library.catalog import SqliteCatalog
from rag.library.conversations import Conversations
from rag.library.database import Database
from rag.library.embedding_state import EmbeddingState
from rag.library.embeddings import Embeddings
from rag.library.home import Home
from rag.library.lexical import FtsIndex
from rag.library.meta import Metadata
from rag.library.originals import Originals, Orphan
from rag.library.profiles import DocumentProfiles
from rag.library.queue import IngestQueue
from rag.library.uploads import stray_uploads
from rag.library.vector_process import VectorProcess
from rag.ports import VectorStore
from rag.types import Source


class Library:
    """All parts of one home's library. SQLite is the truth; vectors and files follow it.

    The parts are used directly; the methods here are the operations that need several parts. Opening a library undoes
    the half-done work of a killed process; `close` releases the home.
    """

    def __init__(self, home: Home, fingerprint: str, vectors: VectorStore | None = None) -> None:
        self.home = home
        self.fingerprint = fingerprint  # of the embedder in use
        if not home.database.exists():  # the vectors of a lost catalog would be taken for those of a new one
            shutil.rmtree(home.vectors, ignore_errors=True)
        self.database = Database(home.database)
        self.catalog = SqliteCatalog(self.database, fingerprint)
        self.queue = IngestQueue(self.database)
        self.originals = Originals(home.files, self.database)
        self.lexical = FtsIndex(self.database)
        self.profiles = DocumentProfiles(self.database)
        self.meta = Metadata(self.database)
        self.conversations = Conversations(self.database)
        self.vectors: VectorStore = vectors or VectorProcess(home.vectors, fingerprint)
        self.embedding_state = EmbeddingState(self.database, fingerprint)
        self.embeddings = Embeddings(self.catalog, self.embedding_state, self.vectors, fingerprint)
        self.search_problems: dict[int, str] = {}  # errors of a collection's vectors, shown with answers
        self.settle()

    def accept(self, collection_id: int, document_id: str, source: Source, data: bytes) -> None:
        """Accept the bytes of a source into the queue; from then on nothing can lose them."""
        name = self.catalog.collections.name(collection_id)
        with self.originals.arriving(data, source.sha256, source.uri, name):
            self.queue.add(collection_id, document_id, source)

    def original(self, document_id: str) -> Path | None:
        """Return the path of a document's original, or None if it isn't kept (any more)."""
        return self.originals.path(self.catalog.documents.sha256(document_id))

    def remove(self, document_id: str, collection: str | None = None) -> None:
        """Remove a document, with its vectors and its original, from one collection or from all."""
        self.catalog.memberships.remove(document_id, collection)
        self.settle()

    def release(self, collection: str, uri: str) -> None:
        """Remove a path from a collection; its document goes with the last path that holds it."""
        self.catalog.memberships.release(self.catalog.collections.number(collection), uri)
        self.settle()

    def remove_collection(self, name: str) -> None:
        """Remove a collection, and the documents that only it holds."""
        self.catalog.collections.remove(name)
        self.settle()

    def settle(self) -> None:
        """Delete the originals and vectors that removals left behind, and files that a kill left half accepted.

        If the vectors can't be used or the disk is full, the deletion waits for the next call. The error shows where
        either is needed.
        """
        with suppress(HomeError):
            self.originals.settle()
            self.embeddings.settle()

    def orphans(self) -> list[Orphan]:
        """Return the files in the home that no document and no job names: originals, and uploads never accepted."""
        return [*self.originals.orphans(), *stray_uploads(self.home.uploads)]

    def discard(self, orphan: Orphan) -> None:
        """Delete a file that no document and no job names."""
        path = Path(orphan.path)
        if path.is_relative_to(self.home.files):
            self.originals.discard(path.name)
        elif path.is_relative_to(self.home.uploads):
            with suppress(OSError):
                path.unlink(missing_ok=True)
                path.parent.rmdir()

    def close(self) -> None:
        """Close the files and release the home."""
        self.vectors.close()
        self.database.close()
        self.home.release()
