"""Saves what can be read of a damaged catalog into a new one; the damaged file is kept beside it.

SQLite's own `.recover` is a program of its command line. Here each table is read from both ends up to the damage, and
a document of which a part is missing is left out: its original is then one that no document names, and can be
ingested again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rag.errors import HomeError
from rag.library.database import Database

# Parents come before their children; the indexes of words follow their tables by triggers.
_TABLES = (
    *("meta", "collections", "documents", "pages", "holdings", "jobs", "chunks", "vectors", "vector_removals"),
    *("words", "tags", "file_removals", "conversations", "exchanges"),
)
_SIDE_FILES = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was saved of a damaged catalog."""

    documents: int
    kept: Path  # the damaged file
    reason: str  # SQLite's complaint

    def __str__(self) -> str:
        saved = f"The catalog was damaged; {self.documents} documents and the conversations in it were saved."
        return f"{saved} The damaged file is kept: {self.kept}"


def salvage(database: Path) -> Salvaged | None:
    """Put a new catalog in the place of a damaged one, with all that can be read; None if it is intact or missing.

    Raises HomeError if the folder can't be written.
    """
    if not database.is_file() or not (reason := _complaint(database)):
        return None
    kept = database.with_name(f"library.damaged-{datetime.now():%Y%m%d-%H%M%S}.db")
    try:
        for part in ("", *_SIDE_FILES):
            with suppress(FileNotFoundError):
                database.with_name(f"{database.name}{part}").rename(kept.with_name(f"{kept.name}{part}"))
    except OSError as exc:
        message = f"The damaged catalog {database} can't be moved: {exc.strerror or exc}."
        raise HomeError(message, remedy="Check the permissions of its folder.") from exc
    fresh = Database(database)
    try:
        _copy(kept, fresh)
        _leave_out_the_incomplete(fresh)
        with fresh.read() as db:
            documents = int(db.execute("SELECT count(*) FROM documents WHERE state = 'parsed'").fetchone()[0])
    finally:
        fresh.close()
    return Salvaged(documents, kept, reason)


def _complaint(database: Path) -> str:
    """Return SQLite's complaint about a file; empty if it is intact."""
    try:
        with closing(sqlite3.connect(database)) as db:
            found = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as exc:
        return str(exc)
    return "" if found == "ok" else found.strip().splitlines()[-1]


def _copy(damaged: Path, fresh: Database) -> None:
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(damaged)) as source:
        source.text_factory = lambda told: told.decode(errors="replace")
        source.execute("PRAGMA writable_schema = ON")  # otherwise a wrong entry hides all tables
        for table in _TABLES:
            with fresh.write() as db:
                known = [str(row["name"]) for row in db.execute(f"PRAGMA table_info({table})")]
                key = [str(row["name"]) for row in db.execute(f"PRAGMA table_info({table})") if row["pk"]]
                for row in _rows(source, table, known, key or ["rowid"]):
                    columns = [name for name in known if name in row]
                    marks = ", ".join("?" * len(columns))
                    told = [row[name] for name in columns]
                    # A row whose parent was lost is refused, as is one that comes twice.
                    with suppress(sqlite3.IntegrityError):
                        db.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", told)


def _rows(source: sqlite3.Connection, table: str, known: list[str], key: list[str]) -> Iterator[dict[str, object]]:
    """Yield the rows of a table that can be read, from its beginning and from its end."""
    with suppress(sqlite3.DatabaseError):
        there = {str(row[1]) for row in source.execute(f"PRAGMA table_info({table})")}
        columns = [name for name in known if name in there]
        seen: set[tuple[object, ...]] = set()
        for direction in ("ASC", "DESC"):
            order = ", ".join(f"{name} {direction}" for name in key)
            cursor = source.execute(f"SELECT {', '.join([*key, *columns])} FROM {table} ORDER BY {order}")
            with suppress(sqlite3.DatabaseError):
                for row in cursor:
                    if (place := tuple(row[: len(key)])) in seen:
                        break
                    seen.add(place)
                    yield dict(zip(columns, row[len(key) :], strict=True))


def _leave_out_the_incomplete(fresh: Database) -> None:
    """Delete the documents of which pages, chunks or all memberships are missing."""
    with fresh.write() as db:
        parsed = db.execute("SELECT id, text, blocks FROM documents WHERE state = 'parsed'").fetchall()
        db.executemany("DELETE FROM documents WHERE id = ?", [(row["id"],) for row in parsed if not _is_whole(db, row)])
        db.execute("DELETE FROM documents WHERE id NOT IN (SELECT document_id FROM holdings)")


def _is_whole(db: sqlite3.Connection, document: sqlite3.Row) -> bool:
    """Say whether a document's chunks and pages are all there, and are spans of its text."""
    key, text = (document["id"],), document["text"]
    chunks = db.execute("SELECT ordinal, end FROM chunks WHERE document_id = ? ORDER BY ordinal", key).fetchall()
    pages = db.execute("SELECT number, end FROM pages WHERE document_id = ? ORDER BY number", key).fetchall()
    counted = [row["ordinal"] for row in chunks] == list(range(len(chunks))) and bool(chunks)
    counted = counted and [row["number"] for row in pages] == list(range(1, len(pages) + 1))
    fitting = all(row["end"] <= len(text) for row in (*chunks, *pages))
    return counted and fitting and not text[chunks[-1]["end"] :].strip() and _is_json(document["blocks"])


def _is_json(told: str) -> bool:
    try:
        json.loads(told)
    except ValueError:
        return False
    return True
