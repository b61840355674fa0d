"""The lexical index: BM25 over the stems of the chunks, in SQLite's FTS5."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from rag.errors import HomeError
from rag.library.database import Database


class LexicalIndex:
    """Finds chunks by their words. The catalog's triggers keep it equal to the chunks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(
        self, stems: Sequence[tuple[str, ...]], *, limit: int, collection: str | None, document_id: str | None
    ) -> list[tuple[str, float]]:
        """Return (chunk id, BM25 score) of the best chunks that have any of the stems; higher is better.

        Each group of `stems` holds the forms of one word in several languages.
        """
        wanted = list(dict.fromkeys(stem for group in stems for stem in group))
        if not wanted:
            return []
        # A quoted string is a phrase, never an operator. Stems hold no quotation marks: they are \w+.
        match = " OR ".join(f'"{stem}"' for stem in wanted)
        with self._database.read() as db:
            rows = db.execute(
                """SELECT chunks.id, -bm25(chunk_words) AS score FROM chunk_words
                   JOIN chunks ON chunks.number = chunk_words.rowid
                   WHERE chunk_words MATCH ?1 AND (?2 IS NULL OR document_id = ?2) AND document_id IN (
                       SELECT document_id FROM holdings JOIN collections ON collections.id = collection_id
                       WHERE ?3 IS NULL OR name = ?3)
                   ORDER BY bm25(chunk_words), chunks.number LIMIT ?4""",
                (match, document_id, collection, limit),
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
            found = {
                stem: db.execute("SELECT doc FROM chunk_vocabulary WHERE term = ?", (_as_fts5_folds(stem),)).fetchone()
                for stem in set(stems)
            }
        counts = {stem: 0 if row is None else int(row["doc"]) for stem, row in found.items()}
        return {stem: math.log(1 + (total - n + 0.5) / (n + 0.5)) for stem, n in counts.items()}


def _as_fts5_folds(stem: str) -> str:
    """Return the stem as the tokenizer of the index stores it: without diacritics."""
    decomposed = unicodedata.normalize("NFD", stem)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
