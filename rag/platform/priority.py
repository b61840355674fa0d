"""Questions go first: an ingestion waits while one is being answered."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LONGEST_S = 3.0  # maximum wait of one step of an ingestion: an endless conversation must not stop it
_NICER = 10  # nice value of threads that may wait


class Priority:
    """Counts the questions being answered; an ingestion checks the count between two steps."""

    def __init__(self) -> None:
        self._asking = 0
        self._changed = threading.Condition()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Have priority over ingestions within the context."""
        with self._changed:
            self._asking += 1
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                self._changed.notify_all()

    def give_way(self, longest: float = _LONGEST_S) -> bool:
        """Wait until no question is being answered, for `longest` seconds at most; return whether none is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._asking == 0, timeout=longest)


def go_last() -> None:
    """Let this thread, and those that it starts, compute only when no other wants to. Linux only; elsewhere no effect.

    Only there does each thread have a priority of its own, inherited by the threads that it starts.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _NICER)
