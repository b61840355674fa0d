"""An answer as plain text."""

from __future__ import annotations

from rag.texts import speaking
from rag.types import Answer, AnswerStatus, Citation
from ui.render.plain import answer_text

QUOTE = Citation(1, "/course/notes.pdf", "Notes", "Tries are trees\nof letters.", 0, 27, "d", page=5, page_label="iii")
LIST = Citation(2, "/course/rules.md", "Rules", "The **rules**:\n\n- Come.\n- Go.", 0, 28, "e", section="Order")


def test_a_quoted_answer_is_its_quotes_each_with_its_page() -> None:
    said = answer_text(Answer("What?", "…", AnswerStatus.QUOTED, (QUOTE, LIST)))
    assert said == (
        "“Tries are trees of letters.”\n(Notes (notes.pdf), page 5 (printed iii))\n\n"
        "“The rules:\n- Come.\n- Go.”\n(Rules (rules.md), “Order”)"
    )


def test_a_written_answer_has_its_sources_under_it() -> None:
    answer = Answer("What?", "They are trees [1].", AnswerStatus.ANSWERED, (QUOTE,))
    with speaking("de"):
        said = answer_text(answer)
    assert said == (
        "They are trees [1].\n\nQuellen:\n[1] Notes (notes.pdf), Seite 5 (gedruckt iii): “Tries are trees of letters.”"
    )
