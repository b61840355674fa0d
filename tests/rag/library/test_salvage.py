"""A damaged catalog: what can be read of it is saved, the rest can be ingested again, and nothing is deleted."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import HomeError
from rag.library.salvage import salvage
from rag.types import DocumentState
from ui.hall import Studyhall

pytestmark = pytest.mark.slow

DOCUMENTS = 24


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of documents long enough to fill many pages of the file."""
    course = tmp_path / "course"
    course.mkdir()
    for number in range(DOCUMENTS):
        told = "\n\n".join(f"## Part {part}\n\n{f'Lecture {number} says {part}. ' * 30}" for part in range(6))
        (course / f"{number:02}.md").write_text(f"# Lecture {number}\n\n{told}\n", encoding="utf-8")
    with Studyhall.open(tmp_path / "home") as hall:
        hall.ingest([course])
        hall.tag("03.md", ["exam"])
    with closing(sqlite3.connect(tmp_path / "home" / "library.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return tmp_path / "home"


def overwrite_pages(data: bytearray) -> None:
    """Overwrite some pages in the second half, where rows lie."""
    for number in random.Random(5).sample(range(len(data) // 8192, len(data) // 4096), 6):
        data[number * 4096 : (number + 1) * 4096] = b"\xa5" * 4096


def cut_off(data: bytearray) -> None:
    del data[len(data) * 2 // 3 // 4096 * 4096 :]


def zero_the_header(data: bytearray) -> None:
    data[:100] = bytes(100)


def empty(data: bytearray) -> None:
    data[:] = b"not a database at all " * 300


def is_noticed(home: Path) -> bool:
    """Say whether `doctor` tells that the catalog is damaged, and what to do."""
    with Studyhall.open(home) as hall:
        try:
            return any(finding.what == "catalog" and not finding.well for finding in hall.examine())
        except HomeError as exc:
            return "is damaged" in str(exc) and "doctor --repair" in str(exc)


@pytest.mark.parametrize("damage", [overwrite_pages, cut_off, zero_the_header, empty])
def test_after_a_repair_and_a_recovery_everything_is_there_again(
    home: Path, damage: Callable[[bytearray], None]
) -> None:
    file = home / "library.db"
    data = bytearray(file.read_bytes())
    damage(data)
    file.write_bytes(data)
    assert is_noticed(home)
    with Studyhall.open(home) as hall:
        (told,) = hall.repair()
        assert "The catalog was damaged" in told
        list(hall.ingest_events([]))
        saved = len(hall.documents())
        assert {info.state for info in hall.documents()} <= {DocumentState.READY}
        assert len(hall.orphans()) == DOCUMENTS - saved
        list(hall.recover_events())
        assert sorted(Path(info.source).name for info in hall.documents()) == [f"{n:02}.md" for n in range(DOCUMENTS)]
        assert {info.state for info in hall.documents()} == {DocumentState.READY}
        assert all(finding.well for finding in hall.examine())
        assert hall.search("Lecture 7 says").passages
    assert len(list(home.glob("library.damaged-*.db"))) == 1


def test_of_a_few_damaged_pages_most_documents_are_saved(home: Path) -> None:
    file = home / "library.db"
    data = bytearray(file.read_bytes())
    at = len(data) * 3 // 4 // 4096 * 4096
    data[at : at + 4096] = b"\xa5" * 4096
    file.write_bytes(data)
    saved = salvage(file)
    assert saved is None or saved.documents > DOCUMENTS // 2


def test_an_intact_catalog_is_left_alone(home: Path) -> None:
    before = (home / "library.db").read_bytes()
    assert salvage(home / "library.db") is None
    assert salvage(home / "nothing.db") is None
    assert (home / "library.db").read_bytes() == before


def test_the_loss_of_the_latest_changes_is_noticed(home: Path, tmp_path: Path) -> None:
    older = (home / "library.db").read_bytes()
    (tmp_path / "new.md").write_text("# New\n\nThis came after the copy of the catalog was made.\n", encoding="utf-8")
    with Studyhall.open(home) as hall:
        hall.ingest([tmp_path / "new.md"])
    (home / "library.db").write_bytes(older)
    for part in ("-wal", "-shm"):
        (home / f"library.db{part}").unlink(missing_ok=True)
    with Studyhall.open(home) as hall:
        found = {finding.what: finding.seen for finding in hall.examine() if not finding.well}
        assert "1 are here that no document names" in found["originals"]
        list(hall.recover_events())
        assert "new.md" in {Path(info.source).name for info in hall.documents()}
