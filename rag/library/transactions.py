"""Steps within one transaction: insert rows, add and release memberships, delete orphans, withdraw jobs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from rag.library.database import now
from rag.types import Source

# Followed by a condition on the memberships whose vectors must go.
SCHEDULE_VECTOR_REMOVALS = "INSERT OR IGNORE INTO vector_removals SELECT collection_id, document_id FROM holdings"


def insert(db: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, object]], *, conflict: str = "") -> None:
    """Insert rows with the same columns; `conflict` is the SQL clause for rows that exist already."""
    several = list(rows)
    if several:
        columns = ", ".join(several[0])
        values = ", ".join(f":{column}" for column in several[0])
        db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({values}) {conflict}", several)


def add_membership(db: sqlite3.Connection, collection_id: int, document_id: str, source: Source) -> None:
    """Store a membership under the source's path, replacing the former document there."""
    before = db.execute(
        "SELECT document_id FROM holdings WHERE collection_id = ? AND uri = ?", (collection_id, source.uri)
    ).fetchone()
    db.execute(
        """INSERT INTO holdings VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (collection_id, uri) DO UPDATE SET
           document_id = excluded.document_id, size = excluded.size, mtime_ns = excluded.mtime_ns,
           etag = excluded.etag, added = excluded.added""",
        (collection_id, source.uri, document_id, source.size, source.mtime_ns, source.etag, now()),
    )
    # Only this version's job: a newer version may have been accepted meanwhile.
    job = (collection_id, source.uri, document_id)
    db.execute("DELETE FROM jobs WHERE collection_id = ? AND uri = ? AND document_id = ?", job)
    # The document may come back before its old vectors are deleted.
    db.execute("DELETE FROM vector_removals WHERE collection_id = ? AND document_id = ?", (collection_id, document_id))
    if before is not None and before["document_id"] != document_id:
        forget_unheld(db, collection_id, before["document_id"])


def forget_unheld(db: sqlite3.Connection, collection_id: int, document_id: str) -> None:
    """Schedule the removal of a document's vectors if the collection holds the document under no path any more."""
    removal = (collection_id, document_id)
    still = db.execute("SELECT 1 FROM holdings WHERE collection_id = ? AND document_id = ?", removal).fetchone()
    if still is None:
        db.execute("INSERT OR IGNORE INTO vector_removals VALUES (?, ?)", removal)
        db.execute("DELETE FROM vectors WHERE collection_id = ? AND document_id = ?", removal)
    delete_orphans(db)


def clear_document(db: sqlite3.Connection, document_id: str) -> bool:
    """Delete a document's pages, chunks and embedding state before it is stored again; False if it doesn't exist."""
    if db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone() is None:
        return False
    for table in ("pages", "chunks", "vectors"):
        db.execute(f"DELETE FROM {table} WHERE document_id = ?", (document_id,))
    return True


def delete_orphans(db: sqlite3.Connection) -> None:
    """Delete the documents that no collection holds, and schedule the removal of their originals."""
    gone = db.execute("SELECT id, sha256 FROM documents WHERE id NOT IN (SELECT document_id FROM holdings)").fetchall()
    for row in gone:
        db.execute("DELETE FROM documents WHERE id = ?", (row["id"],))
    schedule_file_removals(db, (str(row["sha256"]) for row in gone))


def withdraw_jobs(db: sqlite3.Connection, where: str, values: Sequence[object]) -> None:
    """Delete the jobs that fit the condition, and schedule the removal of their originals."""
    hashes = [str(row["sha256"]) for row in db.execute(f"SELECT sha256 FROM jobs WHERE {where}", values)]
    schedule_file_removals(db, hashes)
    db.execute(f"DELETE FROM jobs WHERE {where}", values)


def is_queued(db: sqlite3.Connection, collection_id: int, document_id: str, source: Source) -> bool:
    """Say whether a document is still queued: it may have been removed while it was parsed."""
    key = (collection_id, source.uri, document_id)
    row = db.execute("SELECT 1 FROM jobs WHERE collection_id = ? AND uri = ? AND document_id = ?", key).fetchone()
    return row is not None


def schedule_file_removals(db: sqlite3.Connection, hashes: Iterable[str]) -> None:
    """Record originals as candidates for deletion; whether they are needed is checked at the deletion."""
    db.executemany("INSERT OR IGNORE INTO file_removals VALUES (?)", [(sha256,) for sha256 in hashes if sha256])
