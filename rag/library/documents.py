"""Reads the documents of a home, held and queued, with their texts and pages."""

from __future__ import annotations

import json
from collections.abc import Collection

from rag.errors import NotFound, Removed
from rag.library.database import Database
from rag.library.rows import as_blocks, as_info, as_page, as_quality, as_queued
from rag.text.words import UNTOLD
from rag.types import BlockKind, Document, DocumentInfo, Page, Quality


class Documents:
    """Reads documents and their pages. Only vectors of the embedder with this `fingerprint` make a document ready."""

    def __init__(self, database: Database, fingerprint: str) -> None:
        self._database = database
        self._fingerprint = fingerprint

    # ---- lists and look-ups

    def all(self, collection: str | None = None) -> list[DocumentInfo]:
        """Return an entry per document and collection, for held and queued documents."""
        return self._infos(collection, None)

    def info(self, document_id: str, collection: str | None = None) -> DocumentInfo:
        """Return the first entry of the document with this id; raises NotFound."""
        infos = self._infos(collection, document_id)
        if not infos:
            raise _removed(document_id)
        return infos[0]

    def find(self, name: str, collection: str | None = None) -> DocumentInfo:
        """Return the document that a person calls `name`: by id, path, file name or title, or a prefix or part of one.

        Raises NotFound if there is none, or if several match equally well.
        """
        listed = self.all(collection)
        folded = name.casefold()
        # From strict to lenient: the first test with a match decides.
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
        raise _not_found(name)

    def is_parsed(self, document_id: str) -> bool:
        """Say whether the document exists, parsed and searchable."""
        with self._database.read() as db:
            row = db.execute("SELECT 1 FROM documents WHERE id = ? AND state = 'parsed'", (document_id,))
            return row.fetchone() is not None

    def languages(self, collection: str | None = None) -> list[str]:
        """Return the languages in which the searchable documents were stemmed; cached until the next write."""
        return self._database.cached(("languages", collection), lambda: self._read_languages(collection))

    def other_paths(self, document_ids: Collection[str], collection: str | None = None) -> dict[str, list[str]]:
        """Return each document's paths besides the first, which `chunks` names; by id, for documents with several."""
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

    # ---- one document

    def text(self, document_id: str, start: int = 0, end: int | None = None) -> str:
        """Return ``document.text[start:end]``; raises NotFound if the document doesn't exist."""
        with self._database.read() as db:
            row = db.execute(
                "SELECT substr(text, ?, ?) AS part FROM documents WHERE id = ?",
                (start + 1, 2**31 - 1 if end is None else max(end - start, 0), document_id),
            ).fetchone()
        if row is None:
            raise _removed(document_id)
        return str(row["part"])

    def get(self, document_id: str) -> Document:
        """Return a complete document, with blocks, pages and alignments."""
        with self._database.read() as db:
            row = db.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
            pages = db.execute("SELECT * FROM pages WHERE document_id = ? ORDER BY number", (document_id,)).fetchall()
        if row is None:
            raise _removed(document_id)
        return Document(
            text=row["text"],
            title=row["title"],
            language=row["language"],
            blocks=as_blocks(row["blocks"]),
            pages=tuple(as_page(page) for page in pages),
            notes=tuple(json.loads(row["notes"])),
            quality=as_quality(row["quality"]) or Quality(),
            reading=row["reading"],
        )

    def quality(self, document_id: str) -> Quality | None:
        """Return the reading quality of a document, or None if it is unknown."""
        with self._database.read() as db:
            row = db.execute("SELECT quality FROM documents WHERE id = ?", (document_id,)).fetchone()
        return None if row is None else as_quality(row["quality"])

    def body(self, document_id: str) -> Document:
        """Return a document's text, blocks and pages without the alignments, which are most of its size."""
        with self._database.read() as db:
            row = db.execute(
                "SELECT title, language, text, blocks FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
            pages = db.execute(
                "SELECT number, start, end, label FROM pages WHERE document_id = ? ORDER BY number", (document_id,)
            ).fetchall()
        if row is None:
            raise _removed(document_id)
        numbered = tuple(Page(page["number"], page["start"], page["end"], page["label"]) for page in pages)
        return Document(row["text"], row["title"], row["language"], as_blocks(row["blocks"]), numbered)

    def counts(self, document_id: str) -> tuple[int, int]:
        """Return a document's counts of pages and chunks."""
        with self._database.read() as db:
            row = db.execute(
                """SELECT (SELECT count(*) FROM pages WHERE document_id = ?1),
                          (SELECT count(*) FROM chunks WHERE document_id = ?1)""",
                (document_id,),
            ).fetchone()
        return int(row[0]), int(row[1])

    def title(self, document_id: str) -> str:
        """Return a document's title; empty if the document doesn't exist."""
        with self._database.read() as db:
            row = db.execute("SELECT title FROM documents WHERE id = ?", (document_id,)).fetchone()
        return "" if row is None else str(row["title"])

    def sha256(self, document_id: str) -> str:
        """Return the hash under which the document's original lies in the files folder."""
        with self._database.read() as db:
            row = db.execute("SELECT sha256 FROM documents WHERE id = ?", (document_id,)).fetchone()
        return "" if row is None else str(row["sha256"])

    def page(self, document_id: str, number: int) -> Page | None:
        """Return one page with its alignment, or None if the document has no such page."""
        with self._database.read() as db:
            row = db.execute(
                "SELECT * FROM pages WHERE document_id = ? AND number = ?", (document_id, number)
            ).fetchone()
        return None if row is None else as_page(row)

    def heading_at(self, document_id: str, offset: int) -> str | None:
        """Return the heading above the character at `offset`, verbatim, or None before the first heading."""
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
        """Return (start offset, number, label) of the pages that ``[start, end)`` touches."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT start, number, label FROM pages
                   WHERE document_id = ? AND start < ? AND end >= ? ORDER BY number""",
                (document_id, max(end, start + 1), start),
            ).fetchall()
        return tuple((row["start"], row["number"], row["label"]) for row in rows)

    def _infos(self, collection: str | None, document_id: str | None) -> list[DocumentInfo]:
        with self._database.read() as db:
            held = db.execute(
                """SELECT documents.id, uri, title, media_type, language, documents.size, notes, error, state, quality,
                          needs_password, reading,
                          name AS collection, holdings.added, length(text) AS characters,
                          (SELECT count(*) FROM pages WHERE document_id = documents.id) AS pages,
                          (SELECT count(*) FROM chunks WHERE document_id = documents.id) AS chunks,
                          EXISTS (SELECT 1 FROM vectors WHERE vectors.document_id = documents.id
                                  AND vectors.collection_id = collections.id AND fingerprint = ?3) AS embedded
                   FROM holdings JOIN documents ON documents.id = document_id
                   JOIN collections ON collections.id = holdings.collection_id
                   WHERE (?1 IS NULL OR name = ?1) AND (?2 IS NULL OR documents.id = ?2) ORDER BY name, uri""",
                (collection, document_id, self._fingerprint),
            ).fetchall()
            queued = db.execute(
                """SELECT document_id, uri AS source, media_type, size, name AS collection, added FROM jobs
                   JOIN collections ON id = collection_id
                   WHERE (?1 IS NULL OR name = ?1) AND (?2 IS NULL OR document_id = ?2) ORDER BY name, uri""",
                (collection, document_id),
            ).fetchall()
        return [as_info(row) for row in held] + [as_queued(row) for row in queued]

    def _read_languages(self, collection: str | None) -> list[str]:
        with self._database.read() as db:
            rows = db.execute(
                """SELECT DISTINCT language FROM documents JOIN holdings ON document_id = documents.id
                   JOIN collections ON collections.id = collection_id
                   WHERE state = 'parsed' AND (?1 IS NULL OR name = ?1)""",
                (collection,),
            ).fetchall()
        return sorted({str(row["language"]) or UNTOLD for row in rows})


def _removed(document_id: str) -> Removed:
    return Removed(
        f"There is no document {document_id!r} any more.", remedy="`studyhall docs list` shows what there is."
    )


def _not_found(name: str) -> NotFound:
    return NotFound(f"There is no document {name!r}.", remedy="`studyhall docs list` shows what there is.")
