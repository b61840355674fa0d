"""The library of one home: catalog, queue, lexical index, vectors and originals, kept in step."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from rag.errors import HomeError
from rag.library.catalog import SqliteCatalog
from rag.library.database import Database
from rag.library.embedding_state import EmbeddingState
from rag.library.embeddings import Embeddings
from rag.library.home import Home
from rag.library.lexical import FtsIndex
from rag.library.meta import Metadata
from rag.library.originals import Originals
from rag.library.profiles import DocumentProfiles
from rag.library.queue import IngestQueue
from rag.library.vectors import VectorIndex
from rag.ports import VectorStore
from rag.types import Source


class Library:
    """What is known in one home. SQLite is the truth; vectors and files follow it.

    Its parts are used directly; here stands what several of them must do together. Opening it undoes what a killed
    process left half done; `close` lets go of the home.
    """

    def __init__(self, home: Home, fingerprint: str, vectors: VectorStore | None = None) -> None:
        self.home = home
        self.fingerprint = fingerprint  # of the embedder in use
        self.database = Database(home.database)
        self.catalog = SqliteCatalog(self.database, fingerprint)
        self.queue = IngestQueue(self.database)
        self.originals = Originals(home.files, self.database)
        self.lexical = FtsIndex(self.database)
        self.profiles = DocumentProfiles(self.database)
        self.meta = Metadata(self.database)
        self.vectors: VectorStore = vectors or VectorIndex(home.vectors, fingerprint)
        self.embedding_state = EmbeddingState(self.database, fingerprint)
        self.embeddings = Embeddings(self.catalog, self.embedding_state, self.vectors, fingerprint)
        self.search_problems: dict[int, str] = {}  # what is wrong with a collection's vectors, for the answers to say
        self.settle()

    def accept(self, collection_id: int, document_id: str, source: Source, data: bytes) -> None:
        """Take in the bytes of a source that is to be parsed: from here on nothing can lose them."""
        with self.originals.arriving(data, source.sha256):
            self.queue.add(collection_id, document_id, source)

    def original(self, document_id: str) -> Path | None:
        """Return where a document's original lies, or None when it isn't kept (any more)."""
        return self.originals.path(self.catalog.documents.sha256(document_id))

    def remove(self, document_id: str, collection: str | None = None) -> None:
        """Remove a document, with its vectors and its original, from one collection or from all."""
        self.catalog.memberships.remove(document_id, collection)
        self.settle()

    def remove_collection(self, name: str) -> None:
        """Remove a collection with everything that only it holds."""
        self.catalog.collections.remove(name)
        self.settle()

    def settle(self) -> None:
        """Delete the originals and vectors that removals have left behind, and what a kill left half accepted.

        Where the vectors can't be used, or the disk is full, it is done later; whoever needs either says so.
        """
        with suppress(HomeError):
            self.originals.settle()
            self.embeddings.settle()

    def sweep(self) -> int:
        """Delete originals that no document and no accepted file needs; return how many."""
        return self.originals.sweep(self._needed_originals)

    def close(self) -> None:
        """Close the files and let go of the home."""
        self.vectors.close()
        self.database.close()
        self.home.release()

    def _needed_originals(self) -> set[str]:
        documents = self.catalog.documents
        queued = {job.source.sha256 for job in self.queue.jobs()}
        return queued | {documents.sha256(info.document_id) for info in documents.all()}
