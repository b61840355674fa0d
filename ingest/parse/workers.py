"""Parses in several processes: a file in each, or the parts of a long file when no other waits."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue

from ingest.accept.passwords import Unlock
from ingest.parse.divide import Division
from ingest.parse.parsing import LongFile, Parsed, ParseTask
from ingest.parse.worker import Work, Worker, died
from ingest.report import PageRead

LEAST_SECONDS = 60.0  # least time limit of a file
BYTES_PER_SECOND = 50_000  # added to the limit of a large file: scans are slow, and large


class Workers:
    """Parses in up to `count` processes, started when needed and ended by `close`.

    `on_page` receives the progress of the longer files, from other threads.
    """

    def __init__(
        self,
        count: int,
        command: Sequence[str],
        *,
        seconds: float = LEAST_SECONDS,
        on_page: Callable[[PageRead], None] = lambda _: None,
    ) -> None:
        self._on_page = on_page
        self._count = count
        self._waiting = 0  # tasks not begun
        self._command = command
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="parse")
        self._idle: SimpleQueue[Worker | None] = SimpleQueue()
        for _ in range(count):
            self._idle.put(None)  # not started yet
        self._running: set[Worker] = set()
        self._closed = False
        self._closing = threading.Lock()
        self._counting = threading.Lock()

    def submit(self, task: ParseTask) -> Future[Parsed]:
        """Parse a task in a worker; the future raises parsing's error, or Damaged if the worker died.

        The pages of a long file are divided among the idle workers.
        """
        with self._counting:
            self._waiting += 1
        return self._threads.submit(self._parse, task)

    def unlock(self, work: Unlock) -> Future[bytes | None]:
        """Unlock a file in a worker, since it is as likely to be broken as any."""
        return self._threads.submit(self._unlock, work)

    def close(self) -> None:
        """End the workers, even in the middle of a file."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._closing:
            self._closed = True
            running = list(self._running)
        for worker in running:
            worker.kill()
        self._threads.shutdown(wait=True)

    def _parse(self, task: ParseTask) -> Parsed:
        with self._counting:
            self._waiting -= 1
        began = time.monotonic()
        deadline = began + self._allowed(task)
        with self._worker(task) as worker:
            parsed = worker.do(replace(task, divisible=self._may_share()), self._allowed(task), self._on_page)
            # A long file comes back unread, so that its pages can be divided among the idle workers.
            if isinstance(parsed, LongFile):
                division = Division(task, parsed.pages, self._count, deadline, self._on_page, began)
                # Other files may have arrived meanwhile; then this worker reads the file alone.
                whole = self._shared(division, worker) if self._may_share() else task
                parsed = worker.do(whole, division.seconds_left, self._on_page)
        assert isinstance(parsed, Parsed)
        return parsed

    def _may_share(self) -> bool:
        """Say whether others could help with a long file: while each has a file of its own, that is faster."""
        return self._count > 1 and not self._waiting

    def _shared(self, division: Division, worker: Worker) -> ParseTask:
        """Return the task with all its parts, read by this worker and all idle ones."""
        with contextlib.suppress(RuntimeError):  # closing; the holder of a worker sees the error itself
            for _ in range(min(len(division), self._count) - 1):
                self._threads.submit(self._help, division)
        division.help(worker.do)
        return division.whole()

    def _help(self, division: Division) -> None:
        if not division.is_taken:
            with self._worker(division.task) as worker:
                division.help(worker.do)

    def _unlock(self, work: Unlock) -> bytes | None:
        with self._worker(work) as worker:
            opened = worker.do(work, self._allowed(work), self._on_page)
        assert isinstance(opened, bytes | None)
        return opened

    def _allowed(self, work: Work) -> float:
        """Return the time limit of a task in seconds."""
        return self._seconds + work.source.size / BYTES_PER_SECOND

    @contextlib.contextmanager
    def _worker(self, work: Work) -> Iterator[Worker]:
        """Reserve a worker for some work."""
        worker = self._idle.get()
        try:
            yield (worker := self._ready(worker, work))
        finally:
            self._idle.put(worker)

    def _ready(self, worker: Worker | None, work: Work) -> Worker:
        """Return a live worker: the given one, or a new one in its place."""
        if worker is not None and worker.alive:
            return worker
        with self._closing:
            if worker is not None:
                self._running.discard(worker)
            if self._closed:
                raise died(work, None)
            started = Worker(self._command)
            self._running.add(started)
        return started
