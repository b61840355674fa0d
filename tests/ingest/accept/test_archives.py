"""Archives: which files they give, under which names, and what is refused before it is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from ingest.accept import archives
from ingest.accept.archives import Member, cleaned, members
from ingest.report import DocumentReport, Status
from rag.errors import Damaged, PasswordNeeded, SourceError, Unsupported
from rag.types import DocumentState
from tests.ingest.loaders.samples import workbook, zipped
from ui.hall import Studyhall

TRIES = "# Tries\n\nA trie stores strings by their letters. Looking one up takes time linear in its length.\n"


def names(data: bytes) -> list[str]:
    return [member.name for member in members(data, "a.zip")]


def contents(data: bytes) -> dict[str, bytes | SourceError | None]:
    return {member.name: member.content for member in members(data, "a.zip")}


def test_documents_are_given_with_their_names_and_others_only_named() -> None:
    book = workbook({"A": [["x"]]})
    given = contents(zipped({"week 1/notes.md": "# One", "data.xlsx": book, "film.mp4": b"\x00\x00\x00\x18ftyp"}))
    assert given == {"week 1/notes.md": b"# One", "data.xlsx": book, "film.mp4": None}


def test_what_systems_leave_in_archives_is_passed_over() -> None:
    left = ("__MACOSX/._a.md", ".git/config.md", "a/.hidden.md", "~$essay.docx", "node_modules/x/index.js", "folder/")
    assert names(zipped(dict.fromkeys([*left, "a.md"], "text"))) == ["a.md"]


def test_archives_in_archives_are_opened_to_a_depth_of_two() -> None:
    deepest = zipped({"deep.md": "deep"})
    given = contents(zipped({"Part-1.zip": zipped({"b.md": "b", "in.zip": deepest}), "c.md": "c"}))
    assert given["Part-1.zip!/b.md"] == b"b"
    assert given["c.md"] == b"c"
    refused = given["Part-1.zip!/in.zip"]
    assert isinstance(refused, Unsupported)
    assert "too deep" in str(refused)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param("../../etc/passwd.md", "etc/passwd.md", id="upwards"),
        pytest.param("/root/a.md", "root/a.md", id="from the root"),
        pytest.param("C:\\Temp\\..\\a.md", "Temp/a.md", id="from Windows"),
        pytest.param("a\n\x1b[31m.md", "a[31m.md", id="control characters"),
        pytest.param("..", "", id="nothing left"),
    ],
)
def test_a_name_leads_nowhere_but_into_the_archive(path: str, said: str) -> None:
    assert cleaned(path) == said


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_two() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("a.md", "one")
        target.writestr("../a.md", "two")
    assert contents(file.getvalue()) == {"a.md": b"one", "a (2).md": b"two"}


def test_names_in_utf_8_are_read_though_nothing_says_so() -> None:
    data = zipped({"Übung.md": "x"})
    unsaid = data
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = unsaid.index(magic) + at
        unsaid = unsaid[:start] + b"\x00\x00" + unsaid[start + 2 :]
    assert names(unsaid) == ["Übung.md"]


def archive_of(*raw: bytes, extra: bytes = b"") -> bytes:
    """Make an archive whose names are these bytes, and aren't marked as UTF-8."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for number, name in enumerate(raw):
            entry = zipfile.ZipInfo("stuvw"[number] * len(name))
            entry.extra = extra
            target.writestr(entry, "x")
    data = file.getvalue()
    for number, name in enumerate(raw):
        data = data.replace(b"stuvw"[number : number + 1] * len(name), name)
    return data


@pytest.mark.parametrize(
    ("said", "encoding"),
    [
        (["Übung 1/Größen.md", "Übung 1/Lösung.md"], "cp850"),
        (["Übung 1/Größen.md", "Übung 1/Lösung.md"], "cp437"),
        (["Übung 1/Größen.md", "Übung 1/Lösung.md"], "cp1252"),
        (["数据结构/第一章 排序.md", "数据结构/第二章 图.md"], "gbk"),
        (["講義/第一回 ソート.md", "講義/資料の表.md"], "cp932"),
        (["Лекция 3/задачи.md", "Лекция 3/решения.md"], "cp866"),
        (["Übung 1/Größen.md", "Übung 1/Lösung.md"], "utf-8"),
    ],
)
def test_unmarked_names_are_guessed_all_together(said: list[str], encoding: str) -> None:
    assert names(archive_of(*(name.encode(encoding) for name in said))) == said


def test_a_second_name_in_utf_8_counts() -> None:
    raw, real = b"Gr__e one.md", "Größe eins.md"
    body = b"\x01" + struct.pack("<L", zlib.crc32(raw)) + real.encode()
    assert names(archive_of(raw, extra=struct.pack("<HH", 0x7075, len(body)) + body)) == [real]
    other = b"\x01" + struct.pack("<L", 1) + real.encode()
    assert names(archive_of(raw, extra=struct.pack("<HH", 0x7075, len(other)) + other)) == [raw.decode()]


def test_an_archive_that_cannot_be_opened_says_why() -> None:
    data = zipped({"a.md": "text"})
    with pytest.raises(Damaged, match=r"a\.zip is damaged"):
        list(members(data[:-30], "a.zip"))
    locked = bytearray(data)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(magic) + at] |= 1
    with pytest.raises(PasswordNeeded, match=r"a\.zip is protected"):
        list(members(bytes(locked), "a.zip"))


