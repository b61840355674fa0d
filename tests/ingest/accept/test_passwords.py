"""Files with a password: opened when it is given, kept as a copy that opens without, and the password nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.accept.archives import members
from ingest.accept.passwords import Unlock, may_be_locked, unlock
from ingest.loaders import load
from ingest.pages import render
from ingest.report import IngestReport, Status
from rag.errors import Locked
from rag.types import DocumentState, Source
from tests import pdf_samples
from tests.locked_zip import locked_zip
from ui.hall import Studyhall

MATERIAL = Path(__file__).parents[4] / "shared" / "data" / "fixtures" / "pdf" / "needs-password"
# Of those whose makers say it, in their names or in their projects' tests.
KNOWN = {
    "encryption__r2-user-password.pdf": "asdfzxcv",
    "encryption__r6-user-password.pdf": "asdfzxcv",
    "resources__crazyones-encrypted-256.pdf": "password",
}
NOTES = b"# Notes\n\nSecret recipes for sorting."


def work(data: bytes, password: str, name: str = "exam.pdf") -> Unlock:
    return Unlock(Source(name, "application/pdf", len(data), "0"), data, password)


def test_the_copy_opens_without_a_password_and_says_the_same() -> None:
    data = pdf_samples.encrypted()
    with pytest.raises(Locked):
        load(data, name="exam.pdf")
    copy = unlock(work(data, pdf_samples.PASSWORD))
    assert copy is not None
    assert load(copy, name="exam.pdf").text == load(pdf_samples.prose(), name="exam.pdf").text


def test_a_wrong_password_is_told_apart_from_none() -> None:
    with pytest.raises(Locked, match=r"exam\.pdf is protected by a password, and the one that was given") as caught:
        unlock(work(pdf_samples.encrypted(), "guessed"))
    assert "guessed" not in str(caught.value)


def test_what_opens_without_a_password_is_left_as_it_is() -> None:
    data = pdf_samples.locked_for_printing()
    assert may_be_locked(data, "application/pdf")
    assert unlock(work(data, "anything")) is None
    assert not may_be_locked(pdf_samples.prose(), "application/pdf")


def test_the_password_does_not_stand_in_what_is_said_of_the_work() -> None:
    assert "hunter2" not in repr(work(b"%PDF", "hunter2"))


@pytest.mark.parametrize("name", KNOWN)
def test_files_of_other_projects_open_with_their_passwords(name: str) -> None:
    if not MATERIAL.is_dir():
        pytest.skip("the PDFs of other projects aren't beside this checkout")
    copy = unlock(work((MATERIAL / name).read_bytes(), KNOWN[name]))
    assert copy is not None
    assert load(copy, name=name).text.strip()


# ---- in a home


def files_with(password: str, folder: Path) -> list[str]:
    """Return the files of a home in which a password stands."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path.relative_to(folder).as_posix() for path in files if password.encode() in path.read_bytes()]


def one(report: IngestReport) -> tuple[Status, bool]:
    (document,) = report.documents
    return document.status, document.needs_password


@pytest.fixture
def exam(tmp_path: Path) -> Path:
    path = tmp_path / "exam.pdf"
    path.write_bytes(pdf_samples.encrypted())
    return path


@pytest.mark.slow
def test_a_file_that_needs_a_password_says_so_and_is_read_once_it_is_given(hall: Studyhall, exam: Path) -> None:
    report = hall.ingest([exam])
    assert one(report) == (Status.FAILED, True)
    assert "--password" in str(report.documents[0].error)
    assert [info.needs_password for info in hall.documents()] == [True]

    assert one(hall.ingest([exam], password="wrong")) == (Status.FAILED, True)
    assert "doesn't open it" in str(hall.documents()[0].error)

    assert one(hall.ingest([exam], password=pdf_samples.PASSWORD)) == (Status.ADDED, False)
    (info,) = hall.documents()
    assert (info.state, info.needs_password, info.source) == (DocumentState.READY, False, str(exam))
    assert len(list(hall.engine.home.files.glob("*/*[0-9a-f]"))) == 1, "of the locked original nothing is left"


@pytest.mark.slow
def test_its_pages_are_shown_and_it_is_read_again_without_the_password(hall: Studyhall, exam: Path) -> None:
    hall.ingest([exam], password=pdf_samples.PASSWORD)
    (info,) = hall.documents()
    original, page = hall.original(info.document_id), hall.page(info.document_id, 1)
    assert original
    assert page
    assert render(original, page, [(0, 20)]).boxes

    exam.touch()
    assert one(hall.ingest([exam])) == (Status.UNCHANGED, False)
    assert one(hall.ingest([exam], force=True)) == (Status.UPDATED, False)
    assert one(hall.ingest([exam], collection="other")) == (Status.ADDED, False)


@pytest.mark.slow
def test_what_waits_for_its_password_is_read_from_what_was_kept(hall: Studyhall, exam: Path) -> None:
    hall.ingest([exam])
    exam.unlink()
    (info,) = hall.documents()
    events = hall.ingest_events(hall.kept(info.document_id, "main"), password=pdf_samples.PASSWORD)
    assert one(next(event for event in events if isinstance(event, IngestReport))) == (Status.ADDED, False)
    assert hall.documents()[0].state is DocumentState.READY


@pytest.mark.slow
def test_the_password_is_written_down_nowhere(hall: Studyhall, exam: Path, capfd: pytest.CaptureFixture[str]) -> None:
    hall.ingest([exam], password="wr0ng-passw0rd")
    hall.ingest([exam], password=pdf_samples.PASSWORD)
    out, err = capfd.readouterr()
    for password in ("wr0ng-passw0rd", pdf_samples.PASSWORD):
        assert files_with(password, hall.engine.home.folder) == []
        assert password not in out + err


# ---- archives


def test_an_archive_with_a_password_opens_with_it_only() -> None:
    data = locked_zip("notes.md", NOTES, b"abc")
    with pytest.raises(Locked, match=r"a\.zip is protected"):
        list(members(data, "a.zip"))
    with pytest.raises(Locked, match="doesn't open it"):
        list(members(data, "a.zip", password="wrong"))
    assert [member.content for member in members(data, "a.zip", password="abc")] == [NOTES]
