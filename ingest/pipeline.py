"""The whole ingestion on one screen: accept, parse, store, embed, with an event for every step.

A document is found by words from the moment it is stored, and by meaning when its vectors are in. A kill
at any instant leaves each one wholly in one of its states, and the next ingestion takes up what is missing.
"""

from __future__ import annotations

import hashlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from ingest import archives, sources
from ingest.chunk import chunk
from ingest.crawl import Crawl
from ingest.fetch import Fetched, fetch
from ingest.index import chunk_stems, embed_document
from ingest.loaders import UNKNOWN, ZIP, detect, load, readable
from ingest.report import Begun, DocumentReport, Done, Embedding, Event, IngestReport, Reading, Status
from rag.errors import Damaged, SourceError, StudyhallError, Unreadable
from rag.library.catalog import Holding, Job
from rag.library.library import Library
from rag.models.embedder import MiniLM
from rag.types import Document, DocumentState, Source

logger = logging.getLogger(__name__)


Accepted = DocumentReport | Job | sources.Skipped


@dataclass(frozen=True, slots=True)
class Ingestion:
    """The parts an ingestion works with, and how it is to go about it."""

    library: Library
    embedder: MiniLM
    collection: str
    force: bool = False  # parse and embed again what has not changed
    crawl: int = 0  # links away from a web address that are ingested too
    fetch: Callable[..., Fetched] = fetch
    stopped: threading.Event | None = None


def ingest(targets: Iterable[str | Path], plan: Ingestion) -> Iterator[Event]:
    """Ingest files, folders and URLs into a collection; the last event is the report.

    No file stops the batch: what can't be ingested is in the report with its reason.
    """
    began = time.perf_counter()
    plan.library.settle()
    collection_id = plan.library.catalog.create_collection(plan.collection)
    if plan.crawl:
        crawl = Crawl(plan.fetch)
        plan = replace(plan, fetch=crawl.fetch)
        targets = _with_linked(targets, crawl, plan.crawl)
    found = list(sources.discover(targets, home=plan.library.home.folder))
    skipped = tuple(item.uri for item in found if isinstance(item, sources.Skipped))
    wanted = [item for item in found if not isinstance(item, sources.Skipped)]
    yield Begun(len(wanted))

    with Embedder(plan) as embedding:
        results = [result for item in wanted for result in _accept(item, collection_id, plan)]
        skipped += tuple(result.uri for result in results if isinstance(result, sources.Skipped))
        reports = [result for result in results if not isinstance(result, sources.Skipped)]
        accepted = {(item.collection, item.source.uri): item for item in reports if isinstance(item, Job)}
        # What an earlier run accepted and never got to parse is done now, whatever was asked for.
        left_over = [job for job in plan.library.catalog.jobs() if (job.collection, job.source.uri) not in accepted]
        embedding.take_up_unfinished()
        finished: list[DocumentReport] = []
        for number, item in enumerate([*reports, *left_over], start=1):
            if isinstance(item, Job):
                yield Reading(item.source.uri, number, len(reports) + len(left_over))
            report = _parse(item, plan) if isinstance(item, Job) else item
            finished.append(report)
            embedding.add(report)
            yield from embedding.events()
        yield from embedding.finish()
        reports_done = tuple(embedding.final(report) for report in finished)
    yield IngestReport(reports_done, skipped, time.perf_counter() - began)


def _accept(item: sources.Found | sources.Missing, collection_id: int, plan: Ingestion) -> Iterator[Accepted]:
    """Take a source into the home, so that nothing can lose it any more; or say why not, or that it is there."""
    if isinstance(item, sources.Missing):
        yield _failed(item.uri, item.error)
        return
    held = plan.library.catalog.holding(collection_id, item.uri)
    try:
        if held and not plan.force and _same_file(item, held):
            yield _unchanged(held)
            return
        fetched = _bytes(item, held, plan)
        if fetched is None and held:
            yield _unchanged(held)
            return
        assert fetched is not None  # only a held page can be unchanged
        data, source = fetched
        if source.media_type == ZIP:
            if held:  # what stood here was no archive, or one that could not be opened then
                plan.library.remove(held.document_id, plan.collection)
            yield from _accept_members(data, source, item.member, collection_id, plan)
        else:
            yield _take(data, source, collection_id, plan)
    except StudyhallError as exc:
        yield _failed(item.uri, exc)


