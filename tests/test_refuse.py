"""How sure it is that the documents answer."""

from __future__ import annotations

import pytest

from rag.quote import Quoted
from rag.refuse import confidence
from rag.types import Passage, Reading
from tests.fakes import a_passage


def passage(relevance: float | None = None) -> Passage:
    readings = () if relevance is None else (Reading(0, 4, relevance, 0.0, ((0, 0.9),)),)
    return a_passage("A trie is a tree.", readings=readings)


def sure(words: float, meaning: float, relevance: float | None = None, language: str = "en") -> float:
    shown = passage(relevance)
    return confidence([Quoted(shown, 0, 17, 0.5, words=words, meaning=meaning)], [shown], language=language)


def test_without_quotes_nothing_is_sure() -> None:
    assert confidence([], [passage(4.0)], language="en") == 0.0


def test_the_odds_are_the_weighted_sum_of_the_evidence() -> None:
    """-2.76 + 0.99 · 0.5 + 3.09 · 0.6 + 0.62 · 2 = 0.829, and 1 / (1 + e^-0.829) = 0.696."""
    assert sure(0.5, 0.6, 2.0) == pytest.approx(0.696, abs=0.001)


@pytest.mark.parametrize("language", ["en", "de"])
def test_more_of_the_words_and_of_the_meaning_is_surer(language: str) -> None:
    assert sure(0.1, 0.1, 0.0, language) < sure(0.9, 0.1, 0.0, language) < sure(0.9, 0.9, 0.0, language)


def test_the_reader_counts_in_english_and_not_in_german() -> None:
    assert sure(0.5, 0.5, 4.0) > sure(0.5, 0.5, -4.0)
    assert sure(0.5, 0.5, 4.0, "de") == sure(0.5, 0.5, -4.0, "de")
