"""The catalog: collections, documents, pages and chunks, in SQLite. What stands here is the truth."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rag.errors import InputError, NotFound
from rag.library.database import Database
from rag.library.lexical import note_words
from rag.types import (
    Alignment,
    Block,
    BlockKind,
    Chunk,
    CollectionInfo,
    Document,
    DocumentInfo,
    DocumentState,
    Page,
    Quality,
    Run,
    RunKind,
    Source,
)
from rag.words import UNTOLD

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


@dataclass(frozen=True, slots=True)
class Job:
    """Bytes that were accepted for a collection and are not parsed yet."""

    collection: str
    document_id: str
    source: Source


class Catalog:
    """Collections, documents and chunks of one home."""

    def __init__(self, database: Database, fingerprint: str) -> None:
        self._database = database
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
            db.execute("INSERT OR IGNORE INTO collections (name, created) VALUES (?, ?)", (name, _now()))
        return self.collection_id(name)

    def remove_collection(self, name: str) -> None:
        """Remove a collection and every document that no other collection holds."""
        number = self.collection_id(name)
        with self._database.write() as db:
            db.execute(
                f"{_LEAVE_VECTORS} WHERE collection_id = ?",
                (number,),
            )
            db.execute("DELETE FROM collections WHERE id = ?", (number,))
            _forget_orphans(db)

    # ---- what was accepted

    def accept(self, collection_id: int, document_id: str, source: Source) -> None:
        """Write down that `source` is to be ingested; its bytes already lie in the files folder."""
        with self._database.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    collection_id, source.uri, document_id, source.sha256, source.media_type, source.size,
                    source.mtime_ns, source.etag, _now(),
                ),
            )  # fmt: skip

    def jobs(self) -> list[Job]:
        """Return what was accepted and is not parsed yet, oldest first."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT jobs.*, name FROM jobs JOIN collections ON id = collection_id ORDER BY jobs.rowid"
            ).fetchall()
        return [
            Job(
                row["name"],
                row["document_id"],
                Source(row["uri"], row["media_type"], row["size"], row["sha256"], row["mtime_ns"], row["etag"]),
            )
            for row in rows
        ]

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
    ) -> list[str]:
        """Make a parsed document visible, whole, in one transaction; return the sha256 of files to drop.

        Where its path held another version, that one goes in the same transaction. `stems` are the words
        of each chunk as lexical search wants them.
        """
        blocks = [[block.start, block.end, block.kind, block.level, block.page] for block in document.blocks]
        with self._database.write() as db:
            again = _clear(db, document_id)
            db.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'parsed', NULL, ?, ?, 0)" + _OVERWRITE,
                (
                    document_id, source.sha256, source.media_type, source.size, document.title,
                    document.language, document.text, json.dumps(blocks), json.dumps(document.notes), _now(),
                    json.dumps(asdict(document.quality)),
                ),
            )  # fmt: skip
            db.executemany(
                "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        document_id, page.number, page.start, page.end, page.label, _pack(page.alignment),
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
            unneeded = _hold(db, collection_id, document_id, source)
            if again:  # its chunks may be cut elsewhere now: no old vector may stay
                db.execute(
                    f"{_LEAVE_VECTORS} WHERE document_id = ?",
                    (document_id,),
                )
            return unneeded

    def store_failure(
        self, collection_id: int, document_id: str, source: Source, title: str, error: str,
        *, needs_password: bool = False,
    ) -> None:  # fmt: skip
        """Write down that a document can't be ingested, and why.

        A path that already holds a version keeps it: an old answer beats none.
        """
        with self._database.write() as db:
            held = db.execute(
                "SELECT state FROM holdings JOIN documents ON id = document_id WHERE collection_id = ? AND uri = ?",
                (collection_id, source.uri),
            ).fetchone()
            here = db.execute("SELECT 1 FROM documents WHERE id = ? AND state = 'parsed'", (document_id,)).fetchone()
            if here is not None or (held is not None and held["state"] == "parsed"):
                db.execute("DELETE FROM jobs WHERE collection_id = ? AND uri = ?", (collection_id, source.uri))
                return
            db.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, '', '', '[]', '[]', 'failed', ?, ?, '', ?)" + _OVERWRITE,
                (document_id, source.sha256, source.media_type, source.size, title, error, _now(), needs_password),
            )
            _hold(db, collection_id, document_id, source)

    def hold(self, collection_id: int, document_id: str, source: Source) -> list[str]:
        """Let a collection hold a document that is already there, under one more path.

        Return the sha256 of files to drop: the path may have held another version.
        """
        with self._database.write() as db:
            return _hold(db, collection_id, document_id, source)

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

    def release(self, collection_id: int, uri: str) -> list[str]:
        """Let go of what a collection holds under one path; return the sha256 of files to drop.

        The document stays as long as another path or another collection holds it.
        """
        with self._database.write() as db:
            where = "collection_id = ? AND uri = ?"
            held = db.execute(f"SELECT document_id FROM holdings WHERE {where}", (collection_id, uri)).fetchone()
            if held is None:
                return []
            db.execute(f"DELETE FROM holdings WHERE {where}", (collection_id, uri))
            return _let_go(db, collection_id, held["document_id"])

    def remove(self, document_id: str, collection: str | None = None) -> list[str]:
        """Remove a document, wholly, from one collection or from all; return the sha256 of files to drop."""
        with self._database.write() as db:
            where, values = "document_id = ?", [document_id]
            if collection is not None:
                where += " AND collection_id = (SELECT id FROM collections WHERE name = ?)"
                values.append(collection)
            db.execute(
                f"{_LEAVE_VECTORS} WHERE {where}",
                values,
            )
            queued = db.execute(f"SELECT sha256 FROM jobs WHERE {where}", values).fetchall()
            for table in ("holdings", "vectors", "jobs"):  # its row stays while another collection holds it
                db.execute(f"DELETE FROM {table} WHERE {where}", values)
            return _forget_orphans(db, [row["sha256"] for row in queued])

    # ---- reading

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
        return [_as_info(row) for row in rows] + [
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
            pages=tuple(_as_page(page) for page in pages),
            notes=tuple(json.loads(row["notes"])),
            quality=_as_quality(row["quality"]) or Quality(),
        )

    def quality(self, document_id: str) -> Quality | None:
        """Return how completely a document was read; None where nothing is known of it."""
        with self._database.read() as db:
            row = db.execute("SELECT quality FROM documents WHERE id = ?", (document_id,)).fetchone()
        return None if row is None else _as_quality(row["quality"])

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
        return None if row is None else _as_page(row)

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
        with self._database.read() as db:
            for part in _batches(chunk_ids, 500):
                marks = ",".join("?" * len(part))
                for row in db.execute(f"{_CHUNKS} WHERE chunks.id IN ({marks})", [collection, collection, *part]):
                    found[row["id"]] = (_as_chunk(row), row["uri"], row["title"])
        return found

    def neighbours(self, document_id: str, first: int, last: int) -> list[Chunk]:
        """Return the chunks of a document with ordinals `first` to `last`, in order."""
        with self._database.read() as db:
            rows = db.execute(
                f"{_CHUNKS} WHERE chunks.document_id = ? AND ordinal BETWEEN ? AND ? ORDER BY ordinal",
                (None, None, document_id, first, last),
            ).fetchall()
        return [_as_chunk(row) for row in rows]

    def languages(self, collection: str | None = None) -> list[str]:
        """Return the languages that the documents that can be searched were stemmed in."""
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

    # ---- vectors: what is missing, what must go

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

    def integrity(self) -> str:
        """Return what SQLite finds wrong with the file, or nothing."""
        with self._database.read() as db:
            found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(5)")]
        return "" if found == ["ok"] else "; ".join(found)

    # ---- what the home remembers

    def remember(self, key: str, value: str) -> None:
        """Keep a small fact for later, such as the measured speed of a model."""
        with self._database.write() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def recall(self, key: str) -> str | None:
        """Return what was kept under `key`."""
        with self._database.read() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row["value"])

    # ---- a document as a whole

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


