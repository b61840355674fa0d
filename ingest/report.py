"""What an ingestion says while it runs, and its report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Begun:
    """How many sources there are to ingest."""

    total: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A source is being parsed."""

    source: str
    number: int  # from 1
    total: int


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

    def count(self, status: Status) -> int:
        """Return how many sources have this status."""
        return sum(document.status is status for document in self.documents)


Event = Begun | Reading | Embedding | Renewing | Done | IngestReport
