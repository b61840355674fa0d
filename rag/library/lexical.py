"""The lexical index: BM25 over the stems of the chunks, in SQLite's FTS5."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Collection, Iterable, Sequence

from rag.compounds import COMPOUNDING, LONG, SHORTEST, holds
from rag.errors import HomeError
from rag.library.database import Database
from rag.words import fold

_COMPOUNDS = 20  # that a part is looked for in: the shortest, which say the least besides it


class LexicalIndex:
    """Finds chunks by their words. The catalog's triggers keep it equal to the chunks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(
        self,
        stems: Sequence[tuple[str, ...]],
        *,
        limit: int,
        collection: str | None = None,
        document_id: str | None = None,
        documents: Collection[str] | None = None,
        pages: tuple[int, int] | None = None,
    ) -> list[tuple[str, float]]:
        """Return (chunk id, BM25 score) of the best chunks that have any of the stems; higher is better.

        Each group of `stems` holds the forms of one word in several languages. Where `documents` are given only
        those are searched, and of them only what touches the `pages`.
        """
        wanted = list(dict.fromkeys(stem for group in stems for stem in group))
        if not wanted:
            return []
        # A quoted string is a phrase, never an operator. Stems hold no quotation marks: they are \w+.
        match = " OR ".join(f'"{stem}"' for stem in wanted)
        bounds, values = _bounds(collection, document_id, documents, pages)
        # bm25() is worked out once a row only as the hidden column `rank`.
        with self._database.read() as db:
            rows = db.execute(
                f"""SELECT chunks.id, -score AS score FROM (
                       SELECT rowid, rank AS score FROM chunk_words
                       WHERE chunk_words MATCH ? {bounds} ORDER BY rank, rowid LIMIT ?) AS found
                   JOIN chunks ON chunks.number = found.rowid ORDER BY score DESC, number""",
                [match, *values, limit],
            ).fetchall()
        return [(row["id"], row["score"]) for row in rows]

    def rebuild(self) -> None:
        """Make the index anew from the chunks."""
        with self._database.write() as db:
            db.execute("INSERT INTO chunk_words (chunk_words) VALUES ('rebuild')")

    def integrity(self) -> str:
        """Return what is wrong with the index, or nothing."""
        try:
            with self._database.write() as db:
                # 1: compare with the chunks, not only the index with itself.
                db.execute("INSERT INTO chunk_words (chunk_words, rank) VALUES ('integrity-check', 1)")
        except HomeError as exc:
            return exc.what
        return ""

    def weights(self, stems: Sequence[str]) -> dict[str, float]:
        """Return the inverse document frequency of each stem over all chunks, as in BM25: never negative.

        ``idf = ln(1 + (N - n + 0.5) / (n + 0.5))`` with N chunks, n of them with the stem.
        """
        with self._database.read() as db:
            # The highest number instead of a count: that would read the whole table at every question.
            total = int(db.execute("SELECT coalesce(max(number), 0) FROM chunks").fetchone()[0])
        counts = self._counts(set(stems))
        return {stem: math.log(1 + (total - n + 0.5) / (n + 0.5)) for stem, n in counts.items()}

    # ---- the parts of compounds

    def known(self, stems: set[str]) -> dict[str, int]:
        """Return in how many chunks each of the stems is that may be a part of a compound."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT term FROM words WHERE term IN (SELECT value FROM json_each(?))", (json.dumps(sorted(stems)),)
            ).fetchall()
        return {stem: count for stem, count in self._counts({str(row["term"]) for row in rows}).items() if count}

    def compounds(self, part: str) -> list[str]:
        """Return words that hold a stem as a part, the shortest first."""
        if len(part) < SHORTEST + 1:
            return []
        with self._database.read() as db:
            rows = db.execute(
                """SELECT words.term FROM word_letters JOIN words ON words.number = word_letters.rowid
                   WHERE word_letters MATCH ? AND length(words.term) >= ? ORDER BY length(words.term), words.term
                   LIMIT 200""",
                (f'"{part}"', max(LONG, len(part) + 3)),
            ).fetchall()
        return [row["term"] for row in rows if holds(row["term"], part)][:_COMPOUNDS]

    def _counts(self, stems: set[str]) -> dict[str, int]:
        with self._database.read() as db:
            found = {
                stem: db.execute("SELECT doc FROM chunk_vocabulary WHERE term = ?", (fold(stem),)).fetchone()
                for stem in stems
            }
        return {stem: 0 if row is None else int(row["doc"]) for stem, row in found.items()}


def note_words(db: sqlite3.Connection, stems: Iterable[str], language: str) -> None:
    """Note the words of a document's chunks, when its language makes compounds of them."""
    if language in COMPOUNDING:
        noted = {fold(word) for text in stems for word in text.split() if len(word) >= SHORTEST and word.isalpha()}
        db.executemany("INSERT OR IGNORE INTO words (term) VALUES (?)", [(word,) for word in sorted(noted)])


def _bounds(
    collection: str | None,
    document_id: str | None,
    documents: Collection[str] | None,
    pages: tuple[int, int] | None,
) -> tuple[str, list[object]]:
    """Return what bounds a search, and its values; nothing when all is searched: then no chunk need be looked up."""
    conditions: list[str] = []
    values: list[object] = []
    if collection is not None:
        conditions.append(
            """document_id IN (SELECT document_id FROM holdings JOIN collections ON collections.id = collection_id
               WHERE name = ?)"""
        )
        values.append(collection)
    if document_id is not None:
        conditions.append("document_id = ?")
        values.append(document_id)
    if documents is not None:
        conditions.append("document_id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(sorted(documents)))
    if pages is not None:
        conditions.append("page_end >= ? AND page <= ?")
        values += pages
    if not conditions:
        return "", []
    # The plus keeps SQLite from asking the index once for every chunk within the bounds.
    return f"AND +rowid IN (SELECT number FROM chunks WHERE {' AND '.join(conditions)})", values
