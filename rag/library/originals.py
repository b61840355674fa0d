"""The originals: the bytes of every accepted source, kept in the files folder under their hash."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from rag.errors import HomeError
from rag.library.database import Database
from rag.library.transactions import schedule_file_removals


class Originals:
    """Keeps originals, and deletes those that no document and no job needs.

    SQLite says which may have to go: written before the folder changes, done after it, so that a kill leaves none.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._changing = RLock()  # between writing that a file is coming or needed, and touching it

    @contextmanager
    def arriving(self, data: bytes, sha256: str) -> Iterator[None]:
        """Keep the bytes of a source; who needs them is written down within the context.

        A kill before that leaves the file to be removed.
        """
        with self._changing:
            with self._database.write() as db:
                schedule_file_removals(db, [sha256])
            self.keep(data, sha256)
            yield

    def keep(self, data: bytes, sha256: str) -> Path:
        """Keep an original under its hash; it appears whole or not at all."""
        path = self._path(sha256)
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
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            message = f"A copy can't be kept in {self._folder}: {exc.strerror or exc}."
            raise HomeError(message, remedy="Free some space, then run the command again.") from exc
        return path

    def path(self, sha256: str) -> Path | None:
        """Return where the original with this hash lies, or None when it isn't kept (any more)."""
        path = self._path(sha256)
        return path if sha256 and path.is_file() else None

    def settle(self) -> None:
        """Delete the originals that removals have left behind, unless they are needed again."""
        with self._changing:
            for sha256, needed in self._removals():
                if not needed:
                    self._delete(sha256)
                with self._database.write() as db:
                    db.execute("DELETE FROM file_removals WHERE sha256 = ?", (sha256,))

    def sweep(self, needed: Callable[[], Collection[str]]) -> int:
        """Delete all originals but the needed ones; return how many."""
        with self._changing:
            kept = needed()
            unneeded = [path.name for path in self._folder.glob("*/*") if path.name not in kept]
            for name in unneeded:
                self._delete(name)
        return len(unneeded)

    def _removals(self) -> list[tuple[str, bool]]:
        """Return (sha256, whether somebody needs it) of originals that may have to go."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT sha256, EXISTS (SELECT 1 FROM documents WHERE documents.sha256 = file_removals.sha256)
                          OR EXISTS (SELECT 1 FROM jobs WHERE jobs.sha256 = file_removals.sha256) AS needed
                   FROM file_removals"""
            ).fetchall()
        return [(str(row["sha256"]), bool(row["needed"])) for row in rows]

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _delete(self, name: str) -> None:
        """Delete an original by its hash, and what was half written of it."""
        for path in (self._folder / name[:2]).glob(f"{name}*"):
            # A file that is open in another program can stay on Windows: the next sweep takes it.
            with suppress(OSError):
                path.unlink(missing_ok=True)
