"""Steps within one transaction of the catalog: take a document in, let go of it, forget what nobody holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from rag.library.database import now
from rag.types import Source

LEAVE_VECTORS = "INSERT OR IGNORE INTO vector_removals SELECT collection_id, document_id FROM holdings"


def hold(db: sqlite3.Connection, collection_id: int, document_id: str, source: Source) -> list[str]:
    """Put a document under a path, in the place of what was there; return the hashes no longer needed."""
    before = db.execute(
        "SELECT document_id FROM holdings WHERE collection_id = ? AND uri = ?", (collection_id, source.uri)
    ).fetchone()
    db.execute(
        """INSERT INTO holdings VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (collection_id, uri) DO UPDATE SET
           document_id = excluded.document_id, size = excluded.size, mtime_ns = excluded.mtime_ns,
           etag = excluded.etag, added = excluded.added""",
        (collection_id, source.uri, document_id, source.size, source.mtime_ns, source.etag, now()),
    )
    db.execute("DELETE FROM jobs WHERE collection_id = ? AND uri = ?", (collection_id, source.uri))
    # The same document may be wanted again before its old vectors are gone.
    db.execute("DELETE FROM vector_removals WHERE collection_id = ? AND document_id = ?", (collection_id, document_id))
    if before is None or before["document_id"] == document_id:
        return []
    return let_go(db, collection_id, before["document_id"])


def let_go(db: sqlite3.Connection, collection_id: int, document_id: str) -> list[str]:
    """Forget what a collection holds under no path any more; return the hashes no longer needed."""
    removal = (collection_id, document_id)
    still = db.execute("SELECT 1 FROM holdings WHERE collection_id = ? AND document_id = ?", removal).fetchone()
    if still is None:
        db.execute("INSERT OR IGNORE INTO vector_removals VALUES (?, ?)", removal)
        db.execute("DELETE FROM vectors WHERE collection_id = ? AND document_id = ?", removal)
    return forget_orphans(db)


def clear(db: sqlite3.Connection, document_id: str) -> bool:
    """Take a document's pages, chunks and marks away, so that it can be stored anew; False if there was none."""
    if db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone() is None:
        return False
    for table in ("pages", "chunks", "vectors"):
        db.execute(f"DELETE FROM {table} WHERE document_id = ?", (document_id,))
    return True


def forget_orphans(db: sqlite3.Connection, hashes: Iterable[str] = ()) -> list[str]:
    """Delete the documents that no collection holds; of their hashes and these, return those no longer needed."""
    gone = db.execute("SELECT id, sha256 FROM documents WHERE id NOT IN (SELECT document_id FROM holdings)").fetchall()
    for row in gone:
        db.execute("DELETE FROM documents WHERE id = ?", (row["id"],))
    return [
        sha256
        for sha256 in dict.fromkeys([*hashes, *(str(row["sha256"]) for row in gone)])
        if db.execute(
            "SELECT 1 FROM documents WHERE sha256 = ?1 UNION ALL SELECT 1 FROM jobs WHERE sha256 = ?1", (sha256,)
        ).fetchone()
        is None
    ]
