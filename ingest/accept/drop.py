"""Accepts what somebody drops, unread: once it is in the queue, no kill can lose it. The next ingestion reads it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ingest.accept.acceptor import document_id_of, source_of
from ingest.accept.sources import read
from rag.library.collections import DEFAULT_COLLECTION
from rag.library.library import Library
from rag.library.originals import Orphan
from rag.library.queue import Job
from rag.types import Source


def accept_file(library: Library, collection: str, uri: str, path: Path) -> Job:
    """Accept the bytes at `path` as the source `uri`; raises Unreadable, or HomeError if they can't be stored."""
    collection_id = library.catalog.collections.create(collection)
    data = read(path)
    source = source_of(uri, data)
    job = Job(collection, document_id_of(source), source)
    library.accept(collection_id, job.document_id, source, data)
    return job


def accept_orphan(library: Library, orphan: Orphan) -> Job:
    """Accept a file of the home that no document names, under its former name, which nothing newer may have lost.

    Raises Unreadable or HomeError.
    """
    path = Path(orphan.path)
    uri, collection = orphan.uri or f"recovered/{path.name[:12]}", orphan.collection or DEFAULT_COLLECTION
    collection_id = library.catalog.collections.create(collection)
    if library.catalog.memberships.get(collection_id, uri):
        stem, dot, suffix = uri.rpartition(".")
        uri = f"{stem} (recovered){dot}{suffix}" if dot and "/" not in suffix else f"{uri} (recovered)"
    job = accept_file(library, collection, uri, path)
    if path.is_relative_to(library.home.uploads):
        library.discard(orphan)
    return job


def accept_address(library: Library, collection: str, url: str) -> Job:
    """Accept a web address, to be fetched later; raises HomeError."""
    collection_id = library.catalog.collections.create(collection)
    document_id = hashlib.sha256(f"{collection}\0{url}".encode()).hexdigest()[:20]
    job = Job(collection, document_id, Source(url, "", 0, ""))
    library.queue.add(collection_id, document_id, job.source)
    return job
