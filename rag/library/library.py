"""The library of one home: catalog, lexical index, vectors and originals, kept in step."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from rag.errors import HomeError
from rag.library.catalog import Catalog
from rag.library.covers import Covers
from rag.library.database import Database
from rag.library.home import Home
from rag.library.lexical import LexicalIndex
from rag.library.vectors import VectorIndex


class Library:
    """What is known in one home. SQLite is the truth; vectors and files follow it.

    Opening it undoes what a killed process left half done; `close` lets go of the home.
    """

    def __init__(self, home: Home, fingerprint: str) -> None:
        self.home = home
        self.fingerprint = fingerprint
        self._database = Database(home.database)
        self.catalog = Catalog(self._database, fingerprint)
        self.lexical = LexicalIndex(self._database)
        self.covers = Covers(self._database)
        self.vectors = VectorIndex(home.vectors, fingerprint)

    def keep(self, data: bytes, sha256: str) -> Path:
        """Keep an original under its hash; it appears whole or not at all."""
        path = self.home.files / sha256[:2] / sha256
        if path.is_file() and path.stat().st_size == len(data):
            return path
        temporary = path.with_name(f"{sha256}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(data)
            temporary.replace(path)
        except OSError as exc:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            message = f"A copy can't be kept in {self.home.files}: {exc.strerror or exc}."
            raise HomeError(message, remedy="Free some space, then run the command again.") from exc
        return path

    def original(self, document_id: str) -> Path | None:
        """Return where a document's original lies, or None when it isn't kept (any more)."""
        return self.stored(self.catalog.sha256(document_id))

    def stored(self, sha256: str) -> Path | None:
        """Return where the original with this hash lies, or None."""
        path = self.home.files / sha256[:2] / sha256
        return path if sha256 and path.is_file() else None

    def remove(self, document_id: str, collection: str | None = None) -> None:
        """Remove a document, with its vectors and its original, from one collection or from all."""
        hashes = self.catalog.remove(document_id, collection)
        self.settle()
        self.drop_files(hashes)

    def remove_collection(self, name: str) -> None:
        """Remove a collection with everything that only it holds."""
        self.catalog.remove_collection(name)
        self.settle()
        self.sweep()

    def settle(self) -> None:
        """Delete the vectors that removals have left behind."""
        for collection_id, document_id in self.catalog.vector_removals():
            self.vectors.remove(collection_id, document_id)
            self.catalog.vector_removed(collection_id, document_id)

    def sweep(self) -> int:
        """Delete originals that no document and no accepted file needs; return how many."""
        needed = {job.source.sha256 for job in self.catalog.jobs()}
        needed |= {self.catalog.sha256(info.document_id) for info in self.catalog.documents()}
        unneeded = [path.name for path in self.home.files.glob("*/*") if path.name not in needed]
        self.drop_files(unneeded)
        return len(unneeded)

    def close(self) -> None:
        """Close the files and let go of the home."""
        self.vectors.close()
        self._database.close()
        self.home.release()

    def drop_files(self, names: Iterable[str]) -> None:
        """Delete originals by their hashes."""
        for name in names:
            # A file that is open in another program can stay on Windows: the next sweep takes it.
            with contextlib.suppress(OSError):
                (self.home.files / name[:2] / name).unlink(missing_ok=True)
