"""The command line through its `main`: what it prints, on which stream, and its exit codes."""

import json
import re
from pathlib import Path

import pytest
import typer

from rag.library.home import Home
from tests.conftest import SAMPLE_COURSE
from tests.tiny_gguf import write_tiny_gguf
from ui.cli import app, main

NOTE = "# Heaps\n\nA binary heap keeps its smallest element at the root. Taking it out costs logarithmic time.\n"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "heaps.md"
    path.write_text(NOTE, encoding="utf-8")
    return path


def commands(group: typer.Typer, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return every command as the words that call it."""
    found = [(*prefix, command.name or "") for command in group.registered_commands]
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        found += commands(inner.typer_instance, (*prefix, inner.name or ""))
    return found


@pytest.mark.parametrize("command", commands(app), ids=" ".join)
def test_every_command_explains_itself_with_an_example(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"studyhall {' '.join(command)}" in shown
    assert re.search(r"Examples?\b", shown)


def test_the_commands_are_those_that_scripts_rely_on() -> None:
    assert {" ".join(command) for command in commands(app)} == {
        "demo",
        "ingest",
        "ask",
        "search",
        "chat",
        "ui",
        "doctor",
        "backup",
        "password",
        "restore",
        "eval",
        "docs list",
        "docs show",
        "docs tag",
        "docs move",
        "docs remove",
        "docs refresh",
        "docs export",
        "docs recover",
        "collections list",
        "collections create",
        "collections rename",
        "collections remove",
        "collections export",
        "collections import",
        "models list",
        "models add",
        "models pull",
        "models recommend",
        "models test",
        "models show",
        "models use",
        "models remove",
    }


@pytest.mark.slow
def test_ingest_ask_and_search_speak_json(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", str(note), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["added"] == 1
    assert report["documents"][0]["source"] == str(note)
    assert set(report["documents"][0]) == set(
        "source status document_id pages chunks seconds notes error quality needs_password".split()
    )

    assert main(["ask", "Where does a heap keep its smallest element?", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "quoted"
    citation = answer["citations"][0]
    assert citation["quote"] in NOTE
    assert NOTE[citation["start"] : citation["end"]] == citation["quote"]
    assert set(answer["timings"]) == {"retrieve_s", "first_token_s", "total_s"}

    assert main(["search", "logarithmic", "-k", "1", "--json"]) == 0
    passage = json.loads(capsys.readouterr().out)["passages"][0]
    assert passage["text"] == NOTE[passage["start"] : passage["end"]]
    assert {"rank", "score", "source", "title", "page", "page_end", "page_label", "heading", "chunk_id"} <= set(passage)


@pytest.mark.slow
def test_documents_are_listed_shown_exported_and_removed(
    note: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ingest", str(note), "-c", "cs"])
    capsys.readouterr()
    assert main(["docs", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["documents"]
    assert [(row["source"], row["collection"], row["state"]) for row in listed] == [(str(note), "cs", "ready")]
    assert main(["docs", "show", "heaps.md"]) == 0
    assert "Heaps" in capsys.readouterr().out
    assert main(["docs", "export", "heaps.md", "--to", str(tmp_path / "out.txt")]) == 0
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == NOTE
    assert main(["docs", "remove", "heaps.md", "--yes"]) == 0
    capsys.readouterr()
    main(["docs", "list", "--json"])
    assert json.loads(capsys.readouterr().out) == {"documents": []}


@pytest.mark.slow
def test_collections_are_created_listed_and_removed(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collections", "create", "Übungen WS 24"]) == 0
    assert main(["ingest", str(note), "-c", "Übungen WS 24"]) == 0
    capsys.readouterr()
    main(["collections", "list", "--json"])
    assert json.loads(capsys.readouterr().out)["collections"][0]["name"] == "Übungen WS 24"
    assert main(["collections", "remove", "Übungen WS 24", "--yes"]) == 0
    capsys.readouterr()
    main(["docs", "list", "--json"])
    assert json.loads(capsys.readouterr().out) == {"documents": []}


@pytest.mark.slow
def test_a_batch_with_a_bad_file_ends_with_code_3_and_names_it(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = note.with_name("bad.pdf")
    bad.write_bytes(b"%PDF-1.4 nothing")
    assert main(["ingest", str(note), str(bad), "--json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert (report["added"], report["failed"]) == (1, 1)
    assert "bad.pdf" in report["documents"][1]["error"]


@pytest.mark.parametrize(
    "arguments",
    [["frob"], ["ingest"], ["search", "x", "-k", "0"], ["docs", "list", "--home"], ["ask", "x", "--bogus"]],
    ids=" ".join,
)
def test_wrong_usage_is_code_2(arguments: list[str]) -> None:
    assert main(arguments) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ask", "", "--json"], "question is empty"),
        (["ask", "x", "-c", "nowhere"], "no collection 'nowhere'"),
        (["ask", "x", "--model", "missing.gguf"], "no model 'missing.gguf'"),
        (["docs", "show", "nothing"], "no document 'nothing'"),
        (["models", "use", "missing.gguf"], "no model 'missing.gguf'"),
    ],
    ids=["empty question", "unknown collection", "unknown model", "unknown document", "use of an unknown model"],
)
def test_what_cannot_be_done_is_code_1_with_one_line_on_stderr(
    arguments: list[str], says: str, note: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ingest", str(note)])
    capsys.readouterr()
    assert main(arguments) == 1
    shown = capsys.readouterr()
    assert says in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""


@pytest.mark.slow
def test_a_home_owned_by_another_process_says_who_owns_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import os

    owner = Home(tmp_path / "owned")
    assert main(["docs", "list", "--home", str(tmp_path / "owned")]) == 1
    assert f"in use by process {os.getpid()}" in capsys.readouterr().err
    owner.release()


@pytest.mark.slow
def test_home_may_stand_anywhere_in_the_line(note: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = str(tmp_path / "elsewhere")
    assert main(["--home", home, "ingest", str(note)]) == 0
    assert main(["docs", "list", f"--home={home}", "--json"]) == 0
    assert (tmp_path / "elsewhere" / "library.db").is_file()
    capsys.readouterr()
    main(["docs", "list", "--json"])
    assert json.loads(capsys.readouterr().out) == {"documents": []}


@pytest.mark.slow
def test_an_unanswerable_question_is_a_kind_of_answer(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["ingest", str(note)])
    capsys.readouterr()
    assert main(["ask", "Who painted the ceiling of the Sistine Chapel?", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["citations"]) == ("not_in_documents", [])


@pytest.mark.slow
def test_a_question_without_documents_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "Was ist ein Baum?", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "no_documents"
    assert "studyhall ingest" in answer["answer"]


@pytest.mark.slow
def test_doctor_finds_a_healthy_home_and_mends_a_broken_one(
    note: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rag.library.home import default_home
    from ui.hall import Studyhall

    main(["ingest", str(note)])
    assert main(["doctor"]) == 0
    assert "embedder: studyhall-en-de, int8" in capsys.readouterr().out
    with Studyhall.open(default_home()) as hall:
        hall.engine.library.vectors.drop()
    assert main(["doctor"]) == 1
    assert "vectors" in capsys.readouterr().out
    assert main(["doctor", "--repair"]) == 0
    assert main(["doctor"]) == 0


@pytest.mark.slow
def test_the_demo_answers_from_the_sample_course(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    shown = capsys.readouterr().out
    assert "lecture-notes.pdf" in shown
    assert "page" in shown
    assert "studyhall ui" in shown


@pytest.mark.slow
def test_a_question_needs_no_quotation_marks(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["ingest", str(note)])
    capsys.readouterr()
    assert main(["ask", "Where", "is", "the", "smallest", "element", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["question"] == "Where is the smallest element"


@pytest.mark.slow
def test_a_document_of_several_collections_is_removed_from_those_it_names(
    note: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for collection in ("one", "two"):
        main(["ingest", str(note), "-c", collection])
    capsys.readouterr()
    assert main(["docs", "remove", "heaps.md", "-c", "one", "--yes"]) == 0
    assert "from one." in capsys.readouterr().out
    main(["ingest", str(note), "-c", "one"])
    capsys.readouterr()
    assert main(["docs", "remove", "heaps.md", "--yes"]) == 0
    assert "from one, two." in capsys.readouterr().out


def test_a_model_with_too_small_a_context_is_not_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tiny_gguf(tmp_path / "small.gguf", context=512)
    assert main(["models", "use", str(tmp_path / "small.gguf")]) == 1
    assert "512 tokens" in capsys.readouterr().err
    write_tiny_gguf(tmp_path / "large.gguf", context=4096)
    assert main(["models", "use", str(tmp_path / "large.gguf")]) == 0
    assert main(["models", "use", "nowhere:model"]) == 1


@pytest.mark.slow
def test_a_summary_shows_the_page_behind_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", str(SAMPLE_COURSE / "glossar-suchmaschinen.pdf")]) == 0
    capsys.readouterr()
    assert main(["ask", "Fasse das Glossar zusammen"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Glossar: Suchmaschinen (glossar-suchmaschinen.pdf) - “Dieses Begleitblatt" in shown
    assert "[1, Seite 1]" in shown
    assert "Verstanden als Frage nach dem Ganzen (glossar-suchmaschinen.pdf)" in shown
    assert main(["ask", "Fasse das Glossar zusammen", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["about"]) == ("quoted", "glossar-suchmaschinen.pdf")


@pytest.mark.slow
def test_a_quoted_answer_shows_what_stands_around_it(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "Tries are old. A trie follows two rules:\n\n- Edges have letters.\n- Nodes are few."
    note = tmp_path / "tries.md"
    note.write_text(f"# Tries\n\n{said}\n")
    assert main(["ingest", str(note)]) == 0
    capsys.readouterr()
    assert main(["ask", "Which rules does a trie follow?"]) == 0
    shown = capsys.readouterr().out
    assert "Tries are old. “A trie follows two rules:\n  - Edges have letters.\n  - Nodes are few.” [1]" in shown


@pytest.mark.slow
def test_the_terminal_speaks_german_where_it_is_german(
    note: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    main(["ingest", str(note)])
    assert "1 hinzugefügt" in capsys.readouterr().out
    main(["ask", "Wer hat die Sixtinische Kapelle ausgemalt?"])
    assert "Die nächsten Textstellen:" in capsys.readouterr().out
    main(["ask", "What does a binary heap keep at its root?"])
    assert "Quoted from your documents" in capsys.readouterr().out
    monkeypatch.setenv("STUDYHALL_LANGUAGE", "en")
    main(["docs", "list"])
    assert "collection" in capsys.readouterr().out


@pytest.mark.slow
def test_a_german_question_has_german_lines_around_its_answer(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["ingest", str(note)])
    main(["ask", "Wer hat die Sixtinische Kapelle ausgemalt?"])
    assert "Die nächsten Textstellen:" in capsys.readouterr().out


@pytest.mark.slow
def test_documents_are_moved_and_collections_renamed(
    note: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "trees.md"
    other.write_text("# Trees\n\nA tree has no circle.\n", encoding="utf-8")
    main(["ingest", str(note), str(other)])
    assert main(["docs", "move", "heaps.md", "--to", "Week 3"]) == 0
    capsys.readouterr()
    main(["docs", "list", "--json"])
    listed = {one["source"]: one["collection"] for one in json.loads(capsys.readouterr().out)["documents"]}
    assert listed == {str(note): "Week 3", str(other): "main"}
    assert main(["ask", "What does a binary heap keep at its root?", "-c", "Week 3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "quoted"
    assert main(["collections", "rename", "Week 3", "Heaps"]) == 0
    assert main(["collections", "rename", "Heaps", "main"]) == 1
    assert "already" in capsys.readouterr().err
    assert main(["docs", "move", "nothing.md", "--to", "Heaps"]) == 1
    capsys.readouterr()
    main(["collections", "list", "--json"])
    assert [one["name"] for one in json.loads(capsys.readouterr().out)["collections"]] == ["Heaps", "main"]
