"""The lexical index: BM25 over the stems of the chunks, in SQLite's FTS5."""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rag.errors import HomeError
from rag.library.database import Database
from rag.text.compounds import COMPOUNDING, LONG, SHORTEST, holds
from rag.text.words import fold
from rag.types import ANYWHERE, Scope

_K1, _B = 1.2, 0.75  # of BM25, as in FTS5
_POSTINGS = 20_000  # chunks that FTS5 ranks for one question: 35 ms
_RESCORED = 4  # times `limit`: candidates ranked by the rare words, then scored by all words
_DEARER = 10  # times the cost: scoring a chunk here against ranking it in FTS5
_COMPOUNDS = 20  # searched for a part; the shortest, since they add the least meaning


class FtsIndex:
    """Finds chunks by their words. Triggers in the catalog keep the index equal to the chunks."""

    def __init__(self, database: Database, *, most_ranked: int = _POSTINGS) -> None:
        self._database = database
        self._most_ranked = most_ranked

    def search(
        self,
        stems: Sequence[tuple[str, ...]],
        *,
        limit: int,
        scope: Scope = ANYWHERE,
    ) -> list[tuple[str, float]]:
        """Return (chunk id, BM25 score) of the best chunks with any of the stems; higher is better.

        Each group of `stems` holds the forms of one word in several languages. In documents with pages, only the chunks
        that touch the scope's pages are searched.
        """
        wanted = list(dict.fromkeys(fold(stem) for group in stems for stem in group))
        if not wanted:
            return []
        counts = self.counts(set(wanted))
        conditions, values = _conditions(scope)
        # FTS5 takes a word with a sign in it for a phrase, and only FTS5 can count the chunks with a phrase.
        plain = all(stem.isalnum() for stem in wanted)
        # Few chunks within the bounds are scored here, which is faster than ranking all chunks in FTS5.
        if plain and (few := self._few(conditions, values, sum(counts.values()) // _DEARER)):
            return self._scored(few, counts)[:limit]
        # Otherwise FTS5 ranks by the rare words, and the best chunks are scored again by all words.
        ranked = rarest(counts, self._most_ranked) if plain else wanted
        everything = len(ranked) == len(wanted)
        found = self._ranked(ranked, conditions, values, limit if everything else _RESCORED * limit)
        if everything:
            return [(row["id"], row["score"]) for row in found]
        return self._scored(found, counts)[:limit]

    def _ranked(
        self, wanted: Sequence[str], conditions: str, values: Sequence[object], limit: int
    ) -> list[sqlite3.Row]:
        """Return (id, score, stems) of the best chunks with any of the words, ranked by FTS5."""
        # A quoted string is a phrase, never an operator. Stems hold no quotation marks: they are \w+.
        match = " OR ".join(f'"{stem}"' for stem in wanted)
        # The plus stops SQLite from querying the FTS index once for every chunk within the bounds.
        bounds = f"AND +rowid IN (SELECT number FROM chunks WHERE {conditions})" if conditions else ""
        # bm25() is computed once per row only through the hidden column `rank`.
        with self._database.read() as db:
            return db.execute(
                f"""SELECT chunks.id, -score AS score, stems FROM (
                       SELECT rowid, rank AS score FROM chunk_words
                       WHERE chunk_words MATCH ? {bounds} ORDER BY rank, rowid LIMIT ?) AS found
                   JOIN chunks ON chunks.number = found.rowid ORDER BY score DESC, number""",
                [match, *values, limit],
            ).fetchall()

    def _few(self, conditions: str, values: Sequence[object], most: int) -> list[sqlite3.Row]:
        """Return (id, stems) of the chunks within the bounds if there are at most `most`; empty without bounds."""
        if not conditions or not most:
            return []
        with self._database.read() as db:
            within = f"FROM chunks WHERE {conditions}"
            counted = db.execute(f"SELECT count(*) FROM (SELECT 1 {within} LIMIT ?)", [*values, most + 1])
            if counted.fetchone()[0] > most:
                return []
            return db.execute(f"SELECT id, stems {within} ORDER BY number", values).fetchall()

    def _scored(self, rows: Sequence[sqlite3.Row], counts: Mapping[str, int]) -> list[tuple[str, float]]:
        """Return (chunk id, BM25 score) of the chunks with any of the words, best first.

        The formula is FTS5's, but the average length is that of these chunks.
        """
        with self._database.read() as db:
            total = _total(db)
        texts = [[fold(word) for word in row["stems"].split()] for row in rows]
        average = sum(map(len, texts)) / max(len(texts), 1)
        idf = {stem: max(math.log((total - n + 0.5) / (n + 0.5)), 1e-6) for stem, n in counts.items() if n}
        scored = []
        for row, text in zip(rows, texts, strict=True):
            held = Counter(word for word in text if word in idf)
            norm = _K1 * (1 - _B + _B * len(text) / average) if average else _K1
            if held:
                scored.append((row["id"], sum(idf[w] * n * (_K1 + 1) / (n + norm) for w, n in held.items())))
        return sorted(scored, key=lambda pair: -pair[1])

    def rebuild(self) -> None:
        """Rebuild the index from the chunks."""
        with self._database.write() as db:
            db.execute("INSERT INTO chunk_words (chunk_words) VALUES ('rebuild')")

    def integrity(self) -> str:
        """Return the error found in the index; empty if it is intact."""
        try:
            with self._database.write() as db:
                # 1: compare the index with the chunks, not only with itself.
                db.execute("INSERT INTO chunk_words (chunk_words, rank) VALUES ('integrity-check', 1)")
        except HomeError as exc:
            return exc.what
        return ""

    def weights(self, stems: Sequence[str]) -> dict[str, float]:
        """Return the inverse document frequency of each stem over all chunks, as in BM25; never negative.

        ``idf = ln(1 + (N - n + 0.5) / (n + 0.5))`` with N chunks, n of them with the stem.
        """
        with self._database.read() as db:
            total = _total(db)
        counts = self.counts(set(stems))
        return {stem: math.log(1 + (total - n + 0.5) / (n + 0.5)) for stem, n in counts.items()}

    def beginning_with(self, letter: str, shortest: int, longest: int) -> dict[str, int]:
        """Return the stems with this first letter and a length in this range, with the number of chunks of each."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT term, doc FROM chunk_vocabulary
                   WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?""",
                (letter, letter + "\U0010ffff", shortest, longest),
            ).fetchall()
        return {row["term"]: row["doc"] for row in rows}

    # ---- parts of compounds

    def known(self, stems: set[str]) -> dict[str, int]:
        """Return the number of chunks of each stem that can be a part of a compound."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT term FROM words WHERE term IN (SELECT value FROM json_each(?))", (json.dumps(sorted(stems)),)
            ).fetchall()
        return {stem: count for stem, count in self.counts({str(row["term"]) for row in rows}).items() if count}

    def compounds(self, part: str) -> list[str]:
        """Return words that contain a stem as a part, the shortest first."""
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

    def counts(self, stems: set[str]) -> dict[str, int]:
        """Return the number of chunks of each stem."""
        with self._database.read() as db:
            found = {
                stem: db.execute("SELECT doc FROM chunk_vocabulary WHERE term = ?", (fold(stem),)).fetchone()
                for stem in stems
            }
        return {stem: 0 if row is None else int(row["doc"]) for stem, row in found.items()}


def rarest(counts: Mapping[str, int], most: int) -> list[str]:
    """Return the words to search for: the rarest that occur in at most `most` chunks together; one at least.

    A chunk with only the common words of a question is seldom among the best. Common words make a search slow: its
    time grows with the chunks that are ranked. As in MaxScore (Turtle and Flood 1995), but with a bound on the work.

    >>> rarest({"the": 90_000, "trie": 12, "tree": 700}, 10_000)
    ['trie', 'tree']
    """
    kept: list[str] = []
    total = 0
    for stem in sorted(counts, key=lambda stem: counts[stem]):
        total += counts[stem]
        if kept and counts[kept[-1]] and total > most:
            break
        kept.append(stem)
    return kept


def _total(db: sqlite3.Connection) -> int:
    """Return the highest chunk number as the number of chunks, since a count would read the whole table."""
    return int(db.execute("SELECT coalesce(max(number), 0) FROM chunks").fetchone()[0])


def note_words(db: sqlite3.Connection, stems: Iterable[str], language: str) -> None:
    """Record the words of a document's chunks if its language forms compounds."""
    if language in COMPOUNDING:
        noted = {fold(word) for text in stems for word in text.split() if len(word) >= SHORTEST and word.isalpha()}
        db.executemany("INSERT OR IGNORE INTO words (term) VALUES (?)", [(word,) for word in sorted(noted)])


def _conditions(scope: Scope) -> tuple[str, list[object]]:
    """Return the SQL condition of a scope and its values; both empty if the whole library is searched."""
    conditions: list[str] = []
    values: list[object] = []
    if scope.collection is not None:
        conditions.append(
            """document_id IN (SELECT document_id FROM holdings JOIN collections ON collections.id = collection_id
               WHERE name = ?)"""
        )
        values.append(scope.collection)
    if scope.documents is not None:
        conditions.append("document_id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(sorted(scope.documents)))
    if scope.pages is not None:
        conditions.append("page_end >= ? AND page <= ?")
        values += scope.pages
    return " AND ".join(conditions), values
