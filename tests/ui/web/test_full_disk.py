"""A disk that is full: the reason is told, the rest goes on answering, and freeing space is enough to go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.report import Status
from rag.types import DocumentState
from tests.small_disk import fill, small_disk
from ui.hall import Studyhall
from ui.web.batches import Step, Upload
from ui.web.intake import Intake

pytestmark = pytest.mark.slow

FIRST = "# Tries\n\nA trie stores strings by their letters. Looking one up takes time linear in its length.\n"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 64) as mounted:
        yield mounted


def lecture(folder: Path, number: int) -> Path:
    path = folder / f"lecture {number}.md"
    sections = "\n\n".join(f"## Section {n}\n\n{f'Lecture {number} is about heaps. ' * 40}" for n in range(20))
    path.write_text(f"# Lecture {number}\n\n{sections}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("leave", [0, 3_000_000, 8_200_000])
def test_an_ingestion_on_a_full_disk_ends_and_the_next_one_completes_it(disk: Path, tmp_path: Path, leave: int) -> None:
    course = tmp_path / "course"
    course.mkdir()
    (course / "tries.md").write_text(FIRST, encoding="utf-8")
    with Studyhall.open(disk / "home") as hall:
        hall.ingest([course])
        for number in range(3):
            lecture(course, number)
        filling = fill(disk, leave=leave)
        report = hall.ingest([course])
        wrong = [document for document in report.documents if document.status is Status.FAILED]
        assert wrong
        assert all("disk" in str(document.error) for document in wrong)
        assert hall.search("time to look up a string").passages[0].title == "Tries"
        filling.unlink()
        assert hall.ingest([course]).count(Status.FAILED) == 0
        assert {info.state for info in hall.documents()} == {DocumentState.READY}
        assert len(hall.documents()) == 4
        assert all(finding.well for finding in hall.examine())


def test_the_page_goes_on_by_itself_once_there_is_room(disk: Path, tmp_path: Path) -> None:
    with Studyhall.open(disk / "home") as hall:
        (tmp_path / "tries.md").write_text(FIRST, encoding="utf-8")
        hall.ingest([tmp_path / "tries.md"])
        intake = Intake(hall, retry_s=0.1)
        filling = fill(disk, leave=8_200_000)
        uploads = [Upload(lecture(tmp_path, number), f"{number}.md") for number in range(3)]
        batch = intake.add(uploads=uploads, collection="main")
        list(intake.follow(batch))
        assert hall.is_unfinished() or batch.count(Step.FAILED)
        accepted = len(batch.jobs)
        filling.unlink()
        for _ in range(600):
            if len(hall.documents()) == accepted + 1 and not hall.is_unfinished():
                break
            time.sleep(0.1)
        intake.close()
        assert {info.state for info in hall.documents()} == {DocumentState.READY}
        assert len(hall.documents()) == accepted + 1
