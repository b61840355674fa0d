"""Folders watched: tells when something in them has changed and come to rest."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.accept.sources import absolute

_SETTLED_MS = 1500  # without a change: a file that is being copied is not read half


def changes(targets: Iterable[str | Path], stopped: threading.Event) -> Iterator[int]:
    """Yield how many files changed, each time some have, until `stopped` is set or Ctrl-C is pressed."""
    import watchfiles

    logging.getLogger("watchfiles").setLevel(logging.ERROR)  # Ctrl-C is how one ends it, and no news
    paths = [path for path in (absolute(target) for target in targets if str(target).strip()) if path.exists()]
    for changed in watchfiles.watch(*paths, stop_event=stopped, debounce=_SETTLED_MS, raise_interrupt=False):
        yield len(changed)