def _accept_members(data: bytes, archive: Source, only: str, collection_id: int, plan: Ingestion) -> Iterator[Accepted]:
    """Take in the files of an archive, or the one that is asked for, each as a source of its own."""
    empty = True
    for member in archives.members(data, archive.uri):
        if only and member.name != only:
            continue
        uri = f"{archive.uri}!/{member.name}"
        empty = empty and member.content is None
        if member.content is None:
            yield sources.Skipped(uri)
        elif isinstance(member.content, SourceError):
            yield _failed(uri, member.content)
        else:
            source = _source(uri, member.content, mtime_ns=archive.mtime_ns)
            yield _take(member.content, source, collection_id, plan)
    if empty:
        message = f"{archive.uri} holds no {only or 'documents'}."
        raise Unreadable(message, remedy=f"Studyhall reads {readable()}, also from zip archives.")


def _take(data: bytes, source: Source, collection_id: int, plan: Ingestion) -> DocumentReport | Job:
    """Keep a source's bytes and write down that they are to be parsed, unless they have been."""
    catalog = plan.library.catalog
    held = catalog.holding(collection_id, source.uri)
    try:
        document_id = _document_id(source)
        if held and held.document_id == document_id and held.state is DocumentState.PARSED and not plan.force:
            catalog.touch(collection_id, source)
            return _unchanged(held)
        plan.library.keep(data, source.sha256)
        catalog.accept(collection_id, document_id, source)
    except StudyhallError as exc:
        return _failed(source.uri, exc)
    return Job(plan.collection, document_id, source)


def _parse(job: Job, plan: Ingestion) -> DocumentReport:
    """Make an accepted source a document that can be searched."""
    began = time.perf_counter()
    catalog = plan.library.catalog
    collection_id = catalog.collection_id(job.collection)
    status = Status.UPDATED if catalog.holding(collection_id, job.source.uri) else Status.ADDED
    notes: tuple[str, ...] = ()
    try:
        if catalog.has_document(job.document_id) and not plan.force:
            plan.library.drop_files(catalog.hold(collection_id, job.document_id, job.source))
        else:
            notes = _load_and_store(job, collection_id, plan)
        plan.library.settle()
    except StudyhallError as exc:
        _note_failure(job, collection_id, exc, plan)
        return replace(_failed(job.source.uri, exc), document_id=job.document_id)
    pages, chunks = catalog.counts(job.document_id)
    seconds = time.perf_counter() - began
    return DocumentReport(job.source.uri, status, job.document_id, pages, chunks, seconds, notes)


def _load_and_store(job: Job, collection_id: int, plan: Ingestion) -> tuple[str, ...]:
    path = plan.library.stored(job.source.sha256)
    data = sources.read(path or Path(job.source.uri))
    url = job.source.uri if sources.is_url(job.source.uri) else None
    document = _load(data, job.source, url)
    chunks = chunk(document, job.document_id, plan.embedder.tokenizer)
    stems = [chunk_stems(part, document.title, document.language) for part in chunks]
    catalog = plan.library.catalog
    plan.library.drop_files(catalog.store(collection_id, job.document_id, job.source, document, chunks, stems))
    return document.notes


def _load(data: bytes, source: Source, url: str | None) -> Document:
    try:
        document = load(data, name=source.uri, media_type=source.media_type, url=url)
        # A title stands in one line, whatever the file's name or metadata hold.
        return replace(document, title=" ".join(document.title.split())[:200])
    except StudyhallError:
        raise
    except Exception as exc:
        # A format's library can fail on a broken file in any way; this file is lost, the batch is not.
        logger.debug("Reading %s failed.", source.uri, exc_info=True)
        message = f"{source.uri} can't be read: {type(exc).__name__}: {exc}."
        raise Damaged(message, remedy="Open it in its program and save it anew, or leave it out.") from exc


