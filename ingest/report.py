"""The events of an ingestion, and its report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rag.types import Quality


class Status(StrEnum):
    """The outcome of a source."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """An entry of the report: one source and its outcome."""

    source: str
    status: Status
    document_id: str | None = None
    pages: int = 0
    chunks: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    error: str | None = None
    quality: Quality | None = None  # None if nothing new was read
    needs_password: bool = False  # whether only its password is missing


@dataclass(frozen=True, slots=True)
class Begun:
    """The number of sources to ingest."""

    total: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """The rough estimate of a large run, from file sizes and the rates of earlier runs on this machine."""

    files: int
    size: int  # bytes of all files
    disk: int  # bytes by which the home will grow
    free: int  # bytes free on its disk
    seconds: float | None  # None before the first measurement on this machine


@dataclass(frozen=True, slots=True)
class Taken:
    """A source was checked and, if it is new, copied into the home."""

    number: int  # from 1
    total: int


@dataclass(frozen=True, slots=True)
class Queued:
    """All sources are accepted; `total` of them, with their bytes, are now parsed."""

    total: int
    size: int


@dataclass(frozen=True, slots=True)
class PageRead:
    """A page of a long source is being read."""

    source: str
    page: int  # from 1; under OCR, among the recognised pages
    total: int
    by_ocr: bool = False
    size: int = 0  # bytes of the source


@dataclass(frozen=True, slots=True)
class FileRead:
    """A source was parsed and stored."""

    source: str
    number: int  # from 1
    total: int
    size: int = 0  # bytes


@dataclass(frozen=True, slots=True)
class Embedding:
    """The number of chunks embedded so far, of those known so far."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Renewing:
    """Documents of another embedder are embedded again; until then, the old vectors serve."""

    documents: int
    model: str


@dataclass(frozen=True, slots=True)
class Pace:
    """The progress and pace of the whole ingestion, every half second."""

    files: int  # done
    total: int
    pages: int  # of the finished files
    chunks: int  # embedded
    chunks_known: int
    chunks_per_s: float
    seconds: float
    seconds_left: float | None  # roughly; None if unknown yet


@dataclass(frozen=True, slots=True)
class Done:
    """A source is finished, with its entry of the report."""

    report: DocumentReport


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The last event: every source with its outcome."""

    documents: tuple[DocumentReport, ...] = ()
    skipped: tuple[str, ...] = ()  # files in folders without a supported format
    seconds: float = 0.0
    removed: tuple[str, ...] = ()  # documents pruned, if pruning was requested
    estimate: Estimate | None = None  # of a large run

    def count(self, status: Status) -> int:
        """Return the number of sources with this status."""
        return sum(document.status is status for document in self.documents)


def joined(reports: Iterable[IngestReport]) -> IngestReport:
    """Return the reports of several runs as one."""
    several = list(reports)
    return IngestReport(
        tuple(document for report in several for document in report.documents),
        tuple(uri for report in several for uri in report.skipped),
        sum(report.seconds for report in several),
    )


Event = Begun | Estimate | Taken | Queued | PageRead | FileRead | Embedding | Renewing | Pace | Done | IngestReport
