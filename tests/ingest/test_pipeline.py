"""Ingesting: what becomes of good files, changed files, bad files, and of a run that was stopped."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ingest.accept.fetch import Fetched
from ingest.pipeline import ingest
from ingest.plan import Ingestion
from ingest.report import Begun, Done, Embedding, FileRead, IngestReport, Status
from rag.errors import Unreadable
from rag.library.repair import examine
from rag.types import DocumentState
from ui.hall import Studyhall

pytestmark = pytest.mark.slow

LATIN = "Gallia est omnis divisa in partes tres. Unam incolunt Belgae, aliam Aquitani."
TRIES = "# Tries\n\nA trie stores strings by their letters. Looking one up takes time linear in its length.\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def statuses(report: IngestReport) -> dict[str, Status]:
    return {Path(document.source).name: document.status for document in report.documents}


def test_a_document_is_found_by_words_and_by_meaning_after_its_ingestion(hall: Studyhall, tmp_path: Path) -> None:
    write(tmp_path, "tries.md", TRIES)
    report = hall.ingest([tmp_path / "tries.md"])
    assert statuses(report) == {"tries.md": Status.ADDED}
    passage = hall.search("how long does looking up a string take?").passages[0]
    assert passage.lexical
    assert passage.dense
    assert [info.state for info in hall.documents()] == [DocumentState.READY]


def test_an_unchanged_file_is_skipped_without_being_read(hall: Studyhall, tmp_path: Path) -> None:
    path = write(tmp_path, "tries.md", TRIES)
    hall.ingest([path])
    before = path.stat()
    path.write_text(TRIES.replace("letters", "LETTERS"), encoding="utf-8")
    import os

    # Same size and time: the file must not even be opened, so the change goes unseen.
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert statuses(hall.ingest([path])) == {"tries.md": Status.UNCHANGED}


def test_a_run_without_anything_new_loads_neither_the_model_nor_chroma(hall: Studyhall, tmp_path: Path) -> None:
    path = write(tmp_path, "tries.md", TRIES)
    hall.ingest([path])
    hall.close()
    code = (
        "import sys, threading; from ui.hall import Studyhall\n"
        "with Studyhall.open(sys.argv[1]) as hall: hall.ingest([sys.argv[2]])\n"
        "threads = {thread.name for thread in threading.enumerate()}\n"
        "print(sorted({'chromadb', 'onnxruntime'} & set(sys.modules) | {'vectors'} & threads))"
    )
    command = [sys.executable, "-c", code, str(hall.engine.home.folder), str(path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_touched_file_with_the_same_content_is_unchanged(hall: Studyhall, tmp_path: Path) -> None:
    path = write(tmp_path, "tries.md", TRIES)
    hall.ingest([path])
    path.touch()
    assert statuses(hall.ingest([path])) == {"tries.md": Status.UNCHANGED}


def test_a_changed_file_takes_the_place_of_its_old_version(hall: Studyhall, tmp_path: Path) -> None:
    path = write(tmp_path, "note.txt", LATIN)
    old = hall.ingest([path]).documents[0]
    path.write_text("The Krebs cycle turns acetyl groups into carbon dioxide.", encoding="utf-8")
    new = hall.ingest([path]).documents[0]
    assert new.status is Status.UPDATED
    assert [info.document_id for info in hall.documents()] == [new.document_id]
    assert old.document_id != new.document_id
    assert len(list(hall.engine.home.files.glob("*/*[0-9a-f]"))) == 1
    found = hall.search("Gallia Belgae").passages
    assert {passage.document_id for passage in found} == {new.document_id}


def test_a_changed_file_that_cannot_be_read_leaves_the_old_version_answering(hall: Studyhall, tmp_path: Path) -> None:
    path = write(tmp_path, "note.txt", LATIN)
    hall.ingest([path])
    path.write_bytes(b"%PDF-1.7 and then nothing of the kind")
    report = hall.ingest([path])
    assert statuses(report) == {"note.txt": Status.FAILED}
    assert "Belgae" in hall.search("Belgae").passages[0].text


def test_a_forced_ingestion_reads_again_and_leaves_nothing_double(hall: Studyhall, tmp_path: Path) -> None:
    path = write(tmp_path, "tries.md", TRIES)
    hall.ingest([path])
    hall.ingest([path], collection="other")
    report = hall.ingest([path], force=True)
    assert statuses(report) == {"tries.md": Status.UPDATED}
    assert sorted(info.collection for info in hall.documents()) == ["main", "other"]
    assert all(info.state is DocumentState.READY for info in hall.documents())
    library = hall.engine.library
    chunks = library.catalog.documents.counts(hall.documents()[0].document_id)[1]
    assert {library.vectors.count(library.catalog.collections.number(name)) for name in ("main", "other")} == {chunks}


def test_the_same_content_under_two_names_is_one_document(hall: Studyhall, tmp_path: Path) -> None:
    write(tmp_path, "a/tries.md", TRIES)
    write(tmp_path, "b/tries.md", TRIES)
    hall.ingest([tmp_path])
    assert len({info.document_id for info in hall.documents()}) == 1
    assert len(hall.documents()) == 2
    assert len(hall.search("trie").passages) == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        pytest.param("empty.txt", b"", "is empty", id="empty"),
        pytest.param("cut.pdf", b"%PDF-1.7\n1 0 obj", "damaged", id="damaged pdf"),
        pytest.param("noise.md", bytes(range(256)) * 20, "binary", id="binary"),
        pytest.param("deck.pptx", b"PK\x03\x04 but no container", "damaged", id="damaged office file"),
    ],
)
def test_a_bad_file_is_reported_with_its_reason_and_the_rest_goes_on(
    hall: Studyhall, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    write(tmp_path, "good.md", TRIES)
    report = hall.ingest([tmp_path / name, tmp_path / "good.md"])
    assert statuses(report) == {name: Status.FAILED, "good.md": Status.ADDED}
    error = next(document.error for document in report.documents if document.error)
    assert name in error
    assert says in error
    failed = next(info for info in hall.documents() if info.state is DocumentState.FAILED)
    assert failed.error == error


def test_a_failed_file_is_tried_again_when_it_has_been_mended(hall: Studyhall, tmp_path: Path) -> None:
    path = write(tmp_path, "note.txt", "")
    hall.ingest([path])
    path.write_text(LATIN, encoding="utf-8")
    hall.ingest([path])
    assert [info.state for info in hall.documents()] == [DocumentState.READY]


def test_a_missing_path_and_a_folder_without_documents_are_in_the_report(hall: Studyhall, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    report = hall.ingest([tmp_path / "gone.pdf", tmp_path / "nothing"])
    errors = [document.error or "" for document in report.documents]
    assert "no such file" in errors[0]
    assert "no documents" in errors[1]


def test_an_empty_path_is_not_the_folder_one_is_in(
    hall: Studyhall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path, "tries.md", TRIES).parent)
    report = hall.ingest([""])
    assert [document.error for document in report.documents] == [
        "A path is empty. Name a file, a folder or a web address."
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in folders")
def test_a_pipe_is_not_waited_for(hall: Studyhall, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "notes.md")
    report = hall.ingest([tmp_path / "notes.md"])
    assert "notes.md is no file." in str(report.documents[0].error)


def test_a_folder_is_the_same_however_one_gets_there(
    hall: Studyhall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = write(tmp_path / "lectures", "old.md", LATIN)
    write(tmp_path / "lectures", "tries.md", TRIES)
    (tmp_path / "work").mkdir()
    hall.ingest([tmp_path / "lectures"])
    monkeypatch.chdir(tmp_path / "work")
    assert set(statuses(hall.ingest(["../lectures"])).values()) == {Status.UNCHANGED}
    gone.unlink()
    assert [Path(uri).name for uri in pruned(hall, Path("..", "lectures")).removed] == ["old.md"]
    assert len(hall.documents()) == 1


def test_the_folder_over_a_link_is_that_of_what_it_leads_to(hall: Studyhall, tmp_path: Path) -> None:
    write(tmp_path / "course", "tries.md", TRIES)
    (tmp_path / "course" / "week 1").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "course" / "week 1")
    report = hall.ingest([tmp_path / "link" / ".." / "tries.md"])
    assert [document.source for document in report.documents] == [str(tmp_path.resolve() / "course" / "tries.md")]


def test_files_of_other_kinds_in_a_folder_are_left_out_and_named(hall: Studyhall, tmp_path: Path) -> None:
    write(tmp_path, "tries.md", TRIES)
    (tmp_path / "talk.mp3").write_bytes(b"ID3\x04" + bytes(50))
    write(tmp_path, ".hidden.md", TRIES)
    report = hall.ingest([tmp_path])
    assert statuses(report) == {"tries.md": Status.ADDED}
    assert [Path(name).name for name in report.skipped] == ["talk.mp3"]


def test_a_folder_that_links_to_itself_ends(hall: Studyhall, tmp_path: Path) -> None:
    write(tmp_path, "tries.md", TRIES)
    (tmp_path / "again").symlink_to(tmp_path)
    assert statuses(hall.ingest([tmp_path])) == {"tries.md": Status.ADDED}


def test_the_events_count_up_and_end_with_the_report(hall: Studyhall, tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path, f"{number}.txt", f"{LATIN} {number}")
    events = list(hall.ingest_events([tmp_path]))
    assert events[0] == Begun(3)
    assert [event.number for event in events if isinstance(event, FileRead)] == [1, 2, 3]
    assert sum(isinstance(event, Done) for event in events) == 3
    embedded = [event for event in events if isinstance(event, Embedding)]
    assert embedded[-1].done == embedded[-1].total == 3
    assert isinstance(events[-1], IngestReport)


def test_what_was_accepted_before_a_stop_is_finished_by_the_next_ingestion(hall: Studyhall, tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path, f"{number}.txt", f"{LATIN} {number}")
    for event in hall.ingest_events([tmp_path]):
        if isinstance(event, FileRead) and event.number == 3:
            break
    for path in tmp_path.glob("*.txt"):
        path.unlink()  # what was accepted lives on in the home
    hall.ingest([])
    assert [info.state for info in hall.documents()] == [DocumentState.READY] * 5


def test_a_stopped_embedding_leaves_the_document_found_by_words(hall: Studyhall, tmp_path: Path) -> None:
    path = write(tmp_path, "tries.md", TRIES)
    stopped = threading.Event()
    stopped.set()
    list(hall.ingest_events([path], stopped=stopped))
    assert hall.search("trie").passages
    assert hall.ingest([]).documents == ()
    assert [info.state for info in hall.documents()] == [DocumentState.READY]


def page(text: str) -> bytes:
    return f"<html><head><title>Tries</title></head><body><article><p>{text}</p></article></body></html>".encode()


class Web:
    """A web of one page that remembers what it was asked."""

    def __init__(self, text: str, etag: str) -> None:
        self.text = text
        self.etag = etag
        self.asked: list[str | None] = []

    def __call__(self, url: str, *, etag: str | None = None) -> Fetched:
        self.asked.append(etag)
        if "gone" in url:
            raise Unreadable(f"{url} answered 404 Not Found.")
        if etag == self.etag:
            return Fetched(url, None, "", etag)
        return Fetched(url, page(self.text), "text/html", self.etag)


def test_a_web_page_is_fetched_again_only_when_it_changed(hall: Studyhall) -> None:
    web = Web(LATIN, '"1"')
    engine = hall.engine
    plan = Ingestion(engine.library, engine.embedder, "main", fetch=web)
    url = "https://example.org/tries"

    def status() -> Status:
        report = list(ingest([url], plan))[-1]
        assert isinstance(report, IngestReport)
        return report.documents[0].status

    assert [status(), status()] == [Status.ADDED, Status.UNCHANGED]
    web.text, web.etag = TRIES, '"2"'
    assert status() is Status.UPDATED
    assert web.asked == [None, '"1"', '"1"']
    assert hall.documents()[0].source == url


def test_an_unreachable_page_is_in_the_report(hall: Studyhall) -> None:
    engine = hall.engine
    plan = Ingestion(engine.library, engine.embedder, "main", fetch=Web("", ""))
    report = list(ingest(["https://example.org/gone"], plan))[-1]
    assert isinstance(report, IngestReport)
    assert "404" in (report.documents[0].error or "")


def pruned(hall: Studyhall, *targets: Path) -> IngestReport:
    report = list(hall.ingest_events(targets, prune=True))[-1]
    assert isinstance(report, IngestReport)
    return report


def test_what_has_left_its_folder_is_removed_when_asked_for(hall: Studyhall, tmp_path: Path) -> None:
    course, elsewhere = tmp_path / "course", tmp_path / "elsewhere"
    for path in (course / "a.txt", course / "week 1" / "b.txt", elsewhere / "c.txt"):
        write(path.parent, path.name, f"{LATIN} {path.name}")
    hall.ingest([course, elsewhere])
    (course / "week 1" / "b.txt").unlink()
    (elsewhere / "c.txt").unlink()
    assert hall.ingest([course]).removed == ()
    assert [Path(uri).name for uri in pruned(hall, course).removed] == ["b.txt"]
    assert sorted(Path(info.source).name for info in hall.documents()) == ["a.txt", "c.txt"]
    assert len(list(hall.engine.home.files.glob("*/*[0-9a-f]"))) == 2
    assert not [finding for finding in examine(hall.engine.library) if not finding.well]


def test_a_moved_file_is_known_by_its_content(hall: Studyhall, tmp_path: Path) -> None:
    before = write(tmp_path / "course", "old.md", TRIES)
    first = hall.ingest([tmp_path / "course"]).documents[0]
    before.rename(before.with_name("new.md"))
    report = pruned(hall, tmp_path / "course")
    assert [Path(info.source).name for info in hall.documents()] == ["new.md"]
    assert report.documents[0].document_id == first.document_id
    assert [info.state for info in hall.documents()] == [DocumentState.READY]


def test_a_folder_that_is_empty_or_gone_prunes_nothing(hall: Studyhall, tmp_path: Path) -> None:
    path = write(tmp_path / "drive", "tries.md", TRIES)
    hall.ingest([tmp_path / "drive"])
    path.unlink()
    assert pruned(hall, tmp_path / "drive").removed == ()
    (tmp_path / "drive").rmdir()
    assert pruned(hall, tmp_path / "drive").removed == ()
    assert len(hall.documents()) == 1


def test_a_failure_of_the_home_names_the_file_that_it_cost(hall: Studyhall, tmp_path: Path) -> None:
    path = write(tmp_path / "course", "tries.md", TRIES)
    # A file stands where the folder of originals should be: nothing can be kept, as on a full disk.
    hall.engine.home.files.rmdir()
    hall.engine.home.files.write_text("in the way")
    (failed,) = hall.ingest([path]).documents
    assert failed.status is Status.FAILED
    assert (failed.error or "").startswith(f"{path} was not ingested. A copy can't be kept")


def test_of_two_files_with_the_same_content_one_is_removed_alone(hall: Studyhall, tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        write(tmp_path, name, TRIES)
    hall.ingest([tmp_path])
    assert [Path(info.source).name for info in hall.documents()] == ["a.md", "b.md"]
    assert Path(hall.remove("a.md").source).name == "a.md"
    assert [Path(info.source).name for info in hall.documents()] == ["b.md"]
    assert Path(hall.search("how long does looking up a string take?").passages[0].source).name == "b.md"
    hall.ingest([tmp_path])
    (document_id,) = {info.document_id for info in hall.documents()}
    hall.remove(document_id)  # the content, under all its names
    assert hall.documents() == []
    assert hall.orphans() == []
