"""How sure it is that the documents answer."""

from __future__ import annotations

import doctest
from dataclasses import replace

import pytest

import rag.answer.refuse
from rag.answer.quote import QuotedSentence
from rag.answer.refuse import answer_probability, confidence, is_missing, is_off_subject
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
    """-2.2 + 0.99 · 0.5 + 3.09 · 0.6 + 0.62 · 2 = 1.389, and 1 / (1 + e^-1.389) = 0.800."""
    assert sure(0.5, 0.6, 2.0) == pytest.approx(0.800, abs=0.001)


@pytest.mark.parametrize("language", ["en", "de"])
def test_more_of_the_words_and_of_the_meaning_is_surer(language: str) -> None:
    assert sure(0.1, 0.1, 0.0, language) < sure(0.9, 0.1, 0.0, language) < sure(0.9, 0.9, 0.0, language)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_reader_counts_where_there_is_one(language: str) -> None:
    assert sure(0.5, 0.5, 4.0, language) > sure(0.5, 0.5, -4.0, language)
    assert 0.0 < sure(0.5, 0.5, None, language) < 1.0


def across(known: tuple[str, ...], written: str = "en", meaning: float = 0.7) -> float:
    """Return the confidence in a passage for a German question whose only noun no document has."""
    shown = a_passage("A trie is a tree.", language=written)
    query = replace(read_question("Was ist ein Präfixbaum?"), spellings=(Spelling("Präfixbaum"),))
    return confidence(query, [QuotedSentence(shown, 0, 17, 0.5, words=0.0, meaning=meaning)], [shown], known)


def test_a_passage_in_another_language_answers_without_a_word_of_the_question() -> None:
    assert across(("en", "de")) > 0.5 > across(("en", "de"), written="de")
    assert across(("*",)) == across(("en", "de"))


def test_another_meaning_is_no_answer_in_another_language_either() -> None:
    assert across(("en", "de"), meaning=0.2) < 0.5


def test_an_embedder_of_one_language_does_not_answer_across() -> None:
    assert across(("en",)) < 0.5
    assert across(()) < 0.5


def test_of_passages_in_both_languages_the_surer_ones_count() -> None:
    query = read_question("Was ist ein Baum?")
    german, english = (a_passage("A tree.", number=at, language=written) for at, written in ((1, "de"), (2, "en")))
    quotes = [
        QuotedSentence(german, 0, 7, 0.5, words=0.0, meaning=0.1),
        QuotedSentence(english, 0, 7, 0.5, meaning=0.8),
    ]
    alone = confidence(query, quotes[1:], [english], ("en", "de"))
    assert confidence(query, quotes, [german, english], ("en", "de")) == alone > 0.5


def test_a_numbered_item_that_was_found_counts_in_any_language() -> None:
    query = read_question("Was besagt Lemma 8.6?")
    assert query.item
    shown = a_passage("Lemma 8.6. Every trie is a tree.", language="en")
    stated = QuotedSentence(shown, 0, 32, 0.5, meaning=0.1, defines=1.0)
    assert confidence(query, [stated], [shown], ("en", "de")) >= 0.9
    assert confidence(query, [replace(stated, defines=0.0)], [shown], ("en", "de")) < 0.5
