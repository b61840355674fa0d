"""The plan of an ingestion: the parts it works with, and its options."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ingest.accept.fetch import Fetched, fetch
from rag.library.library import Library
from rag.platform.priority import Priority
from rag.ports import Embedder


@dataclass(frozen=True, slots=True)
class Ingestion:
    """An ingestion's library, embedder, target collection and options."""

    library: Library
    embedder: Embedder
    collection: str
    force: bool = False  # parse and embed unchanged documents again
    prune: bool = False  # remove documents whose files have left the ingested folders
    crawl: int = 0  # most links from a web page to further pages to ingest
    fetch: Callable[..., Fetched] = fetch
    stopped: threading.Event | None = None
    priority: Priority = field(default_factory=Priority)  # lets questions go first
    processes: int = 0  # for parsing; 0: one per core
    password: str = field(default="", repr=False)  # of locked files
    claimed: Collection[tuple[str, str]] = ()  # (collection, uri) of jobs that a later run takes up

    @property
    def is_stopped(self) -> bool:
        """Whether the run was stopped."""
        return self.stopped is not None and self.stopped.is_set()
