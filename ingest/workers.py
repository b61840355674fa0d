"""Parsing in processes of their own: a file that crashes, hangs or eats the memory costs that file only.

A worker is this module run by the same Python, with pickled tasks on its standard input and pickled results on
its standard output. It is not `multiprocessing`, which would run the caller's script again in the worker.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from ingest.chunk import Tokenizer
from ingest.parse import Parsed, Task, parse
from ingest.passwords import Unlock, unlock
from ingest.progress import listening
from ingest.report import PageRead
from rag.errors import Damaged, StudyhallError
from rag.models.tokenizer import load_tokenizer
from rag.types import Source

LEAST_SECONDS = 60.0  # that any file may take
PAGE_SECONDS = 20.0  # and each page that is recognised: a scan of a book takes long, and moves on all the time
BYTES_PER_SECOND = 50_000  # and what a large one may take beyond it: scans are slow, and large
MEMORY_BYTES = 4 * 2**30  # address space of a worker; Linux and macOS only

TOLD_EVERY_S = 0.25
_LENGTH = 8  # bytes before each pickle

Work = Task | Unlock


class Workers:
    """Parses in up to `count` processes; they are started when there is work and end with `close`.

    `told` hears how far the longer files have come, from threads of its own.
    """

    def __init__(
        self,
        count: int,
        command: Sequence[str],
        *,
        seconds: float = LEAST_SECONDS,
        told: Callable[[PageRead], None] = lambda _: None,
    ) -> None:
        self._told = told
        self._command = command
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="parse")
        self._idle: SimpleQueue[Worker | None] = SimpleQueue()
        for _ in range(count):
            self._idle.put(None)  # not started yet
        self._running: set[Worker] = set()
        self._closed = False
        self._closing = threading.Lock()

    def submit(self, task: Task) -> Future[Parsed]:
        """Parse a task in a worker; the future raises what parsing raised, or Damaged when the worker died."""
        return self._threads.submit(self._run, task)

    def unlock(self, work: Unlock) -> Future[bytes | None]:
        """Open a file that needs a password in a worker: it is as likely to be broken as any."""
        return self._threads.submit(self._run, work)

    def close(self) -> None:
        """End the workers, also in the middle of a file."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._closing:
            self._closed = True
            running = list(self._running)
        for worker in running:
            worker.kill()
        self._threads.shutdown(wait=True)

    def _run(self, work: Work) -> Any:
        worker = self._idle.get()
        try:
            worker = self._ready(worker, work)
            return worker.do(work, self._seconds + work.source.size / BYTES_PER_SECOND, self._told)
        finally:
            self._idle.put(worker)

    def _ready(self, worker: Worker | None, work: Work) -> Worker:
        """Return a process that can take some work: the one there was, or a new one in its place."""
        if worker is not None and worker.alive:
            return worker
        with self._closing:
            if worker is not None:
                self._running.discard(worker)
            if self._closed:
                raise _died(work, None)
            started = Worker(self._command)
            self._running.add(started)
        return started


class Worker:
    """One process that does one thing at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        self._until = 0.0
        self._late = False
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    @property
    def alive(self) -> bool:
        """Whether the process can take more work."""
        return self._process.poll() is None

    def do(self, work: Work, seconds: float, told: Callable[[PageRead], None]) -> Parsed | bytes | None:
        """Return what the process makes of some work within `seconds`; it is killed when it takes longer.

        What it says meanwhile goes to `told`; with each page that it recognises it may take longer.
        """
        assert self._process.stdin and self._process.stdout
        began = time.monotonic()
        self._until = began + seconds
        answered = threading.Event()
        threading.Thread(target=self._watch, args=(answered,), daemon=True, name="patience").start()
        try:
            _send(self._process.stdin, work)
            while isinstance(answer := _receive(self._process.stdout), PageRead):
                self._until += PAGE_SECONDS if answer.by_ocr else 0
                told(answer)
        except (OSError, EOFError) as exc:
            self.kill()
            raise _died(work, time.monotonic() - began if self._late else None) from exc
        finally:
            answered.set()
        if isinstance(answer, BaseException):
            raise answer
        assert isinstance(answer, Parsed | bytes | None)
        return answer

    def _watch(self, answered: threading.Event) -> None:
        while not answered.wait(max(self._until - time.monotonic(), 0)):
            if time.monotonic() >= self._until:
                self._late = True
                self.kill()
                return

    def kill(self) -> None:
        """End the process now."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()


def _died(work: Work, seconds: float | None) -> Damaged:
    if seconds is not None:
        message = f"{work.source.uri} was given up after {seconds:.0f} seconds."
    else:
        message = f"{work.source.uri} crashed the library that reads its format."
    return Damaged(message, remedy="Open it in its program and save it anew, or divide it.")


def command(tokenizer_file: Path, *, memory: int = MEMORY_BYTES) -> list[str]:
    """Return the command line of a worker that counts tokens with `tokenizer_file` within `memory` bytes."""
    call = f"main({str(tokenizer_file)!r}, {memory})"
    return [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; from ingest.workers import main; {call}"]


def main(tokenizer_file: str, memory: int) -> None:
    """Parse tasks from standard input until it ends: a worker's whole life."""
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints must not fall between the results
    _limit_memory(memory)
    if hasattr(os, "nice"):
        os.nice(10)  # questions are answered in another process, and go first
    tokenizer = load_tokenizer(Path(tokenizer_file))
    while (work := _next(sys.stdin.buffer)) is not None:
        with listening(_Teller(results, work.source).tell):
            answer = _answer(work, tokenizer)
        _send(results, answer)


class _Teller:
    """Tells the parent of pages: of each that is recognised, of the others now and then."""

    def __init__(self, results: IO[bytes], source: Source) -> None:
        self._results = results
        self._source = source
        self._last = time.monotonic()

    def tell(self, page: int, total: int, by_ocr: bool) -> None:
        if by_ocr or time.monotonic() - self._last > TOLD_EVERY_S:
            self._last = time.monotonic()
            _send(self._results, PageRead(self._source.uri, page, total, by_ocr, self._source.size))


def _answer(work: Work, tokenizer: Tokenizer) -> Parsed | bytes | StudyhallError | None:
    try:
        return unlock(work) if isinstance(work, Unlock) else parse(work, tokenizer)
    except StudyhallError as exc:
        # Its cause may be of a class that can't travel.
        return type(exc)(exc.what, remedy=exc.remedy)
    except MemoryError:
        message = f"{work.source.uri} needs more memory than a document may."
        return Damaged(message, remedy="Divide it.")


def _next(stream: IO[bytes]) -> Work | None:
    try:
        work = _receive(stream)
    except EOFError:
        return None
    assert isinstance(work, Work)
    return work


def _limit_memory(most: int) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _send(stream: IO[bytes], value: object) -> None:
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(len(data).to_bytes(_LENGTH, "big") + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> Any:
    header = stream.read(_LENGTH)
    if len(header) < _LENGTH:
        raise EOFError
    size = int.from_bytes(header, "big")
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)
