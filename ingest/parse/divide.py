"""The pages of one long file, shared out among the workers that have nothing else to do."""

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

_ROUNDS = 3  # parts for each worker: one that begins late takes fewer
_LEAST = 25  # pages of a part


class Division:
    """The parts of a file's pages, each read by one worker; for as many threads as there are workers.

    The whole file has from `began` until `deadline`, as `time.monotonic` counts; `on_page` hears how many pages
    have been read.
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
        self._come: dict[int, int] = {}  # part -> the page of it that is being read
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """How many parts there are."""
        return len(self._parts)

    @property
    def is_taken(self) -> bool:
        """Whether there is no part left to take."""
        return not self._left

    @property
    def seconds_left(self) -> float:
        """How long the file may still take."""
        return max(self._deadline - time.monotonic(), 0.0)

    def help(self, read: Callable[[FilePart, float, PageListener], ReadPart]) -> None:
        """Read one part after the other as long as there are any; an error ends it for everybody.

        `read` is given a part, the seconds that it may take, and what hears of its pages.
        """
        while (taken := self._take()) is not None:
            number, part = taken
            try:
                result = read(part, self.seconds_left, partial(self._hear, number))
            except BaseException as error:  # noqa: BLE001  # raised again by `whole`, in the thread that waits
                self._end(error)
                return
            with self._changed:
                self._read[number] = result
                self._changed.notify_all()

    def whole(self) -> ParseTask:
        """Wait for all parts and return the task with them; raises what reading one of them raised."""
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
        """Pass on how many pages of the file have been read when a part has come to one of its own."""
        with self._changed:
            self._come[number] = read.page
            page = sum(self._come.values())
        self._on_page(replace(read, page=page, total=self._pages))
