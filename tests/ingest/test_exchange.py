"""A collection travels in a file from one home to another, and nothing in such a file is believed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.report import IngestReport, Status
from rag.errors import InputError, NotFound
from rag.types import DocumentState
from ui.hall import Studyhall

pytestmark = pytest.mark.slow

TRIES = "# Tries\n\nA trie stores strings by their letters. Looking one up takes time linear in its length.\n"
HEAPS = "# Heaps\n\nA heap keeps its smallest element at the root, and each child is larger than its parent.\n"


@pytest.fixture
def file(hall: Studyhall, tmp_path: Path) -> Path:
    """An exported collection of two documents, one with a tag."""
    (tmp_path / "course").mkdir()
    for name, text in (("tries.md", TRIES), ("heaps.md", HEAPS)):
        (tmp_path / "course" / name).write_text(text, encoding="utf-8")
    hall.ingest([tmp_path / "course"], collection="algorithms")
    hall.tag("tries.md", ["exam"])
    exported = tmp_path / "algorithms.studyhall"
    assert hall.export_collection("algorithms", exported) == 2
    return exported


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Studyhall]:
    with Studyhall.open(tmp_path / "other") as opened:
        yield opened


def imported(hall: Studyhall, file: Path, collection: str = "") -> IngestReport:
    *_, report = hall.import_events(file, collection=collection)
    assert isinstance(report, IngestReport)
    return report


def test_a_collection_is_the_same_in_another_home(hall: Studyhall, file: Path, other: Studyhall) -> None:
    assert [document.status for document in imported(other, file).documents] == [Status.ADDED] * 2
    there, here = (
        [(info.collection, info.source, info.title, info.state, info.chunks) for info in home.documents()]
        for home in (other, hall)
    )
    assert there == here
    assert other.tags("tries.md") == hall.tags("tries.md") == ["exam"]
    asked = [home.search("time to look up a string").passages[0] for home in (hall, other)]
    assert asked[0].dense == pytest.approx(asked[1].dense, abs=1e-6)
    assert all(finding.well for finding in other.examine())
    assert other.orphans() == []


def test_it_goes_under_another_name_beside_what_is_there(file: Path, hall: Studyhall) -> None:
    imported(hall, file, "copy")
    assert {(info.name, info.documents) for info in hall.collections()} == {("algorithms", 2), ("copy", 2)}
    assert [document.status for document in imported(hall, file).documents] == [Status.UNCHANGED] * 2


def test_an_unknown_collection_is_told(hall: Studyhall, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        hall.export_collection("nothing", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def rewritten(file: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """Write the file anew with its list of documents and its parts changed."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts.pop("collection.json"))
    change(manifest, parts)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("collection.json", json.dumps(manifest))
        for name, data in parts.items():
            archive.writestr(name, data)
    return file


def test_a_file_of_another_version_is_read_and_its_vectors_are_made_anew(file: Path, other: Studyhall) -> None:
    def change(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
        manifest |= {"version": "0.0.1"}
        for name in [name for name in parts if name.startswith("vectors/")]:
            parts[name] = b"of another version"

    imported(other, rewritten(file, change))
    assert {info.state for info in other.documents()} == {DocumentState.READY}
    assert other.search("time to look up a string").passages[0].dense


def test_vectors_that_are_none_are_made_anew(file: Path, other: Studyhall) -> None:
    def change(_: dict[str, Any], parts: dict[str, bytes]) -> None:
        for name in [name for name in parts if name.startswith("vectors/")]:
            parts[name] = b"\x93NUMPY nonsense"

    imported(other, rewritten(file, change))
    assert {info.state for info in other.documents()} == {DocumentState.READY}


def spoilt(_: dict[str, Any], parts: dict[str, bytes]) -> None:
    name = next(name for name in parts if name.startswith("files/"))
    parts[name] += b"!"


def without_a_file(_: dict[str, Any], parts: dict[str, bytes]) -> None:
    del parts[next(name for name in parts if name.startswith("files/"))]


def leading_out(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
    manifest["documents"][0]["sha256"] = "../../etc/passwd"


def without_documents(manifest: dict[str, Any], _: dict[str, bytes]) -> None:
    del manifest["documents"]


@pytest.mark.parametrize("change", [spoilt, without_a_file, leading_out, without_documents])
def test_a_damaged_file_is_told(change: Any, file: Path, other: Studyhall) -> None:
    with pytest.raises(InputError, match=r"no exported collection, or a damaged one"):
        imported(other, rewritten(file, change))


def test_what_is_no_such_file_is_told(other: Studyhall, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"something else")
    np.savez(tmp_path / "y.npz", a=np.zeros(3))
    for name in ("x", "y.npz", "nothing"):
        with pytest.raises(InputError):
            imported(other, tmp_path / name)


def test_of_a_damaged_file_nothing_is_taken(file: Path, other: Studyhall) -> None:
    def spoil_the_last(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
        parts[f"files/{manifest['documents'][-1]['sha256']}"] += b"!"

    with pytest.raises(InputError):
        imported(other, rewritten(file, spoil_the_last))
    assert (other.collections(), other.documents()) == ([], [])


def test_a_file_that_is_there_is_replaced_only_when_that_is_said(hall: Studyhall, file: Path) -> None:
    with pytest.raises(InputError, match=r"already.*--force"):
        hall.export_collection("algorithms", file)
    assert hall.export_collection("algorithms", file, replace=True) == 2
