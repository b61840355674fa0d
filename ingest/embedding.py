"""Embeds parsed documents in a thread of its own, while the next documents are parsed."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

from ingest.index import embed_document
from ingest.report import DocumentReport, Done, Embedding, Event, Renewing, Status
from rag.errors import EmbedderError, StudyhallError
from rag.library.library import Library
from rag.platform.priority import Priority
from rag.ports import Embedder

logger = logging.getLogger(__name__)


class EmbeddingThread:
    """Embeds documents in a background thread, one after another, and yields their events."""

    def __init__(
        self, library: Library, embedder: Embedder, stopped: threading.Event | None, priority: Priority
    ) -> None:
        self._library = library
        self._embedder = embedder
        self._stopped = stopped
        self._priority = priority
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="index")
        self._stop = threading.Event()
        self._steps: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._known = self._done = 0
        self._seconds = 0.0
        self._warmed = False
        self._futures: dict[str, list[Future[bool]]] = {}
        self._waiting: list[DocumentReport] = []
        self._failures: dict[str, StudyhallError] = {}
        self._reported: set[str] = set()
        self._outdated: set[tuple[int, str]] = set()  # embedded by another embedder only
        self._broken: EmbedderError | None = None  # the reason why nothing can be embedded

    def __enter__(self) -> EmbeddingThread:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.shutdown(cancel_futures=True)

    def warm(self) -> None:
        """Start to import Chroma and load the model: this takes a second, while the first documents are parsed.

        Called once there is something to embed: a folder without changes needs neither.
        """
        if not self._warmed:
            self._warmed = True
            self._thread.submit(self._warm)

    def take_up_unfinished(self) -> None:
        """Queue the documents that an earlier run parsed but did not embed.

        Documents that another embedder has embedded are found by meaning already, so they come after all new documents.
        """
        self._outdated = self._library.embedding_state.outdated()
        self._submit_missing()

    def add(self, report: DocumentReport) -> None:
        """Queue a report's document for embedding; the report is done when the document's vectors are stored."""
        self._waiting.append(report)
        self._reported.add(report.document_id or "")
        if report.document_id and report.status in {Status.ADDED, Status.UPDATED}:
            self._submit_missing(report.document_id)

    def events(self) -> Iterator[Event]:
        """Yield the events since the last call."""
        stepped = False
        while not self._steps.empty():
            self._done += self._steps.get()
            stepped = True
        if stepped:
            yield Embedding(self._done, self._known)
        for report in list(self._waiting):
            if all(future.done() for future in self._futures.get(report.document_id or "", ())):
                self._waiting.remove(report)
                yield Done(self.final(report))

    def finish(self) -> Iterator[Event]:
        """Yield events until all is embedded or the run is stopped; then delete the indexes that no question needs."""
        yield from self._until_done()
        if self._outdated and not self._is_stopped:
            yield Renewing(len({document_id for _, document_id in self._outdated}), str(self._embedder.choice))
            self._outdated = set()
            self._submit_missing()
            yield from self._until_done()
        # A deletion that fails is repeated after the next ingestion. If nothing was embedded and no older index is
        # recorded, there is nothing to delete, and Chroma need not be loaded.
        if self._futures or self._library.embeddings.has_older_indexes():
            with suppress(StudyhallError):
                self._library.embeddings.drop_older_indexes()
                self._library.vectors.tidy()

    def unreported(self) -> Iterator[DocumentReport]:
        """Yield a report for each reason why documents of earlier runs could not be embedded."""
        reasons: dict[str, list[str]] = {}
        for document_id, failure in self._failures.items():
            if document_id not in self._reported:
                reasons.setdefault(str(failure), []).append(document_id)
        for reason, document_ids in reasons.items():
            known = {info.document_id: info.source for info in self._library.catalog.documents.all()}
            more = f" (and {len(document_ids) - 1} more documents)" if len(document_ids) > 1 else ""
            uri = known.get(document_ids[0], document_ids[0])
            error = f"{uri}{more} is found by words only. {reason}"
            yield DocumentReport(uri, Status.FAILED, document_ids[0], error=error)

    @property
    def _is_stopped(self) -> bool:
        return self._stop.is_set() or bool(self._stopped and self._stopped.is_set())

    def _until_done(self) -> Iterator[Event]:
        while self._waiting or any(not future.done() for group in self._futures.values() for future in group):
            yield from self.events()
            if self._stopped and self._stopped.is_set():
                self._stop.set()
            time.sleep(0.02)
        yield from self.events()

    def measured(self) -> tuple[int, float]:
        """Return the number of embedded chunks, and the seconds for them."""
        return self._done, self._seconds

    def final(self, report: DocumentReport) -> DocumentReport:
        """Return the report, marked as failed if embedding failed."""
        failure = self._failures.get(report.document_id or "")
        return report if failure is None else replace(report, status=Status.FAILED, error=str(failure))

    def _submit_missing(self, document: str | None = None) -> None:
        for collection_id, document_id in self._library.embedding_state.pending(document):
            if (collection_id, document_id) in self._outdated:
                continue
            self._known += self._library.catalog.documents.counts(document_id)[1]
            future = self._thread.submit(self._embed, collection_id, document_id)
            self._futures.setdefault(document_id, []).append(future)

    def _warm(self) -> None:
        try:
            self._embedder.prepare()
            self._library.vectors.warm()
        except EmbedderError as exc:
            self._broken = exc  # a new attempt for each document would take seconds each time
        except StudyhallError:
            return  # the next use raises the error again, with its message

    def _goes_on(self) -> bool:
        if not self._is_stopped:
            self._priority.give_way()
        return not self._is_stopped

    def _embed(self, collection_id: int, document_id: str) -> bool:
        if self._broken:
            self._failures[document_id] = self._broken
            return False
        began = time.perf_counter()
        try:
            step = self._steps.put
            return embed_document(
                self._library, self._embedder, collection_id, document_id, progress=step, wanted=self._goes_on
            )
        except StudyhallError as exc:
            self._failures[document_id] = exc
            return False
        except Exception as exc:
            # The edge of a thread: after an unexpected error, the report must name a document found by words only.
            logger.exception("Embedding %s failed.", document_id)
            message = f"It is found by words only, since embedding it failed: {type(exc).__name__}: {exc}."
            self._failures[document_id] = EmbedderError(message, remedy="Run the command again.")
            return False
        finally:
            self._seconds += time.perf_counter() - began
