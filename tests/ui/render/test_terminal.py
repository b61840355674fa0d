"""Answers in a terminal."""

from __future__ import annotations

import pytest

from rag.events import Draft, Event, Progress, Queued
from rag.types import Answer, AnswerStatus, Citation, Timings, Tokens
from ui.render.console import console
from ui.render.terminal import print_answer, watch_answer

CITED = Citation(1, "/notes/tries.md", "Tries", "A trie is a tree.", 0, 17, "d1")
QUOTED = Answer("What?", "“A trie is a tree.” [1]", AnswerStatus.QUOTED, (CITED,), timings=Timings(total_s=1.5))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (QUOTED, "Quoted from your documents, without a language model, in 1.5 s."),
        (
            Answer("What?", QUOTED.text, AnswerStatus.QUOTED, (CITED,), model="qwen"),
            "Quoted from your documents, in place of what qwen wrote, in 0.0 s.",
        ),
        (
            Answer("What?", "A tree [1].", AnswerStatus.ANSWERED, (CITED,), model="qwen", tokens=Tokens(90, 4)),
            "qwen, 90 tokens read, 4 written, in 0.0 s.",
        ),
        (
            Answer("What?", "A tree [1].", AnswerStatus.ANSWERED, (CITED,), model="far", tokens=Tokens(None, None)),
            "far, in 0.0 s.",
        ),
        (Answer("What?", "The documents don't say.", AnswerStatus.NOT_IN_DOCUMENTS), "In 0.0 s."),
    ],
    ids=["quoted", "in place", "written", "tokens not told", "refused"],
)
def test_the_last_line_tells_how_the_answer_was_made(
    answer: Answer, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_answer(answer)
    assert capsys.readouterr().out.splitlines()[-1] == told


@pytest.mark.parametrize("quoted", [True, False], ids=["quoted", "refused"])
def test_the_quotes_are_shown_while_the_model_reads_but_no_refusal(
    quoted: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    console.cache_clear()
    draft = QUOTED if quoted else Answer("What?", "The documents don't say.", AnswerStatus.NOT_IN_DOCUMENTS)
    events: list[Event] = [Draft(draft), Progress(0.5)]
    assert list(watch_answer(events)) == events
    shown = capsys.readouterr().out
    assert "Reading … 50 %" in shown
    assert ("A trie is a tree." in shown) is quoted
    assert "don't say" not in shown  # an answer may yet come
    console.cache_clear()


def test_the_place_in_the_queue_is_shown_below_the_quotes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    console.cache_clear()
    list(watch_answer([Draft(QUOTED), Queued(1)]))
    shown = capsys.readouterr().out
    assert "A trie is a tree." in shown
    assert "Waiting for 1 other answer …" in shown
    console.cache_clear()
