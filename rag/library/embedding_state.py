"""The embedding state: which index has which document's vectors, and which vectors must go. SQLite is the truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from rag.library.database import Database

# The memberships without vectors of the embedder ?1.
_PENDING = """FROM holdings JOIN documents ON documents.id = holdings.document_id
    LEFT JOIN vectors ON vectors.collection_id = holdings.collection_id
        AND vectors.document_id = holdings.document_id AND fingerprint = ?1
    WHERE state = 'parsed' AND vectors.document_id IS NULL"""


class EmbeddingState:
    """Records which documents are embedded. `fingerprint` names the embedder in use; older ones may still serve."""

    def __init__(self, database: Database, fingerprint: str) -> None:
        self._database = database
        self._fingerprint = fingerprint

    def pending(self, document_id: str | None = None) -> list[tuple[int, str]]:
        """Return (collection number, document id) of the parsed documents, or of one, that are still to be embedded."""
        with self._database.read() as db:
            rows = db.execute(
                f"""SELECT DISTINCT holdings.collection_id, holdings.document_id {_PENDING}
                    AND (?2 IS NULL OR holdings.document_id = ?2) ORDER BY documents.added""",
                (self._fingerprint, document_id),
            ).fetchall()
        return [(row["collection_id"], row["document_id"]) for row in rows]

    def count_pending(self, collection_id: int, fingerprint: str | None = None) -> int:
        """Return how many documents of a collection lack vectors in the current index, or in that of `fingerprint`."""
        with self._database.read() as db:
            row = db.execute(
                f"SELECT count(DISTINCT holdings.document_id) {_PENDING} AND holdings.collection_id = ?2",
                (fingerprint or self._fingerprint, collection_id),
            ).fetchone()
        return int(row[0])

    def record(self, collection_id: int, document_id: str, *, agree: Callable[[], bool] = lambda: True) -> bool:
        """Record that all vectors of a document are stored; False if the document was removed or changed meanwhile.

        `agree` is called inside the transaction, where nothing can change, and confirms that the vectors match the
        document's chunks.
        """
        with self._database.write() as db:
            key = (collection_id, document_id)
            held = db.execute("SELECT 1 FROM holdings WHERE collection_id = ? AND document_id = ?", key).fetchone()
            if held is None:
                db.execute("INSERT OR IGNORE INTO vector_removals VALUES (?, ?)", key)
                return False
            if _must_go(db, *key) or not agree():
                return False
            db.execute("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", (*key, self._fingerprint))
            return True

    def forget(self, collection_id: int | None = None, document_id: str | None = None) -> None:
        """Forget the embedding state of a document, a collection, or all, so that the vectors are made again."""
        with self._database.write() as db:
            db.execute(
                "DELETE FROM vectors WHERE (?1 IS NULL OR collection_id = ?1) AND (?2 IS NULL OR document_id = ?2)",
                (collection_id, document_id),
            )

    def all(self) -> list[tuple[int, str, str]]:
        """Return (collection number, document id, fingerprint) of all embedded documents."""
        with self._database.read() as db:
            rows = db.execute("SELECT collection_id, document_id, fingerprint FROM vectors").fetchall()
        return [(row["collection_id"], row["document_id"], row["fingerprint"]) for row in rows]

    def collections_with(self, document_id: str) -> list[int]:
        """Return the numbers of the collections with all vectors of a document."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT collection_id FROM vectors WHERE document_id = ? AND fingerprint = ?",
                (document_id, self._fingerprint),
            ).fetchall()
        return [int(row["collection_id"]) for row in rows]

    def expected(self, collection_id: int, fingerprint: str) -> int:
        """Return the least number of vectors that a collection must have in an index."""
        with self._database.read() as db:
            row = db.execute(
                """SELECT count(*) FROM vectors JOIN chunks ON chunks.document_id = vectors.document_id
                   WHERE collection_id = ? AND fingerprint = ?""",
                (collection_id, fingerprint),
            ).fetchone()
        return int(row[0])

    # ---- changing the embedder

    def serving(self, collection_id: int) -> str:
        """Return the fingerprint of the index that serves a collection.

        An older index serves as long as it holds documents that are not embedded again yet, and at least as many as the
        new index.
        """
        return self._database.cached(("serving", collection_id), lambda: self._serving(collection_id))

    def outdated(self) -> set[tuple[int, str]]:
        """Return (collection number, document id) of the documents that only another embedder has embedded."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT DISTINCT collection_id, document_id FROM vectors AS old WHERE NOT EXISTS (
                       SELECT 1 FROM vectors AS new WHERE new.collection_id = old.collection_id
                       AND new.document_id = old.document_id AND new.fingerprint = ?)""",
                (self._fingerprint,),
            ).fetchall()
        return {(int(row["collection_id"]), str(row["document_id"])) for row in rows}

    def forget_others(self, collection_id: int) -> None:
        """Forget the embedding state of a collection under all other embedders."""
        with self._database.write() as db:
            key = (collection_id, self._fingerprint)
            db.execute("DELETE FROM vectors WHERE collection_id = ? AND fingerprint <> ?", key)

    # ---- vectors that must go

    def removals(self) -> list[tuple[int, str]]:
        """Return (collection number, document id) of the vectors still to be deleted."""
        with self._database.read() as db:
            rows = db.execute("SELECT collection_id, document_id FROM vector_removals").fetchall()
        return [(row["collection_id"], row["document_id"]) for row in rows]

    def carry_out(self, collection_id: int, document_id: str, delete: Callable[[], None]) -> None:
        """Delete a document's vectors unless the document has come back; no membership can change meanwhile."""
        with self._database.write() as db:
            if _must_go(db, collection_id, document_id):
                delete()
                key = (collection_id, document_id)
                db.execute("DELETE FROM vector_removals WHERE collection_id = ? AND document_id = ?", key)

    def _serving(self, collection_id: int) -> str:
        with self._database.read() as db:
            rows = db.execute(
                """SELECT fingerprint, count(*) AS documents, sum(NOT EXISTS (
                              SELECT 1 FROM vectors AS new WHERE new.collection_id = vectors.collection_id
                              AND new.document_id = vectors.document_id AND new.fingerprint = ?2)) AS missing
                   FROM vectors WHERE collection_id = ?1 GROUP BY fingerprint ORDER BY documents DESC, fingerprint""",
                (collection_id, self._fingerprint),
            ).fetchall()
        now = sum(row["documents"] for row in rows if row["fingerprint"] == self._fingerprint)
        older = (row for row in rows if row["missing"] and row["documents"] >= now)
        return next((str(row["fingerprint"]) for row in older), self._fingerprint)


def _must_go(db: sqlite3.Connection, collection_id: int, document_id: str) -> bool:
    key = (collection_id, document_id)
    row = db.execute("SELECT 1 FROM vector_removals WHERE collection_id = ? AND document_id = ?", key).fetchone()
    return row is not None
