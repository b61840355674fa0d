"""Which documents have their vectors in which index, and which vectors must go."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from rag.library.database import Database


class Marks:
    """Keeps account of the vectors: SQLite says what is in, Chroma only holds it."""

    _database: Database

    def unembedded(self, fingerprint: str, document_id: str | None = None) -> list[tuple[int, str]]:
        """Return (collection number, document id) of parsed documents without vectors in this index."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT DISTINCT holdings.collection_id, holdings.document_id FROM holdings
                   JOIN documents ON documents.id = holdings.document_id
                   LEFT JOIN vectors ON vectors.collection_id = holdings.collection_id
                       AND vectors.document_id = holdings.document_id AND fingerprint = ?1
                   WHERE state = 'parsed' AND vectors.document_id IS NULL
                       AND (?2 IS NULL OR holdings.document_id = ?2)
                   ORDER BY documents.added""",
                (fingerprint, document_id),
            ).fetchall()
        return [(row["collection_id"], row["document_id"]) for row in rows]

    def mark_embedded(
        self, collection_id: int, document_id: str, fingerprint: str, *, agree: Callable[[], bool] = lambda: True
    ) -> bool:
        """Write down that all vectors of a document are in; False when the document went or changed meanwhile.

        `agree` says whether the vectors are those of the document's chunks, at a moment when nothing can change.
        """
        with self._database.write() as db:
            key = (collection_id, document_id)
            held = db.execute("SELECT 1 FROM holdings WHERE collection_id = ? AND document_id = ?", key).fetchone()
            if held is None:
                db.execute("INSERT OR IGNORE INTO vector_removals VALUES (?, ?)", key)
                return False
            if self._is_to_go(db, *key) or not agree():
                return False
            db.execute("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", (*key, fingerprint))
            return True

    def collections_with_vectors(self, document_id: str, fingerprint: str) -> list[int]:
        """Return the numbers of the collections that have all vectors of a document."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT collection_id FROM vectors WHERE document_id = ? AND fingerprint = ?",
                (document_id, fingerprint),
            ).fetchall()
        return [int(row["collection_id"]) for row in rows]

    def unmark_embedded(self) -> None:
        """Forget which vectors are in, so that all are made anew."""
        with self._database.write() as db:
            db.execute("DELETE FROM vectors")

    def vector_removals(self) -> list[tuple[int, str]]:
        """Return (collection number, document id) of vectors that must still be deleted."""
        with self._database.read() as db:
            rows = db.execute("SELECT collection_id, document_id FROM vector_removals").fetchall()
        return [(row["collection_id"], row["document_id"]) for row in rows]

    def remove_vectors(self, collection_id: int, document_id: str, delete: Callable[[], None]) -> None:
        """Carry out a removal, unless the document has come back: nothing is held or marked meanwhile."""
        with self._database.write() as db:
            if self._is_to_go(db, collection_id, document_id):
                delete()
                key = (collection_id, document_id)
                db.execute("DELETE FROM vector_removals WHERE collection_id = ? AND document_id = ?", key)

    @staticmethod
    def _is_to_go(db: sqlite3.Connection, collection_id: int, document_id: str) -> bool:
        key = (collection_id, document_id)
        row = db.execute("SELECT 1 FROM vector_removals WHERE collection_id = ? AND document_id = ?", key).fetchone()
        return row is not None

    def embedded(self) -> list[tuple[int, str, str]]:
        """Return (collection number, document id, fingerprint) of all vectors that are in."""
        with self._database.read() as db:
            rows = db.execute("SELECT collection_id, document_id, fingerprint FROM vectors").fetchall()
        return [(row["collection_id"], row["document_id"], row["fingerprint"]) for row in rows]
