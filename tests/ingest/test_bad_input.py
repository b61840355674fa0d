"""What a folder of somebody else's files holds: one line each, the rest goes on, and nothing is lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.accept import sources
from ingest.accept.sources import uri_of
from ingest.report import FileRead, IngestReport, Status
from rag.errors import Unreadable
from rag.types import DocumentState
from tests import pdf_samples
from ui.hall import Studyhall
from ui.render.console import harmless, one_line

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
TRIES = "# Tries\n\nA trie stores strings by their letters.\n"
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def errors(report: IngestReport) -> list[str]:
    return [document.error for document in report.documents if document.error]


def read(hall: Studyhall, target: Path) -> IngestReport:
    """Ingest, but stop when all is read: embedding it would take minutes, and is not what is tested."""
    stopped = threading.Event()
    report = IngestReport()
    for event in hall.ingest_events([target], stopped=stopped):
        if isinstance(event, FileRead) and event.number == event.total:
            stopped.set()
        if isinstance(event, IngestReport):
            report = event
    return report


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("line\nbreak.md", id="a line end"),
        pytest.param("emoji 🎓.md", id="an emoji"),
        pytest.param("\x1b[31mred\x1b]0;title\x07.md", id="commands to the terminal"),
        pytest.param(os.fsdecode(b"week\xff 1.md"), id="bytes that are no text"),
        pytest.param("a%sb{c}[bold].md", id="marks of formats"),
    ],
)
def test_a_file_of_any_name_is_read_found_and_removed(name: str, hall: Studyhall, tmp_path: Path) -> None:
    folder = tmp_path / "course"
    folder.mkdir()
    try:
        (folder / name).write_text(TRIES, encoding="utf-8")
    except OSError:
        pytest.skip("this file system has no such names")
    report = hall.ingest([folder])
    assert errors(report) == []
    assert [Path(info.source).name for info in hall.documents()] == [Path(uri_of(Path(name))).name]
    assert hall.search("trie").passages[0].source.encode() == hall.documents()[0].source.encode()
    assert hall.ingest([folder]).count(Status.UNCHANGED) == 1
    (folder / name).unlink()
    (folder / "other.md").write_text(TRIES + "More.", encoding="utf-8")
    list(hall.ingest_events([folder], prune=True))
    assert [Path(info.source).name for info in hall.documents()] == ["other.md"]


def test_no_name_and_no_text_commands_the_terminal(tmp_path: Path) -> None:
    """What the commands print holds no escape sequence, and a name stays in its line."""
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "\x1b]0;title\x07\nnew line.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    (folder / "good\x1b[2J.md").write_text("# Tries \x1b[31m\n\nA trie\x9b2J stores strings by letters.\n")
    for arguments in (["ingest", str(folder)], ["docs", "list"], ["search", "trie"], ["ask", "What stores strings?"]):
        done = studyhall(*arguments, home=tmp_path / "home")
        assert "Traceback" not in done.stderr
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", done.stdout + done.stderr), arguments
        assert "\nnew line" not in done.stdout


def test_what_would_command_a_terminal_is_shown_instead() -> None:
    assert harmless("a\x1b[31m\tb\n") == "a�[31m\tb\n"
    assert harmless("Übung 🎓") == "Übung 🎓"
    assert harmless("abc\u202etxt.exe") == "abc�txt.exe"
    assert one_line("a\nb\x07") == "a�b�"


def test_links_that_lead_in_circles_are_told_and_the_rest_goes_on(hall: Studyhall, tmp_path: Path) -> None:
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "a.md").symlink_to("b.md")
    (folder / "b.md").symlink_to("a.md")
    (folder / "up").symlink_to(folder)
    (folder / "tries.md").write_text(TRIES, encoding="utf-8")
    report = hall.ingest([folder])
    assert report.count(Status.ADDED) == 1
    assert [("a.md" in error, "b.md" in error) for error in errors(report)] == [(True, False), (False, True)]


def test_a_link_that_leads_out_of_the_folder_is_reported_and_not_followed(hall: Studyhall, tmp_path: Path) -> None:
    folder, outside = tmp_path / "course", tmp_path / "outside"
    for place in (folder, outside):
        place.mkdir()
        (place / "notes.md").write_text(f"# Notes\n\nThese are the notes of {place.name}.\n", encoding="utf-8")
    (folder / "secret.md").symlink_to(outside / "notes.md")
    (folder / "more").symlink_to(outside)
    (folder / "same.md").symlink_to(folder / "notes.md")
    report = hall.ingest([folder])
    wrong = {Path(document.source).name: document.error for document in report.documents if document.error}
    assert wrong.keys() == {"more", "secret.md"}
    assert all("leads out of its folder" in str(error) for error in wrong.values())
    assert sorted(Path(info.source).name for info in hall.documents()) == ["notes.md", "same.md"]
    assert hall.ingest([folder / "secret.md"]).count(Status.ADDED) == 1  # it was named


def test_a_file_that_is_being_written_is_not_read_by_halves(tmp_path: Path) -> None:
    path = tmp_path / "growing.txt"
    path.write_bytes(bytes(20_000_000))
    ended = threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            while not ended.is_set():
                file.write(b"x")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(Unreadable, match="changes while it is read"):
            until = time.monotonic() + 120  # on a busy machine the writer may rest while many reads go by
            while time.monotonic() < until:
                sources.read(path)
    finally:
        ended.set()
        writer.join()
    assert len(sources.read(path)) == path.stat().st_size


def test_a_pdf_of_ten_thousand_pages_is_read_whole(hall: Studyhall, tmp_path: Path) -> None:
    page = pdf_samples.lines("Trees.")
    (tmp_path / "long.pdf").write_bytes(pdf_samples.pdf([page] * 9_999 + [pdf_samples.lines("The last one.")]))
    read(hall, tmp_path / "long.pdf")
    assert [(info.pages, info.error) for info in hall.documents()] == [(10_000, None)]
    assert hall.search("last").passages[0].page_end == 10_000


def test_a_pdf_with_a_page_of_two_hundred_inches_is_read(hall: Studyhall, tmp_path: Path) -> None:
    page = pdf_samples.SamplePage(pdf_samples.lines("A tall wall of text.", y=14_000), "/MediaBox [0 0 14400 14400]")
    (tmp_path / "wall.pdf").write_bytes(pdf_samples.pdf([page]))
    assert errors(hall.ingest([tmp_path / "wall.pdf"])) == []
    assert "tall wall" in hall.search("wall").passages[0].text


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("Übungen über große Bäume".encode("latin-1"), id="Latin-1"),
        pytest.param("Übungen über große Bäume".encode("utf-16"), id="UTF-16"),
        pytest.param(("Übungen über große Bäume. " * 4000).encode(), id="no line ends"),
    ],
)
def test_text_in_any_encoding_is_found(data: bytes, hall: Studyhall, tmp_path: Path) -> None:
    (tmp_path / "übung.txt").write_bytes(data)
    read(hall, tmp_path / "übung.txt")
    assert "große Bäume" in hall.search("Bäume").passages[0].text


# ---- a system that says no


# Takes from root what lets it read and write everything, then runs the rest of its line.
UNPRIVILEGED = """
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def studyhall(*arguments: str, home: Path, privileged: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command line in a process of its own, for which permissions count if asked."""
    if not privileged and not sys.platform.startswith("linux"):
        pytest.skip("only Linux can take from root what it may do")
    environment = {**os.environ, "STUDYHALL_HOME": str(home), "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200"}
    first = [] if privileged else ["-c", UNPRIVILEGED]
    command = [sys.executable, *first, "-c", "from ui.cli import run; run()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=home.parent, check=False)


def test_a_file_without_permission_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    course = tmp_path / "course"
    (course / "shut").mkdir(parents=True)
    (course / "tries.md").write_text(TRIES, encoding="utf-8")
    (course / "locked.md").write_text(TRIES + "more", encoding="utf-8")
    (course / "locked.md").chmod(0)
    (course / "shut").chmod(0)
    done = studyhall("ingest", str(course), "--json", home=tmp_path / "home", privileged=False)
    (course / "shut").chmod(0o700)
    report = json.loads(done.stdout)
    assert (report["added"], report["failed"], done.returncode) == (1, 2, 3), report
    told = [document["error"] for document in report["documents"] if document["error"]]
    assert ["locked.md can't be read: you may not read it." in told[0], "shut can't be read" in told[1]] == [True] * 2


def test_a_home_that_is_read_only_is_told_in_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o555)
    done = studyhall("docs", "list", home=home, privileged=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"studyhall: The home .* can't be used: .*--home.*\n", done.stderr), done.stderr


def test_a_library_that_is_read_only_is_told_in_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert studyhall("docs", "list", home=home).returncode == 0
    for path in home.glob("library.db*"):
        path.chmod(0o444)
    done = studyhall("collections", "create", "new", home=home, privileged=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"studyhall: The library .* read-only .*--home.*\n", done.stderr), done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if mount is None or not IS_ROOT or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_costs_no_document(small_disk: Path, tmp_path: Path) -> None:
    """What did not fit is told, file by file; with room again the next run completes."""
    course = tmp_path / "course"
    course.mkdir()
    for number in range(40):
        (course / f"{number:02}.txt").write_text(f"Document {number}. " + f"word{number} " * 60_000, encoding="utf-8")
    with Studyhall.open(small_disk / "home") as hall:
        report = read(hall, course)
        assert 0 < report.count(Status.FAILED) <= 40
        assert all("space" in error or "full" in error for error in errors(report))
        assert not [info for info in hall.documents() if info.state is DocumentState.FAILED]
    subprocess.run(["mount", "-o", "remount,size=400m", str(small_disk)], check=True)
    with Studyhall.open(small_disk / "home") as hall:
        assert errors(read(hall, course)) == []
        assert len(hall.documents()) == 40
        assert {info.state for info in hall.documents()} <= {DocumentState.PARSED, DocumentState.READY}
