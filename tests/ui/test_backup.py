"""A home is backed up while it is in use, and is the same after it was put back."""

from __future__ import annotations

import shutil
import threading
import zipfile
from pathlib import Path

import pytest

from rag.errors import HomeError, InputError
from rag.types import DocumentState
from tests.conftest import SAMPLE_COURSE
from tests.small_disk import small_disk
from ui.hall import Studyhall

pytestmark = pytest.mark.slow

QUESTION = "Why does BM25 divide by the length of the document?"


@pytest.fixture
def used(hall: Studyhall) -> Studyhall:
    """A home with the sample course, a tag, a second collection and a setting."""
    hall.ingest([SAMPLE_COURSE])
    hall.ingest([next(SAMPLE_COURSE.glob("*.md"))], collection="other")
    hall.tag(hall.documents("other")[0].document_id, ["exam"])
    (hall.engine.home.folder / "presets.toml").write_text('short = "Be brief."\n', encoding="utf-8")
    return hall


def everything(hall: Studyhall) -> list[object]:
    return [
        [(info.collection, info.source, info.title, info.state, info.chunks, info.added) for info in hall.documents()],
        [hall.document(info.document_id) for info in hall.documents()],
        [hall.tags(info.document_id) for info in hall.documents("other")],
        [(passage.text, round(passage.score, 4)) for passage in hall.search(QUESTION).passages],
    ]


def test_a_home_is_the_same_after_it_was_put_back(used: Studyhall, tmp_path: Path) -> None:
    made = used.back_up(tmp_path / "backup.zip")
    assert made.documents == len({info.document_id for info in used.documents()})
    with Studyhall.restore(tmp_path / "backup.zip", tmp_path / "again") as again:
        list(again.ingest_events([]))
        assert everything(again) == everything(used)
        assert all(finding.well for finding in again.examine())
        assert (again.engine.home.folder / "presets.toml").is_file()
    assert list(tmp_path.glob(".*")) == []


def test_vectors_that_are_in_it_are_not_made_again(used: Studyhall, tmp_path: Path) -> None:
    used.back_up(tmp_path / "backup.zip")
    with Studyhall.restore(tmp_path / "backup.zip", tmp_path / "again") as again:
        library = again.engine.library
        number = library.catalog.collections.number("main")
        held = used.engine.library.vectors.count(used.engine.library.catalog.collections.number("main"))
        assert library.vectors.count(number) == held > 0


def test_without_vectors_it_is_smaller_and_they_are_made_by_the_next_ingestion(used: Studyhall, tmp_path: Path) -> None:
    whole = used.back_up(tmp_path / "whole.zip")
    small = used.back_up(tmp_path / "small.zip", vectors=False)
    assert (small.vectors, small.size < whole.size) == (0, True)
    with Studyhall.restore(tmp_path / "small.zip", tmp_path / "again") as again:
        assert {info.state for info in again.documents()} == {DocumentState.PARSED}
        assert again.search(QUESTION).passages  # by words
        list(again.ingest_events([]))
        assert everything(again) == everything(used)


def test_what_is_removed_while_it_is_made_is_whole_in_it(used: Studyhall, tmp_path: Path) -> None:
    before = len(used.documents())

    def remove() -> None:
        used.remove_collection("other")
        used.remove(used.documents()[0].document_id)

    removing = threading.Thread(target=remove)
    with used.engine.library.originals.pinned():
        removing.start()
        removing.join()
        used.back_up(tmp_path / "backup.zip")
    used.engine.library.settle()
    assert used.orphans() == []
    with Studyhall.restore(tmp_path / "backup.zip", tmp_path / "again") as again:
        assert len(again.documents()) < before
        assert [finding.what for finding in again.examine() if not finding.well] in ([], ["vectors"])


def test_a_home_with_documents_is_not_overwritten(used: Studyhall, tmp_path: Path) -> None:
    used.back_up(tmp_path / "backup.zip")
    folder = used.engine.home.folder
    used.close()
    with pytest.raises(InputError, match="has documents already"):
        Studyhall.restore(tmp_path / "backup.zip", folder)


def test_a_damaged_backup_is_told_and_leaves_no_catalog(used: Studyhall, tmp_path: Path) -> None:
    used.back_up(tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name in parts if name.startswith("files/") and not name.endswith(".json"))
    for number, changed in enumerate(
        [{name: b"other"}, {"library.db": b"no database" * 500}, {"studyhall.json": b"{}"}]
    ):
        with zipfile.ZipFile(tmp_path / "spoilt.zip", "w") as archive:
            for part, data in (parts | changed).items():
                archive.writestr(part, data)
        with pytest.raises(InputError):
            Studyhall.restore(tmp_path / "spoilt.zip", tmp_path / f"again{number}")
        assert not (tmp_path / f"again{number}" / "library.db").exists()
    for wrong in (tmp_path / "nothing.zip", Path(__file__)):
        with pytest.raises(InputError):
            Studyhall.restore(wrong, tmp_path / "again")


def test_a_disk_without_room_is_told(used: Studyhall, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        shutil.copyfile(next(SAMPLE_COURSE.glob("*.pdf")), disk / "filling")
        with pytest.raises(HomeError, match="can't be written"):
            used.back_up(disk / "backup.zip")
        assert [path.name for path in disk.iterdir()] == ["filling"]


def test_a_file_that_is_there_is_replaced_only_when_that_is_said(used: Studyhall, tmp_path: Path) -> None:
    used.back_up(tmp_path / "backup.zip")
    with pytest.raises(InputError, match=r"already.*--force"):
        used.back_up(tmp_path / "backup.zip")
    used.back_up(tmp_path / "backup.zip", replace=True)


def test_a_collection_is_no_backup_and_the_right_command_is_named(used: Studyhall, tmp_path: Path) -> None:
    used.export_collection("other", tmp_path / "other.studyhall")
    with pytest.raises(InputError, match="collections import"):
        Studyhall.restore(tmp_path / "other.studyhall", tmp_path / "again")
    used.back_up(tmp_path / "backup.zip")
    with pytest.raises(InputError, match="studyhall restore"):
        list(used.import_events(tmp_path / "backup.zip"))
