"""Settings: defaults, then the file, then the environment."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import SettingsError
from rag.settings import SETTINGS_FILE, Settings, load_settings, save_setting

ABOVE_BY_ONE = {
    "candidates": 1001,
    "dense_weight": 1.01,
    "dense_weight_foreign": 1.01,
    "dense_weight_across": 1.01,
    "document_weight": 11.0,
    "passage_tokens": 200_001,
    "refuse_below": 1.01,
    "supported_from": 1.01,
    "context_tokens": 1_000_001,
    "answer_tokens": 32_769,
    "prompt_seconds": 3601,
    "temperature": 2.01,
    "gpu_layers": 10_001,
    "threads": 1025,
    "port": 65_536,
    "upload_mb": 100_001,
}


def write(home: Path, content: str) -> Path:
    path = home / SETTINGS_FILE
    path.write_text(content, encoding="utf-8")
    return path


def test_a_home_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}) == Settings()
    assert load_settings(tmp_path / "missing", {}) == Settings()
    assert not (tmp_path / "missing").exists()


def test_the_file_is_read_and_the_environment_goes_over_it(tmp_path: Path) -> None:
    write(tmp_path, 'port = 8000  # mine\nmodel = "qwen.gguf"\ntemperature = 1\n')
    settings = load_settings(tmp_path, {"STUDYHALL_PORT": "9000", "STUDYHALL_TEMPERATURE": "0.5"})
    assert (settings.port, settings.model, settings.temperature) == (9000, "qwen.gguf", 0.5)
    assert type(load_settings(tmp_path, {}).temperature) is float


def test_the_own_environment_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYHALL_THREADS", "3")
    assert load_settings(tmp_path).threads == 3


def test_the_hub_is_the_settings_own_or_that_of_other_programs(tmp_path: Path) -> None:
    others = {"HF_ENDPOINT": "https://mirror.example"}
    assert load_settings(tmp_path, {}).hub == "https://huggingface.co"
    assert load_settings(tmp_path, others).hub == "https://mirror.example"
    write(tmp_path, 'hub = "http://127.0.0.1:8000/hub"\n')
    assert load_settings(tmp_path, others).hub == "http://127.0.0.1:8000/hub"
    assert load_settings(tmp_path, {**others, "STUDYHALL_HUB": "https://own.example"}).hub == "https://own.example"


@pytest.mark.parametrize(
    "hub", ["", "mirror.example", "ftp://mirror.example", "https://", "https://a b", "https://me:secret@a"]
)
def test_a_hub_that_is_no_address_is_refused(tmp_path: Path, hub: str) -> None:
    with pytest.raises(SettingsError, match=r"hub is .* but must be an address"):
        load_settings(tmp_path, {"STUDYHALL_HUB": hub})


def test_what_is_no_address_in_a_variable_of_other_programs_is_left_aside(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"HF_ENDPOINT": "mirror.example"}) == Settings()


def test_an_unknown_name_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    path = write(tmp_path, "prot = 8000\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, {})
    assert str(path) in str(caught.value)
    assert "'prot'" in str(caught.value)
    assert all(field.name in str(caught.value) for field in fields(Settings))


@pytest.mark.parametrize(("name", "value"), ABOVE_BY_ONE.items())
def test_a_value_out_of_range_is_refused_with_the_range(name: str, value: float, tmp_path: Path) -> None:
    for home, environ in ((tmp_path, {}), (tmp_path / "none", {f"STUDYHALL_{name.upper()}": str(value)})):
        write(tmp_path, f"{name} = {value}\n")
        with pytest.raises(SettingsError, match=f"{name} is .* must be between"):
            load_settings(home, environ)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('port = "eight"', id="letters for a number"),
        pytest.param("port = true", id="truth for a number"),
        pytest.param("port = [7861]", id="list"),
        pytest.param("port = 7861.5", id="half a port"),
        pytest.param("port = inf", id="infinite port"),
        pytest.param("port = nan", id="no number as a port"),
        pytest.param("temperature = inf", id="infinite"),
        pytest.param("temperature = nan", id="no number"),
        pytest.param('temperature = ""', id="empty"),
        pytest.param("model = 2026-01-01", id="date"),
        pytest.param('quantisation = "int4"', id="quantisation"),
        pytest.param("[server]\nport = 1", id="table"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(line: str, tmp_path: Path) -> None:
    write(tmp_path, line)
    with pytest.raises(SettingsError):
        load_settings(tmp_path, {})


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"port = = 1", id="not TOML"),
        pytest.param(b'model = "C:\\Users"', id="single backslashes"),
        pytest.param("model = 'Übung'".encode("latin-1"), id="not UTF-8"),
        pytest.param(b"port = 1\nport = 2", id="twice"),
    ],
)
def test_a_broken_file_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / SETTINGS_FILE
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="is not valid TOML") as caught:
        load_settings(tmp_path, {})
    assert str(path) in str(caught.value)


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Windows' editors write one."""
    (tmp_path / SETTINGS_FILE).write_bytes("port = 8000\n".encode("utf-8-sig"))
    assert load_settings(tmp_path, {}).port == 8000


def test_saving_keeps_the_other_lines_and_comments(tmp_path: Path) -> None:
    path = write(tmp_path, '# my settings\nport = 8000  # mine\n\nmodel = "old.gguf"\n# end\n')
    save_setting(tmp_path, "model", "new.gguf")
    kept = path.read_text(encoding="utf-8").splitlines()
    assert kept == ["# my settings", "port = 8000  # mine", "", "# end", 'model = "new.gguf"']
    assert load_settings(tmp_path, {}).port == 8000


def test_saving_a_number_twice_leaves_one_line(tmp_path: Path) -> None:
    save_setting(tmp_path, "temperature", 0.5)
    save_setting(tmp_path, "temperature", 1)
    assert (tmp_path / SETTINGS_FILE).read_text(encoding="utf-8") == "temperature = 1\n"


def test_saving_over_a_quoted_name_replaces_it(tmp_path: Path) -> None:
    write(tmp_path, '"model" = "old.gguf"\n')
    save_setting(tmp_path, "model", "new.gguf")
    assert load_settings(tmp_path, {}).model == "new.gguf"


@pytest.mark.parametrize(
    "model", [r"C:\models\new.gguf", "Übung/größe.gguf", 'a "b".gguf', "#1 = x", "a\nb", "模型 🎓"]
)
def test_what_is_saved_is_read_back(model: str, tmp_path: Path) -> None:
    save_setting(tmp_path, "model", model)
    save_setting(tmp_path, "port", 8000)
    assert load_settings(tmp_path, {}).model == model


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_saved_and_read_back(tmp_path_factory: pytest.TempPathFactory, model: str) -> None:
    home = tmp_path_factory.mktemp("home")
    save_setting(home, "model", model)
    save_setting(home, "port", 8000)
    assert load_settings(home, {}).model == model


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    save_setting(tmp_path, "port", 8000)
    assert [path.name for path in tmp_path.iterdir()] == [SETTINGS_FILE]
    assert tomllib.loads((tmp_path / SETTINGS_FILE).read_text(encoding="utf-8")) == {"port": 8000}
