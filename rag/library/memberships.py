"""Memberships: which collection holds which document. Every change is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.library.database import Database
from rag.library.lexical import note_words
from rag.library.rows import chunk_row, document_row, failure_row, page_row
from rag.library.transactions import (
    SCHEDULE_VECTOR_REMOVALS,
    add_membership,
    clear_document,
    delete_orphans,
    forget_unheld,
    insert,
    is_queued,
    withdraw_jobs,
)
from rag.types import Chunk, Document, DocumentState, Source

# A document stored again keeps its row, since other collections may hold the document too.
_OVERWRITE = """ON CONFLICT (id) DO UPDATE SET title = excluded.title, language = excluded.language,
    text = excluded.text, blocks = excluded.blocks, notes = excluded.notes, state = excluded.state,
    error = excluded.error, quality = excluded.quality, needs_password = excluded.needs_password,
    reading = excluded.reading"""


@dataclass(frozen=True, slots=True)
class Membership:
    """A document in a collection, under its path or URL."""

    collection: str
    uri: str
    document_id: str
    size: int  # bytes
    mtime_ns: int | None
    etag: str | None
    state: DocumentState


class Memberships:
    """Stores documents in collections and removes them, with orphaned documents in the same transaction.

    Only queued documents are stored: a document may have been removed while it was parsed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, collection_id: int, uri: str) -> Membership | None:
        """Return the membership under a path or URL, if there is one."""
        with self._database.read() as db:
            row = db.execute(
                """SELECT name AS collection, uri, document_id, holdings.size, mtime_ns, etag, state FROM holdings
                   JOIN collections ON collections.id = holdings.collection_id
                   JOIN documents ON documents.id = holdings.document_id
                   WHERE holdings.collection_id = ? AND uri = ?""",
                (collection_id, uri),
            ).fetchone()
        return None if row is None else Membership(**dict(row) | {"state": DocumentState(row["state"])})

    def uris(self, collection_id: int) -> list[str]:
        """Return the paths and URLs of a collection's documents."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT uri FROM holdings WHERE collection_id = ? ORDER BY uri", (collection_id,)
            ).fetchall()
        return [str(row["uri"]) for row in rows]

    def store(
        self,
        collection_id: int,
        document_id: str,
        source: Source,
        document: Document,
        chunks: Sequence[Chunk],
        stems: Sequence[str],
    ) -> bool:
        """Store a parsed document as a whole; False if the document was removed meanwhile.

        A former version under the same path is released in the same transaction. `stems` holds each chunk's words for
        the lexical index.
        """
        with self._database.write() as db:
            if not is_queued(db, collection_id, document_id, source):
                return False
            again = clear_document(db, document_id)
            insert(db, "documents", [document_row(document_id, source, document)], conflict=_OVERWRITE)
            insert(db, "pages", (page_row(document_id, page) for page in document.pages))
            insert(db, "chunks", (chunk_row(chunk, words) for chunk, words in zip(chunks, stems, strict=True)))
            note_words(db, stems, document.language)
            add_membership(db, collection_id, document_id, source)
            if again:  # the chunks may have other bounds now, so no old vector may stay
                db.execute(f"{SCHEDULE_VECTOR_REMOVALS} WHERE document_id = ?", (document_id,))
            return True

    def store_failure(
        self,
        collection_id: int,
        document_id: str,
        source: Source,
        title: str,
        error: str,
        *,
        needs_password: bool = False,
    ) -> None:
        """Record that a document can't be ingested, and why.

        A path that already holds a version keeps it: an old answer is better than none.
        """
        with self._database.write() as db:
            if not is_queued(db, collection_id, document_id, source):
                return
            held = db.execute(
                "SELECT state FROM holdings JOIN documents ON id = document_id WHERE collection_id = ? AND uri = ?",
                (collection_id, source.uri),
            ).fetchone()
            here = db.execute("SELECT 1 FROM documents WHERE id = ? AND state = 'parsed'", (document_id,)).fetchone()
            if here is not None or (held is not None and held["state"] == "parsed"):
                withdraw_jobs(db, "collection_id = ? AND uri = ?", (collection_id, source.uri))
                return
            row = failure_row(document_id, source, title, error, needs_password=needs_password)
            insert(db, "documents", [row], conflict=_OVERWRITE)
            add_membership(db, collection_id, document_id, source)

    def add(self, collection_id: int, document_id: str, source: Source) -> bool:
        """Add an existing document to a collection under a path; False if the document was removed meanwhile."""
        with self._database.write() as db:
            if not is_queued(db, collection_id, document_id, source):
                return False
            add_membership(db, collection_id, document_id, source)
            return True

    def touch(self, collection_id: int, source: Source) -> None:
        """Update size, time and ETag of a source whose content is unchanged."""
        with self._database.write() as db:
            db.execute(
                "UPDATE holdings SET mtime_ns = ?, size = ?, etag = ? WHERE collection_id = ? AND uri = ?",
                (source.mtime_ns, source.size, source.etag, collection_id, source.uri),
            )

    def release(self, collection_id: int, uri: str) -> None:
        """Release the membership under one path, and the job queued to replace it.

        The document stays while another path or another collection holds it.
        """
        with self._database.write() as db:
            where, values = "collection_id = ? AND uri = ?", (collection_id, uri)
            held = db.execute(f"SELECT document_id FROM holdings WHERE {where}", values).fetchone()
            withdraw_jobs(db, where, values)
            if held is not None:
                db.execute(f"DELETE FROM holdings WHERE {where}", values)
                forget_unheld(db, collection_id, held["document_id"])

    def remove(self, document_id: str, collection: str | None = None) -> None:
        """Remove a document from one collection or from all, with the jobs queued to replace it."""
        with self._database.write() as db:
            where, values = "document_id = ?", [document_id]
            if collection is not None:
                where += " AND collection_id = (SELECT id FROM collections WHERE name = ?)"
                values.append(collection)
            db.execute(f"{SCHEDULE_VECTOR_REMOVALS} WHERE {where}", values)
            withdraw_jobs(db, where, values)
            waiting = f"(collection_id, uri) IN (SELECT collection_id, uri FROM holdings WHERE {where})"
            withdraw_jobs(db, waiting, values)
            for table in ("holdings", "vectors"):  # the document's row stays while another collection holds it
                db.execute(f"DELETE FROM {table} WHERE {where}", values)
            delete_orphans(db)
