"""The documents of one home: how they come in, are listed and tagged, and go out again.

The types of the methods are imported here for real, since the table of operations reads them. An import inside a
method spares those that only list or search all loaders.
"""

from __future__ import annotations

import shutil
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from ingest.accept.sources import Found
from ingest.report import Event, IngestReport, Status, joined
from rag.engine import Engine
from rag.errors import InputError
from rag.library.collections import DEFAULT_COLLECTION
from rag.library.home import default_home
from rag.library.originals import Orphan
from rag.library.queue import Job
from rag.question.scope import all_tags
from rag.types import CollectionInfo, Document, DocumentInfo, Page
from ui.version import VERSION

_Last = TypeVar("_Last")


class Holdings:
    """One home, opened, with its documents.

    Raises HomeInUse when another process has it open, SettingsError for settings that can't be used.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._ingesting = threading.Lock()
        self._claimed: set[tuple[str, str]] = set()  # (collection, uri) of jobs that wait for their own run

    @classmethod
    def open(cls, home: str | Path | None = None) -> Self:
        """Open a home folder; it is made when it doesn't exist yet."""
        folder = Path(home).expanduser() if home is not None else default_home()
        return cls(Engine(folder.absolute(), version=VERSION))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of models and home."""
        self.engine.close()

    # ---- taking in

    def ingest(
        self,
        targets: Iterable[str | Path],
        *,
        collection: str = DEFAULT_COLLECTION,
        force: bool = False,
        password: str = "",
    ) -> IngestReport:
        """Ingest files, folders and URLs; return the report. No bad file stops it."""
        return last(self.ingest_events(targets, collection=collection, force=force, password=password), IngestReport)

    def ingest_events(
        self,
        targets: Iterable[str | Path | Found | Job],
        *,
        collection: str = DEFAULT_COLLECTION,
        force: bool = False,
        prune: bool = False,
        crawl: int = 0,
        password: str = "",
        stopped: threading.Event | None = None,
    ) -> Iterator[Event]:
        """Ingest, yielding events; the last event is the report. One ingestion runs at a time.

        With `prune`, documents whose files have left the folders are removed. With `crawl`, pages that a web address
        links to are ingested as well, so many links away. The `password` is tried on files that need one.
        """
        from ingest.pipeline import ingest
        from ingest.plan import Ingestion

        engine, given = self.engine, list(targets)
        plan = Ingestion(
            engine.library,
            engine.embedder,
            collection,
            force=force,
            prune=prune,
            crawl=crawl,
            stopped=stopped,
            priority=engine.priority,
            password=password,
            claimed=self._claimed,
        )
        try:
            with self._ingesting:
                yield from ingest(given, plan)
        finally:
            self._claimed -= {_claim(target) for target in given if isinstance(target, Job)}

    def accept(self, target: Path | str, *, uri: str = "", collection: str = DEFAULT_COLLECTION) -> Job:
        """Accept a file under a name, or a web address, into the queue, unread: from then on nothing can lose it.

        `ingest_events` takes the job; where that never happens, the next ingestion does. Raises Unreadable or
        HomeError.
        """
        from ingest.accept.drop import accept_address, accept_file

        library = self.engine.library
        if isinstance(target, Path):
            job = accept_file(library, collection, uri or str(target), target)
        else:
            job = accept_address(library, collection, target)
        self._claimed.add(_claim(job))
        return job

    def orphans(self) -> list[Orphan]:
        """Return the files in the home that no document names, as a damaged catalog or a kill in an upload leaves."""
        return self.engine.library.orphans()

    def recover_events(self, *, stopped: threading.Event | None = None) -> Iterator[Event]:
        """Ingest the files that no document names, under their former names; the last event is the report."""
        from ingest.accept.drop import accept_orphan

        jobs = [accept_orphan(self.engine.library, orphan) for orphan in self.orphans()]
        self._claimed |= {_claim(job) for job in jobs}
        reports = []
        for collection in sorted({job.collection for job in jobs}):
            mine = [job for job in jobs if job.collection == collection]
            for event in self.ingest_events(mine, collection=collection, stopped=stopped):
                if isinstance(event, IngestReport):
                    reports.append(event)
                else:
                    yield event
        yield joined(reports)

    def discard_orphans(self) -> int:
        """Delete the files that no document names; return how many."""
        orphans = self.orphans()
        for orphan in orphans:
            self.engine.library.discard(orphan)
        return len(orphans)

    def outdated(self, collection: str | None = None) -> list[DocumentInfo]:
        """Return the documents that were read by an older version, which their format is read better than now."""
        from ingest.loaders.readings import reading_of

        return [
            info for info in self.documents(collection) if info.chunks and info.reading < reading_of(info.media_type)
        ]

    def read_again_events(
        self, *, collection: str | None = None, stopped: threading.Event | None = None
    ) -> Iterator[Event]:
        """Read the outdated documents again from their kept originals; the old text answers until then.

        The last event is the report.
        """
        reports = []
        for name in sorted({info.collection for info in self.outdated(collection)}):
            kept = [item for info in self.outdated(name) for item in self.kept(info.document_id, name)]
            for event in self.ingest_events(kept, collection=name, force=True, stopped=stopped):
                if isinstance(event, IngestReport):
                    reports.append(event)
                else:
                    yield event
        yield joined(reports)

    def is_unfinished(self) -> bool:
        """Say whether documents wait to be read or embedded."""
        library = self.engine.library
        return bool(library.queue.jobs() or library.embedding_state.pending())

    def free_space(self) -> int:
        """Return the bytes that are free on the home's disk."""
        return shutil.disk_usage(self.engine.home.folder).free

    def kept(self, document_id: str, collection: str) -> list[Found]:
        """Return a document's kept originals, to be ingested again under the paths they came from."""
        path = self.original(document_id)
        held = [info for info in self.documents(collection) if info.document_id == document_id]
        return [Found(info.source, path, info.size) for info in held if path is not None]

    def documents(self, collection: str | None = None) -> list[DocumentInfo]:
        """Return a line per document."""
        if collection is not None:
            self.engine.library.catalog.collections.number(collection)
        return self.engine.library.catalog.documents.all(collection)

    def find(self, name: str, collection: str | None = None) -> DocumentInfo:
        """Return the one document that `name` means: an id, a path, a file name, or part of a title."""
        return self.engine.library.catalog.documents.find(name, collection)

    def document_info(self, document_id: str) -> DocumentInfo:
        """Return the line of the document with this id; raises NotFound."""
        return self.engine.library.catalog.documents.info(document_id)

    def document(self, document_id: str) -> Document:
        """Return a document's text, blocks and pages."""
        return self.engine.library.catalog.documents.get(document_id)

    def page(self, document_id: str, number: int) -> Page | None:
        """Return one page, with its alignment."""
        return self.engine.library.catalog.documents.page(document_id, number)

    def text(self, document_id: str, start: int, end: int) -> str:
        """Return a piece of a document's text."""
        return self.engine.library.catalog.documents.text(document_id, start, end)

    def original(self, document_id: str) -> Path | None:
        """Return the kept original of a document."""
        return self.engine.library.original(document_id)

    def remove(self, name: str, *, collection: str | None = None) -> DocumentInfo:
        """Remove a document, wholly; return its line of the list.

        Where other files have the same content, a file that is named is released alone, and the document stays.
        """
        info, library = self.find(name, collection), self.engine.library
        same = [other for other in self.documents(collection) if other.document_id == info.document_id]
        named = [other for other in same if is_named(other, name)]
        if 0 < len(named) < len(same):
            for other in named:
                library.release(other.collection, other.source)
            return named[0]
        library.remove(info.document_id, collection)
        return info

    def move_events(
        self,
        names: Iterable[str],
        to: str,
        *,
        collection: str | None = None,
        stopped: threading.Event | None = None,
    ) -> Iterator[Event]:
        """Move documents into another collection, which is made if there is none; the last event is the report.

        A document leaves its collection once the other one has it: a kill leaves it in both. Raises NotFound.
        """
        moved = [info for name in names if (info := self.find(name, collection)).collection != to]
        found = [
            kept for info in moved for kept in self.kept(info.document_id, info.collection) if kept.uri == info.source
        ]
        for event in self.ingest_events(found, collection=to, stopped=stopped):
            if isinstance(event, IngestReport):
                there = {one.source for one in event.documents if one.status is not Status.FAILED}
                for info in moved:
                    if info.source in there:
                        self.engine.library.release(info.collection, info.source)
            yield event

    def tags(self, name: str) -> list[str]:
        """Return a document's tags: those that a person gave, and those read from its path."""
        profiles = self.engine.library.profiles
        profiles.refresh()
        profile = profiles.all().get(self.find(name).document_id)
        return all_tags(profile) if profile else []  # nothing is read of one that failed

    def tag(self, name: str, tags: Sequence[str], *, remove: bool = False) -> list[str]:
        """Give a document tags, or take them away; return those it has then. "week 5" corrects the week of its path."""
        wanted = [" ".join(tag.split()) for tag in tags]
        if not all(wanted) or any(len(tag) > 100 or not tag.isprintable() for tag in wanted):
            message = "That is no tag."
            raise InputError(message, remedy="Use 1 to 100 printable characters.")
        self.engine.library.profiles.tag(self.find(name).document_id, wanted, remove=remove)
        return self.tags(name)

    def collections(self) -> list[CollectionInfo]:
        """Return a line per collection."""
        return self.engine.library.catalog.collections.all()

    def create_collection(self, name: str) -> None:
        """Make a collection; nothing happens when it is there."""
        self.engine.library.catalog.collections.create(name)

    def rename_collection(self, name: str, new: str) -> None:
        """Give a collection another name."""
        self.engine.library.catalog.collections.rename(name, new)

    def remove_collection(self, name: str) -> None:
        """Remove a collection, and the documents that no other collection holds."""
        self.engine.library.remove_collection(name)

    # ---- to and from others

    def export_collection(self, name: str, file: str | Path, *, replace: bool = False) -> int:
        """Write a collection's originals into one file that others can import; return their number.

        Raises NotFound, HomeError, and InputError for a file that is there already, unless it may be replaced.
        """
        from ingest.exchange import export_collection

        path = Path(file).expanduser().absolute()
        return export_collection(self.engine.library, name, path, VERSION, replace=replace)

    def import_events(
        self, file: str | Path, *, collection: str = "", stopped: threading.Event | None = None
    ) -> Iterator[Event]:
        """Ingest what a file of `export_collection` holds, by default under its collection's name; as `ingest_events`.

        Raises InputError for another file.
        """
        from ingest.exchange import import_collection

        path = Path(file).expanduser().absolute()
        imported = import_collection(self.engine.library, path, collection, VERSION)
        self._claimed |= {_claim(job) for job in imported.jobs}
        yield from self.ingest_events(imported.jobs, collection=imported.collection, stopped=stopped)
        imported.give_tags(self.engine.library)


def is_named(info: DocumentInfo, name: str) -> bool:
    """Say whether `name` is the path or the file name of a document, rather than its id or a part of its title."""
    return name == info.source or name.casefold() == info.source.replace("\\", "/").rpartition("/")[2].casefold()


def _claim(job: Job) -> tuple[str, str]:
    return job.collection, job.source.uri


def last(events: Iterable[object], kind: type[_Last]) -> _Last:
    """Return the last event of a stream, its result."""
    (event,) = deque(events, maxlen=1)
    assert isinstance(event, kind)  # each of these streams ends so
    return event
