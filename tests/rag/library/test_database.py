"""The SQLite file: what is read of one moment, what is kept until something is written, what is undone."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from rag.library.database import Database
from rag.library.library import Library


def test_reads_of_one_moment_don_t_see_what_is_written_meanwhile(tmp_path: Path) -> None:
    database = Database(tmp_path / "library.db")
    count = "SELECT count(*) FROM meta"

    def add() -> None:
        with database.write() as db:
            db.execute("INSERT INTO meta VALUES ('key', 'value')")

    with database.snapshot() as db:
        before = db.execute(count).fetchone()[0]
        other = threading.Thread(target=add)
        other.start()
        other.join()
        assert db.execute(count).fetchone()[0] == before
    with database.snapshot() as db:
        assert db.execute(count).fetchone()[0] == before + 1
    database.close()


def test_what_is_kept_is_read_again_once_something_was_written_by_anybody(library: Library) -> None:
    database = library.database
    reads = []

    def read() -> int:
        reads.append(1)
        return len(reads)

    assert [database.cached("a", read), database.cached("a", read), database.cached("b", read)] == [1, 1, 2]
    library.catalog.collections.create("new")
    assert database.cached("a", read) == 3
    other = sqlite3.connect(database.path)
    other.execute("UPDATE collections SET name = 'newer' WHERE name = 'new'")
    other.commit()
    other.close()
    assert database.cached("a", read) == 4


def test_what_is_written_and_then_fails_is_undone(tmp_path: Path) -> None:
    database = Database(tmp_path / "library.db")
    with pytest.raises(sqlite3.IntegrityError), database.write() as db:
        db.execute("INSERT INTO meta VALUES ('key', 'value')")
        db.execute("INSERT INTO meta VALUES ('key', 'again')")
    with database.write() as db:
        assert db.execute("SELECT count(*) FROM meta").fetchone()[0] == 0
    database.close()
