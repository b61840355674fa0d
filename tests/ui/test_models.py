"""`studyhall models recommend`, `show` and `test`, with real files of models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.answer.forms import FORMS
from rag.models.catalogue import catalogue, find
from rag.models.kept_forms import KeptForms
from tests.tiny_gguf import write_tiny_gguf
from ui.cli import main


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A tiny model."""
    return write_tiny_gguf(tmp_path / "tiny.gguf", context=4096)


def test_recommend_tells_what_the_computer_has_and_what_fits(
    own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "recommend"]) == 0
    told = capsys.readouterr().out
    assert " cores" in told
    assert "Memory: " in told
    assert all(entry.name in told for entry in catalogue())
    assert main(["models", "recommend", "--context", "2048", "--json"]) == 0
    short = json.loads(capsys.readouterr().out)
    assert short["computer"]["hardware"]["cores"] >= 1
    assert {"fits", "memory", "reads_per_s", "writes_per_s"} <= short["models"][0].keys()


def test_show_tells_the_memory_and_a_prompt_as_the_model_gets_it(
    own_home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "show", str(tiny)]) == 0
    told = capsys.readouterr().out
    assert "context of 4,096 tokens" in " ".join(told.split())
    assert "<|im_start|>user" in told
    assert "“plain”" in told
    KeptForms(own_home / "models").keep(tiny, "context")
    assert main(["models", "show", str(tiny)]) == 0
    told = capsys.readouterr().out
    assert "“context”" in told
    assert "<|im_start|>system" not in told


@pytest.mark.slow
def test_the_test_of_a_model_keeps_the_best_form_for_it(
    own_home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "test", str(tiny), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["cases"]) == 20 * len(FORMS)
    assert found["form"] == KeptForms(own_home / "models").get(tiny) == "plain"  # it only gets right what isn't there
    assert main(["models", "test", str(tiny), "--form", "example"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "→ example 4/20" in told
    assert "of memory" in told
    assert KeptForms(own_home / "models").get(tiny) == "plain"  # one form alone is no comparison


def test_what_cannot_be_tested_is_told_in_a_line(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, told in (
        ([], "No GGUF file is chosen"),
        (["ollama:qwen3"], "is on another server"),
        (["missing.gguf"], "no model 'missing.gguf'"),
        (["missing.gguf", "--form", "verse"], "no model"),
    ):
        assert main(["models", "test", *arguments]) == 1
        assert told in capsys.readouterr().err


def test_an_unknown_form_names_those_there_are(own_home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "test", str(tiny), "--form", "verse"]) == 1
    assert "plain, example, rules, context" in capsys.readouterr().err


def test_a_pulled_model_goes_by_its_name_in_the_catalogue(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "use", "qwen3-8b"]) == 1
    assert "studyhall models pull qwen3-8b" in capsys.readouterr().err
    (own_home / "models").mkdir(parents=True)
    write_tiny_gguf(own_home / "models" / find("qwen3-8b").file, context=4096)
    assert main(["models", "use", "qwen3-8b"]) == 0
    assert find("qwen3-8b").file in capsys.readouterr().out
