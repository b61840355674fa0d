"""The library of one home: catalog, lexical index, vectors and originals, kept in step."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from rag.errors import HomeError
from rag.library.catalog import Catalog
from rag.library.database import Database
from rag.library.home import Home
from rag.library.lexical import LexicalIndex
from rag.library.profiles import Covers
from rag.library.vectors import VectorIndex
from rag.platform.import_lock import LOADING
from rag.ports import VectorStore
from rag.types import Chunk, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Library:
    """What is known in one home. SQLite is the truth; vectors and files follow it.

    Opening it undoes what a killed process left half done; `close` lets go of the home.
    """

    def __init__(self, home: Home, fingerprint: str, vectors: VectorStore | None = None) -> None:
        self.home = home
        self.fingerprint = fingerprint
        self._database = Database(home.database)
        self.catalog = Catalog(self._database, fingerprint)
        self.lexical = LexicalIndex(self._database)
        self.covers = Covers(self._database)
        self.vectors: VectorStore = vectors or VectorIndex(home.vectors, fingerprint)
        self._files = RLock()  # between writing that a file is coming or needed, and touching it
        self.ailments: dict[int, str] = {}  # what is wrong with a collection's vectors, for the answers to say
        self._counted: set[tuple[int, str]] = set()
        self.settle()

    def accept(self, collection_id: int, document_id: str, source: Source, data: bytes) -> None:
        """Take in the bytes of a source that is to be parsed: from here on nothing can lose them."""
        with self._files:
            self.catalog.expect_file(source.sha256)
            self.keep(data, source.sha256)
            self.catalog.accept(collection_id, document_id, source)

    def keep(self, data: bytes, sha256: str) -> Path:
        """Keep an original under its hash; it appears whole or not at all."""
        path = self.home.files / sha256[:2] / sha256
        if path.is_file() and path.stat().st_size == len(data):
            return path
        temporary = path.with_name(f"{sha256}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # else a power cut can leave the name and lose the bytes
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
        self.catalog.remove(document_id, collection)
        self.settle()

    def remove_collection(self, name: str) -> None:
        """Remove a collection with everything that only it holds."""
        self.catalog.remove_collection(name)
        self.settle()

    def settle(self) -> None:
        """Delete the originals and vectors that removals have left behind, and what a kill left half accepted.

        Where the vectors can't be used, or the disk is full, it is done later; whoever needs either says so.
        """
        with contextlib.suppress(HomeError):
            with self._files:
                for sha256, needed in self.catalog.file_removals():
                    if not needed:
                        self._drop(sha256)
                    self.catalog.file_removed(sha256)
            for collection_id, document_id in self.catalog.vector_removals():
                delete = partial(self.vectors.remove, collection_id, document_id)
                self.catalog.remove_vectors(collection_id, document_id, delete)

    def missing_vectors(self, collection_id: int, fingerprint: str) -> tuple[int, int]:
        """Return how many vectors an index lacks, and how many it should have; looked up once while it is open."""
        key = (collection_id, fingerprint)
        if key in self._counted:
            return 0, 0
        expected = self.catalog.vectors_expected(*key)
        missing = max(expected - self.vectors.count(*key), 0)
        if not missing:
            self._counted.add(key)
        return missing, expected

    def unembedded(self, collection_id: int, document_id: str, chunks: Sequence[Chunk]) -> list[Chunk]:
        """Return the chunks of a document whose vectors are still to be made.

        Those that another collection has are copied; those that are in stay, such as before a kill.
        """
        missing = {chunk.id for chunk in chunks} - self.vectors.present(collection_id, [chunk.id for chunk in chunks])
        for other in self.catalog.collections_with_vectors(document_id, self.fingerprint):
            found = self.vectors.vectors(other, sorted(missing)) if missing else {}
            if found:
                self.vectors.add(collection_id, document_id, list(found), _stacked(found.values()))
                missing -= found.keys()
        return [chunk for chunk in chunks if chunk.id in missing]

    def has_older_indexes(self) -> bool:
        """Say whether vectors of another embedder are known."""
        return any(fingerprint != self.fingerprint for _, _, fingerprint in self.catalog.embedded())

    def retire_indexes(self) -> None:
        """Delete the indexes of other embedders that no question needs any more, and those of removed collections."""
        numbers = {number for number, _ in self.catalog.numbers()}
        complete = {number for number in numbers if not self.catalog.unembedded_in(number, self.fingerprint)}
        for number in complete:
            self.catalog.retire(number, self.fingerprint)
        for number, fingerprint in self.vectors.indexes():
            if number not in numbers or (number in complete and fingerprint != self.fingerprint):
                self.vectors.drop_index(number, fingerprint)

    def mark_embedded(self, collection_id: int, document_id: str, title: str, chunks: Sequence[Chunk]) -> bool:
        """Write down that the vectors of a document are in, if they are: all of them, of the chunks it has now.

        It may have been removed or stored anew while it was embedded; then what is in goes again.
        """

        def agree() -> bool:
            headings = [(chunk.id, chunk.headings) for chunk in chunks]
            if (title, headings) != (self.catalog.document_title(document_id), self.catalog.chunk_keys(document_id)):
                self.vectors.remove(collection_id, document_id)
                return False
            return len(self.vectors.present(collection_id, [chunk.id for chunk in chunks])) == len(chunks)

        return self.catalog.mark_embedded(collection_id, document_id, self.fingerprint, agree=agree)

    def sweep(self) -> int:
        """Delete originals that no document and no accepted file needs; return how many."""
        with self._files:
            needed = {job.source.sha256 for job in self.catalog.jobs()}
            needed |= {self.catalog.sha256(info.document_id) for info in self.catalog.documents()}
            unneeded = [path.name for path in self.home.files.glob("*/*") if path.name not in needed]
            for name in unneeded:
                self._drop(name)
        return len(unneeded)

    def close(self) -> None:
        """Close the files and let go of the home."""
        self.vectors.close()
        self._database.close()
        self.home.release()

    def _drop(self, name: str) -> None:
        """Delete an original by its hash, and what was half written of it."""
        for path in (self.home.files / name[:2]).glob(f"{name}*"):
            # A file that is open in another program can stay on Windows: the next sweep takes it.
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _stacked(vectors: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    with LOADING:
        import numpy as np
    return np.stack(list(vectors))
