"""Exchanges as HTML, without a home behind them."""

from __future__ import annotations

from rag.types import Answer, AnswerStatus, Citation, Sentence
from ui.web.ask import Exchange, Stage
from ui.web.conversation import conversation_html


def test_the_progress_of_reading_is_told() -> None:
    html = conversation_html([Exchange("What?", Stage.READING, read=0.4)])
    assert "Reading the passages … 40 %" in html
    assert '<progress max="100" value="40">' in html


def test_a_quote_stands_between_the_sentences_around_it_and_its_list_in_lines() -> None:
    quote = "Two rules:\n- Edges have letters.\n- Nodes are few."
    told = Citation(
        1, "/tries.md", "Tries", quote, 0, len(quote), "d1", before="A trie is *deep*.", after="That is all."
    )
    answer = Answer("Which?", quote, AnswerStatus.QUOTED, (told,), (Sentence(quote, (1,), supported=True, score=1.0),))
    html = conversation_html([Exchange("Which?", Stage.DONE, answer=answer)])
    assert (
        '<span class="beside">A trie is <em>deep</em>.</span> Two rules:<br>• Edges have letters.<br>• Nodes are'
        in html
    )
    assert '<span class="beside">That is all.</span>' in html
