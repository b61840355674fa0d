"""The whole ingestion on one screen: accept, parse, store, embed, with an event for every step.

A document is found by words from the moment it is stored, and by meaning when its vectors are in. A kill
at any instant leaves each one wholly in one of its states, and the next ingestion takes up what is missing.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest import archives, prune, sources
from ingest.crawl import Crawl
from ingest.embedding import Embedder
from ingest.fetch import Fetched, fetch
from ingest.loaders import UNKNOWN, ZIP, detect, readable
from ingest.parse import Parsed, Task
from ingest.report import Begun, DocumentReport, Event, IngestReport, Reading, Status
from ingest.workers import Workers, command
from rag.errors import Damaged, HomeError, NotFound, SourceError, StudyhallError, Unreadable
from rag.library.catalog import Holding, Job
from rag.library.library import Library
from rag.models.embedder import MiniLM
from rag.priority import Priority
from rag.types import DocumentState, Source

LEFT_OVER = "left over from an ingestion that was stopped"
AHEAD = 4  # files that are parsed before the one that is stored next


Accepted = DocumentReport | Job | sources.Skipped
FoundOr = sources.Found | sources.Skipped | sources.Missing


@dataclass(frozen=True, slots=True)
class Ingestion:
    """The parts an ingestion works with, and how it is to go about it."""

    library: Library
    embedder: MiniLM
    collection: str
    force: bool = False  # parse and embed again what has not changed
    prune: bool = False  # remove what has left the folders that are ingested
    crawl: int = 0  # links away from a web address that are ingested too
    fetch: Callable[..., Fetched] = fetch
    stopped: threading.Event | None = None
    priority: Priority = field(default_factory=Priority)  # of questions over this ingestion
    processes: int = 0  # that parse; 0: as many as there are cores

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has stopped it."""
        return self.stopped is not None and self.stopped.is_set()


def ingest(targets: Iterable[str | Path], plan: Ingestion) -> Iterator[Event]:
    """Ingest files, folders and URLs into a collection; the last event is the report.

    No file stops the batch: what can't be ingested is in the report with its reason.
    """
    began = time.perf_counter()
    targets = list(targets)
    plan.library.settle()
    # Without targets, what is unfinished is finished: that makes no collection.
    collection_id = plan.library.catalog.create_collection(plan.collection) if targets else 0
    if plan.crawl:
        crawl = Crawl(plan.fetch)
        plan = replace(plan, fetch=crawl.fetch)
        targets = list(_with_linked(targets, crawl, plan.crawl))
    found = list(sources.discover(targets, home=plan.library.home.folder))
    skipped = tuple(item.uri for item in found if isinstance(item, sources.Skipped))
    wanted = [item for item in found if not isinstance(item, sources.Skipped)]
    yield Begun(len(wanted))

    with Embedder(plan.library, plan.embedder, plan.stopped, plan.priority) as embedding, _workers(plan) as workers:
        results = [result for item in wanted for result in _accept(item, collection_id, plan)]
        skipped += tuple(result.uri for result in results if isinstance(result, sources.Skipped))
        accepted = [result for result in results if isinstance(result, Job)]
        finished = [result for result in results if isinstance(result, DocumentReport)]
        # What an earlier run accepted and never got to parse is done now, whatever was asked for.
        unchanged = {report.source for report in finished if report.status is Status.UNCHANGED}
        interrupted = _left_over(accepted, unchanged, plan)
        jobs = accepted + interrupted
        embedding.take_up_unfinished()
        for report in finished:
            embedding.add(report)
        total = len(finished) + len(jobs)
        for number, (job, parsing) in enumerate(_as_parsed(jobs, plan, workers), start=1 + len(finished)):
            yield Reading(job.source.uri, number, total)
            report = _store(job, parsing, plan)
            if job in interrupted:
                report = replace(report, notes=(*report.notes, LEFT_OVER))
            finished.append(report)
            embedding.add(report)
            yield from embedding.events()
            if plan.is_stopped:
                break
        yield from embedding.finish()
        order = {_uri(result): number for number, result in enumerate(results)}
        finished.sort(key=lambda report: order.get(report.source, len(order)))
        documents = (*(embedding.final(report) for report in finished), *embedding.unreported())
    removed = _prune(targets, found, collection_id, plan) if plan.prune and not plan.is_stopped else ()
    plan.library.settle()
    yield IngestReport(documents, skipped, time.perf_counter() - began, removed)


def _prune(
    targets: Sequence[str | Path], found: Sequence[FoundOr], collection_id: int, plan: Ingestion
) -> tuple[str, ...]:
    """Remove the documents whose files have left the folders."""
    left = prune.gone(targets, found, plan.library.catalog.uris(collection_id))
    for uri in left:
        plan.library.catalog.release(collection_id, uri)
    return tuple(left)


