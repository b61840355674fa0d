"""Which language a question is in."""

from __future__ import annotations

import doctest

import pytest

import rag.question.language
from rag.question.language import question_language
from rag.retrieve.fuse import Weights


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.question.language).failed == 0


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What is BM25", "en"), ("Wer erfand PageRank?", "de"), ("Kompression im Index", "de"), ("BM25", ""),
        ("¿Qué es un índice?", "es"), ("Che cos'è un indice?", "it"), ("Wat is een index?", "nl"),
        ("quelle est la capitale", "fr"), ("", ""), ("🎓", ""), ("Größe", "de"), ("索引是什么", ""),
    ],
)  # fmt: skip
def test_small_words_tell_the_language(question: str, language: str) -> None:
    assert question_language(question) == language


def test_words_lead_where_the_embedder_knows_no_language() -> None:
    weights = Weights(dense=0.4, foreign=0.2, across=0.6)
    shares = [weights.share(*pair) for pair in (("en", "en"), ("de", "de"), ("de", "en"), ("en", "de"))]
    assert shares == [0.4, 0.2, 0.6, 0.6]


def test_a_language_that_can_not_be_told_is_taken_for_the_others() -> None:
    weights = Weights(dense=0.4, foreign=0.2)
    assert [weights.share(*pair) for pair in (("", "de"), ("", "en"), ("de", ""), ("", ""))] == [0.2, 0.4, 0.2, 0.4]


def test_without_dense_search_there_is_no_dense_share() -> None:
    assert Weights(dense=0.0).share("de", "en") == 0.0


def test_an_embedder_of_all_languages_leads_nowhere_less() -> None:
    weights = Weights(dense=0.5, known=frozenset({"*"}))
    assert {weights.share(*pair) for pair in (("de", "de"), ("fr", "de"), ("en", "en"), ("", ""))} == {0.5}
