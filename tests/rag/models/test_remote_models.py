"""The models on other servers that a home knows: what is kept of them, and what is refused."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import HomeError, InputError, SettingsError
from rag.models.remote import RemoteModel
from rag.models.remote_models import REMOTE_FILE, RemoteModels, find_remote
from tests.tiny_gguf import write_tiny_gguf

CAMPUS = RemoteModel("campus", "qwen3-32b", "https://llm.example.edu/v1", "CAMPUS_KEY")
DESK = RemoteModel("desk.2", 'a "model" \\ 7b', "http://127.0.0.1:8080/v1")


def test_what_is_added_is_there_until_it_is_removed(tmp_path: Path) -> None:
    known = RemoteModels(tmp_path / "models")
    assert known.all() == {}
    known.add(CAMPUS)
    known.add(DESK)
    assert RemoteModels(tmp_path / "models").all() == {"campus": CAMPUS, "desk.2": DESK}
    known.add(replace(CAMPUS, model="qwen3-8b"))
    assert known.all()["campus"].model == "qwen3-8b"
    known.remove("campus")
    known.remove("campus")
    assert known.all() == {"desk.2": DESK}
    assert [path.name for path in (tmp_path / "models").iterdir()] == [REMOTE_FILE]


def test_the_file_holds_the_name_of_the_variable_and_not_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPUS_KEY", "sk-secret")
    RemoteModels(tmp_path).add(CAMPUS)
    written = (tmp_path / REMOTE_FILE).read_text(encoding="utf-8")
    assert tomllib.loads(written)["campus"]["key_from"] == "CAMPUS_KEY"
    assert "sk-secret" not in written


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080/v1/chat/completions", "http://127.0.0.1:8080/v1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_url_is_kept_as_the_base_of_the_api(given: str, kept: str, tmp_path: Path) -> None:
    assert RemoteModels(tmp_path).check(replace(CAMPUS, url=given)).url == kept


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8080",
        "ftp://gpu/v1",
        "http://",
        "http://gpu:99999/v1",
        "http://me:secret@gpu/v1",
        "http://gpu/v1?key=secret",
        "http://gpu /v1",
        "http://gpü/v1",
        "http://[::1/v1",
    ],
)
def test_what_is_no_address_or_holds_a_password_is_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no address of a server") as told:
        RemoteModels(tmp_path).check(replace(CAMPUS, url=url))
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("name", ["", "none", "a:b", "a/b", "..", "x.gguf", "x.GGUF", "two words", "-m", "ä", "a" * 65])
def test_a_name_that_could_be_a_file_or_a_provider_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be a name"):
        RemoteModels(tmp_path).check(replace(CAMPUS, name=name))


def test_a_name_that_a_file_has_is_refused(tmp_path: Path) -> None:
    write_tiny_gguf(tmp_path / "tiny.gguf")
    for name in ("tiny", "qwen3-4b", "smollm2"):
        with pytest.raises(InputError, match=f"{name} is the name of a GGUF file"):
            RemoteModels(tmp_path).add(replace(CAMPUS, name=name))


@pytest.mark.parametrize("key", ["sk-proj-0123456789abcdef", "sk0123abc", "CAMPUS KEY", "1KEY"])
def test_a_key_in_place_of_its_variables_name_is_refused_and_not_repeated(key: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="never the key") as told:
        RemoteModels(tmp_path).add(replace(CAMPUS, key_from=key))
    assert key not in str(told.value)
    assert not (tmp_path / REMOTE_FILE).exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("[campus", id="no TOML"),
        pytest.param("campus = 1", id="no table"),
        pytest.param('[campus]\nmodel = "m"', id="no url"),
        pytest.param('[campus]\nurl = 1\nmodel = "m"', id="a number"),
        pytest.param('[campus]\nurl = "gpu"\nmodel = "m"', id="no address"),
        pytest.param('[campus]\nurl = "http://gpu"\nmodel = "m"\nkey = "sk-1"', id="a key"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / REMOTE_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=REMOTE_FILE) as told:
        find_remote("campus", tmp_path)
    assert "\n" not in str(told.value)
    assert find_remote("qwen.gguf", tmp_path) is None  # files don't depend on it


def test_a_file_that_cannot_be_written_is_told_and_stays_as_it_is(tmp_path: Path) -> None:
    RemoteModels(tmp_path).add(DESK)
    (tmp_path / "remote.new").mkdir()  # where the file would be written first
    with pytest.raises(HomeError, match="can't be written"):
        RemoteModels(tmp_path).add(CAMPUS)
    assert [*RemoteModels(tmp_path).all()] == [DESK.name]


def test_a_name_means_a_model_that_was_added_or_a_provider_or_else_a_file(tmp_path: Path) -> None:
    RemoteModels(tmp_path).add(CAMPUS)
    assert find_remote("campus", tmp_path) == CAMPUS
    found = find_remote("ollama:qwen3", tmp_path)
    assert found is not None
    assert (found.provider, found.model) == ("ollama", "qwen3")
    for name in ("other", "qwen.gguf", "/models/campus", "C:/models/qwen.gguf", "none"):
        assert find_remote(name, tmp_path) is None
