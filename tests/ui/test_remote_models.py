"""`studyhall models add`, `use` and `remove` for models on other servers, and questions that such a model answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.models.remote_models import RemoteModels
from rag.settings import load_settings, save_setting
from tests.loopback_chat import LoopbackChat, Manner, serving
from ui.cli import app, main

FAR = ["models", "add", "campus", "--url", "https://llm.example.edu/v1", "--model", "qwen3"]
SENTENCE = "Questions and excerpts of your documents are sent to llm.example.edu, where campus answers."
NOTE = "# Heaps\n\nA binary heap keeps its smallest element at the root. Taking it out costs logarithmic time.\n"
WRITTEN = "A binary heap keeps its smallest element at the root."


@pytest.fixture
def chat() -> Iterator[LoopbackChat]:
    pytest.importorskip("langchain_openai", reason="langchain-openai is an extra")
    with serving(LoopbackChat(WRITTEN)) as served:
        yield served


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "heaps.md"
    path.write_text(NOTE, encoding="utf-8")
    return path


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what was printed, on one line."""
    return " ".join(capsys.readouterr().out.split())


def test_a_model_that_is_added_is_listed_chosen_and_forgotten(
    chat: LoopbackChat, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "add", "desk", "--url", chat.url]) == 0
    assert f"desk is tiny at {chat.url}. Choose it: studyhall models use desk" in told(capsys)
    assert main(["models", "use", "desk"]) == 0
    assert "Answers are written by desk now" in told(capsys)
    assert main(["models", "list"]) == 0
    assert f"→ desk tiny at {chat.url}" in told(capsys)
    assert main(["models", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    remote = [{"name": "desk", "url": chat.url, "model": "tiny", "key_from": ""}]
    assert listed == {"models": [], "remote": remote, "chosen": "desk"}
    assert main(["models", "remove", "desk"]) == 0
    assert RemoteModels(own_home / "models").all() == {}
    assert load_settings(own_home).model == ""


def test_a_model_that_is_named_is_added_although_its_server_does_not_run(own_home: Path) -> None:
    assert main(["models", "add", "desk", "--url", "http://127.0.0.1:1/v1", "--model", "tiny"]) == 0
    assert RemoteModels(own_home / "models").all()["desk"].model == "tiny"


def test_without_a_name_for_the_model_the_server_must_have_one(
    chat: LoopbackChat, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chat.models = ("a", "b")
    assert main(["models", "add", "desk", "--url", chat.url]) == 1
    assert "127.0.0.1 has 2 models: a, b. Name one with --model." in capsys.readouterr().err
    assert RemoteModels(own_home / "models").all() == {}


def test_before_anything_leaves_this_computer_it_is_said_and_asked(
    chat: LoopbackChat, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = RemoteModels(own_home / "models")
    refused = CliRunner().invoke(app, FAR, input="n\n")
    assert refused.exit_code == 1
    assert SENTENCE in " ".join(refused.output.split())
    assert known.all() == {}
    assert CliRunner().invoke(app, FAR, input="y\n").exit_code == 0
    assert [*known.all()] == ["campus"]
    refused = CliRunner().invoke(app, ["models", "use", "campus"], input="n\n")
    assert SENTENCE in " ".join(refused.output.split())
    assert load_settings(own_home).model == ""
    assert CliRunner().invoke(app, ["models", "use", "campus"], input="y\n").exit_code == 0
    assert load_settings(own_home).model == "campus"


def test_yes_answers_before_it_is_asked_and_the_sentence_is_said_all_the_same(
    chat: LoopbackChat, own_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    assert main([*FAR, "--yes"]) == 0
    assert SENTENCE in told(capsys)
    assert main(["models", "use", "openai:gpt-5", "--yes"]) == 0
    assert "sent to api.openai.com, where openai:gpt-5 answers." in told(capsys)
    assert load_settings(own_home).model == "openai:gpt-5"


def test_a_model_of_this_computer_is_added_without_a_question(own_home: Path) -> None:
    added = CliRunner().invoke(app, ["models", "add", "desk", "--url", "http://localhost:1/v1", "--model", "m"])
    assert added.exit_code == 0
    assert "Is that meant" not in added.output


def test_offline_no_model_of_another_computer_is_asked_or_chosen(
    own_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDYHALL_OFFLINE", "1")
    assert main([*FAR[:-2], "--yes"]) == 1
    assert "STUDYHALL_OFFLINE is set, and llm.example.edu is another computer" in capsys.readouterr().err
    assert main([*FAR, "--yes"]) == 0  # only a name is kept
    assert main(["models", "use", "campus", "--yes"]) == 1
    assert "another computer" in capsys.readouterr().err


def test_what_is_only_for_files_says_so(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([*FAR, "--yes"])
    for command in ("show", "test"):
        assert main(["models", command, "campus"]) == 1
        assert f"campus is on another server: this is for files only. Name a GGUF file: studyhall models {command}" in (
            capsys.readouterr().err
        )


@pytest.mark.slow
def test_a_question_is_answered_by_the_model_of_a_server(
    chat: LoopbackChat, note: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ingest", str(note)])
    main(["models", "add", "desk", "--url", chat.url])
    capsys.readouterr()
    assert main(["ask", "What does a binary heap keep at the root?", "-m", "desk", "--json"]) == 0
    answered = capsys.readouterr()
    answer = json.loads(answered.out)
    assert (answer["status"], answer["model"]) == ("answered", "desk")
    assert answer["tokens"] == {"prompt": 1000, "answer": len(WRITTEN.split())}
    assert answered.err == ""  # nothing left this computer


@pytest.mark.slow
@pytest.mark.parametrize("manner", [Manner(breaks_after=4), Manner(ends=False), Manner(503, "{}")], ids=str)
def test_where_a_server_fails_the_quotes_stand_and_say_why(
    manner: Manner, chat: LoopbackChat, note: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ingest", str(note)])
    main(["models", "add", "desk", "--url", chat.url])
    capsys.readouterr()
    chat.manners += [manner, manner]
    assert main(["ask", "What does a binary heap keep at the root?", "-m", "desk", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "quoted"
    assert answer["citations"][0]["quote"] == WRITTEN
    assert answer["notes"][0].startswith(f"The language model gave no answer: The server 127.0.0.1:{chat.port} ")
    assert "Ask again" in answer["notes"][0]


@pytest.mark.slow
def test_a_question_to_another_computer_says_so_on_stderr_and_without_its_key_the_quotes_stand(
    note: Path, own_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    main(["ingest", str(note)])
    capsys.readouterr()
    question = ["ask", "What does a binary heap keep at the root?"]
    assert main([*question, "-m", "openai:gpt-5", "--json"]) == 0
    answered = capsys.readouterr()
    assert answered.err.startswith("Questions and excerpts of your documents are sent to api.openai.com")
    answer = json.loads(answered.out)
    assert answer["status"] == "quoted"
    assert answer["notes"][0].startswith("The language model gave no answer: openai:gpt-5 needs ")
    monkeypatch.setenv("STUDYHALL_MODEL", "openai:gpt-5")
    main(question)
    assert "sent to api.openai.com" in capsys.readouterr().err
    main([*question, "--quote"])
    assert capsys.readouterr().err == ""
    monkeypatch.delenv("STUDYHALL_MODEL")
    save_setting(own_home, "model", "openai:gpt-5")  # as `models use` does, which has asked
    main(question)
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_the_doctor_tells_where_the_model_is_and_what_is_missing(
    chat: LoopbackChat, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["models", "add", "desk", "--url", chat.url])
    main(["models", "use", "desk"])
    capsys.readouterr()
    main(["doctor"])
    assert "desk: tiny on 127.0.0.1" in told(capsys)
    main(["models", "add", "desk", "--url", chat.url, "--model", "tiny", "--key-from", "MISSING_KEY"])
    assert main(["doctor"]) == 1
    assert "the variable MISSING_KEY is not set" in told(capsys)
