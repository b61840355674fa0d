"""The originals: the bytes of every accepted source, in the files folder under their sha256.

Beside each lies a note of where it came from, so that it can be given back when the catalog is lost.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from rag.errors import HomeError
from rag.library.database import Database
from rag.library.transactions import schedule_file_removals
from rag.platform.disk import require_space

_NOTE = ".json"  # behind the name of an original: where it came from
_HASH = re.compile(r"[0-9a-f]{64}")
_MOST_ORIGINS = 20  # noted of one original


@dataclass(frozen=True, slots=True)
class Orphan:
    """A file in the home that no document and no job names, and where it came from as far as that is known."""

    path: str
    size: int  # bytes
    uri: str = ""
    collection: str = ""


class Originals:
    """Keeps originals and deletes those that no document and no job needs any more.

    SQLite records candidates for deletion before the folder changes and deletes them after, so that a kill leaves none.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._pins = 0  # backups under way, for which nothing is deleted
        self._changing = RLock()  # held from recording a file's need until the file is written or deleted

    @contextmanager
    def arriving(self, data: bytes, sha256: str, uri: str, collection: str) -> Iterator[None]:
        """Keep the bytes of a source; the caller records the need for them within the context.

        After a kill before that record, the file is deleted.
        """
        with self._changing:
            with self._database.write() as db:
                schedule_file_removals(db, [sha256])
            self.keep(data, sha256)
            self._note(sha256, uri, collection)
            yield

    def keep(self, data: bytes, sha256: str) -> Path:
        """Write an original under its hash; the file appears as a whole or not at all."""
        path = self._path(sha256)
        if path.is_file() and path.stat().st_size == len(data):
            return path
        temporary = path.with_name(f"{sha256}.{os.getpid()}")
        require_space(self._folder, len(data))
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

    @contextmanager
    def pinned(self) -> Iterator[None]:
        """Delete nothing within the context; what is removed meanwhile goes afterwards."""
        with self._changing:
            self._pins += 1
        try:
            yield
        finally:
            with self._changing:
                self._pins -= 1

    def settle(self) -> None:
        """Delete the originals that removals left behind, unless they are needed again."""
        with self._changing:
            if self._pins:
                return
            for sha256, needed in self._removals():
                if not needed and not self._delete(sha256):
                    continue
                with self._database.write() as db:
                    db.execute("DELETE FROM file_removals WHERE sha256 = ?", (sha256,))

    def orphans(self) -> list[Orphan]:
        """Return the originals that no document and no job names: what a lost or older catalog leaves."""
        with self._changing:
            needed = self._needed()
            paths = [path for path in sorted(self._folder.glob("*/*")) if _HASH.fullmatch(path.name)]
            return [self._orphan(path) for path in paths if path.name not in needed]

    def discard(self, sha256: str) -> None:
        """Delete an original that no document and no job names."""
        with self._changing:
            if sha256 not in self._needed():
                self._delete(sha256)

    def _orphan(self, path: Path) -> Orphan:
        origins = self._origins(path.name)
        collection, uri = origins[-1] if origins else ("", "")
        return Orphan(str(path), path.stat().st_size, uri, collection)

    def _note(self, sha256: str, uri: str, collection: str) -> None:
        """Note where an original came from; on a full disk the note is missing, and the original isn't."""
        origins = self._origins(sha256)
        if (collection, uri) not in origins:
            kept = [*origins, (collection, uri)][-_MOST_ORIGINS:]
            with suppress(OSError):
                self._note_path(sha256).write_text(json.dumps(kept), encoding="utf-8")

    def _origins(self, sha256: str) -> list[tuple[str, str]]:
        """Return (collection, path or URL) of the places that an original is known to have come from."""
        try:
            noted = json.loads(self._note_path(sha256).read_text(encoding="utf-8"))
            return [(str(collection), str(uri)) for collection, uri in noted]
        except (OSError, ValueError, TypeError):
            return []

    def _note_path(self, sha256: str) -> Path:
        path = self._path(sha256)
        return path.with_name(f"{path.name}{_NOTE}")

    def _needed(self) -> Collection[str]:
        with self._database.read() as db:
            rows = db.execute(
                "SELECT sha256 FROM documents UNION SELECT sha256 FROM jobs UNION SELECT sha256 FROM file_removals"
            ).fetchall()
        return {str(row["sha256"]) for row in rows}

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

    def _delete(self, sha256: str) -> bool:
        """Delete an original with its note, and the rest of a half-finished write; return whether all went.

        On Windows a file that is open in another program stays, until the next attempt.
        """
        gone = True
        for path in (self._folder / sha256[:2]).glob(f"{sha256}*"):
            try:
                path.unlink(missing_ok=True)
            except OSError:
                gone = False
        return gone
