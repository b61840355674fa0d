"""Which documents have their vectors in which index, and which vectors must go."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from rag.library.database import Database


class Marks:
    """Keeps account of the vectors: SQLite says what is in, Chroma only holds it."""

    _database: Database
    _served: dict[tuple[int, str], str]
    _served_at: int = -1

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

    def unembedded_in(self, collection_id: int, fingerprint: str) -> int:
        """Return how many documents of a collection have no vectors in this index."""
        with self._database.read() as db:
            row = db.execute(
                """SELECT count(DISTINCT holdings.document_id) FROM holdings
                   JOIN documents ON documents.id = holdings.document_id
                   LEFT JOIN vectors ON vectors.collection_id = holdings.collection_id
                       AND vectors.document_id = holdings.document_id AND fingerprint = ?2
                   WHERE holdings.collection_id = ?1 AND state = 'parsed' AND vectors.document_id IS NULL""",
                (collection_id, fingerprint),
            ).fetchone()
        return int(row[0])

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

    def unmark_embedded(self, collection_id: int | None = None, document_id: str | None = None) -> None:
        """Forget that a document's vectors are in, or all vectors, so that they are made anew."""
        with self._database.write() as db:
            db.execute(
                "DELETE FROM vectors WHERE (?1 IS NULL OR collection_id = ?1) AND (?2 IS NULL OR document_id = ?2)",
                (collection_id, document_id),
            )

    # ---- one embedder after another

    def serving(self, collection_id: int, fingerprint: str) -> str:
        """Return the fingerprint of the index that answers for a collection, `fingerprint` being that of now.

        An older one answers as long as it holds documents that are not embedded anew yet, and no fewer than the
        new one does.
        """
        key = (collection_id, fingerprint)
        if self._served_at != self._database.writes:
            self._served.clear()
            self._served_at = self._database.writes
        if key not in self._served:
            self._served[key] = self._serving(*key)
        return self._served[key]

    def _serving(self, collection_id: int, fingerprint: str) -> str:
        with self._database.read() as db:
            rows = db.execute(
                """SELECT fingerprint, count(*) AS documents, sum(NOT EXISTS (
                              SELECT 1 FROM vectors AS new WHERE new.collection_id = vectors.collection_id
                              AND new.document_id = vectors.document_id AND new.fingerprint = ?2)) AS missing
                   FROM vectors WHERE collection_id = ?1 GROUP BY fingerprint ORDER BY documents DESC, fingerprint""",
                (collection_id, fingerprint),
            ).fetchall()
        now = sum(row["documents"] for row in rows if row["fingerprint"] == fingerprint)
        older = (row for row in rows if row["missing"] and row["documents"] >= now)
        return next((str(row["fingerprint"]) for row in older), fingerprint)

    def outdated(self, fingerprint: str) -> set[tuple[int, str]]:
        """Return (collection number, document id) of documents that only another embedder has embedded."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT DISTINCT collection_id, document_id FROM vectors AS old WHERE NOT EXISTS (
                       SELECT 1 FROM vectors AS new WHERE new.collection_id = old.collection_id
                       AND new.document_id = old.document_id AND new.fingerprint = ?)""",
                (fingerprint,),
            ).fetchall()
        return {(int(row["collection_id"]), str(row["document_id"])) for row in rows}

    def retire(self, collection_id: int, fingerprint: str) -> None:
        """Forget a collection's vectors of all other embedders."""
        with self._database.write() as db:
            db.execute("DELETE FROM vectors WHERE collection_id = ? AND fingerprint <> ?", (collection_id, fingerprint))

    def vectors_expected(self, collection_id: int, fingerprint: str) -> int:
        """Return how many vectors a collection must have at least in an index."""
        with self._database.read() as db:
            row = db.execute(
                """SELECT count(*) FROM vectors JOIN chunks ON chunks.document_id = vectors.document_id
                   WHERE collection_id = ? AND fingerprint = ?""",
                (collection_id, fingerprint),
            ).fetchone()
        return int(row[0])

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
