"""A batch on its way in, and the state of each of its files, which follows the events of the ingestion."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ingest.accept.sources import Found
from ingest.report import (
    Begun,
    DocumentReport,
    Done,
    Embedding,
    Estimate,
    Event,
    FileRead,
    IngestReport,
    Pace,
    PageRead,
    Queued,
    Status,
)
from rag.library.queue import Job


class Step(StrEnum):
    """The state of a file on its way in."""

    QUEUED = "queued"
    READING = "reading"
    INDEXING = "indexing"  # found by words already
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Upload:
    """A dropped file: its path until it is accepted, and its own name."""

    path: Path
    name: str


@dataclass(slots=True)
class BatchFile:
    """A file or an address of a batch, and its state."""

    name: str
    step: Step = Step.QUEUED
    report: DocumentReport | None = None
    page: PageRead | None = None  # where it is, while it is read and takes a while


@dataclass(slots=True)
class Batch:
    """Files and addresses that are ingested together."""

    collection: str
    jobs: list[Job] = field(default_factory=list)  # files and addresses that were accepted
    targets: tuple[str, ...] = ()  # folders that are on this computer anyway
    kept: tuple[Found, ...] = ()  # what lies in the home already and waited for its password
    password: str = field(default="", repr=False)
    items: dict[str, BatchFile] = field(default_factory=dict)  # by the source's path or URL
    estimate: Estimate | None = None
    pace: Pace | None = None
    embedded: int = 0
    to_embed: int = 0
    total: int = 0
    force: bool = False  # read again, although nothing has changed
    resumes: bool = False  # what an earlier batch left unfinished
    ended: bool = False
    error: str = ""
    left_out: int = 0  # files of a folder that are of no format Studyhall reads

    def count(self, step: Step) -> int:
        """Return how many files are at this step."""
        return sum(item.step is step for item in self.items.values())


def record(batch: Batch, event: Event) -> None:
    """Bring a batch up to date with an event."""
    match event:
        case Begun(total) | Queued(total):
            batch.total = total
        case Estimate():
            batch.estimate = event
        case Pace():
            batch.pace = event
        case Embedding(done, total):
            batch.embedded, batch.to_embed = done, total
            _advance(batch, before_last=True)
        case IngestReport(documents):
            for report in documents:
                _finish(batch, report)
            # What has no report of its own is an archive: its files have.
            batch.items = {source: item for source, item in batch.items.items() if item.report or not documents}
        case _:
            _record_file(batch, event)


def _record_file(batch: Batch, event: Event) -> None:
    match event:
        case PageRead(source):
            item = _item(batch, source)
            item.step, item.page = Step.READING, event
        case FileRead(source, _, total):
            batch.total = total
            _advance(batch)
            item = _item(batch, source)
            item.step, item.page = Step.READING, None
        case Done(report):
            _finish(batch, report)


def _item(batch: Batch, source: str) -> BatchFile:
    """Return the file of a source; files in a folder, and those of an earlier batch, are added now."""
    if source not in batch.items:
        batch.items[source] = BatchFile(shown_name(source))
    return batch.items[source]


def _advance(batch: Batch, *, before_last: bool = False) -> None:
    """One file is read at a time: those begun before the last are being embedded."""
    reading = [item for item in batch.items.values() if item.step is Step.READING and item.page is None]
    for item in reading[:-1] if before_last else reading:
        item.step = Step.INDEXING


def _finish(batch: Batch, report: DocumentReport) -> None:
    item = _item(batch, report.source)
    item.report = report
    item.step = Step.FAILED if report.status is Status.FAILED else Step.DONE


def shown_name(source: str) -> str:
    """Return how a source is named in the list: a web address, or a file's name."""
    return source if is_web_address(source) else Path(source).name


def is_web_address(target: str) -> bool:
    """Say whether something is a web address."""
    return target.lower().startswith(("http://", "https://"))
