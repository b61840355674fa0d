"""One event loop for the process, in a thread of its own: what waits for a server is waited for there."""

from __future__ import annotations

import asyncio
import threading
from functools import cache

_STARTING = threading.Lock()


def background_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop that runs until the process ends; it is started on first use.

    Give it work with `asyncio.run_coroutine_threadsafe`. To cancel the future that comes back closes the connections
    of the work at once, where a thread that waits for a silent server can't be woken.
    """
    with _STARTING:
        return _loop()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="background", daemon=True).start()
    return loop