def _uri(result: Accepted) -> str:
    match result:
        case DocumentReport():
            return result.source
        case Job():
            return result.source.uri
        case sources.Skipped():
            return result.uri


def _workers(plan: Ingestion) -> closing[Workers]:
    return closing(Workers(plan.processes or os.cpu_count() or 1, command(plan.embedder.tokenizer_file)))


def _left_over(accepted: Sequence[Job], unchanged: set[str], plan: Ingestion) -> list[Job]:
    """Return what an earlier run accepted and never got to parse, but for files that are again what they were."""
    known = {(job.collection, job.source.uri) for job in accepted}
    left = [job for job in plan.library.catalog.jobs() if (job.collection, job.source.uri) not in known]
    outdated = [job for job in left if job.collection == plan.collection and job.source.uri in unchanged]
    for job in outdated:
        plan.library.catalog.withdraw(job)
    return [job for job in left if job not in outdated]


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
        plan.library.accept(collection_id, document_id, source, data)
    except StudyhallError as exc:
        return _failed(source.uri, exc)
    return Job(plan.collection, document_id, source)


def _as_parsed(jobs: Sequence[Job], plan: Ingestion, workers: Workers) -> Iterator[tuple[Job, Future[Parsed] | None]]:
    """Yield the jobs as they are parsed, a few of them under way at a time.

    Only a few: what is parsed and not stored yet lies in memory. None where the document is there already, or
    where a job with the same content has been yielded before.
    """
    parsing: dict[Future[Parsed], Job] = {}
    twins: list[Job] = []
    submitted: set[str] = set()
    for job in jobs:
        if job.document_id in submitted:
            twins.append(job)
        elif not plan.force and plan.library.catalog.has_document(job.document_id):
            yield job, None
        else:
            submitted.add(job.document_id)
            path = plan.library.stored(job.source.sha256)
            parsing[workers.submit(Task(job.source, path or Path(job.source.uri), job.document_id))] = job
        if len(parsing) > AHEAD:
            yield from _first_done(parsing)
    while parsing:
        yield from _first_done(parsing)
    yield from ((job, None) for job in twins)


def _first_done(parsing: dict[Future[Parsed], Job]) -> Iterator[tuple[Job, Future[Parsed]]]:
    done, _ = wait(parsing, return_when=FIRST_COMPLETED)
    for future in [future for future in parsing if future in done]:
        yield parsing.pop(future), future


def _store(job: Job, parsing: Future[Parsed] | None, plan: Ingestion) -> DocumentReport:
    """Make an accepted source a document that can be searched, as soon as it is parsed."""
    began = time.perf_counter()
    catalog = plan.library.catalog
    notes: tuple[str, ...] = ()
    try:
        collection_id = catalog.collection_id(job.collection)
        status = Status.UPDATED if catalog.holding(collection_id, job.source.uri) else Status.ADDED
        if parsing is None:
            _check_parsed(job, plan)
            stored = catalog.hold(collection_id, job.document_id, job.source)
        else:
            parsed = parsing.result()
            notes = parsed.document.notes
            stored = catalog.store(
                collection_id, job.document_id, job.source, parsed.document, parsed.chunks, parsed.stems
            )
        if not stored:
            message = f"{job.source.uri} was removed while it was read."
            raise NotFound(message)
        plan.library.settle()
    except StudyhallError as exc:
        # A home that can't be written to is no fault of the file: it stays accepted for the next run.
        if not isinstance(exc, HomeError | NotFound):
            _note_failure(job, collection_id, exc, plan)
        return replace(_failed(job.source.uri, exc), document_id=job.document_id)
    pages, chunks = catalog.counts(job.document_id)
    seconds = time.perf_counter() - began
    return DocumentReport(job.source.uri, status, job.document_id, pages, chunks, seconds, notes)


def _check_parsed(job: Job, plan: Ingestion) -> None:
    if not plan.library.catalog.has_document(job.document_id):
        message = f"{job.source.uri} has the same content as another file of this run, which can't be read."
        raise Damaged(message, remedy="See there.")


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
    said = str(error)
    # What went wrong with the home, a full disk say, doesn't name the file that it cost.
    return DocumentReport(uri, Status.FAILED, error=said if uri in said else f"{uri} was not ingested. {said}")


def _note_failure(job: Job, collection_id: int, error: StudyhallError, plan: Ingestion) -> None:
    """Write the failure down; on a full disk that fails too, and the job stays for the next run."""
    title = job.source.uri.replace("\\", "/").rpartition("/")[2]
    try:
        plan.library.catalog.store_failure(collection_id, job.document_id, job.source, title, str(error))
    except StudyhallError:
        return
