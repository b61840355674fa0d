"""What was dropped is in the queue before it is read, and the next ingestion reads it, whoever starts that."""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.accept.fetch import Fetched
from ingest.pipeline import ingest
from ingest.plan import Ingestion
from ingest.report import IngestReport, Status
from rag.types import DocumentState
from tests import pdf_samples
from tests.locked_zip import locked_zip
from ui.hall import Studyhall

pytestmark = pytest.mark.slow

TRIES = "# Tries\n\nA trie stores strings by their letters. Looking one up takes time linear in its length.\n"
HEAPS = "# Heaps\n\nA heap keeps its smallest element at the root, and each child is larger than its parent.\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def file(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def archive(**members: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        for name, text in members.items():
            zipped.writestr(f"{name}.md", text)
    return packed.getvalue()


def finish(home: Path) -> IngestReport:
    """Open a home again, as after a kill, and go on with what is in it."""
    with Studyhall.open(home) as hall:
        *_, report = hall.ingest_events([])
        assert all(info.state is DocumentState.READY for info in hall.documents()), hall.documents()
        assert hall.engine.library.queue.jobs() == []
        assert hall.engine.library.orphans() == []
    assert isinstance(report, IngestReport)
    return report


def titles(home: Path) -> list[str]:
    with Studyhall.open(home) as hall:
        return sorted(info.title for info in hall.documents())


def test_a_file_that_was_accepted_and_never_read_is_read_by_the_next_ingestion(home: Path, tmp_path: Path) -> None:
    with Studyhall.open(home) as hall:
        hall.accept(file(tmp_path, "upload", TRIES), uri="/uploads/main/tries.md")
        assert [(info.source, info.state) for info in hall.documents()] == [
            ("/uploads/main/tries.md", DocumentState.QUEUED)
        ]
    (tmp_path / "upload").unlink()
    (document,) = finish(home).documents
    assert (document.source, document.status) == ("/uploads/main/tries.md", Status.ADDED)
    assert titles(home) == ["Tries"]


def test_the_files_of_an_archive_that_was_accepted_are_read(home: Path, tmp_path: Path) -> None:
    with Studyhall.open(home) as hall:
        hall.accept(file(tmp_path, "a.zip", archive(tries=TRIES, heaps=HEAPS)), uri="/uploads/main/a.zip")
    assert [Path(document.source).name for document in finish(home).documents] == ["tries.md", "heaps.md"]
    assert titles(home) == ["Heaps", "Tries"]


def test_an_archive_that_needs_a_password_waits_for_it_over_a_restart(home: Path, tmp_path: Path) -> None:
    locked = locked_zip("notes.md", TRIES.encode(), pdf_samples.PASSWORD.encode())
    with Studyhall.open(home) as hall:
        job = hall.accept(file(tmp_path, "a.zip", locked), uri="/uploads/main/a.zip")
        *_, report = hall.ingest_events([job])
        assert report.documents[0].needs_password
    with Studyhall.open(home) as hall:
        (info,) = hall.documents()
        assert info.needs_password
        kept = hall.kept(info.document_id, "main")
        list(hall.ingest_events(kept, password=pdf_samples.PASSWORD))
        assert [info.source for info in hall.documents()] == ["/uploads/main/a.zip!/notes.md"]
    assert finish(home).documents == ()


def test_a_damaged_archive_stays_listed_with_the_reason(home: Path, tmp_path: Path) -> None:
    with Studyhall.open(home) as hall:
        job = hall.accept(file(tmp_path, "a.zip", archive(tries=TRIES)[:-30]), uri="/uploads/main/a.zip")
        *_, report = hall.ingest_events([job])
        assert report.documents[0].status is Status.FAILED
        (info,) = hall.documents()
        assert info.state is DocumentState.FAILED
        assert "damaged" in str(info.error)
        hall.remove(info.document_id)
        assert hall.engine.library.orphans() == []
    assert titles(home) == []


def test_an_address_that_was_accepted_is_fetched_by_the_next_ingestion(home: Path) -> None:
    url = "https://example.org/tries.html"
    page = b"<title>Tries</title><h1>Tries</h1><p>A trie stores strings by their letters.</p>"

    def fetch(asked: str, *, etag: str | None = None) -> Fetched:
        return Fetched(asked, None if etag else page, "text/html", "1")

    with Studyhall.open(home) as hall:
        hall.accept(url, collection="web")
        assert [(info.source, info.state) for info in hall.documents("web")] == [(url, DocumentState.QUEUED)]
    with Studyhall.open(home) as hall:
        plan = Ingestion(hall.engine.library, hall.engine.embedder, "main", fetch=fetch)
        *_, report = ingest([], plan)
        assert [(document.source, document.status) for document in report.documents] == [(url, Status.ADDED)]
        job = hall.accept(url, collection="web")
        *_, report = ingest([job], replace(plan, collection="web"))
        assert [document.status for document in report.documents] == [Status.UNCHANGED]
        assert hall.engine.library.queue.jobs() == []


