"""Document profiles: the index of names, first pages and tags that shows which document a question means."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from rag.errors import HomeError
from rag.library.database import Database
from rag.library.transactions import insert
from rag.text.course_units import CourseUnit, units_in, units_of
from rag.text.editions import edition
from rag.text.file_names import name_words
from rag.text.words import UNTOLD, stems

COVER = 600  # characters from the beginning of a document that count as its cover
_SAMPLE = 5000  # chunks with a word that are examined


@dataclass(frozen=True, slots=True)
class DocumentProfile:
    """The known facts of a document apart from its pages."""

    document_id: str
    units: tuple[CourseUnit, ...]  # from its path, or from a person's tags
    edition: str  # sorts by time; empty without a date
    tags: tuple[str, ...] = ()


class DocumentProfiles:
    """Finds documents by name, title, first page and tags. SQLite records changes; `refresh` updates the profiles."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def refresh(self) -> None:
        """Update the profiles of new and changed documents; quick in the usual case that there are none."""
        with self._database.read() as db:
            waiting = [str(row["document_id"]) for row in db.execute("SELECT document_id FROM uncovered")]
        if not waiting:
            return
        # On a full disk, or in a read-only home, questions are answered from the existing profiles.
        with suppress(HomeError), self._database.write() as db:
            for document_id in waiting:
                _describe(db, document_id)

    def tag(self, document_id: str, tags: Sequence[str], *, remove: bool = False) -> None:
        """Add tags to a document, or remove them. A tag such as "week 5" overrides the course unit in the path."""
        change = (
            "DELETE FROM tags WHERE document_id = ? AND tag = ?"
            if remove
            else "INSERT OR IGNORE INTO tags VALUES (?, ?)"
        )
        with self._database.write() as db:
            db.executemany(change, [(document_id, " ".join(tag.split())) for tag in tags])

    def named(self, stems: Sequence[str]) -> set[str]:
        """Return the ids of the documents with one of these stems in their names or titles."""
        return self._with("name", stems)

    def covered(self, stems: Sequence[str]) -> set[str]:
        """Return the ids of the documents with one of these stems on their covers."""
        return self._with("cover", stems)

    def using(self, stems: Sequence[str]) -> int:
        """Return how many documents contain one of these stems; estimated from a sample for frequent words."""
        with self._database.read() as db:
            row = db.execute(
                """SELECT count(DISTINCT document_id) FROM chunks WHERE number IN (
                       SELECT rowid FROM chunk_words WHERE chunk_words MATCH ? LIMIT ?)""",
                (_any_of(stems), _SAMPLE),
            ).fetchone()
        return int(row[0])

    def _with(self, column: str, stems: Sequence[str]) -> set[str]:
        with self._database.read() as db:
            rows = db.execute(
                """SELECT document_id FROM cover_words JOIN covers ON covers.number = cover_words.rowid
                   WHERE cover_words MATCH ?""",
                (f"{column} : ({_any_of(stems)})",),
            ).fetchall()
        return {str(row["document_id"]) for row in rows}

    def all(self, collection: str | None = None) -> dict[str, DocumentProfile]:
        """Return the profiles of the searchable documents by id; cached until the next write."""
        return self._database.cached(("profiles", collection), lambda: self._read(collection))

    def _read(self, collection: str | None) -> dict[str, DocumentProfile]:
        with self._database.read() as db:
            rows = db.execute(
                """SELECT covers.document_id, places, edition,
                          (SELECT json_group_array(tag) FROM tags WHERE tags.document_id = covers.document_id) AS tags
                   FROM covers JOIN documents ON documents.id = covers.document_id
                   WHERE state = 'parsed' AND (?1 IS NULL OR EXISTS (
                       SELECT 1 FROM holdings JOIN collections ON collections.id = collection_id
                       WHERE holdings.document_id = covers.document_id AND name = ?1))""",
                (collection,),
            ).fetchall()
        return {row["document_id"]: _as_profile(*row) for row in rows}


def _any_of(stems: Sequence[str]) -> str:
    """Return the FTS5 query for any of the stems, quoted so that none is an operator. Stems hold no quotation marks."""
    return " OR ".join(f'"{stem}"' for stem in stems)


def _describe(db: sqlite3.Connection, document_id: str) -> None:
    """Update the profile of a document."""
    db.execute("DELETE FROM covers WHERE document_id = ?", (document_id,))
    row = db.execute(
        """SELECT title, language, substr(text, 1, ?1) AS beginning,
                  (SELECT substr(documents.text, start + 1, min(end - start, ?1)) FROM pages
                   WHERE document_id = documents.id AND number = 1) AS first_page
           FROM documents WHERE id = ?2 AND state = 'parsed'""",
        (COVER, document_id),
    ).fetchone()
    if row is not None:
        uris = [
            str(held["uri"])
            for held in db.execute("SELECT uri FROM holdings WHERE document_id = ? ORDER BY uri", (document_id,))
        ]
        beginning = row["beginning"] if row["first_page"] is None else row["first_page"]
        language = row["language"] or UNTOLD
        names = [word for uri in uris for word in name_words(uri)]
        # The first path decides: in reverse order, its units overwrite the others.
        units = {unit.kind: unit for uri in reversed(uris) for unit in units_of(uri)}
        profile = {
            "document_id": document_id,
            "name": " ".join(stems(" ".join([*names, row["title"]]), language)),
            "cover": " ".join(stems(beginning, language)),
            "places": json.dumps([[unit.kind, unit.number] for unit in units.values()]),
            "edition": max((edition(uri, beginning) for uri in uris), default=""),
        }
        insert(db, "covers", [profile])
    db.execute("DELETE FROM uncovered WHERE document_id = ?", (document_id,))


@lru_cache(maxsize=100_000)  # every question needs all of them
def _as_profile(document_id: str, units_told: str, edition_told: str, tags_told: str) -> DocumentProfile:
    tags = sorted(json.loads(tags_told))
    units = {kind: CourseUnit(kind, number) for kind, number in json.loads(units_told)}
    units |= {unit.kind: unit for tag in tags for unit in units_in(tag)}  # a person's tag overrides the path
    return DocumentProfile(document_id, tuple(units.values()), edition_told, tuple(tags))
