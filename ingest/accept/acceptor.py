"""Accepts sources into the home: from then on nothing can lose them. Other sources are reported with a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from ingest.accept import archives, sources
from ingest.accept.passwords import Unlock, may_be_locked
from ingest.accept.wanted import Item
from ingest.loaders import ZIP, kind_of, readable
from ingest.parse.workers import Workers
from ingest.plan import Ingestion
from ingest.report import DocumentReport, Status
from rag.errors import HomeError, Locked, SourceError, StudyhallError, Unreadable
from rag.library.memberships import Membership
from rag.library.queue import Job
from rag.types import DocumentState, Source

Accepted = DocumentReport | Job | sources.Skipped


class Acceptor:
    """Accepts sources into one collection."""

    def __init__(self, plan: Ingestion, collection_id: int, workers: Workers) -> None:
        self._plan = plan
        self._library = plan.library
        self._catalog = plan.library.catalog
        self._collection_id = collection_id
        self._workers = workers

    def accept(self, item: Item) -> Iterator[Accepted]:
        """Accept a source; of an archive, each file in it. A job was accepted unread."""
        match item:
            case sources.Missing():
                yield failed(item.uri, item.error)
            case sources.Found():
                try:
                    yield from self._found(item)
                except StudyhallError as exc:
                    yield failed(item.uri, exc)
            case Job():
                try:
                    yield from self._queued(item)
                except StudyhallError as exc:
                    if not isinstance(exc, HomeError):  # otherwise it stays in the queue
                        note_failure(item, self._collection_id, exc, self._plan)
                    yield replace(failed(item.source.uri, exc), document_id=item.document_id)

    def _found(self, item: sources.Found) -> Iterator[Accepted]:
        held = self._catalog.memberships.get(self._collection_id, item.uri)
        if held and not self._plan.force and is_same_file(item, held) and self._is_kept(held):
            yield _unchanged(held)
            return
        fetched = self._bytes(item, held)
        if fetched is None and held:
            yield _unchanged(held)
            return
        assert fetched is not None  # only a held page can be unchanged
        yield from self._taken(*fetched, held, item.member)

    def _queued(self, job: Job) -> Iterator[Accepted]:
        """Take what a job leads to into its place: a file, the files of an archive, the page at an address."""
        source = job.source
        if job.is_address:
            results = self._found(sources.Found(source.uri))
        else:
            path = self._library.originals.path(source.sha256)
            if path is None:
                message = f"The copy of {source.uri} is gone."
                raise Unreadable(message, remedy="Add it again.")
            held = self._catalog.memberships.get(self._collection_id, source.uri)
            results = self._taken(sources.read(path), source, held)
        follows = False
        for result in results:
            follows = follows or (isinstance(result, Job) and result.document_id == job.document_id)
            yield result
        if not follows:
            self._library.queue.withdraw(job)

    def _taken(self, data: bytes, source: Source, held: Membership | None, member: str = "") -> Iterator[Accepted]:
        if source.media_type == ZIP:
            yield from self._members(data, source, member)
            if held:  # the former version was no archive, or couldn't be opened
                self._catalog.memberships.release(self._collection_id, source.uri)
        else:
            yield self._take(data, source)

    def _is_kept(self, held: Membership) -> bool:
        """Say whether the original of a held document is there."""
        return self._library.original(held.document_id) is not None

    def _members(self, data: bytes, archive: Source, only: str) -> Iterator[Accepted]:
        """Accept the files of an archive, or only the named one, each as a source of its own."""
        empty = True
        for member in archives.members(data, archive.uri, password=self._plan.password):
            if only and member.name != only:
                continue
            uri = f"{archive.uri}!/{member.name}"
            empty = empty and member.content is None
            if member.content is None:
                yield sources.Skipped(uri)
            elif isinstance(member.content, SourceError):
                yield failed(uri, member.content)
            else:
                yield self._take(member.content, source_of(uri, member.content, mtime_ns=archive.mtime_ns))
        if empty:
            message = f"{archive.uri} holds no {only or 'documents'}."
            raise Unreadable(message, remedy=f"Studyhall reads {readable()}, also from zip archives.")

    def _take(self, data: bytes, source: Source) -> DocumentReport | Job:
        """Keep a source's bytes and queue them for parsing, unless they are parsed already."""
        job = Job(self._plan.collection, document_id_of(source), source)
        held = self._catalog.memberships.get(self._collection_id, source.uri)
        try:
            if held and not self._plan.force and _holds(held, source):
                if not self._is_kept(held) and held.document_id == job.document_id:
                    self._library.originals.keep(data, source.sha256)
                self._catalog.memberships.touch(self._collection_id, source)
                return _unchanged(held)
            try:
                data, job = self._opened(data, job)
            except Locked as exc:
                self._library.accept(self._collection_id, job.document_id, source, data)
                note_failure(job, self._collection_id, exc, self._plan)
                return replace(failed(source.uri, exc), document_id=job.document_id)
            self._library.accept(self._collection_id, job.document_id, job.source, data)
        except StudyhallError as exc:
            return failed(source.uri, exc)
        return job

    def _opened(self, data: bytes, job: Job) -> tuple[bytes, Job]:
        """Return the bytes to keep and their job: of a file with a password, an unlocked copy."""
        if not may_be_locked(data, job.source.media_type):
            return data, job
        document_id = document_id_of(job.source, unlocked=True)
        copy = self._library.originals.path(self._catalog.documents.sha256(document_id))
        if copy is not None:  # unlocked before, in this or another collection
            return _as_unlocked(sources.read(copy), job, document_id)
        if self._plan.password:
            unlocked = self._workers.unlock(Unlock(job.source, data, self._plan.password)).result()
            if unlocked is not None:
                return _as_unlocked(unlocked, job, document_id)
        return data, job

    def _bytes(self, item: sources.Found, held: Membership | None) -> tuple[bytes, Source] | None:
        """Return a source's bytes, or None for a web page that has not changed since it was fetched."""
        if item.path is None:
            etag = held.etag if held and not self._plan.force else None
            fetched = self._plan.fetch(item.uri, etag=etag)
            if fetched.data is None:
                return None
            data, etag, declared = fetched.data, fetched.etag, fetched.media_type
        else:
            data, etag, declared = sources.read(item.path), None, ""
        return data, source_of(item.uri, data, mtime_ns=item.mtime_ns, etag=etag, declared=declared)


