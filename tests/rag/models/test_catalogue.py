"""The catalogue: what it holds, what is wrong with a bad one, and the files that a person may name."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import CatalogueError, InputError, NotFound
from rag.models.catalogue import HubFile, catalogue, find, hub_file, read_catalogue

SHA256 = "a" * 64
TINY = f"""
[tiny]
title = "Tiny"
repository = "me/Tiny-GGUF"
file = "tiny.gguf"
bytes = 1_000
sha256 = "{SHA256}"
licence = "MIT"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_catalogue_that_comes_along_is_read_smallest_first() -> None:
    sizes = [entry.bytes for entry in catalogue()]
    assert len(sizes) >= 14
    assert sizes == sorted(sizes)


def test_no_two_models_have_the_same_file_or_hash() -> None:
    entries = catalogue()
    assert len({entry.sha256 for entry in entries}) == len(entries)
    assert len({entry.hub_file.name for entry in entries}) == len(entries), "they share a folder"


def test_a_model_of_the_catalogue_is_pinned_and_its_hash_known() -> None:
    assert hub_file("Qwen3.5-2B") == HubFile(
        "unsloth/Qwen3.5-2B-GGUF",
        "Qwen3.5-2B-Q4_K_M.gguf",
        "f6d5376be1edb4d416d56da11e5397a961aca8ae",
        1_280_835_840,
        "aaf42c8b7c3cab2bf3d69c355048d4a0ee9973d48f16c731c0520ee914699223",
    )


def test_what_no_source_states_is_left_open() -> None:
    entry = find("eurollm-9b")
    assert (entry.revision, entry.layers, entry.context) == ("", 0, 0)
    assert entry.hub_file.revision == "main"


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.name)
def test_the_numbers_for_memory_are_all_there_or_none(entry: object) -> None:
    numbers = [getattr(entry, name) for name in ("layers", "kv_layers", "kv_heads", "head_length", "hidden", "context")]
    assert all(numbers) or not any(numbers)


def test_an_unknown_name_leads_to_those_that_are_near() -> None:
    with pytest.raises(NotFound, match="Did you mean qwen3-4b"):
        find("qwen3-4")


def test_a_name_that_is_near_to_none_leads_to_all() -> None:
    with pytest.raises(NotFound) as told:
        find("zzz")
    assert all(entry.name in told.value.remedy for entry in catalogue())


def test_what_a_model_may_leave_out_is_not_missed(tmp_path: Path) -> None:
    (entry,) = read_catalogue(written(tmp_path, TINY))
    assert (entry.name, entry.bytes, entry.languages, entry.thinking) == ("tiny", 1000, "", "")


@pytest.mark.parametrize(
    ("line", "instead", "says"),
    [
        pytest.param('title = "Tiny"', "", "tiny.title is missing", id="missing field"),
        pytest.param("bytes = 1_000", "bytes = 1_000\nsise = 3", "tiny.sise is no field", id="unknown field"),
        pytest.param("bytes = 1_000", 'bytes = "1 GB"', "tiny.bytes is '1 GB', but must be of type int", id="text"),
        pytest.param("bytes = 1_000", "bytes = true", "tiny.bytes is True", id="truth for a number"),
        pytest.param("bytes = 1_000", "bytes = 0", "tiny.bytes can't be 0", id="no bytes"),
        pytest.param(SHA256, "abc", "tiny.sha256 can't be 'abc'", id="short hash"),
        pytest.param('licence = "MIT"', 'licence = "MIT"\nrevision = "main"', "tiny.revision can't be", id="a branch"),
        pytest.param('"me/Tiny-GGUF"', '"Tiny-GGUF"', "tiny.repository can't be", id="no owner"),
        pytest.param('"tiny.gguf"', '"../tiny.gguf"', "tiny.file can't be", id="way up"),
        pytest.param('licence = "MIT"', 'licence = "MIT"\nthinking = "on"', "tiny.thinking can't be 'on'", id="word"),
        pytest.param("[tiny]", "tiny = 3\n[other]", "tiny is no table", id="no table"),
        pytest.param("[tiny]", "[tiny", "can't be read", id="no TOML"),
    ],
)
def test_what_is_wrong_in_a_catalogue_is_named(tmp_path: Path, line: str, instead: str, says: str) -> None:
    with pytest.raises(CatalogueError) as told:
        read_catalogue(written(tmp_path, TINY.replace(line, instead)))
    assert says in str(told.value)


def test_a_catalogue_that_is_missing_says_so(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="Install Studyhall again"):
        read_catalogue(tmp_path / "catalogue.toml")


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        pytest.param("me/Tiny-GGUF:tiny.gguf", HubFile("me/Tiny-GGUF", "tiny.gguf"), id="newest"),
        pytest.param("me/x:tiny.gguf@v2", HubFile("me/x", "tiny.gguf", "v2"), id="revision"),
        pytest.param("me/x:tiny.gguf@refs/pr/1", HubFile("me/x", "tiny.gguf", "refs/pr/1"), id="branch with slashes"),
        pytest.param("me/x:q4/TINY.GGUF", HubFile("me/x", "q4/TINY.GGUF"), id="in a folder"),
    ],
)
def test_any_file_of_the_hub_can_be_named(named: str, wanted: HubFile) -> None:
    assert hub_file(named) == wanted
    assert "/" not in wanted.name


@pytest.mark.parametrize(
    "named",
    [
        "me/x",
        "me/x:",
        "me/x:model.safetensors",
        "x:tiny.gguf",
        "me/x/y:tiny.gguf",
        "../x:tiny.gguf",
        "me/x:../tiny.gguf",
        "me/x:a//tiny.gguf",
        "me/x:/etc/tiny.gguf",
        "me/x:C:\\tiny.gguf",
        "me/x:.hidden.gguf",
        "https://huggingface.co/me/x/resolve/main/tiny.gguf",
    ],
)
def test_what_is_no_file_of_a_repository_is_refused_with_an_example(named: str) -> None:
    with pytest.raises(InputError, match="REPOSITORY:FILE, as in unsloth/"):
        hub_file(named)


def test_one_part_of_a_model_is_refused() -> None:
    with pytest.raises(InputError, match="one of several files"):
        hub_file("me/x:big-00001-of-00003.gguf")