_HOLDINGS = """SELECT holdings.*, name, documents.state FROM holdings
               JOIN collections ON collections.id = holdings.collection_id
               JOIN documents ON documents.id = holdings.document_id"""

# The chunk's text is cut out of the document's: it is stored once. Of several paths the first is named.
_CHUNKS = """SELECT chunks.*, documents.title,
                    substr(documents.text, chunks.start + 1, chunks.end - chunks.start) AS text,
                    (SELECT min(uri) FROM holdings JOIN collections ON collections.id = collection_id
                     WHERE holdings.document_id = documents.id AND (? IS NULL OR name = ?)) AS uri
             FROM chunks JOIN documents ON documents.id = chunks.document_id"""


_LEAVE_VECTORS = "INSERT OR IGNORE INTO vector_removals SELECT collection_id, document_id FROM holdings"

# A document that is stored again keeps its row: other collections hold it too.
_OVERWRITE = """ ON CONFLICT (id) DO UPDATE SET title = excluded.title, language = excluded.language,
    text = excluded.text, blocks = excluded.blocks, notes = excluded.notes, state = excluded.state,
    error = excluded.error, quality = excluded.quality, needs_password = excluded.needs_password"""


def _hold(db: sqlite3.Connection, collection_id: int, document_id: str, source: Source) -> list[str]:
    """Put a document under a path, in the place of what was there; return the hashes no longer needed."""
    before = db.execute(
        "SELECT document_id FROM holdings WHERE collection_id = ? AND uri = ?", (collection_id, source.uri)
    ).fetchone()
    db.execute(
        """INSERT INTO holdings VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (collection_id, uri) DO UPDATE SET
           document_id = excluded.document_id, size = excluded.size, mtime_ns = excluded.mtime_ns,
           etag = excluded.etag, added = excluded.added""",
        (collection_id, source.uri, document_id, source.size, source.mtime_ns, source.etag, _now()),
    )
    db.execute("DELETE FROM jobs WHERE collection_id = ? AND uri = ?", (collection_id, source.uri))
    # The same document may be wanted again before its old vectors are gone.
    db.execute("DELETE FROM vector_removals WHERE collection_id = ? AND document_id = ?", (collection_id, document_id))
    if before is None or before["document_id"] == document_id:
        return []
    return _let_go(db, collection_id, before["document_id"])


