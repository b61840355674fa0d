"""The originals: the bytes of every accepted source, in the files folder under their sha256."""

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
    """Keeps originals and deletes those that no document and no job needs.

    SQLite records candidates for deletion before the folder changes and deletes them after, so that a kill leaves none.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._changing = RLock()  # held from recording a file's need until the file is written or deleted

    @contextmanager
    def arriving(self, data: bytes, sha256: str) -> Iterator[None]:
        """Keep the bytes of a source; the caller records the need for them within the context.

        After a kill before that record, the file is deleted.
        """
        with self._changing:
            with self._database.write() as db:
                schedule_file_removals(db, [sha256])
            self.keep(data, sha256)
            yield

    def keep(self, data: bytes, sha256: str) -> Path:
        """Write an original under its hash; the file appears as a whole or not at all."""
        path = self._path(sha256)
        if path.is_file() and path.stat().st_size == len(data):
            return path
        temporary = path.with_name(f"{sha256}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # otherwise a power cut can keep the name and lose the bytes
            temporary.replace(path)
        except OSError as exc:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            message = f"A copy can't be kept in {self._folder}: {exc.strerror or exc}."
            raise HomeError(message, remedy="Free some space, then run the command again.") from exc
        return path

    def path(self, sha256: str) -> Path | None:
        """Return the path of the original with this hash, or None if it isn't kept (any more)."""
        path = self._path(sha256)
        return path if sha256 and path.is_file() else None

    def settle(self) -> None:
        """Delete the originals that removals left behind, unless they are needed again."""
        with self._changing:
            for sha256, needed in self._removals():
                if not needed:
                    self._delete(sha256)
                with self._database.write() as db:
                    db.execute("DELETE FROM file_removals WHERE sha256 = ?", (sha256,))

    def sweep(self, needed: Callable[[], Collection[str]]) -> int:
        """Delete all originals except the needed ones; return how many."""
        with self._changing:
            kept = needed()
            unneeded = [path.name for path in self._folder.glob("*/*") if path.name not in kept]
            for name in unneeded:
                self._delete(name)
        return len(unneeded)

    def _removals(self) -> list[tuple[str, bool]]:
        """Return (sha256, whether it is needed) of the originals recorded for deletion."""
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
        """Delete an original by its hash, and the rest of a half-finished write."""
        for path in (self._folder / name[:2]).glob(f"{name}*"):
            # On Windows a file that is open in another program stays; the next sweep deletes it.
            with suppress(OSError):
                path.unlink(missing_ok=True)
