"""What an ingestion is to take in: jobs that were accepted already, and the sources found at its targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.accept import sources
from ingest.accept.crawl import Crawl
from rag.library.originals import Originals
from rag.library.queue import Job

Target = str | Path | sources.Found | Job
Named = str | Path | sources.Found | sources.Missing  # a target that isn't in the queue already
Item = sources.Found | sources.Missing | Job
Discovered = sources.Found | sources.Skipped | sources.Missing


@dataclass(frozen=True, slots=True)
class Wanted:
    """The targets of an ingestion, and what was found there."""

    named: tuple[Named, ...]
    jobs: tuple[Job, ...]
    found: tuple[Discovered, ...]

    @property
    def items(self) -> list[Item]:
        """The sources to accept, the jobs first."""
        return [*self.jobs, *(item for item in self.found if not isinstance(item, sources.Skipped))]

    @property
    def skipped(self) -> tuple[str, ...]:
        """The files of folders that have no supported format."""
        return tuple(item.uri for item in self.found if isinstance(item, sources.Skipped))

    def files(self, originals: Originals) -> list[sources.Found | sources.Missing]:
        """Return the sources with the files to be read for them, for an estimate: those of jobs are their copies."""
        return [_file(item, originals) if isinstance(item, Job) else item for item in self.items]


def discover(targets: Iterable[Target], home: Path, crawl: Crawl | None, depth: int) -> Wanted:
    """Find the sources at the targets, and with a crawl those that pages link to, `depth` links away."""
    given = list(targets)
    jobs = tuple(target for target in given if isinstance(target, Job))
    named: Sequence[Named] = [target for target in given if not isinstance(target, Job)]
    if crawl:
        named = list(_with_linked(named, crawl, depth))
    return Wanted(tuple(named), jobs, tuple(sources.discover(named, home=home)))


def _file(job: Job, originals: Originals) -> sources.Found:
    return sources.Found(job.source.uri, originals.path(job.source.sha256), job.source.size)


def _with_linked(targets: Iterable[Named], crawl: Crawl, depth: int) -> Iterator[Named]:
    for target in targets:
        if sources.is_url(target):
            yield from crawl.pages(str(target), depth)
        else:
            yield target
