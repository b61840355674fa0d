"""Reports a loader's progress through a file's pages to a listener, if there is one.

Loaders report without knowing the listener; usually there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[int, int, bool], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def report_page(page: int, total: int, *, by_ocr: bool = False) -> None:
    """Report that a page, counted from 1, of `total` is being read."""
    if (listener := _listener.get()) is not None:
        listener(page, total, by_ocr)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Receive the reports of pages read within the context."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
