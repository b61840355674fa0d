"""Which collection holds which document, and every change of that: each is one transaction."""

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

# A document that is stored again keeps its row: other collections hold it too.
_OVERWRITE = """ON CONFLICT (id) DO UPDATE SET title = excluded.title, language = excluded.language,
    text = excluded.text, blocks = excluded.blocks, notes = excluded.notes, state = excluded.state,
    error = excluded.error, quality = excluded.quality, needs_password = excluded.needs_password"""


@dataclass(frozen=True, slots=True)
class Membership:
    """A document in a collection, under the path or URL it came from."""

    collection: str
    uri: str
    document_id: str
    size: int  # bytes
    mtime_ns: int | None
    etag: str | None
    state: DocumentState


class Memberships:
    """Stores documents for collections and removes them; what nobody holds any more goes in the same transaction.

    Only what is still in the queue is stored: a document may have been removed while it was parsed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, collection_id: int, uri: str) -> Membership | None:
        """Return what a collection holds under a path or URL."""
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
        """Return the paths and addresses under which a collection holds documents."""
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
        """Make a parsed document visible, whole, in one transaction; False when it was removed meanwhile.

        Where its path held another version, that one goes in the same transaction. `stems` are the words
        of each chunk as lexical search wants them.
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
            if again:  # its chunks may be cut elsewhere now: no old vector may stay
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
        """Write down that a document can't be ingested, and why.

        A path that already holds a version keeps it: an old answer beats none.
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
        """Let a collection hold a document that is already there, under one more path; False if it went meanwhile."""
        with self._database.write() as db:
            if not is_queued(db, collection_id, document_id, source):
                return False
            add_membership(db, collection_id, document_id, source)
            return True

    def touch(self, collection_id: int, source: Source) -> None:
        """Note the new times of a file whose content is the same."""
        with self._database.write() as db:
            db.execute(
                "UPDATE holdings SET mtime_ns = ?, size = ?, etag = ? WHERE collection_id = ? AND uri = ?",
                (source.mtime_ns, source.size, source.etag, collection_id, source.uri),
            )

    def release(self, collection_id: int, uri: str) -> None:
        """Let go of what a collection holds under one path, and of what waits to take its place.

        The document stays as long as another path or another collection holds it.
        """
        with self._database.write() as db:
            where, values = "collection_id = ? AND uri = ?", (collection_id, uri)
            held = db.execute(f"SELECT document_id FROM holdings WHERE {where}", values).fetchone()
            withdraw_jobs(db, where, values)
            if held is not None:
                db.execute(f"DELETE FROM holdings WHERE {where}", values)
                forget_unheld(db, collection_id, held["document_id"])

    def remove(self, document_id: str, collection: str | None = None) -> None:
        """Remove a document, wholly, from one collection or from all, with what waits to take its place."""
        with self._database.write() as db:
            where, values = "document_id = ?", [document_id]
            if collection is not None:
                where += " AND collection_id = (SELECT id FROM collections WHERE name = ?)"
                values.append(collection)
            db.execute(f"{SCHEDULE_VECTOR_REMOVALS} WHERE {where}", values)
            withdraw_jobs(db, where, values)
            waiting = f"(collection_id, uri) IN (SELECT collection_id, uri FROM holdings WHERE {where})"
            withdraw_jobs(db, waiting, values)
            for table in ("holdings", "vectors"):  # its row stays while another collection holds it
                db.execute(f"DELETE FROM {table} WHERE {where}", values)
            delete_orphans(db)
