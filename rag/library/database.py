"""The SQLite file: one connection per thread, one writer at a time, errors that a person can act on."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

from rag.errors import HomeError
from rag.library.migrate import migrate

_T = TypeVar("_T")


class _PerThread(threading.local):
    """A thread's own connection and its cache of reads since the last write."""

    def __init__(self) -> None:
        self.connection: sqlite3.Connection | None = None
        self.moment: tuple[int, int] = (-1, -1)  # writes by this process, and by others
        self.cache: dict[Hashable, object] = {}


class Database:
    """``library.db``, opened in WAL mode and migrated to the newest schema.

    Raises HomeError if the file can't be opened, is damaged, or was written by a newer Studyhall.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._own = _PerThread()
        self._connections: list[sqlite3.Connection] = []
        self._writing = threading.RLock()
        self._writes = 0  # transactions so far; cached reads from before the last one are stale
        with self._errors():
            migrate(self._connection())

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection for reading."""
        with self._errors():
            yield self._connection()

    def cached(self, key: Hashable, read: Callable[[], _T]) -> _T:
        """Return the result of `read`, cached per thread until the next write, by this process or another.

        For reads that every question repeats and hardly any write changes.
        """
        with self.read() as connection:
            if connection.in_transaction:  # the transaction may be rolled back
                return read()
            moment = self._writes, int(connection.execute("PRAGMA data_version").fetchone()[0])
        own = self._own
        if own.moment != moment:
            own.moment, own.cache = moment, {}
        if key not in own.cache:
            own.cache[key] = read()
        return cast(_T, own.cache[key])

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection whose reads all see the same state, regardless of concurrent writes."""
        with self.read() as connection:
            if connection.in_transaction:  # an enclosing write; its reads see its own changes
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside a transaction, which is committed as a whole or rolled back."""
        with self._writing, self._errors():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
                self._writes += 1
            finally:
                if connection.in_transaction:  # after an error; on a full disk SQLite has rolled back already
                    connection.execute("ROLLBACK")

    def integrity(self) -> str:
        """Return SQLite's complaints about the file; empty if it is intact."""
        with self.read() as db:
            found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(5)")]
        return "" if found == ["ok"] else "; ".join(found)

    def close(self) -> None:
        """Close every thread's connection."""
        with self._writing:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._own = _PerThread()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Translate SQLite's errors into errors that a person can act on."""
        try:
            yield
        except sqlite3.OperationalError as exc:
            raise _translated(self.path, exc) from exc
        except sqlite3.DatabaseError as exc:
            if isinstance(exc, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.InterfaceError):
                raise
            message = f"The library {self.path} is damaged: {exc}."
            raise HomeError(message, remedy="Move it away, and ingest the documents again.") from exc

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        connection = self._own.connection
        if connection is None:
            # check_same_thread: close() is called by whichever thread closes the library.
            connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._own.connection = connection
            with self._writing:
                self._connections.append(connection)
        return connection


# SQLite's message → its meaning and the remedy.
_MEANINGS = (
    ("full", "the disk is full", "Free some space, then run the command again: nothing ingested is lost."),
    ("readonly", "it is read-only", "Give yourself write permission, or choose another home with --home."),
    ("unable to open", "it can't be opened", "Check the folder's permissions, or choose another --home."),
    ("disk i/o", "the disk reports an error", "Check the disk and its free space, then try again."),
    ("locked", "another program holds it", "Close the other program, then try again."),
)


def _translated(path: Path, exc: sqlite3.OperationalError) -> Exception:
    said = str(exc).lower()
    for sign, meaning, remedy in _MEANINGS:
        if sign in said:
            return HomeError(f"The library {path} can't be used: {meaning} ({exc}).", remedy=remedy)
    return exc


def now() -> str:
    """Return the current time in the stored format: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