def _let_go(db: sqlite3.Connection, collection_id: int, document_id: str) -> list[str]:
    """Forget what a collection holds under no path any more; return the hashes no longer needed."""
    removal = (collection_id, document_id)
    still = db.execute("SELECT 1 FROM holdings WHERE collection_id = ? AND document_id = ?", removal).fetchone()
    if still is None:
        db.execute("INSERT OR IGNORE INTO vector_removals VALUES (?, ?)", removal)
        db.execute("DELETE FROM vectors WHERE collection_id = ? AND document_id = ?", removal)
    return _forget_orphans(db)


def _clear(db: sqlite3.Connection, document_id: str) -> bool:
    """Take a document's pages, chunks and marks away, so that it can be stored anew; False if there was none."""
    if db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone() is None:
        return False
    for table in ("pages", "chunks", "vectors"):
        db.execute(f"DELETE FROM {table} WHERE document_id = ?", (document_id,))
    return True


def _forget_orphans(db: sqlite3.Connection, hashes: Iterable[str] = ()) -> list[str]:
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


def _as_holding(row: sqlite3.Row) -> Holding:
    return Holding(
        row["name"], row["uri"], row["document_id"], row["size"], row["mtime_ns"], row["etag"],
        DocumentState(row["state"]),
    )  # fmt: skip


def _as_info(row: sqlite3.Row) -> DocumentInfo:
    ready = row["state"] == "parsed" and row["embedded"]
    return DocumentInfo(
        document_id=row["id"],
        source=row["uri"],
        title=row["title"],
        state=DocumentState.READY if ready else DocumentState(row["state"]),
        collection=row["collection"],
        pages=row["pages"],
        chunks=row["chunks"],
        added=row["added"],
        media_type=row["media_type"],
        language=row["language"],
        size=row["size"],
        characters=row["characters"],
        notes=tuple(json.loads(row["notes"])),
        error=row["error"],
        quality=_as_quality(row["quality"]),
        needs_password=bool(row["needs_password"]),
    )


def _as_quality(packed: str) -> Quality | None:
    if not packed:
        return None
    values: dict[str, Any] = json.loads(packed)
    pages = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return Quality(**(values | pages))


def _as_chunk(row: sqlite3.Row) -> Chunk:
    return Chunk(
        id=row["id"],
        document_id=row["document_id"],
        ordinal=row["ordinal"],
        start=row["start"],
        end=row["end"],
        text=row["text"],
        headings=tuple(json.loads(row["headings"])),
        page=row["page"],
        page_end=row["page_end"],
        page_label=row["page_label"],
    )


def _as_page(row: sqlite3.Row) -> Page:
    boxes = tuple((x0, y0, x1, y1) for x0, y0, x1, y1 in json.loads(row["boxes"]))
    return Page(row["number"], row["start"], row["end"], row["label"], _unpack(row["alignment"]), boxes)


def _pack(alignment: Alignment) -> str:
    return json.dumps([list(asdict(run).values()) for run in alignment.runs], separators=(",", ":"))


def _unpack(packed: str) -> Alignment:
    return Alignment(
        tuple(Run(start, source, length, RunKind(kind)) for start, source, length, kind in json.loads(packed))
    )


def _batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
