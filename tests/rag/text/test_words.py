"""Words as lexical search sees them."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag.text.words
from rag.text.words import STOP_WORDS, query_stems, stems, words


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.text.words).failed == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("B-Tree, B+tree", ["b", "tree", "b", "tree"], id="hyphens"),
        pytest.param("ﬁle 𝑛 ｗｉｄｅ", ["file", "n", "wide"], id="compatibility letters"),
        pytest.param("Straße", ["strasse"], id="sharp s"),
        pytest.param("u\u0308ber", ["über"], id="decomposed umlaut"),
        pytest.param("", [], id="empty"),
        pytest.param("¿?!… 🎓", [], id="no words"),
    ],
)
def test_words_are_folded(text: str, found: list[str]) -> None:
    assert words(text) == found


@given(st.text())
def test_folding_words_twice_changes_nothing(text: str) -> None:
    once = words(text)
    assert words(" ".join(once)) == once


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        pytest.param("indexes", "index", "en", id="English plural"),
        pytest.param("compressed", "compression", "en", id="English verb and noun"),
        pytest.param("Bäume", "Baum", "de", id="German umlaut plural"),
        pytest.param("Häuser", "Haus", "de", id="German plural in -er"),
        pytest.param("Suchmaschinen", "Suchmaschine", "de", id="German plural in -n"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str, language: str) -> None:
    assert stems(one, language) == stems(other, language)


def test_an_unknown_language_keeps_words_as_they_are() -> None:
    assert stems("the indexes", "") == ["the", "indexes"]
    assert stems("the indexes", "tlh") == ["the", "indexes"]


@pytest.mark.parametrize("language", sorted(STOP_WORDS))
def test_every_stop_word_is_left_out_of_a_text(language: str) -> None:
    """A stop word that isn't folded as words are can never be met."""
    kept = {word for word in STOP_WORDS[language] if stems(word, language)}
    assert kept == set()


def test_a_question_leaves_stop_words_out() -> None:
    assert query_stems("What is an inverted index?", ["en"]) == [("invert",), ("index",)]
    assert query_stems("Was heißt Stemming?", ["de"]) == [("stemming",)]


def test_a_question_of_stop_words_keeps_them_all() -> None:
    assert query_stems("who is who", ["en"]) == [("who",), ("is",)]


def test_a_question_is_stemmed_for_each_language() -> None:
    assert query_stems("Kompression", ["de", "en"]) == [("kompression", "kompress")]


@given(st.text(), st.lists(st.sampled_from(["en", "de", "fr", "", "xx"])))
def test_stems_of_any_question_are_words(question: str, languages: list[str]) -> None:
    groups = query_stems(question, languages)
    assert bool(groups) == bool(words(question))
    assert all(stem and words(stem) == [stem] for group in groups for stem in group)