class Embedder:
    """Embeds in a thread of its own while the next documents are parsed."""

    def __init__(self, plan: Ingestion) -> None:
        self._plan = plan
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="index")
        self._stop = threading.Event()
        self._steps: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._known = self._done = 0
        self._futures: dict[str, list[Future[bool]]] = {}
        self._waiting: list[DocumentReport] = []
        self._failures: dict[str, StudyhallError] = {}

    def __enter__(self) -> Embedder:
        # Importing Chroma and loading the model take a second, in which the first documents are parsed.
        self._thread.submit(self._warm)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.shutdown(cancel_futures=True)

    def take_up_unfinished(self) -> None:
        """Queue the documents that an earlier run parsed and did not embed."""
        self._submit_missing()

    def add(self, report: DocumentReport) -> None:
        """Queue what a report leaves to embed; it is done when its vectors are in."""
        self._waiting.append(report)
        if report.document_id and report.status in {Status.ADDED, Status.UPDATED}:
            self._submit_missing(report.document_id)

    def events(self) -> Iterator[Event]:
        """Yield what has happened since the last look."""
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
        """Yield until everything is embedded, or somebody stops it."""
        while self._waiting or any(not future.done() for group in self._futures.values() for future in group):
            yield from self.events()
            if self._plan.stopped and self._plan.stopped.is_set():
                self._stop.set()
            time.sleep(0.02)
        yield from self.events()

    def final(self, report: DocumentReport) -> DocumentReport:
        """Return the report with what embedding had to say."""
        failure = self._failures.get(report.document_id or "")
        return report if failure is None else replace(report, status=Status.FAILED, error=str(failure))

    def _submit_missing(self, document: str | None = None) -> None:
        catalog = self._plan.library.catalog
        for collection_id, document_id in catalog.unembedded(self._plan.library.fingerprint, document):
            self._known += catalog.counts(document_id)[1]
            future = self._thread.submit(self._embed, collection_id, document_id)
            self._futures.setdefault(document_id, []).append(future)

    def _warm(self) -> None:
        # What fails here fails again, with its message, where it is needed.
        try:
            self._plan.embedder.prepare()
            self._plan.library.vectors.warm()
        except StudyhallError:
            return

    def _embed(self, collection_id: int, document_id: str) -> bool:
        try:
            return embed_document(
                self._plan.library, self._plan.embedder, collection_id, document_id,
                progress=self._steps.put, wanted=lambda: not self._stop.is_set(),
            )  # fmt: skip
        except StudyhallError as exc:
            self._failures[document_id] = exc
            return False


def _bytes(item: sources.Found, held: Holding | None, plan: Ingestion) -> tuple[bytes, Source] | None:
    """Return a source's bytes; None for a web page that has not changed since it was fetched."""
    if item.path is None:
        etag = held.etag if held and not plan.force else None
        fetched = plan.fetch(item.uri, etag=etag)
        if fetched.data is None:
            return None
        data, etag, told = fetched.data, fetched.etag, fetched.media_type
    else:
        data, etag, told = sources.read(item.path), None, ""
    return data, _source(item.uri, data, mtime_ns=item.mtime_ns, etag=etag, told=told)


def _source(uri: str, data: bytes, *, mtime_ns: int | None = None, etag: str | None = None, told: str = "") -> Source:
    """Describe bytes, once their format is told; of a container that takes all of it."""
    head = data if data.startswith(b"PK") else data[: 64 * 1024]
    media_type = detect(uri, head) or told or UNKNOWN
    return Source(uri, media_type, len(data), hashlib.sha256(data).hexdigest(), mtime_ns, etag)


def _with_linked(targets: Iterable[str | Path], crawl: Crawl, depth: int) -> Iterator[str | Path]:
    for target in targets:
        if sources.is_url(target):
            yield from crawl.pages(str(target), depth)
        else:
            yield target


def _document_id(source: Source) -> str:
    """Return the id: the same bytes read the same way are the same document."""
    return hashlib.sha256(f"{source.sha256}\0{source.media_type}".encode()).hexdigest()[:20]


def _same_file(item: sources.Found, held: Holding) -> bool:
    same = item.path is not None and (item.size, item.mtime_ns) == (held.size, held.mtime_ns)
    return same and held.state is DocumentState.PARSED


def _unchanged(held: Holding) -> DocumentReport:
    return DocumentReport(held.uri, Status.UNCHANGED, held.document_id)


def _failed(uri: str, error: StudyhallError) -> DocumentReport:
    return DocumentReport(uri, Status.FAILED, error=str(error))


def _note_failure(job: Job, collection_id: int, error: StudyhallError, plan: Ingestion) -> None:
    """Write the failure down; on a full disk that fails too, and the job stays for the next run."""
    title = job.source.uri.replace("\\", "/").rpartition("/")[2]
    try:
        plan.library.catalog.store_failure(collection_id, job.document_id, job.source, title, str(error))
    except StudyhallError:
        return
