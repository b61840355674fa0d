"""What is read of the catalog: documents, their pages and chunks, and the lines of the list."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from rag.errors import NotFound
from rag.library.database import Database
from rag.library.rows import as_chunk, as_info, as_page, as_quality
from rag.text.words import UNTOLD
from rag.types import Block, BlockKind, Chunk, Document, DocumentInfo, DocumentState, Page, Quality

# Of several paths the first is named.
_CHUNKS = """SELECT chunks.*, documents.title,
                    (SELECT min(uri) FROM holdings JOIN collections ON collections.id = collection_id
                     WHERE holdings.document_id = documents.id AND (? IS NULL OR name = ?)) AS uri
             FROM chunks JOIN documents ON documents.id = chunks.document_id"""


class Reading:
    """Reads documents, pages and chunks; changes nothing."""

    _database: Database
    _fingerprint: str

    # ---- documents

    def documents(self, collection: str | None = None) -> list[DocumentInfo]:
        """Return a line per document and collection: what is held, and what is queued."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT documents.id, uri, title, media_type, language, documents.size, notes, error, state, quality,
                          needs_password,
                          name AS collection, holdings.added, length(text) AS characters,
                          (SELECT count(*) FROM pages WHERE document_id = documents.id) AS pages,
                          (SELECT count(*) FROM chunks WHERE document_id = documents.id) AS chunks,
                          EXISTS (SELECT 1 FROM vectors WHERE vectors.document_id = documents.id
                                  AND vectors.collection_id = collections.id AND fingerprint = ?2) AS embedded
                   FROM holdings JOIN documents ON documents.id = document_id
                   JOIN collections ON collections.id = holdings.collection_id
                   WHERE ?1 IS NULL OR name = ?1 ORDER BY name, uri""",
                (collection, self._fingerprint),
            ).fetchall()
            queued = db.execute(
                """SELECT document_id, uri, media_type, size, name, added FROM jobs
                   JOIN collections ON id = collection_id WHERE ?1 IS NULL OR name = ?1 ORDER BY name, uri""",
                (collection,),
            ).fetchall()
        return [as_info(row) for row in rows] + [
            DocumentInfo(
                row["document_id"], row["uri"], row["uri"].rpartition("/")[2], DocumentState.QUEUED, row["name"],
                0, 0, row["added"], row["media_type"], size=row["size"],
            )
            for row in queued
        ]  # fmt: skip

    def find(self, name: str, collection: str | None = None) -> DocumentInfo:
        """Return the document whose id, path, file name or title is `name`, or begins or contains it.

        Raises NotFound, also when several fit equally well.
        """
        listed = self.documents(collection)
        folded = name.casefold()
        tests = (
            lambda info: name in {info.document_id, info.source},
            lambda info: info.source.replace("\\", "/").rpartition("/")[2].casefold() == folded,
            lambda info: len(name) >= 6 and info.document_id.startswith(name),
            lambda info: folded in info.source.casefold() or folded in info.title.casefold(),
        )
        for test in tests:
            found = {info.document_id: info for info in listed if test(info)}
            if len(found) == 1:
                return next(iter(found.values()))
            if found:
                names = ", ".join(f"{info.document_id[:8]} ({info.source})" for info in found.values())
                message = f"Several documents fit {name!r}: {names}."
                raise NotFound(message, remedy="Use the id.")
        message = f"There is no document {name!r}."
        raise NotFound(message, remedy="`studyhall docs list` shows what there is.")

    def text(self, document_id: str, start: int = 0, end: int | None = None) -> str:
        """Return ``document.text[start:end]``; raises NotFound when there is no such document."""
        with self._database.read() as db:
            row = db.execute(
                "SELECT substr(text, ?, ?) AS part FROM documents WHERE id = ?",
                (start + 1, 2**31 - 1 if end is None else max(end - start, 0), document_id),
            ).fetchone()
        if row is None:
            message = f"There is no document {document_id!r}."
            raise NotFound(message)
        return str(row["part"])

    def document(self, document_id: str) -> Document:
        """Return a whole document, with blocks, pages and alignments."""
        with self._database.read() as db:
            row = db.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
            pages = db.execute("SELECT * FROM pages WHERE document_id = ? ORDER BY number", (document_id,)).fetchall()
        if row is None:
            message = f"There is no document {document_id!r}."
            raise NotFound(message)
        return Document(
            text=row["text"],
            title=row["title"],
            language=row["language"],
            blocks=tuple(
                Block(start, end, BlockKind(kind), level, page)
                for start, end, kind, level, page in json.loads(row["blocks"])
            ),
            pages=tuple(as_page(page) for page in pages),
            notes=tuple(json.loads(row["notes"])),
            quality=as_quality(row["quality"]) or Quality(),
        )

    def quality(self, document_id: str) -> Quality | None:
        """Return how completely a document was read; None where nothing is known of it."""
        with self._database.read() as db:
            row = db.execute("SELECT quality FROM documents WHERE id = ?", (document_id,)).fetchone()
        return None if row is None else as_quality(row["quality"])

    def body(self, document_id: str) -> Document:
        """Return a document's text, blocks and pages without the way back to the page, which is most of its size."""
        with self._database.read() as db:
            row = db.execute(
                "SELECT title, language, text, blocks FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
            pages = db.execute(
                "SELECT number, start, end, label FROM pages WHERE document_id = ? ORDER BY number", (document_id,)
            ).fetchall()
        if row is None:
            message = f"There is no document {document_id!r}."
            raise NotFound(message)
        blocks = tuple(
            Block(start, end, BlockKind(kind), level, page)
            for start, end, kind, level, page in json.loads(row["blocks"])
        )
        numbered = tuple(Page(page["number"], page["start"], page["end"], page["label"]) for page in pages)
        return Document(row["text"], row["title"], row["language"], blocks, numbered)

    def counts(self, document_id: str) -> tuple[int, int]:
        """Return a document's numbers of pages and chunks."""
        with self._database.read() as db:
            row = db.execute(
                """SELECT (SELECT count(*) FROM pages WHERE document_id = ?1),
                          (SELECT count(*) FROM chunks WHERE document_id = ?1)""",
                (document_id,),
            ).fetchone()
        return int(row[0]), int(row[1])

    def document_title(self, document_id: str) -> str:
        """Return a document's title; empty when there is no such document."""
        with self._database.read() as db:
            row = db.execute("SELECT title FROM documents WHERE id = ?", (document_id,)).fetchone()
        return "" if row is None else str(row["title"])

    def sha256(self, document_id: str) -> str:
        """Return the hash under which the document's original lies in the files folder."""
        with self._database.read() as db:
            row = db.execute("SELECT sha256 FROM documents WHERE id = ?", (document_id,)).fetchone()
        return "" if row is None else str(row["sha256"])

    def page(self, document_id: str, number: int) -> Page | None:
        """Return one page with its alignment, or None when the document has no such page."""
        with self._database.read() as db:
            row = db.execute(
                "SELECT * FROM pages WHERE document_id = ? AND number = ?", (document_id, number)
            ).fetchone()
        return None if row is None else as_page(row)

    def heading_at(self, document_id: str, offset: int) -> str | None:
        """Return the heading that the character at `offset` stands under, verbatim; None before the first one."""
        with self._database.read() as db:
            row = db.execute(
                """SELECT substr(text, (value ->> 0) + 1, (value ->> 1) - (value ->> 0)) AS heading
                   FROM documents, json_each(blocks)
                   WHERE documents.id = ? AND value ->> 2 = ? AND (value ->> 0) <= ?
                   ORDER BY (value ->> 0) DESC LIMIT 1""",
                (document_id, BlockKind.HEADING, offset),
            ).fetchone()
        return None if row is None else str(row["heading"])

    def page_starts(self, document_id: str, start: int, end: int) -> tuple[tuple[int, int, str | None], ...]:
        """Return (offset where it starts, number, label) of the pages that ``[start, end)`` touches."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT start, number, label FROM pages
                   WHERE document_id = ? AND start < ? AND end >= ? ORDER BY number""",
                (document_id, max(end, start + 1), start),
            ).fetchall()
        return tuple((row["start"], row["number"], row["label"]) for row in rows)

    def chunks(self, chunk_ids: Sequence[str], collection: str | None = None) -> dict[str, tuple[Chunk, str, str]]:
        """Return (chunk, source, title) by chunk id; ids that are not there (any more) are left out.

        The source is the path in the collection, where one is asked.
        """
        found: dict[str, tuple[Chunk, str, str]] = {}
        with self._database.snapshot() as db:
            for part in _batches(chunk_ids, 500):
                marks = ",".join("?" * len(part))
                rows = db.execute(f"{_CHUNKS} WHERE chunks.id IN ({marks})", [collection, collection, *part]).fetchall()
                for row, chunk in _cut(db, rows):
                    found[row["id"]] = (chunk, row["uri"], row["title"])
        return found

    def neighbours(self, document_id: str, first: int, last: int) -> list[Chunk]:
        """Return the chunks of a document with ordinals `first` to `last`, in order."""
        with self._database.snapshot() as db:
            rows = db.execute(
                f"{_CHUNKS} WHERE chunks.document_id = ? AND ordinal BETWEEN ? AND ? ORDER BY ordinal",
                (None, None, document_id, first, last),
            ).fetchall()
            return [chunk for _, chunk in _cut(db, rows)]

    def chunk_keys(self, document_id: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return (id, heading path) of a document's chunks, in order: with its title, all that its vectors are of."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT id, headings FROM chunks WHERE document_id = ? ORDER BY ordinal", (document_id,)
            ).fetchall()
        return [(str(row["id"]), tuple(json.loads(row["headings"]))) for row in rows]

    def few_chunks(self, document_ids: Collection[str], most: int) -> list[str]:
        """Return the chunk ids of documents when there are at most so many; else nothing."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT id FROM chunks WHERE document_id IN (SELECT value FROM json_each(?)) LIMIT ?",
                (json.dumps(sorted(document_ids)), most + 1),
            ).fetchall()
        return [str(row["id"]) for row in rows] if len(rows) <= most else []

    def languages(self, collection: str | None = None) -> list[str]:
        """Return the languages that the documents that can be searched were stemmed in."""
        return self._database.kept(("languages", collection), lambda: self._languages(collection))

    def _languages(self, collection: str | None) -> list[str]:
        with self._database.read() as db:
            rows = db.execute(
                """SELECT DISTINCT language FROM documents JOIN holdings ON document_id = documents.id
                   JOIN collections ON collections.id = collection_id
                   WHERE state = 'parsed' AND (?1 IS NULL OR name = ?1)""",
                (collection,),
            ).fetchall()
        return sorted({str(row["language"]) or UNTOLD for row in rows})

    def chunk_documents(self, chunk_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Return (document id, its language) by chunk id; ids that are not there (any more) are left out."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT chunks.id, document_id, language FROM chunks JOIN documents ON documents.id = document_id
                   WHERE chunks.id IN (SELECT value FROM json_each(?))""",
                (json.dumps(sorted(chunk_ids)),),
            ).fetchall()
        return {row["id"]: (row["document_id"], row["language"]) for row in rows}

    def on_pages(self, chunk_ids: Collection[str], pages: tuple[int, int]) -> set[str]:
        """Return those of the chunks that touch the pages."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT id FROM chunks WHERE id IN (SELECT value FROM json_each(?))
                   AND page_end >= ? AND page <= ?""",
                (json.dumps(sorted(chunk_ids)), *pages),
            ).fetchall()
        return {str(row["id"]) for row in rows}

    def other_paths(self, document_ids: Collection[str], collection: str | None = None) -> dict[str, list[str]]:
        """Return, by id, the paths of documents besides the first, which `chunks` names; only those that have some."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT DISTINCT document_id, uri FROM holdings JOIN collections ON collections.id = collection_id
                   WHERE document_id IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR name = ?2)
                   ORDER BY document_id, uri""",
                (json.dumps(sorted(document_ids)), collection),
            ).fetchall()
        paths: dict[str, list[str]] = {}
        for row in rows:
            paths.setdefault(row["document_id"], []).append(row["uri"])
        return {key: several[1:] for key, several in paths.items() if len(several) > 1}


def _cut(db: sqlite3.Connection, rows: Iterable[sqlite3.Row]) -> Iterator[tuple[sqlite3.Row, Chunk]]:
    """Cut the chunks of `rows` out of their documents' texts, which are stored once.

    A text is read once for all its chunks: SQLite would read it from its beginning for each, and those of a book
    took a second.
    """
    by_document = sorted(rows, key=lambda row: (row["document_id"], row["ordinal"]))
    for document_id, group in groupby(by_document, key=lambda row: str(row["document_id"])):
        text = str(db.execute("SELECT text FROM documents WHERE id = ?", (document_id,)).fetchone()["text"])
        for row in group:
            yield row, as_chunk(row, text)


def _batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
