"""How far a file has come, said by the loader that reads it, heard by whoever reads it for somebody who waits.

Loaders say it without knowing who listens: most of the time nobody does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[int, int, bool], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def report_page(page: int, total: int, *, by_ocr: bool = False) -> None:
    """Say that a page, counted from 1, of so many is being read."""
    if (listener := _listener.get()) is not None:
        listener(page, total, by_ocr)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Hear of the pages that are read meanwhile."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
