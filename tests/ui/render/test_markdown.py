"""A conversation as Markdown: whole, with its pages, and nothing in it that Markdown would act on."""

from __future__ import annotations

from dataclasses import replace

from rag.types import Answer, AnswerStatus, Citation
from ui.render.markdown import conversation_markdown, plain

QUOTE = "Long documents repeat their words."
CITED = Citation(1, "/notes/ranking.pdf", "Ranking", QUOTE, 0, len(QUOTE), "d", page=3)
WRITTEN = Answer("Why?", "They repeat words [1].\n\nThat is all.", AnswerStatus.ANSWERED, (CITED,))


def test_a_written_answer_has_its_markers_and_the_quotes_behind_them() -> None:
    told = conversation_markdown("Ranking", [("Why divide?", WRITTEN)])
    assert told == (
        "# Ranking\n\n## Why divide?\n\nThey repeat words [1].\n\nThat is all.\n\n"
        f"- [1] Ranking (ranking.pdf), page 3: “{QUOTE}”\n"
    )


def test_a_quoted_answer_is_its_quotes() -> None:
    quoted = replace(WRITTEN, status=AnswerStatus.QUOTED, notes=("It is short.",))
    told = conversation_markdown("Ranking", [("Why?", quoted)])
    assert f"> {QUOTE} — Ranking (ranking.pdf), page 3\n\n*It is short.*\n" in told


def test_nothing_in_it_is_acted_on() -> None:
    hostile = "![x](http://evil/x.png) <img src=x> # no heading\n# none | `code`"
    cited = replace(CITED, title=hostile, quote=hostile, page=None)
    told = conversation_markdown(hostile, [(hostile, replace(WRITTEN, text=hostile, citations=(cited,)))])
    assert "![" not in told
    assert "<img" not in told
    assert [line for line in told.splitlines() if line.startswith("#")] == [
        f"# {plain(hostile)}",
        f"## {plain(hostile)}",
    ]
