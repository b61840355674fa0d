"""The parts an ingestion works with, and how it is to go about it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ingest.accept.fetch import Fetched, fetch
from rag.library.library import Library
from rag.platform.priority import Priority
from rag.ports import Embedder


@dataclass(frozen=True, slots=True)
class Ingestion:
    """The parts an ingestion works with, and how it is to go about it."""

    library: Library
    embedder: Embedder
    collection: str
    force: bool = False  # parse and embed again what has not changed
    prune: bool = False  # remove what has left the folders that are ingested
    crawl: int = 0  # links away from a web address that are ingested too
    fetch: Callable[..., Fetched] = fetch
    stopped: threading.Event | None = None
    priority: Priority = field(default_factory=Priority)  # of questions over this ingestion
    processes: int = 0  # that parse; 0: as many as there are cores
    password: str = field(default="", repr=False)  # of the files that need one

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has stopped it."""
        return self.stopped is not None and self.stopped.is_set()
