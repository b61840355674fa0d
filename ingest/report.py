"""What an ingestion says while it runs, and its report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rag.types import Quality


class Status(StrEnum):
    """What became of a source."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """A line of the report."""

    source: str
    status: Status
    document_id: str | None = None
    pages: int = 0
    chunks: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    error: str | None = None
    quality: Quality | None = None  # None: nothing new was read
    needs_password: bool = False  # it opens as soon as its password is given


@dataclass(frozen=True, slots=True)
class Begun:
    """How many sources there are to ingest."""

    total: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a large run will take, from sizes and from what was measured here before: about, and no more than that."""

    files: int
    size: int  # bytes of them
    disk: int  # bytes that the home will grow by
    free: int  # bytes that there are on its disk
    seconds: float | None  # None: nothing was measured on this machine yet


@dataclass(frozen=True, slots=True)
class Taken:
    """A source was looked at and, where it is new, copied into the home."""

    number: int  # from 1
    total: int


@dataclass(frozen=True, slots=True)
class Queued:
    """Everything is accepted: so many sources, so many bytes that are read now."""

    total: int
    size: int


@dataclass(frozen=True, slots=True)
class PageRead:
    """A source that takes a while has come to a page."""

    source: str
    page: int  # from 1; of those that are recognised, where that is what is done
    total: int
    by_ocr: bool = False
    size: int = 0  # bytes of the source


@dataclass(frozen=True, slots=True)
class FileRead:
    """A source has been read and is stored."""

    source: str
    number: int  # from 1
    total: int
    size: int = 0  # bytes


@dataclass(frozen=True, slots=True)
class Embedding:
    """Chunks embedded so far, of those known so far."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Renewing:
    """Documents that another embedder has embedded are embedded anew; until that is done, the old vectors answer."""

    documents: int
    model: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How far the whole is and how fast it goes, every half second."""

    files: int  # done
    total: int
    pages: int  # of those
    chunks: int  # embedded
    chunks_known: int
    chunks_per_s: float
    seconds: float
    seconds_left: float | None  # about; None: nobody can say yet


@dataclass(frozen=True, slots=True)
class Done:
    """A source is finished."""

    report: DocumentReport


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The last event: every source with what became of it."""

    documents: tuple[DocumentReport, ...] = ()
    skipped: tuple[str, ...] = ()  # files of a folder that are of no format Studyhall reads
    seconds: float = 0.0
    removed: tuple[str, ...] = ()  # what has left its folder, where that was asked for
    estimate: Estimate | None = None  # what it was expected to take, where it is a large run

    def count(self, status: Status) -> int:
        """Return how many sources have this status."""
        return sum(document.status is status for document in self.documents)


Event = Begun | Estimate | Taken | Queued | PageRead | FileRead | Embedding | Renewing | Pace | Done | IngestReport
