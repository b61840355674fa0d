"""The vector index in a process of its own, so that no fault of Chroma's is one of this program's.

On a full disk a write of Chroma's may never return, damaged files make it panic, and memory it once took stays taken:
here a request has a time limit, and the process is ended and started anew. Passwords and answers never come near it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Collection as Several
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import IO, TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from rag.errors import HomeError
from rag.library.vectors import VectorIndex
from rag.platform import child

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PATIENCE_S = 120.0  # for one request, the start of the process included
_TIDYING_S = 3600.0  # for writing indexes anew
_RELEASED_S = 5.0  # for the process of a killed program to let go of the folder
_AT_ONCE = 8  # requests under way in the process
_MOST_OPENED = 20  # folders opened by one process; Chroma keeps 20 MB of each
_REMEDY = "Try again; if it fails again, check the disk, then run `studyhall doctor`."

Key = tuple[Path, str]  # folder and fingerprint of an index


@dataclass(frozen=True, slots=True)
class _Request:
    number: int
    key: Key
    method: str
    arguments: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


class VectorProcess:
    """A `VectorIndex` in the process; the port is `VectorStore`. Raises HomeError also for a request given up."""

    def __init__(self, folder: Path, fingerprint: str, *, patience_s: float = PATIENCE_S) -> None:
        self._key: Key = (folder, fingerprint)
        self._patience_s = patience_s
        self._used = False

    def warm(self) -> None:
        """Begin to open Chroma, where nothing was asked yet: importing it takes longer than a search."""
        if not self._used:
            self._used = True
            with contextlib.suppress(HomeError):  # the first search tells why
                _HOLDER.post(self._key, "warm", (), {}, self._patience_s)

    def add(self, collection_id: int, document_id: str, chunk_ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add or overwrite the vectors of a document's chunks; `vectors` has shape (chunks, dimensions)."""
        self._ask("add", collection_id, document_id, list(chunk_ids), vectors)

    def search(
        self,
        collection_id: int,
        vector: NDArray[np.float32],
        *,
        limit: int,
        documents: Several[str] | None = None,
        fingerprint: str | None = None,
    ) -> list[tuple[str, float]]:
        """Return (chunk id, cosine similarity) of the nearest chunks, nearest first, in all or in the given documents.

        `fingerprint` selects the index of an older embedder.
        """
        within = None if documents is None else list(documents)
        options = {"limit": limit, "documents": within, "fingerprint": fingerprint}
        found: list[tuple[str, float]] = self._ask("search", collection_id, vector, **options)
        return found

    def compare(
        self, collection_id: int, vector: NDArray[np.float32], chunk_ids: Sequence[str], fingerprint: str | None = None
    ) -> dict[str, float]:
        """Return the exact cosine similarity of each given chunk that has a vector."""
        found: dict[str, float] = self._ask("compare", collection_id, vector, list(chunk_ids), fingerprint)
        return found

    def vectors(
        self, collection_id: int, chunk_ids: Sequence[str], fingerprint: str | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """Return the vector of each given chunk that has one in a collection."""
        found: dict[str, NDArray[np.float32]] = self._ask("vectors", collection_id, list(chunk_ids), fingerprint)
        return found

    def present(self, collection_id: int, chunk_ids: Sequence[str]) -> set[str]:
        """Return the chunks, of those given, that have vectors in a collection."""
        found: set[str] = self._ask("present", collection_id, list(chunk_ids))
        return found

    def count(self, collection_id: int, fingerprint: str | None = None) -> int:
        """Return the number of vectors of a collection."""
        return int(self._ask("count", collection_id, fingerprint))

    def document_ids(self, collection_id: int) -> dict[str, int]:
        """Return the number of vectors of each document in a collection."""
        found: dict[str, int] = self._ask("document_ids", collection_id)
        return found

    def indexes(self) -> list[tuple[int, str]]:
        """Return (collection number, fingerprint) of all indexes."""
        found: list[tuple[int, str]] = self._ask("indexes")
        return found

    def remove(self, collection_id: int, document_id: str) -> None:
        """Delete a document's vectors from a collection, under every embedder."""
        self._ask("remove", collection_id, document_id)

    def drop_index(self, collection_id: int, fingerprint: str) -> None:
        """Delete one index."""
        self._ask("drop_index", collection_id, fingerprint)

    def drop(self) -> None:
        """Delete all vectors of all collections and embedders; if Chroma can't read its folder, delete the folder."""
        self._ask("drop")

    def tidy(self) -> None:
        """Write indexes anew from which more was removed than is left, and give the space back."""
        _HOLDER.ask(self._key, "tidy", (), {}, _TIDYING_S)

    def probe(self, collection_id: int) -> None:
        """Search a collection for one of its own vectors; raises HomeError if this fails."""
        self._ask("probe", collection_id)

    def close(self) -> None:
        """Close Chroma's files."""
        if self._used:
            with contextlib.suppress(HomeError):
                _HOLDER.close(self._key)
            self._used = False

    def _ask(self, method: str, *arguments: Any, **options: Any) -> Any:
        self._used = True
        return _HOLDER.ask(self._key, method, arguments, options, self._patience_s)


class _EndedError(HomeError):
    """The process ended before it replied."""


class _Holder:
    """The process that holds Chroma for all homes of this one; started with its first request, anew after its end."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: dict[int, Future[Any]] = {}
        self._number = 0
        self._open: set[Key] = set()
        self._opened = 0

    def post(
        self, key: Key, method: str, arguments: tuple[Any, ...], options: dict[str, Any], patience_s: float
    ) -> tuple[Future[Any], subprocess.Popen[bytes]]:
        """Send a request; the future gets the result, or HomeError. Raises HomeError if the process can't be started.

        A process that takes nothing in for so long is ended.
        """
        with self._changing:
            if self._process is None or self._process.poll() is not None:
                self._start()
            process = self._process
            assert process and process.stdin
            if key not in self._open:
                self._open.add(key)
                self._opened += 1
            self._number += 1
            future = self._waiting[self._number] = Future()
            impatience = threading.Timer(patience_s, process.kill)
            impatience.daemon = True
            impatience.start()
            try:
                child.send(process.stdin, _Request(self._number, key, method, arguments, options))
            except (OSError, ValueError):
                pass  # it has ended: the thread that listens tells all who wait
            finally:
                impatience.cancel()
        return future, process

    def ask(self, key: Key, method: str, arguments: tuple[Any, ...], options: dict[str, Any], patience_s: float) -> Any:
        """Return the result of a request; the process is ended if it takes too long.

        Where the process ended meanwhile, a new one is asked once: a request asked twice has the same effect.
        """
        try:
            return self._ask_once(key, method, arguments, options, patience_s)
        except _EndedError:
            return self._ask_once(key, method, arguments, options, patience_s)

    def _ask_once(
        self, key: Key, method: str, arguments: tuple[Any, ...], options: dict[str, Any], patience_s: float
    ) -> Any:
        future, process = self.post(key, method, arguments, options, patience_s)
        try:
            return future.result(patience_s)
        except TimeoutError:
            process.kill()
            process.wait()
            message = f"The vectors in {key[0]} were given up after {patience_s:.0f} seconds without an answer."
            raise HomeError(message, remedy=_REMEDY) from None

    def close(self, key: Key) -> None:
        """Close an index; a process that has opened many is ended with its last one."""
        with self._changing:
            running = self._process is not None and self._process.poll() is None
            known = key in self._open
        if running and known:
            self.ask(key, "close", (), {}, PATIENCE_S)
        with self._changing:
            self._open.discard(key)
            worn = not self._open and self._opened >= _MOST_OPENED
        if worn:
            self.end()

    def end(self) -> None:
        """End the process, if there is one."""
        with self._changing:
            if self._process:
                self._process.kill()
                self._process.wait()

    def _start(self) -> None:
        try:
            self._process = child.start("rag.library.vector_process")
        except OSError as exc:
            message = f"The process that holds the vectors can't be started: {exc.strerror or exc}."
            raise HomeError(message, remedy="Close other programs, then try again.") from exc
        self._waiting = {}
        self._open.clear()
        self._opened = 0
        told = (self._process, self._waiting)
        threading.Thread(target=self._listen, args=told, name="vectors", daemon=True).start()

    def _listen(self, process: subprocess.Popen[bytes], waiting: dict[int, Future[Any]]) -> None:
        """Give each reply to the one that waits for it; at the end of the process, an error to all."""
        assert process.stdout
        # UnpicklingError: a process that was killed in the middle of a reply.
        with contextlib.suppress(OSError, EOFError, ValueError, UnpicklingError):
            while True:
                number, value, failed = child.receive(process.stdout)
                future = waiting.pop(number)
                if failed:
                    future.set_exception(HomeError(value[0], remedy=value[1]))
                else:
                    future.set_result(value)
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]  # both are pipes
        with self._changing:  # none is added to those of an ended process
            unanswered = [*waiting.values()]
        for future in unanswered:
            message = "The process that holds the vectors has ended."
            future.set_exception(_EndedError(message, remedy=_REMEDY))


_HOLDER = _Holder()
atexit.register(_HOLDER.end)


# ---- in the process


@dataclass(slots=True)
class _Held:
    """The indexes that are open, and the lock of each folder: Chroma would let a second process in."""

    changing: threading.Lock = field(default_factory=threading.Lock)
    indexes: dict[Key, VectorIndex] = field(default_factory=dict)
    locks: dict[Path, FileLock] = field(default_factory=dict)

    def index(self, key: Key) -> VectorIndex:
        """Return an index, opened; waits for the process of a killed program to let go of its folder."""
        folder, fingerprint = key
        with self.changing:
            if folder not in self.locks:
                folder.parent.mkdir(parents=True, exist_ok=True)
                lock = FileLock(folder.with_name(f"{folder.name}.lock"), thread_local=False)
                try:
                    lock.acquire(timeout=_RELEASED_S)
                except Timeout as exc:
                    message = f"The vectors in {folder} are held by another process."
                    raise HomeError(message, remedy="Stop it, or wait until it has finished.") from exc
                self.locks[folder] = lock
            if key not in self.indexes:
                self.indexes[key] = VectorIndex(folder, fingerprint)
            return self.indexes[key]

    def close(self, key: Key) -> None:
        """Close an index, and release its folder with the last one."""
        folder = key[0]
        with self.changing:
            if index := self.indexes.pop(key, None):
                index.close()
            if folder in self.locks and not any(other == folder for other, _ in self.indexes):
                self.locks.pop(folder).release()


def main() -> None:
    """Answer requests from standard input until its end; the main function of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process by its own end
    replies, replying, held = child.own_output(), threading.Lock(), _Held()
    threads = ThreadPoolExecutor(_AT_ONCE)
    with contextlib.suppress(EOFError):
        while True:
            threads.submit(_answer, child.receive(sys.stdin.buffer), held, replies, replying)
    os._exit(0)  # a request that hangs would keep the process


def _answer(request: _Request, held: _Held, replies: IO[bytes], replying: threading.Lock) -> None:
    failed = True
    value: Any
    try:
        value = _done(request, held)
        failed = False
    except HomeError as exc:
        value = (exc.what, exc.remedy)
    except BaseException as exc:  # noqa: BLE001  # also a panic in Rust: the parent must hear of it
        value = (f"The vectors in {request.key[0]} can't be used: {type(exc).__name__}: {exc}.", _REMEDY)
    with replying, contextlib.suppress(OSError):
        child.send(replies, (request.number, value, failed))


def _done(request: _Request, held: _Held) -> Any:
    if request.method == "close":
        return held.close(request.key)
    return getattr(held.index(request.key), request.method)(*request.arguments, **request.options)
