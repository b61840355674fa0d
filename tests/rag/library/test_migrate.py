"""The schema: older files are brought up, newer ones refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import HomeError
from rag.library.catalog import SqliteCatalog
from rag.library.database import Database
from rag.library.documents import Documents
from rag.library.migrate import STEPS, migrate
from rag.library.queue import IngestQueue
from rag.types import Alignment, AlignmentRun, Document, Page, Quality, Source


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "library.db", isolation_level=None)
    yield opened
    opened.close()


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_an_empty_file_gets_every_step(connection: sqlite3.Connection) -> None:
    migrate(connection)
    assert version(connection) == len(STEPS)
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"meta", "collections", "documents", "pages", "holdings", "jobs", "chunks", "vectors"} <= tables


def test_migrating_twice_changes_nothing(connection: sqlite3.Connection) -> None:
    migrate(connection)
    connection.execute("INSERT INTO meta VALUES ('kept', 'yes')")
    before = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    migrate(connection)
    assert connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall() == before
    assert connection.execute("SELECT value FROM meta").fetchall() == [("yes",)]


def test_a_newer_file_is_refused_in_words_and_left_alone(tmp_path: Path, connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    with pytest.raises(HomeError, match="newer Studyhall") as caught:
        Database(tmp_path / "library.db")
    assert f"schema {len(STEPS) + 1}; known here: {len(STEPS)}" in caught.value.what
    assert "Update Studyhall" in caught.value.remedy
    assert version(connection) == len(STEPS) + 1


def test_opening_twice_is_fine(tmp_path: Path) -> None:
    for value in ("one", "two"):
        database = Database(tmp_path / "library.db")
        with database.write() as db:
            db.execute("INSERT INTO meta VALUES (?, '')", (value,))
        database.close()
    database = Database(tmp_path / "library.db")
    with database.read() as db:
        assert [row["key"] for row in db.execute("SELECT key FROM meta ORDER BY key")] == ["one", "two"]
    database.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE documents (id)")  # in the way of the first step
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection)
    connection.rollback()
    assert version(connection) == 0
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {"documents"}


def test_a_document_of_an_older_home_has_no_report_and_gets_one_when_it_is_read_again(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "library.db", isolation_level=None)
    old.executescript(f"{STEPS[0]} {STEPS[1]} PRAGMA user_version = 2;")
    old.execute("INSERT INTO collections VALUES (1, 'main', '2025-01-01')")
    old.execute(
        "INSERT INTO documents VALUES ('d1', 'ab', 'text/plain', 9, 'Old', 'en', 'Old text.', '[]', '[]',"
        " 'parsed', NULL, '2025-01-01')"
    )
    old.execute("INSERT INTO holdings VALUES (1, '/old.txt', 'd1', 9, NULL, NULL, '2025-01-01')")
    old.close()
    database = Database(tmp_path / "library.db")
    catalog = SqliteCatalog(database, "fingerprint")
    documents = catalog.documents
    assert (documents.all()[0].quality, documents.all()[0].needs_password) == (None, False)
    quality = Quality((2, 3), (3,), (4,), (5,), 6, 0.5)
    source = Source("/old.txt", "text/plain", 9, "ab")
    IngestQueue(database).add(1, "d1", source)
    catalog.memberships.store(1, "d1", source, Document("Old text.", "Old", quality=quality), [], [])
    assert documents.all()[0].quality == quality
    assert documents.get("d1").quality == quality
    assert documents.quality("d1") == quality
    database.close()


def test_a_home_of_the_first_schema_opens_and_its_pages_have_no_boxes(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "library.db", isolation_level=None)
    old.executescript(f"{STEPS[0]} PRAGMA user_version = 1;")
    old.execute(
        "INSERT INTO documents VALUES ('d1', 'ab', 'application/pdf', 9, 'Old', 'en', 'Old page.', '[]', '[]',"
        " 'parsed', NULL, '2025-01-01')"
    )
    old.execute("INSERT INTO pages VALUES ('d1', 1, 0, 9, NULL, '[[0,0,9,\"pdf\"]]')")
    old.close()
    database = Database(tmp_path / "library.db")
    page = Page(1, 0, 9, None, Alignment((AlignmentRun(0, 0, 9),)))
    documents = Documents(database, "fingerprint")
    assert documents.page("d1", 1) == page
    assert documents.get("d1").pages == (page,)
    database.close()
