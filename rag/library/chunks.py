"""Reads the chunks of a home, cut out of their documents' texts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from rag.library.database import Database
from rag.library.rows import as_chunk
from rag.types import Chunk

_LAST = 2**31  # behind the ordinal of any chunk
# A document under several paths is named by the first.
_CHUNKS = """SELECT chunks.*, documents.title,
                    (SELECT min(uri) FROM holdings JOIN collections ON collections.id = collection_id
                     WHERE holdings.document_id = documents.id AND (?1 IS NULL OR name = ?1)) AS uri
             FROM chunks JOIN documents ON documents.id = chunks.document_id"""


class Chunks:
    """Reads chunks by id, by document and by page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, chunk_ids: Sequence[str], collection: str | None = None) -> dict[str, tuple[Chunk, str, str]]:
        """Return (chunk, source, title) by chunk id, without the ids that don't exist (any more).

        The source is the document's first path, of those in `collection` if one is given.
        """
        with self._database.snapshot() as db:
            rows = db.execute(
                f"{_CHUNKS} WHERE chunks.id IN (SELECT value FROM json_each(?2))",
                (collection, json.dumps([*chunk_ids])),
            ).fetchall()
            return {row["id"]: (chunk, row["uri"], row["title"]) for row, chunk in _cut(db, rows)}

    def neighbours(self, document_id: str, first: int, last: int) -> list[Chunk]:
        """Return the chunks of a document with ordinals `first` to `last`, in order."""
        with self._database.snapshot() as db:
            rows = db.execute(
                f"{_CHUNKS} WHERE chunks.document_id = ?2 AND ordinal BETWEEN ?3 AND ?4 ORDER BY ordinal",
                (None, document_id, first, last),
            ).fetchall()
            return [chunk for _, chunk in _cut(db, rows)]

    def of_document(self, document_id: str) -> list[Chunk]:
        """Return all chunks of a document, in order."""
        return self.neighbours(document_id, 0, _LAST)

    def keys(self, document_id: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return (id, heading path) of a document's chunks, in order; with the title, all its vectors depend on."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT id, headings FROM chunks WHERE document_id = ? ORDER BY ordinal", (document_id,)
            ).fetchall()
        return [(str(row["id"]), tuple(json.loads(row["headings"]))) for row in rows]

    def few(self, document_ids: Collection[str], most: int) -> list[str]:
        """Return the chunk ids of the documents if there are at most `most`, otherwise an empty list."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT id FROM chunks WHERE document_id IN (SELECT value FROM json_each(?)) LIMIT ?",
                (json.dumps(sorted(document_ids)), most + 1),
            ).fetchall()
        return [str(row["id"]) for row in rows] if len(rows) <= most else []

    def origins(self, chunk_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Return (document id, its language) by chunk id, without the ids that don't exist (any more)."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT chunks.id, document_id, language FROM chunks JOIN documents ON documents.id = document_id
                   WHERE chunks.id IN (SELECT value FROM json_each(?))""",
                (json.dumps(sorted(chunk_ids)),),
            ).fetchall()
        return {row["id"]: (row["document_id"], row["language"]) for row in rows}

    def on_pages(self, chunk_ids: Collection[str], pages: tuple[int, int]) -> set[str]:
        """Return the chunks, of those given, that touch the pages (first, last)."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT id FROM chunks WHERE id IN (SELECT value FROM json_each(?))
                   AND page_end >= ? AND page <= ?""",
                (json.dumps(sorted(chunk_ids)), *pages),
            ).fetchall()
        return {str(row["id"]) for row in rows}


def _cut(db: sqlite3.Connection, rows: Iterable[sqlite3.Row]) -> Iterator[tuple[sqlite3.Row, Chunk]]:
    """Cut the chunks of `rows` out of their documents' texts, which are stored once.

    A text is read once for all its chunks. SQLite would read a text from its beginning for each chunk; for the chunks
    of a book this took a second.
    """
    by_document = sorted(rows, key=lambda row: (row["document_id"], row["ordinal"]))
    for document_id, group in groupby(by_document, key=lambda row: str(row["document_id"])):
        text = str(db.execute("SELECT text FROM documents WHERE id = ?", (document_id,)).fetchone()["text"])
        for row in group:
            yield row, as_chunk(row, text)
