"""`studyhall eval`: the table, the JSON, the picture, the drafts, and what it says of files that can't be used."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rag.evaluation.judge import MEASURES
from ui.cli import main

pytestmark = pytest.mark.slow

HEAPS = "# Heaps\n\nA binary heap is a tree. It keeps its smallest element at the root, and nothing else is sorted.\n"
BAUM = "# Bäume\n\nEin Suchbaum ist ein Baum, der seine Schlüssel ordnet. Die Suche folgt den Vergleichen nach unten.\n"
QUESTIONS = [
    {
        "question": "What is a binary heap?",
        "source": "heaps.md",
        "quote": "A binary heap is a tree.",
        "answer": "a tree",
    },
    {"question": "Was ordnet ein Suchbaum?", "source": "baum.md", "answer": "seine Schlüssel", "language": "de"},
    {"question": "Who painted the ceiling of the Sistine Chapel?", "answerable": False},
]


@pytest.fixture
def file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "heaps.md").write_text(HEAPS, encoding="utf-8")
    (tmp_path / "notes" / "baum.md").write_text(BAUM, encoding="utf-8")
    assert main(["ingest", str(tmp_path / "notes"), "-c", "cs"]) == 0
    capsys.readouterr()
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in QUESTIONS), encoding="utf-8")
    return path


def test_the_table_has_a_column_for_each_language(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", str(file), "-c", "cs"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("all (3)", "de (1)", "en (2)", *MEASURES))
    assert "3 questions, 1 of them without an answer" in shown


def test_json_is_one_object_with_every_measure_and_every_question(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["measures"]) == {"all", "de", "en"}
    assert set(told["measures"]["all"]) == set(MEASURES)
    assert told["measures"]["all"]["recall@1"] == 1
    assert told["measures"]["all"]["refusal recall"] == 1
    assert [row["status"] for row in told["per_question"]] == ["quoted", "quoted", "not_in_documents"]
    assert told["per_question"][0]["ranks"] == [1]


def test_two_settings_stand_side_by_side_in_table_json_and_picture(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "quality.svg"
    against = ["--against", "refuse_below=1, candidates=9", "--picture", str(picture)]
    assert main(["eval", str(file), *against]) == 0
    shown = capsys.readouterr().out
    assert "difference, 95 %" in shown
    assert main(["eval", str(file), *against, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["against"]
    assert told["settings"] == {"refuse_below": "1", "candidates": "9"}
    assert told["differences"]["F1"]["value"] < 0
    assert {"value", "low", "high", "clear"} == set(told["differences"]["F1"])
    drawing = picture.read_text(encoding="utf-8")
    assert ElementTree.fromstring(drawing).tag.endswith("svg")
    assert all(f">{measure}<" in drawing for measure in MEASURES if measure != "refusal precision")
    assert "refuse_below=1, candidates=9" in drawing


def test_a_picture_of_one_setting_has_a_bar_for_each_language(file: Path, tmp_path: Path) -> None:
    picture = tmp_path / "quality.svg"
    assert main(["eval", str(file), "--search-only", "--picture", str(picture)]) == 0
    root = ElementTree.fromstring(picture.read_text(encoding="utf-8"))
    bars = [part for part in root.iter() if part.tag.endswith("rect") and part.get("height") == "12"]
    assert len(bars) == 3 + 5 * 3  # the legend, and five measures of the search
    assert max(float(bar.get("width", "0")) for bar in bars) == 420


def test_drafts_are_questions_to_confirm(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "--make", "-c", "cs", "-n", "2"]) == 0
    shown = capsys.readouterr()
    rows = [json.loads(line) for line in shown.out.splitlines()]
    assert {row["question"] for row in rows} == {"What is a binary heap?", "Was ist ein Suchbaum?"}
    assert {row["confirmed"] for row in rows} == {False}
    assert "2 questions drafted" in shown.err
    drafts = tmp_path / "drafts.jsonl"
    drafts.write_text(shown.out, encoding="utf-8")
    assert main(["eval", str(drafts)]) == 0
    assert "2 questions are drafted and not confirmed" in " ".join(capsys.readouterr().out.split())


def test_bad_lines_are_named_on_stderr_with_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"question": "Who?", "answer": "x"}\nnonsense\n{"question": "Why?"}\n', encoding="utf-8")
    for arguments in ([str(path)], [str(path), "--json"]):
        assert main(["eval", *arguments]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.count("\n") == 1
        assert "line 2: " in shown.err
        assert "line 3: " in shown.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "file with questions is needed"),
        (["missing.jsonl"], 2, "missing.jsonl can't be read"),
        (["{file}", "--against", "dense_weight"], 2, "wants NAME=VALUE"),
        (["{file}", "--against", "port=1"], 1, "port can't be compared"),
        (["{file}", "--against", "nonsense=1"], 1, "no setting 'nonsense'"),
        (["{file}", "-c", "nowhere"], 1, "no collection 'nowhere'"),
        (["{file}", "--picture", "nowhere/x.svg", "--search-only"], 1, "picture can't be written"),
        (["--make", "-n", "0"], 2, ""),
    ],
    ids=["no file", "missing file", "no value", "fixed setting", "unknown setting", "collection", "picture", "none"],
)
def test_what_cannot_be_done_is_told_without_a_traceback(
    arguments: list[str], code: int, says: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", *(part.format(file=file) for part in arguments)]) == code
    assert says in capsys.readouterr().err