def test_a_damaged_file_does_not_hide_the_others() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:  # stored as it is, so that its letters can be changed
        target.writestr("a.md", "the first text")
        target.writestr("b.md", "the second text")
    given = contents(file.getvalue().replace(b"the first text", b"THE FIRST TEXT"))
    assert isinstance(given["a.md"], Damaged)
    assert given["b.md"] == b"the second text"


def bomb(size: int) -> bytes:
    """Make an archive of a few bytes that says it holds a file of `size`."""
    data = bytearray(zipped({"a.md": "x"}))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, size)
    return bytes(data)


def test_a_bomb_is_refused_without_being_unpacked() -> None:
    with pytest.raises(Unsupported, match="times its size"):
        list(members(bomb(3_000_000_000), "a.zip"))


def test_a_bomb_within_an_archive_is_refused_and_the_rest_is_given() -> None:
    given = contents(zipped({"bomb.zip": bomb(3_000_000_000), "a.md": "text"}))
    assert isinstance(given["bomb.zip"], Unsupported)
    assert given["a.md"] == b"text"


def test_a_file_gives_no_more_than_it_said() -> None:
    lying = bytearray(zipped({"a.md": "x" * 100_000}))
    struct.pack_into("<I", lying, lying.index(b"PK\x01\x02") + 24, 10)
    (member,) = members(bytes(lying), "a.zip")
    assert isinstance(member.content, Damaged) or len(member.content or b"") <= 10


def test_files_are_counted_over_all_archives_within(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_FILES", 5)
    inner = zipped({"1.md": "1", "2.md": "2"})
    given = list(members(zipped({"a.zip": inner, "b.zip": inner}), "x.zip"))
    assert [member.name for member in given] == ["a.zip!/1.md", "a.zip!/2.md", "b.zip"]
    assert isinstance(given[-1], Member)
    assert "more than Studyhall unpacks" in str(given[-1].content)


# ---- through the pipeline


def by_name(documents: tuple[DocumentReport, ...]) -> dict[str, DocumentReport]:
    return {document.source.partition("course.zip")[2]: document for document in documents}


@pytest.mark.slow
def test_the_report_lists_each_file_of_an_archive(hall: Studyhall, tmp_path: Path) -> None:
    path = tmp_path / "course.zip"
    path.write_bytes(zipped({"a/tries.md": TRIES, "bad.pdf": "%PDF-1.7 cut", "film.mp4": b"\x00\x01"}))
    report = hall.ingest([tmp_path])
    given = by_name(report.documents)
    assert {name: document.status for name, document in given.items()} == {
        "!/a/tries.md": Status.ADDED,
        "!/bad.pdf": Status.FAILED,
    }
    assert [name.partition("course.zip")[2] for name in report.skipped] == ["!/film.mp4"]
    assert hall.search("trie strings").passages[0].source == f"{path}!/a/tries.md"
    ready = [info for info in hall.documents() if info.state is DocumentState.READY]
    assert [info.title for info in ready] == ["Tries"]


@pytest.mark.slow
def test_only_the_changed_files_of_an_archive_are_read_again(hall: Studyhall, tmp_path: Path) -> None:
    path = tmp_path / "course.zip"
    path.write_bytes(zipped({"a.md": TRIES, "b.md": "# Heaps\n\nA heap is a tree in an array."}))
    hall.ingest([path])
    assert {document.status for document in hall.ingest([path]).documents} == {Status.UNCHANGED}
    path.write_bytes(zipped({"a.md": TRIES, "b.md": "# Heaps\n\nA heap is a tree that lies in an array."}))
    given = by_name(hall.ingest([path]).documents)
    assert given["!/a.md"].status is Status.UNCHANGED
    assert given["!/b.md"].status is Status.UPDATED
    assert len(hall.documents()) == 2


@pytest.mark.slow
def test_a_file_in_an_archive_can_be_named(hall: Studyhall, tmp_path: Path) -> None:
    path = tmp_path / "course.zip"
    path.write_bytes(zipped({"a.md": TRIES, "b.md": "# Heaps\n\nA heap is a tree in an array."}))
    (report,) = hall.ingest([f"{path}!/b.md"]).documents
    assert (report.source, report.status) == (f"{path}!/b.md", Status.ADDED)
    (missing,) = hall.ingest([f"{path}!/c.md"]).documents
    assert "holds no c.md" in str(missing.error)


@pytest.mark.slow
def test_an_archive_that_cannot_be_opened_is_reported_and_the_rest_goes_on(hall: Studyhall, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"a.md": TRIES})[:-30])
    (tmp_path / "b.zip").write_bytes(zipped({"photo.bin": b"\x00\x01"}))
    (tmp_path / "c.md").write_text(TRIES)
    given = {Path(document.source).name: document for document in hall.ingest([tmp_path]).documents}
    assert "is damaged" in str(given["a.zip"].error)
    assert "holds no documents" in str(given["b.zip"].error)
    assert given["c.md"].status is Status.ADDED


def test_an_entry_without_a_name_is_passed_over() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x", "nothing")
        archive.writestr("notes.md", "# Notes\n\nAbout heaps.")
    data = bytearray(packed.getvalue())
    # The central directory's entry of "x" says that its name has no letters, and that what follows is a comment.
    at = data.index(b"PK\x01\x02")
    data[at + 28 : at + 30], data[at + 32 : at + 34] = b"\x00\x00", b"\x01\x00"
    assert [member.name for member in members(bytes(data), "a.zip")] == ["notes.md"]
