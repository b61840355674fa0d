"""The SQLite file: a pool of connections, one writer at a time, errors that a person can act on."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

from rag.errors import HomeError
from rag.library.migrate import migrate

_T = TypeVar("_T")


_KEPT = 4  # connections that stay open while nobody uses them


class _Pooled:
    """A connection and its cache of reads since the last write."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.moment: tuple[int, int] = (-1, -1)  # writes by this process, and by others
        self.cache: dict[Hashable, object] = {}


class _Held(threading.local):
    """The connection that a thread uses now, and how often it was asked for: a transaction's reads are its own."""

    def __init__(self) -> None:
        self.pooled: _Pooled | None = None
        self.depth = 0


class Database:
    """``library.db``, opened in WAL mode and migrated to the newest schema.

    Raises HomeError if the file can't be opened, is damaged, or was written by a newer Studyhall.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held = _Held()
        self._free: list[_Pooled] = []  # the last one back is the first one out
        self._pooling = threading.Lock()
        self._closed = 0  # times that the file was closed; a connection of before then isn't kept
        self._writing = threading.RLock()
        self._writes = 0  # transactions so far; cached reads from before the last one are stale
        with self._errors(), self._pooled() as pooled:
            migrate(pooled.connection)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection for reading."""
        with self._errors(), self._pooled() as pooled:
            yield pooled.connection

    def cached(self, key: Hashable, read: Callable[[], _T]) -> _T:
        """Return the result of `read`, cached with its connection until the next write, by this process or another.

        For reads that every question repeats and hardly any write changes.
        """
        with self._errors(), self._pooled() as own:
            if own.connection.in_transaction:  # the transaction may be rolled back
                return read()
            moment = self._writes, int(own.connection.execute("PRAGMA data_version").fetchone()[0])
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
        with self._writing, self._errors(), self._pooled() as pooled:
            connection = pooled.connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
                self._writes += 1
            finally:
                if connection.in_transaction:  # after an error; on a full disk SQLite has rolled back already
                    connection.execute("ROLLBACK")

    def copy(self, target: Path) -> None:
        """Write a copy of the file as it is at this moment, also while it is written to."""
        with self.read() as db, closing(sqlite3.connect(target)) as copied:
            db.backup(copied)

    def integrity(self) -> str:
        """Return SQLite's complaints about the file; empty if it is intact."""
        with self.read() as db:
            found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(5)")]
        return "" if found == ["ok"] else "; ".join(found)

    def close(self) -> None:
        """Close all connections; one that a thread still uses is closed when it gives it back."""
        with self._writing, self._pooling:
            self._closed += 1
            for pooled in self._free:
                pooled.connection.close()
            self._free.clear()

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
            raise HomeError(message, remedy="`studyhall doctor --repair` saves what can be read of it.") from exc

    @contextmanager
    def _pooled(self) -> Iterator[_Pooled]:
        """Yield the connection that this thread uses already, or one that nobody uses.

        So there are as many connections as threads at work, however many threads there have been.
        """
        held, generation = self._held, self._closed
        if held.pooled is None:
            with self._pooling:
                free = self._free.pop() if self._free else None
            held.pooled = free or _Pooled(self._connect())
        held.depth += 1
        try:
            yield held.pooled
        finally:
            held.depth -= 1
            if held.depth == 0:
                pooled, held.pooled = held.pooled, None
                self._give_back(pooled, keep=generation == self._closed)

    def _give_back(self, pooled: _Pooled, *, keep: bool) -> None:
        with self._pooling:
            if keep and len(self._free) < _KEPT:
                self._free.append(pooled)
                return
        pooled.connection.close()

    def _connect(self) -> sqlite3.Connection:
        # check_same_thread: a connection goes from thread to thread, but no two use it at once.
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
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