def is_same_file(item: sources.Found, held: Membership) -> bool:
    """Say, without opening it, whether a file is the held version."""
    same = item.path is not None and (item.size, item.mtime_ns) == (held.size, held.mtime_ns)
    return same and held.state is DocumentState.PARSED


def failed(uri: str, error: StudyhallError) -> DocumentReport:
    """Return the report of a source that can't be ingested."""
    said = str(error)
    # A home's error, such as a full disk, doesn't name the affected file.
    said = said if uri in said else f"{uri} was not ingested. {said}"
    return DocumentReport(uri, Status.FAILED, error=said, needs_password=isinstance(error, Locked))


def note_failure(job: Job, collection_id: int, error: StudyhallError, plan: Ingestion) -> None:
    """Record the failure of a job; if the disk is full, this fails too, and the job stays for the next run."""
    title = job.source.uri.replace("\\", "/").rpartition("/")[2]
    try:
        plan.library.catalog.memberships.store_failure(
            collection_id, job.document_id, job.source, title, str(error), needs_password=isinstance(error, Locked)
        )
    except StudyhallError:
        return


def source_of(
    uri: str, data: bytes, *, mtime_ns: int | None = None, etag: str | None = None, declared: str = ""
) -> Source:
    """Describe bytes by their format, for which `declared` counts last; detecting a container needs all its bytes."""
    head = data if data.startswith(b"PK") else data[: 64 * 1024]
    media_type = kind_of(uri, head, declared)
    return Source(uri, media_type, len(data), hashlib.sha256(data).hexdigest(), mtime_ns, etag)


def document_id_of(source: Source, *, unlocked: bool = False) -> str:
    """Return the document id: the same bytes read in the same way are the same document."""
    way = f"{source.media_type}\0unlocked" if unlocked else source.media_type
    return hashlib.sha256(f"{source.sha256}\0{way}".encode()).hexdigest()[:20]


def _as_unlocked(data: bytes, job: Job, document_id: str) -> tuple[bytes, Job]:
    source = replace(job.source, sha256=hashlib.sha256(data).hexdigest())
    return data, Job(job.collection, document_id, source)


def _holds(held: Membership, source: Source) -> bool:
    """Say whether the held document comes from exactly these bytes."""
    made = (document_id_of(source), document_id_of(source, unlocked=True))
    return held.state is DocumentState.PARSED and held.document_id in made


def _unchanged(held: Membership) -> DocumentReport:
    return DocumentReport(held.uri, Status.UNCHANGED, held.document_id)
