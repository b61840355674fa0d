"""The SQLite file: one connection per thread, one writer at a time, errors in words."""

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
    """A thread's own connection, and what it has read since the last write."""

    def __init__(self) -> None:
        self.connection: sqlite3.Connection | None = None
        self.moment: tuple[int, int] = (-1, -1)  # writes by this process, and by others
        self.cache: dict[Hashable, object] = {}


class Database:
    """``library.db``, opened in WAL mode and brought to the newest schema.

    Raises HomeError when the file can't be opened, is damaged, or comes from a newer Studyhall.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._own = _PerThread()
        self._connections: list[sqlite3.Connection] = []
        self._writing = threading.RLock()
        self._writes = 0  # transactions so far: what was read before the last one may be out of date
        with self._errors():
            migrate(self._connection())

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection to read with."""
        with self._errors():
            yield self._connection()

    def cached(self, key: Hashable, read: Callable[[], _T]) -> _T:
        """Return what `read` returned the last time that nothing was written since, here or by another process.

        For what every question asks and hardly anything changes; each thread keeps its own.
        """
        with self.read() as connection:
            if connection.in_transaction:  # it may be taken back
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
        """Yield a connection whose reads all see the same moment, whatever is written meanwhile."""
        with self.read() as connection:
            if connection.in_transaction:  # of a write around this: it sees what it has written
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside a transaction: all of it happens, or none."""
        with self._writing, self._errors():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
                self._writes += 1
            finally:
                if connection.in_transaction:  # something failed; a full disk has rolled back already
                    connection.execute("ROLLBACK")

    def integrity(self) -> str:
        """Return what SQLite finds wrong with the file, or nothing."""
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
        """Translate what SQLite says of the file into what a person can act on."""
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


# What SQLite says → what it means, and what to do.
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
    """Return the time as it is stored: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
