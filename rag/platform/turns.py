"""Turns at something that serves one at a time: first come, first served, and each is told its place."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOOK_S = 0.02  # between a waiting thread's looks at what may call it off


class Turns:
    """A queue of threads. A turn belongs to no thread: a generator that holds one may go on in another."""

    def __init__(self) -> None:
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def take(self, *, check: Callable[[], None], on_place: Callable[[int], None]) -> Iterator[None]:
        """Have a turn within the context.

        While waiting, `check` is called again and again, and gives up by raising; `on_place` is called with the number
        of those before, whenever it is another, never with 0.
        """
        ticket, told = object(), 0
        with self._changed:
            self._queue.append(ticket)
        try:
            while before := self._before(ticket):
                if before != told:
                    told = before
                    on_place(before)
                check()
                with self._changed:
                    self._changed.wait(_LOOK_S)
            yield
        finally:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _before(self, ticket: object) -> int:
        with self._changed:
            return self._queue.index(ticket)
