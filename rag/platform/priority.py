"""Questions go first: an ingestion waits while somebody is being answered."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LONGEST_S = 3.0  # that one step of an ingestion waits: a conversation that never pauses must not stop it
_NICER = 10  # than the rest: the nice value of what may wait


class Priority:
    """Counts who asks; whoever can wait asks it between two steps."""

    def __init__(self) -> None:
        self._asking = 0
        self._changed = threading.Condition()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Go before ingestions meanwhile."""
        with self._changed:
            self._asking += 1
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                self._changed.notify_all()

    def give_way(self, longest: float = _LONGEST_S) -> bool:
        """Return when nobody asks, after `longest` seconds at the latest; say whether nobody does."""
        with self._changed:
            return self._changed.wait_for(lambda: self._asking == 0, timeout=longest)


def go_last() -> None:
    """Let this thread, and those that it starts, compute when no other wants to. Linux only: elsewhere nothing happens.

    Only there has each thread a priority of its own, which the threads that it starts inherit.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _NICER)
