"""Divides the pages of one long file among the idle workers."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ingest.parse.parsing import FilePart, ParseTask, ReadPart
from ingest.report import PageRead

PageListener = Callable[[PageRead], None]

_ROUNDS = 3  # parts per worker, so that a late worker takes fewer
_LEAST = 25  # pages of a part


class Division:
    """The parts of a file's pages, each read by one worker. Thread-safe for one thread per worker.

    The whole file has from `began` until `deadline`, in `time.monotonic`'s seconds. `on_page` receives the number of
    pages read so far.
    """

    def __init__(
        self, task: ParseTask, pages: int, workers: int, deadline: float, on_page: PageListener, began: float
    ) -> None:
        size = max(_LEAST, -(-pages // (_ROUNDS * workers)))
        self._parts = [
            FilePart(task.source, task.original, range(start, min(start + size, pages)), began)
            for start in range(0, pages, size)
        ]
        self.task, self._pages, self._deadline, self._on_page = task, pages, deadline, on_page
        self._left = deque(enumerate(self._parts))
        self._read: dict[int, ReadPart] = {}
        self._come: dict[int, int] = {}  # part -> its page being read
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self._parts)

    @property
    def is_taken(self) -> bool:
        """Whether all parts are taken."""
        return not self._left

    @property
    def seconds_left(self) -> float:
        """The seconds left for the file."""
        return max(self._deadline - time.monotonic(), 0.0)

    def help(self, read: Callable[[FilePart, float, PageListener], ReadPart]) -> None:
        """Read parts until none is left; an error ends the reading for all workers.

        `read` receives a part, its seconds, and the listener for its pages.
        """
        while (taken := self._take()) is not None:
            number, part = taken
            try:
                result = read(part, self.seconds_left, partial(self._hear, number))
            except BaseException as error:  # noqa: BLE001  # raised again by `whole`, in the waiting thread
                self._end(error)
                return
            with self._changed:
                self._read[number] = result
                self._changed.notify_all()

    def whole(self) -> ParseTask:
        """Wait for all parts and return the task with them; raises the error of any part."""
        with self._changed:
            self._changed.wait_for(lambda: self._error or len(self._read) == len(self._parts))
            if self._error:
                raise self._error
            parts = [self._read[number] for number in range(len(self._parts))]
        return replace(self.task, divisible=False, parts=parts)

    def _take(self) -> tuple[int, FilePart] | None:
        with self._changed:
            return self._left.popleft() if self._left else None

    def _end(self, error: BaseException) -> None:
        with self._changed:
            self._left.clear()
            self._error = self._error or error
            self._changed.notify_all()

    def _hear(self, number: int, read: PageRead) -> None:
        """Report the file's number of pages read when a part reports one of its pages."""
        with self._changed:
            self._come[number] = read.page
            page = sum(self._come.values())
        self._on_page(replace(read, page=page, total=self._pages))
