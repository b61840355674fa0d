"""The catalog: what is held in which collection, what was accepted for it. What stands in SQLite is the truth.

Its rooms: what is read of it (`reading.py`), what waits to be parsed (`queue.py`), the account of the vectors
(`marks.py`), and here everything that changes what is held.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rag.errors import InputError, NotFound
from rag.library.database import Database, now
from rag.library.embedding_state import Marks
from rag.library.lexical import note_words
from rag.library.membership import LEAVE_VECTORS, clear, forget_orphans, hold, is_queued, let_go, withdraw
from rag.library.queue import Job, Queue
from rag.library.reading import Reading
from rag.library.rows import pack
from rag.types import Chunk, CollectionInfo, Document, DocumentState, Source

__all__ = ["DEFAULT_COLLECTION", "Catalog", "Holding", "Job"]

DEFAULT_COLLECTION = "main"


@dataclass(frozen=True, slots=True)
class Holding:
    """A document in a collection, under the path or URL it came from."""

    collection: str
    uri: str
    document_id: str
    size: int  # bytes
    mtime_ns: int | None
    etag: str | None
    state: DocumentState


class Catalog(Reading, Queue, Marks):
    """Collections, documents and chunks of one home."""

    def __init__(self, database: Database, fingerprint: str) -> None:
        self._database = database
        self._served = {}
        self._fingerprint = fingerprint  # of the embedder in use: other vectors make no document ready

    # ---- collections

    def collections(self) -> list[CollectionInfo]:
        """Return every collection with its numbers of documents and chunks."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT name, count(DISTINCT holdings.document_id) AS documents,
                          (SELECT count(*) FROM chunks WHERE document_id IN
                              (SELECT document_id FROM holdings WHERE collection_id = collections.id)) AS chunks
                   FROM collections LEFT JOIN holdings ON collection_id = collections.id
                   GROUP BY collections.id ORDER BY name"""
            ).fetchall()
        return [CollectionInfo(row["name"], row["documents"], row["chunks"]) for row in rows]

    def searchable(self) -> list[tuple[int, str]]:
        """Return (number, name) of the collections that hold something to search."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT id, name FROM collections WHERE EXISTS (
                       SELECT 1 FROM holdings JOIN chunks ON chunks.document_id = holdings.document_id
                       WHERE collection_id = collections.id) ORDER BY name"""
            ).fetchall()
        return [(row["id"], row["name"]) for row in rows]

    def numbers(self) -> list[tuple[int, str]]:
        """Return (number, name) of all collections."""
        with self._database.read() as db:
            rows = db.execute("SELECT id, name FROM collections ORDER BY name").fetchall()
        return [(int(row["id"]), str(row["name"])) for row in rows]

    def collection_id(self, name: str) -> int:
        """Return the number of a collection; raises NotFound with the names there are."""
        with self._database.read() as db:
            row = db.execute("SELECT id FROM collections WHERE name = ?", (name,)).fetchone()
            if row is not None:
                return int(row["id"])
            names = [str(known["name"]) for known in db.execute("SELECT name FROM collections ORDER BY name")]
        message = f"There is no collection {name!r}."
        raise NotFound(message, remedy=f"There are: {', '.join(names)}." if names else "There are none yet.")

    def create_collection(self, name: str) -> int:
        """Return the number of the collection `name`, made if it doesn't exist yet."""
        name = name.strip()
        if not name or len(name) > 100 or not name.isprintable():
            message = f"{name!r} is no name for a collection."
            raise InputError(message, remedy="Use 1 to 100 printable characters.")
        with self._database.write() as db:
            db.execute("INSERT OR IGNORE INTO collections (name, created) VALUES (?, ?)", (name, now()))
        return self.collection_id(name)

    def remove_collection(self, name: str) -> None:
        """Remove a collection and every document that no other collection holds."""
        number = self.collection_id(name)
        with self._database.write() as db:
            db.execute(f"{LEAVE_VECTORS} WHERE collection_id = ?", (number,))
            withdraw(db, "collection_id = ?", (number,))
            db.execute("DELETE FROM collections WHERE id = ?", (number,))
            forget_orphans(db)

    # ---- what was accepted

    def has_document(self, document_id: str) -> bool:
        """Say whether the document is there, parsed and searchable."""
        with self._database.read() as db:
            row = db.execute("SELECT 1 FROM documents WHERE id = ? AND state = 'parsed'", (document_id,))
            return row.fetchone() is not None

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
        blocks = [[block.start, block.end, block.kind, block.level, block.page] for block in document.blocks]
        with self._database.write() as db:
            if not is_queued(db, collection_id, document_id, source):
                return False
            again = clear(db, document_id)
            db.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'parsed', NULL, ?, ?, 0)" + _OVERWRITE,
                (
                    document_id, source.sha256, source.media_type, source.size, document.title,
                    document.language, document.text, json.dumps(blocks), json.dumps(document.notes), now(),
                    json.dumps(asdict(document.quality)),
                ),
            )  # fmt: skip
            db.executemany(
                "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        document_id, page.number, page.start, page.end, page.label, pack(page.alignment),
                        json.dumps(page.boxes, separators=(",", ":")),
                    )
                    for page in document.pages
                ],
            )  # fmt: skip
            db.executemany(
                """INSERT INTO chunks
                   (id, document_id, ordinal, start, end, page, page_end, page_label, headings, stems)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                [
                    (
                        chunk.id, document_id, chunk.ordinal, chunk.start, chunk.end, chunk.page,
                        chunk.page_end, chunk.page_label, json.dumps(chunk.headings, ensure_ascii=False), words,
                    )
                    for chunk, words in zip(chunks, stems, strict=True)
                ],
            )  # fmt: skip
            note_words(db, stems, document.language)
            hold(db, collection_id, document_id, source)
            if again:  # its chunks may be cut elsewhere now: no old vector may stay
                db.execute(f"{LEAVE_VECTORS} WHERE document_id = ?", (document_id,))
            return True

    def store_failure(
        self, collection_id: int, document_id: str, source: Source, title: str, error: str,
        *, needs_password: bool = False,
    ) -> None:  # fmt: skip
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
                withdraw(db, "collection_id = ? AND uri = ?", (collection_id, source.uri))
                return
            db.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, '', '', '[]', '[]', 'failed', ?, ?, '', ?)" + _OVERWRITE,
                (
                    document_id, source.sha256, source.media_type, source.size, " ".join(title.split()), error, now(),
                    needs_password,
                ),
            )  # fmt: skip
            hold(db, collection_id, document_id, source)

    def hold(self, collection_id: int, document_id: str, source: Source) -> bool:
        """Let a collection hold a document that is already there, under one more path; False if it went meanwhile."""
        with self._database.write() as db:
            if not is_queued(db, collection_id, document_id, source):
                return False
            hold(db, collection_id, document_id, source)
            return True

    def touch(self, collection_id: int, source: Source) -> None:
        """Note the new times of a file whose content is the same."""
        with self._database.write() as db:
            db.execute(
                "UPDATE holdings SET mtime_ns = ?, size = ?, etag = ? WHERE collection_id = ? AND uri = ?",
                (source.mtime_ns, source.size, source.etag, collection_id, source.uri),
            )

    def holding(self, collection_id: int, uri: str) -> Holding | None:
        """Return what a collection holds under a path or URL."""
        with self._database.read() as db:
            row = db.execute(
                f"{_HOLDINGS} WHERE holdings.collection_id = ? AND uri = ?", (collection_id, uri)
            ).fetchone()
        return None if row is None else _as_holding(row)

    def uris(self, collection_id: int) -> list[str]:
        """Return the paths and addresses under which a collection holds documents."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT uri FROM holdings WHERE collection_id = ? ORDER BY uri", (collection_id,)
            ).fetchall()
        return [str(row["uri"]) for row in rows]

    def release(self, collection_id: int, uri: str) -> None:
        """Let go of what a collection holds under one path, and of what waits to take its place.

        The document stays as long as another path or another collection holds it.
        """
        with self._database.write() as db:
            where, values = "collection_id = ? AND uri = ?", (collection_id, uri)
            held = db.execute(f"SELECT document_id FROM holdings WHERE {where}", values).fetchone()
            withdraw(db, where, values)
            if held is not None:
                db.execute(f"DELETE FROM holdings WHERE {where}", values)
                let_go(db, collection_id, held["document_id"])

    def remove(self, document_id: str, collection: str | None = None) -> None:
        """Remove a document, wholly, from one collection or from all, with what waits to take its place."""
        with self._database.write() as db:
            where, values = "document_id = ?", [document_id]
            if collection is not None:
                where += " AND collection_id = (SELECT id FROM collections WHERE name = ?)"
                values.append(collection)
            db.execute(f"{LEAVE_VECTORS} WHERE {where}", values)
            withdraw(db, where, values)
            withdraw(db, f"(collection_id, uri) IN (SELECT collection_id, uri FROM holdings WHERE {where})", values)
            for table in ("holdings", "vectors"):  # its row stays while another collection holds it
                db.execute(f"DELETE FROM {table} WHERE {where}", values)
            forget_orphans(db)

    # ---- the file, and what the home remembers

    def integrity(self) -> str:
        """Return what SQLite finds wrong with the file, or nothing."""
        with self._database.read() as db:
            found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(5)")]
        return "" if found == ["ok"] else "; ".join(found)

    def remember(self, key: str, value: str) -> None:
        """Keep a small fact for later, such as the measured speed of a model."""
        with self._database.write() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def recall(self, key: str) -> str | None:
        """Return what was kept under `key`."""
        with self._database.read() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row["value"])


_HOLDINGS = """SELECT holdings.*, name, documents.state FROM holdings
               JOIN collections ON collections.id = holdings.collection_id
               JOIN documents ON documents.id = holdings.document_id"""

# A document that is stored again keeps its row: other collections hold it too.
_OVERWRITE = """ ON CONFLICT (id) DO UPDATE SET title = excluded.title, language = excluded.language,
    text = excluded.text, blocks = excluded.blocks, notes = excluded.notes, state = excluded.state,
    error = excluded.error, quality = excluded.quality, needs_password = excluded.needs_password"""


def _as_holding(row: sqlite3.Row) -> Holding:
    return Holding(
        row["name"], row["uri"], row["document_id"], row["size"], row["mtime_ns"], row["etag"],
        DocumentState(row["state"]),
    )  # fmt: skip
