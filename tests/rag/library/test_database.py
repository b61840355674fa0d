"""The SQLite file: what is read of one moment, what is kept until something is written, what is undone."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import psutil
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


def descriptors(path: Path) -> int:
    return sum(opened.path.startswith(str(path)) for opened in psutil.Process().open_files())


def test_threads_that_are_done_leave_no_connection_open(tmp_path: Path) -> None:
    database = Database(tmp_path / "library.db")

    def ask() -> None:
        with database.read() as db:
            db.execute("SELECT count(*) FROM meta").fetchone()

    for _ in range(40):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert descriptors(database.path) <= 3  # the file, its log, its index
    database.close()
    assert descriptors(database.path) == 0


def test_bursts_of_threads_leave_no_more_open_than_one_burst(tmp_path: Path) -> None:
    """SQLite keeps the descriptor of a closed connection while others hold locks, and uses it for the next one."""
    database = Database(tmp_path / "library.db")
    left = []
    for _ in range(4):
        together = threading.Barrier(20)

        def ask(together: threading.Barrier = together) -> None:
            with database.read() as db:
                together.wait()
                assert db.execute("SELECT count(*) FROM meta").fetchone()[0] == 0

        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        left.append(descriptors(database.path))
    assert left[1:] == left[:1] * 3
    database.close()
    assert descriptors(database.path) == 0


def test_a_library_closed_in_the_middle_of_a_read_leaves_nothing_open(tmp_path: Path) -> None:
    database = Database(tmp_path / "library.db")
    with database.read() as db:
        database.close()
        assert db.execute("SELECT count(*) FROM meta").fetchone()[0] == 0
    assert descriptors(database.path) == 0


def test_reads_within_a_write_see_what_it_has_written(tmp_path: Path) -> None:
    database = Database(tmp_path / "library.db")
    with database.write() as db, database.read() as within, database.snapshot() as also:
        db.execute("INSERT INTO meta VALUES ('key', 'value')")
        assert within is also is db
        assert within.execute("SELECT count(*) FROM meta").fetchone()[0] == 1
    database.close()
