"""Questions nobody should ask: an answer or a sentence that says what is wrong, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.chain import Chain
from rag.library.library import Library
from rag.ports import Embedder
from rag.question.analyse import MOST_WORDS
from rag.settings import Settings
from rag.types import Answer, AnswerStatus
from tests.fakes import a_document, put
from ui.cli import main

TEXT = "# Heaps\n\nA heap is a complete tree that keeps the smallest key on top.\n"
ODD = [
    pytest.param("x", id="one letter"),
    pytest.param("🎓🎓 🙂", id="emoji"),
    pytest.param("?!…", id="punctuation"),
    pytest.param('"a" OR NEAR(', id="FTS5 operators"),
    pytest.param('heap" AND * OR (', id="an open quote"),
    pytest.param("it's a `heap*`: ^tree {stems}", id="FTS5 syntax"),
    pytest.param("cover : heap", id="a column's name"),
    pytest.param("堆是什么？", id="Chinese"),
    pytest.param("Τι είναι ένας σωρός;", id="Greek"),
    pytest.param("Qu'est-ce qu'un tas ?", id="French"),
    pytest.param("the of and", id="stop words"),
    pytest.param("a\0b\x07", id="control characters"),
    pytest.param("week week 5 5 Q3 2022 latest", id="nothing but names"),
    pytest.param("heap " * 3000, id="3,000 times a word"),
    pytest.param(" ".join(f"w{number}" for number in range(2500)), id="2,500 words"),
]


@pytest.fixture
def chain(library: Library, embedder: Embedder) -> Chain:
    put(library, embedder, TEXT, uri="/week5/heaps.md")
    put(library, embedder, a_document("Ein Suchbaum ordnet seine Schlüssel.", language="de"), uri="/Q3_2022.md")
    return Chain(library, embedder, Settings())


@pytest.mark.parametrize("question", ODD)
def test_an_odd_question_gets_an_answer(question: str, chain: Chain) -> None:
    answer = chain.invoke(question)
    assert isinstance(answer, Answer)
    assert answer.status in {AnswerStatus.QUOTED, AnswerStatus.NOT_IN_DOCUMENTS}
    assert answer.text


def test_words_that_are_there_are_found_among_operators(chain: Chain) -> None:
    for question in ('"heap" OR NEAR(', "heap*", "(heap)", "-heap", "heap:tree"):
        assert chain.invoke(question).passages[0].source == "/week5/heaps.md"


def test_what_is_not_searched_for_is_said(chain: Chain) -> None:
    question = " ".join(f"w{number}" for number in range(MOST_WORDS + 50))
    assert any(f"first {MOST_WORDS} words" in note for note in chain.invoke(question).notes)
    assert not chain.invoke("heap").notes


@pytest.fixture
def ingested(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "heaps.md").write_text(TEXT)
    assert main(["ingest", str(tmp_path / "heaps.md")]) == 0
    capsys.readouterr()


@pytest.mark.slow
@pytest.mark.usefixtures("ingested")
@pytest.mark.parametrize("command", ["ask", "search"])
def test_the_terminal_answers_or_says_what_is_wrong(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for question in ("x", "🎓", '"a" OR NEAR('):
        assert main([command, question, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)
    for question, says in (("", "empty"), ("  ", "empty"), ("word " * 10_000, "characters")):
        assert main([command, question]) == 1
        said = capsys.readouterr().err
        assert says in said
        assert "Traceback" not in said
