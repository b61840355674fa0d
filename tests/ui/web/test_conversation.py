"""Exchanges as HTML, without a home behind them."""

from __future__ import annotations

from dataclasses import replace

from rag.types import Answer, AnswerStatus, Citation, Sentence
from tests.fakes import a_passage
from ui.web.ask import Exchange, Stage
from ui.web.conversation import conversation_html


def test_the_progress_of_reading_is_told() -> None:
    html = conversation_html([Exchange("What?", Stage.READING, read=0.4)])
    assert "Reading the passages … 40 %" in html
    assert '<progress max="100" value="40">' in html


def test_markers_of_a_growing_text_are_chips_where_they_number_the_passages() -> None:
    passages = (a_passage("Tries are trees.", number=1),)
    about = Answer("Which?", "", AnswerStatus.QUOTED, about="tries.md")
    growing = Exchange("Which?", Stage.WRITING, answer=about, passages=passages, written="Tries are trees [1].")
    assert 'href="#view:near:0:1"' in conversation_html([growing])
    elsewhere = conversation_html([replace(growing, answer=replace(about, about=""))])
    assert "Tries are trees" in elsewhere
    assert "#view:" not in elsewhere


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


def test_the_place_in_the_queue_is_told() -> None:
    html = conversation_html([Exchange("What?", Stage.READING, before=2)])
    assert "Waiting for 2 other answers …" in html
    assert "Reading" not in html
