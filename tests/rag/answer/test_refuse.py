"""How sure it is that the documents answer."""

from __future__ import annotations

import doctest
from dataclasses import replace

import pytest

import rag.answer.refuse
from rag.answer.quote import QuotedSentence
from rag.answer.refuse import answer_probability, is_missing, is_off_subject
from rag.question.analyse import read_question
from rag.question.spelling import Spelling
from rag.types import Passage, Reading
from tests.fakes import a_passage


def passage(relevance: float | None = None) -> Passage:
    readings = () if relevance is None else (Reading(0, 4, relevance, 0.0, ((0, 0.9),)),)
    return a_passage("A trie is a tree.", readings=readings)


def sure(words: float, meaning: float, relevance: float | None = None, language: str = "en") -> float:
    shown = passage(relevance)
    return answer_probability(
        [QuotedSentence(shown, 0, 17, 0.5, words=words, meaning=meaning)], [shown], language=language
    )


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.answer.refuse).failed == 0


@pytest.mark.parametrize(
    ("question", "unknown", "off"),
    [
        ("Was kostet ein Kaffee?", ["Kaffee"], True),
        ("Wie viele Baumarten gibt es am Amazonas?", ["Baumarten"], False),
        ("What is an SVM?", ["SVM"], True),
        ("What is the drawback of codes?", ["drawback"], False),
        ("What is a tree?", [], False),
        ("Was ist ein Baum?", [], False),
        ("Wie funktioniert Quicksort?", ["Quicksort"], True),
        ("How does quicksort sort an array?", ["quicksort"], False),
        ("How fast is Karatsuba's multiplication?", ["Karatsuba"], True),
    ],
)
def test_a_question_whose_subject_is_unknown_is_off_it(question: str, unknown: list[str], off: bool) -> None:
    query = replace(read_question(question), spellings=tuple(map(Spelling, unknown)))
    assert is_off_subject(query) is off


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("What is a trie?", False),
        ("What is a transformer?", True),
        ("Was ist die pq-Formel?", True),
        ("What is the word of a language?", False),  # of several words
        ("What does Lemma 3 say?", True),
        ("How does it work?", False),
    ],
)
def test_one_word_that_no_passage_has_is_missing(question: str, missing: bool) -> None:
    passages = [a_passage("A trie transforms the words of a language. Its formula is simple.")]
    assert is_missing(read_question(question), passages) is missing


def test_without_quotes_nothing_is_sure() -> None:
    assert answer_probability([], [passage(4.0)], language="en") == 0.0


def test_the_odds_are_the_weighted_sum_of_the_evidence() -> None:
    """-2.76 + 0.99 · 0.5 + 3.09 · 0.6 + 0.62 · 2 = 0.829, and 1 / (1 + e^-0.829) = 0.696."""
    assert sure(0.5, 0.6, 2.0) == pytest.approx(0.696, abs=0.001)


@pytest.mark.parametrize("language", ["en", "de"])
def test_more_of_the_words_and_of_the_meaning_is_surer(language: str) -> None:
    assert sure(0.1, 0.1, 0.0, language) < sure(0.9, 0.1, 0.0, language) < sure(0.9, 0.9, 0.0, language)


def test_the_reader_counts_in_english_and_not_in_german() -> None:
    assert sure(0.5, 0.5, 4.0) > sure(0.5, 0.5, -4.0)
    assert sure(0.5, 0.5, 4.0, "de") == sure(0.5, 0.5, -4.0, "de")
