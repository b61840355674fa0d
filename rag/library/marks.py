"""Which documents have their vectors in which index, and which vectors must go."""

from __future__ import annotations

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

    def mark_embedded(self, collection_id: int, document_id: str, fingerprint: str) -> bool:
        """Write down that all vectors of a document are in; False when the document went meanwhile."""
        with self._database.write() as db:
            held = db.execute(
                "SELECT 1 FROM holdings WHERE collection_id = ? AND document_id = ?",
                (collection_id, document_id),
            ).fetchone()
            if held is None:
                db.execute("INSERT OR IGNORE INTO vector_removals VALUES (?, ?)", (collection_id, document_id))
                return False
            db.execute("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", (collection_id, document_id, fingerprint))
            return True

    def unmark_embedded(self) -> None:
        """Forget which vectors are in, so that all are made anew."""
        with self._database.write() as db:
            db.execute("DELETE FROM vectors")

    def vector_removals(self) -> list[tuple[int, str]]:
        """Return (collection number, document id) of vectors that must still be deleted."""
        with self._database.read() as db:
            rows = db.execute("SELECT collection_id, document_id FROM vector_removals").fetchall()
        return [(row["collection_id"], row["document_id"]) for row in rows]

    def vector_removed(self, collection_id: int, document_id: str) -> None:
        """Write down that these vectors are deleted."""
        with self._database.write() as db:
            db.execute(
                "DELETE FROM vector_removals WHERE collection_id = ? AND document_id = ?",
                (collection_id, document_id),
            )

    def embedded(self) -> list[tuple[int, str, str]]:
        """Return (collection number, document id, fingerprint) of all vectors that are in."""
        with self._database.read() as db:
            rows = db.execute("SELECT collection_id, document_id, fingerprint FROM vectors").fetchall()
        return [(row["collection_id"], row["document_id"], row["fingerprint"]) for row in rows]
