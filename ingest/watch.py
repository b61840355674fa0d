"""Watches folders and reports changes once they have settled."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.accept.sources import absolute

_SETTLED_MS = 1500  # without a change, so that no half-copied file is read


def changes(targets: Iterable[str | Path], stopped: threading.Event) -> Iterator[int]:
    """Yield the number of changed files, each time there are any, until `stopped` is set or Ctrl-C is pressed."""
    import watchfiles

    logging.getLogger("watchfiles").setLevel(logging.ERROR)  # it would report Ctrl-C, the normal end
    paths = [path for path in (absolute(target) for target in targets if str(target).strip()) if path.exists()]
    for changed in watchfiles.watch(*paths, stop_event=stopped, debounce=_SETTLED_MS, raise_interrupt=False):
        yield len(changed)
