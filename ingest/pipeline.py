"""The whole ingestion on one screen: accept, parse, store, embed, with an event for every step.

A document is found by words once it is stored, and by meaning once it is embedded. A kill at any instant leaves each
document in one complete state, and the next ingestion continues from there.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from ingest import prune
from ingest.accept import sources
from ingest.accept.acceptor import Accepted, Acceptor, failed, note_failure
from ingest.accept.crawl import Crawl
from ingest.accept.wanted import Item, Target, Wanted, discover
from ingest.embedding import EmbeddingThread
from ingest.estimate import Rates, estimate, processes, recall, remember
from ingest.loaders import ZIP
from ingest.pace import paced
from ingest.parse.parsing import Parsed, ParseTask
from ingest.parse.worker import command
from ingest.parse.workers import Workers
from ingest.plan import Ingestion
from ingest.report import Begun, DocumentReport, Event, FileRead, IngestReport, PageRead, Queued, Status, Taken
from rag.errors import Damaged, EmbedderError, HomeError, NotFound, StudyhallError
from rag.library.queue import Job
from rag.ports import Choice, Embedder
from rag.types import DocumentState

LEFT_OVER = "left over from an ingestion that was stopped"
AHEAD = 4  # files in parsing beside the one that is stored next
_LOOK_S = 0.25  # between two checks of their progress


def ingest(targets: Iterable[Target], plan: Ingestion) -> Iterator[Event]:
    """Ingest files, folders and URLs into a collection, yielding events; the last one is the report.

    No file stops the batch: a source that can't be ingested is reported with its reason.
    """
    return paced(_ingest(targets, plan))


def _ingest(targets: Iterable[Target], plan: Ingestion) -> Iterator[Event]:
    began = time.perf_counter()
    library, targets = plan.library, list(targets)
    library.settle()
    # Without targets, the run only finishes unfinished documents, which needs no collection.
    collection_id = library.catalog.collections.create(plan.collection) if targets else 0
    crawl = Crawl(plan.fetch) if plan.crawl else None
    plan = replace(plan, fetch=crawl.fetch) if crawl else plan
    wanted = discover(targets, library.home.folder, crawl, plan.crawl)
    yield Begun(len(wanted.items))
    expected = estimate(wanted.files(library.originals), collection_id, plan)
    yield from filter(None, [expected])

    rates = recall(plan.library.meta)
    pages_read: SimpleQueue[PageRead] = SimpleQueue()
    with (
        EmbeddingThread(plan.library, plan.embedder, plan.stopped, plan.priority) as embedding,
        _workers(plan, pages_read) as workers,
    ):
        results = yield from _accepted(wanted.items, Acceptor(plan, collection_id, workers), embedding, plan)
        accepted = [result for result in results if isinstance(result, Job)]
        finished = [result for result in results if isinstance(result, DocumentReport)]
        # Jobs that an earlier run accepted and didn't parse are done now, whatever the targets.
        unchanged = {report.source for report in finished if report.status is Status.UNCHANGED}
        left = list(_left_over([*accepted, *wanted.jobs], unchanged, plan, workers))
        interrupted = [result for result in left if isinstance(result, Job)]
        finished += [result for result in left if isinstance(result, DocumentReport)]
        skipped = wanted.skipped + tuple(item.uri for item in results + left if isinstance(item, sources.Skipped))
        jobs = accepted + interrupted
        embedding.take_up_unfinished()
        for report in finished:
            embedding.add(report)
        total = len(finished) + len(jobs)
        yield Queued(total, sum(job.source.size for job in jobs))
        for step in _as_parsed(jobs, plan, workers, pages_read):
            if isinstance(step, tuple):
                job, parsing = step
                yield FileRead(job.source.uri, len(finished) + 1, total, job.source.size)
                report = _store(job, parsing, plan, rates)
                if job in interrupted:
                    report = replace(report, notes=(*report.notes, LEFT_OVER))
                finished.append(report)
                embedding.add(report)
            else:
                yield from step
            yield from embedding.events()
            if plan.is_stopped and step:  # a file without page events is nearly done
                break
        yield from embedding.finish()
        order = {_uri(result): number for number, result in enumerate([*results, *left])}
        finished.sort(key=lambda report: order.get(report.source, len(order)))
        documents = (*(embedding.final(report) for report in finished), *embedding.unreported())
    remember(library.meta, rates.with_embedding(*embedding.measured()))
    removed = _prune(wanted, collection_id, plan) if plan.prune and not plan.is_stopped else ()
    library.settle()
    yield IngestReport(documents, skipped, time.perf_counter() - began, removed, expected)


def _accepted(
    wanted: Sequence[Item], acceptor: Acceptor, embedding: EmbeddingThread, plan: Ingestion
) -> Generator[Event, None, list[Accepted]]:
    """Accept the sources one after the other, and return the outcome of each."""
    results: list[Accepted] = []
    for number, item in enumerate(wanted, start=1):
        taken = list(acceptor.accept(item))
        if any(isinstance(result, Job) for result in taken):
            embedding.warm()
        results += taken
        yield Taken(number, len(wanted))
        if plan.is_stopped:
            break
    return results


def _prune(wanted: Wanted, collection_id: int, plan: Ingestion) -> tuple[str, ...]:
    """Remove the documents whose files have left the folders; return their paths."""
    left = prune.gone(wanted.named, wanted.found, plan.library.catalog.memberships.uris(collection_id))
    for uri in left:
        plan.library.catalog.memberships.release(collection_id, uri)
    return tuple(left)


def _uri(result: Accepted) -> str:
    match result:
        case DocumentReport():
            return result.source
        case Job():
            return result.source.uri
        case sources.Skipped():
            return result.uri


def _workers(plan: Ingestion, pages_read: SimpleQueue[PageRead]) -> closing[Workers]:
    call = command(*_cut_for(plan.embedder))
    return closing(Workers(processes(plan), call, on_page=pages_read.put))


def _cut_for(embedder: Embedder) -> tuple[Path, int]:
    """Return tokenizer and room of the embedder for which chunks are cut: ours while the one that is set is missing."""
    try:
        return embedder.tokenizer_file, embedder.room
    except EmbedderError:
        ours = embedder.like(Choice(""))
        return ours.tokenizer_file, ours.room


def _left_over(accepted: Sequence[Job], unchanged: set[str], plan: Ingestion, workers: Workers) -> Iterator[Accepted]:
    """Yield what earlier runs left in the queue, except jobs whose files have changed back to the held version.

    Archives and addresses that were accepted unread are taken up; jobs that a later run has claimed are left to it.
    """
    known = {(job.collection, job.source.uri) for job in accepted} | set(plan.claimed)
    left = [job for job in plan.library.queue.jobs() if (job.collection, job.source.uri) not in known]
    for job in left:
        if job.collection == plan.collection and job.source.uri in unchanged:
            plan.library.queue.withdraw(job)
        elif job.is_address or job.source.media_type == ZIP:
            number = plan.library.catalog.collections.number(job.collection)
            yield from Acceptor(replace(plan, collection=job.collection), number, workers).accept(job)
        else:
            yield job


def _as_parsed(
    jobs: Sequence[Job], plan: Ingestion, workers: Workers, pages_read: SimpleQueue[PageRead]
) -> Iterator[tuple[Job, Future[Parsed] | None] | list[PageRead]]:
    """Yield the jobs as they are parsed, a few at a time, and meanwhile the pages read.

    Only a few, since parsed documents stay in memory until they are stored. The future is None if the document exists
    already, or if a job with the same content has been yielded before.
    """
    parsing: dict[Future[Parsed], Job] = {}
    twins: list[Job] = []
    submitted: set[str] = set()
    for job in jobs:
        if job.document_id in submitted:
            twins.append(job)
        elif not plan.force and plan.library.catalog.documents.is_parsed(job.document_id):
            yield job, None
        else:
            submitted.add(job.document_id)
            path = plan.library.originals.path(job.source.sha256)
            parsing[workers.submit(ParseTask(job.source, path or Path(job.source.uri), job.document_id))] = job
        if len(parsing) > AHEAD:
            yield from _first_done(parsing, pages_read)
    while parsing:
        yield from _first_done(parsing, pages_read)
    yield from ((job, None) for job in twins)


def _first_done(
    parsing: dict[Future[Parsed], Job], pages_read: SimpleQueue[PageRead]
) -> Iterator[tuple[Job, Future[Parsed]] | list[PageRead]]:
    done: set[Future[Parsed]] = set()
    while not done:
        done, _ = wait(parsing, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
        yield [pages_read.get() for _ in range(pages_read.qsize())]
    for future in [future for future in parsing if future in done]:
        yield parsing.pop(future), future


def _store(job: Job, parsing: Future[Parsed] | None, plan: Ingestion, rates: Rates) -> DocumentReport:
    """Wait for the parsing of a job and store its document."""
    began = time.perf_counter()
    catalog = plan.library.catalog
    notes: tuple[str, ...] = ()
    try:
        collection_id = catalog.collections.number(job.collection)
        held = catalog.memberships.get(collection_id, job.source.uri)
        status = Status.UPDATED if held and held.state is DocumentState.PARSED else Status.ADDED
        if parsing is None:
            _check_parsed(job, plan)
            stored = catalog.memberships.add(collection_id, job.document_id, job.source)
        else:
            parsed = parsing.result()
            notes = parsed.document.notes
            rates.add(job.source.media_type, job.source.size, parsed.seconds, len(parsed.chunks))
            stored = catalog.memberships.store(
                collection_id, job.document_id, job.source, parsed.document, parsed.chunks, parsed.stems
            )
        if not stored:
            message = f"{job.source.uri} was removed while it was read."
            raise NotFound(message)
        plan.library.settle()
    except StudyhallError as exc:
        # An unwritable home is no fault of the file, which stays queued for the next run.
        if not isinstance(exc, HomeError | NotFound):
            note_failure(job, collection_id, exc, plan)
        return replace(failed(job.source.uri, exc), document_id=job.document_id)
    pages, chunks = catalog.documents.counts(job.document_id)
    seconds = time.perf_counter() - began
    quality = catalog.documents.quality(job.document_id)
    return DocumentReport(job.source.uri, status, job.document_id, pages, chunks, seconds, notes, quality=quality)


def _check_parsed(job: Job, plan: Ingestion) -> None:
    if not plan.library.catalog.documents.is_parsed(job.document_id):
        message = f"{job.source.uri} has the same content as another file of this run, which can't be read."
        raise Damaged(message, remedy="See there.")
