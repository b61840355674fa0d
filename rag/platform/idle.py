"""Does something once nothing has been done for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class IdleTimer:
    """Calls `action` when nothing has been busy for `after_s` seconds, in a thread of its own."""

    def __init__(self, after_s: float, action: Callable[[], None]) -> None:
        self._after_s = after_s
        self._action = action
        self._busy = 0
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Be busy within the context."""
        with self._lock:
            self._busy += 1
            if self._timer:
                self._timer.cancel()
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
                if not self._busy:
                    self._timer = threading.Timer(self._after_s, self._act)
                    self._timer.daemon = True
                    self._timer.start()

    def _act(self) -> None:
        with self._lock:
            if self._busy:
                return
        self._action()