def test_an_address_that_cannot_be_fetched_stays_listed_with_the_reason(home: Path) -> None:
    with Studyhall.open(home) as hall:
        job = hall.accept("http://127.0.0.1:9/nothing.html")
        *_, report = hall.ingest_events([job])
        assert report.documents[0].status is Status.FAILED
        assert [info.state for info in hall.documents()] == [DocumentState.FAILED]


def test_a_run_leaves_to_another_what_that_has_accepted(home: Path, tmp_path: Path) -> None:
    with Studyhall.open(home) as hall:
        first = hall.accept(file(tmp_path, "a", TRIES), uri="/uploads/main/tries.md")
        second = hall.accept(file(tmp_path, "b", HEAPS), uri="/uploads/main/heaps.md")
        for job in (first, second):
            *_, report = hall.ingest_events([job])
            assert [document.source for document in report.documents] == [job.source.uri]


def test_what_is_dropped_again_is_unchanged(home: Path, tmp_path: Path) -> None:
    with Studyhall.open(home) as hall:
        for status in (Status.ADDED, Status.UNCHANGED):
            job = hall.accept(file(tmp_path, "a", TRIES), uri="/uploads/main/tries.md")
            *_, report = hall.ingest_events([job])
            assert [document.status for document in report.documents] == [status]
    assert finish(home).documents == ()


def test_a_missing_original_is_kept_again_when_its_file_is_given(home: Path, tmp_path: Path) -> None:
    path = file(tmp_path, "tries.md", TRIES)
    with Studyhall.open(home) as hall:
        hall.ingest([path])
        (info,) = hall.documents()
        kept = hall.original(info.document_id)
        assert kept
        kept.unlink()
        assert [finding.what for finding in hall.examine() if not finding.well] == ["originals"]
        assert [document.status for document in hall.ingest([path]).documents] == [Status.UNCHANGED]
        assert kept.read_text(encoding="utf-8") == TRIES


# ---- what no document names


def lose_the_catalog(home: Path) -> None:
    for part in home.glob("library.db*"):
        part.unlink()


def test_after_a_lost_catalog_repairing_keeps_the_originals_and_recovering_brings_them_back(
    home: Path, tmp_path: Path
) -> None:
    with Studyhall.open(home) as hall:
        hall.ingest([file(tmp_path, "tries.md", TRIES)], collection="algorithms")
        job = hall.accept(file(tmp_path, "upload", HEAPS), uri="/uploads/main/heaps.md")
        list(hall.ingest_events([job]))
        before = [(info.collection, info.source, info.title) for info in hall.documents()]
    lose_the_catalog(home)
    with Studyhall.open(home) as hall:
        hall.repair()
        assert "2 are here that no document names" in str(hall.examine())
        *_, report = hall.recover_events()
        assert [document.status for document in report.documents] == [Status.ADDED] * 2
        assert sorted((info.collection, info.source, info.title) for info in hall.documents()) == sorted(before)
        assert hall.orphans() == []
        assert [finding for finding in hall.examine() if not finding.well] == []


def test_vectors_of_a_lost_catalog_are_not_taken_for_those_of_a_new_one(home: Path, tmp_path: Path) -> None:
    with Studyhall.open(home) as hall:
        hall.ingest([file(tmp_path, "tries.md", TRIES)], collection="first")
        hall.ingest([file(tmp_path, "heaps.md", HEAPS)], collection="second")
    lose_the_catalog(home)
    with Studyhall.open(home) as hall:
        hall.ingest([tmp_path / "heaps.md"], collection="second")  # has the number of the first one now
        assert [finding.what for finding in hall.examine() if not finding.well] == ["originals"]


def test_recovering_replaces_nothing_newer(home: Path, tmp_path: Path) -> None:
    with Studyhall.open(home) as hall:
        hall.ingest([file(tmp_path, "tries.md", TRIES)])
    lose_the_catalog(home)
    with Studyhall.open(home) as hall:
        hall.ingest([file(tmp_path, "tries.md", HEAPS)])
        list(hall.recover_events())
        names = {Path(info.source).name: info.title for info in hall.documents()}
        assert names == {"tries.md": "Heaps", "tries (recovered).md": "Tries"}


def test_an_upload_that_a_kill_cut_off_is_found(home: Path) -> None:
    with Studyhall.open(home) as hall:
        cut = hall.uploads / ".incoming" / "a1b2" / "tries.md"
        cut.parent.mkdir(parents=True)
        cut.write_text(TRIES, encoding="utf-8")
        assert hall.orphans() == []  # it may be on its way
        os.utime(cut, (0, 0))
        list(hall.recover_events())
        assert [(info.collection, Path(info.source).name) for info in hall.documents()] == [("main", "tries.md")]
        assert not cut.exists()


def test_orphans_can_be_deleted(home: Path, tmp_path: Path) -> None:
    with Studyhall.open(home) as hall:
        hall.ingest([file(tmp_path, "tries.md", TRIES)])
    lose_the_catalog(home)
    with Studyhall.open(home) as hall:
        assert (hall.discard_orphans(), hall.orphans()) == (1, [])
