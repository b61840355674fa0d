"""How well some words stand on others."""

from __future__ import annotations

import doctest
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import rag.answer.support
from rag.answer.support import Claim, Judge, Meanings, coverage, stem_set, word_groups
from tests.fake_parts import FakeEmbedder

GROUPS = st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=2).map(tuple))
WEIGHTS = st.dictionaries(st.sampled_from("abcdef"), st.floats(0.0, 20.0))


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.answer.support).failed == 0


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    """Of the weights 1 and 3, the text has the word of weight 3: 3 / (1 + 3)."""
    assert coverage([("common",), ("rare",)], {"rare"}, {"common": 1.0, "rare": 3.0}) == pytest.approx(0.75)


def test_a_word_weighs_as_its_rarest_stem_and_is_held_by_any() -> None:
    """The first word weighs 3 and is held by its other stem: 3 / (3 + 1)."""
    assert coverage([("index", "indexes"), ("x",)], {"indexes"}, {"index": 3.0, "indexes": 1.0, "x": 1.0}) == 0.75


def test_a_word_without_a_weight_weighs_what_unknown_says() -> None:
    assert coverage([("new",), ("old",)], {"old"}, {"old": 1.0}, unknown=4.0) == pytest.approx(0.2)


def test_nothing_is_covered_by_nothing() -> None:
    assert coverage([], {"a"}, {}) == 0.0
    assert coverage([("a",)], set(), {"a": 1.0}) == 0.0


def test_words_that_weigh_nothing_cover_nothing() -> None:
    assert coverage([("a",)], {"a"}, {"a": 0.0}) == 0.0


@given(GROUPS, st.sets(st.sampled_from("abcdef")), WEIGHTS)
def test_coverage_is_a_share(groups: list[tuple[str, ...]], found: set[str], weights: dict[str, float]) -> None:
    assert 0.0 <= coverage(groups, found, weights) <= 1.0


@given(GROUPS, st.sets(st.sampled_from("abcdef")), st.sampled_from("abcdef"), WEIGHTS)
def test_more_words_never_cover_less(
    groups: list[tuple[str, ...]], found: set[str], more: str, weights: dict[str, float]
) -> None:
    assert coverage(groups, found | {more}, weights) >= coverage(groups, found, weights)


@pytest.mark.parametrize("language", ["en", "de", ""])
@given(text=st.text())
def test_a_text_covers_itself(language: str, text: str) -> None:
    groups = word_groups(text, [language])
    found = stem_set(text, [language])
    # A text of stop words alone is a question, but holds nothing.
    if found:
        assert coverage(groups, found, {}) == 1.0


def test_stems_are_of_every_language_asked_for() -> None:
    assert stem_set("Kompression", ["de", "en"]) == {"kompression", "kompress"}
    assert stem_set("Kompression", []) == set()


# ---- claims of an answer


def support(sentence: str, text: str, question: str = "", language: str = "en") -> float:
    asked = word_groups(question, [language])
    return Claim(sentence, [language], lambda stems: dict.fromkeys(stems, 1.0), asked).support(text)


def test_a_sentence_supports_itself() -> None:
    assert support("The bridge has seven arches.", "The bridge has seven arches.") == pytest.approx(1.0)


def test_a_wrong_number_is_no_support() -> None:
    said = "The bridge was built in 1702 and has 7 arches."
    assert support("It was built in 1702.", said) > 0.9
    assert support("It was built in 1703.", said) < 0.5
    spelt = "It has seven arches."
    assert support("It has 7 arches.", spelt) > support("It has 8 arches.", spelt) + 0.3
    assert support("1. It has many arches.", "It has many arches.") > 0.9  # the number of an item in a list


def test_a_number_of_the_question_may_be_said_again() -> None:
    assert support("In 1702 it had arches.", "It had arches.", question="What did it have in 1702?") > 0.5


@pytest.mark.parametrize(
    ("said", "denied", "language"),
    [
        ("Glass flows at room temperature.", "Glass does not flow at room temperature.", "en"),
        ("Hunde dürfen in den Park.", "Hunde dürfen nicht in den Park.", "de"),
    ],
)
def test_a_denial_supports_less_than_what_is_denied(said: str, denied: str, language: str) -> None:
    assert support(said, said, language=language) > support(said, denied, language=language) + 0.15
    assert support(denied, denied, language=language) > support(denied, said, language=language) + 0.15


def test_a_repeated_question_is_no_claim_but_a_choice_is_one() -> None:
    question = "Which of the two is rooted, the shortest path tree or the spanning tree?"
    text = "The shortest path tree is rooted, the spanning tree is not."
    assert support("The shortest path tree is rooted.", "The shortest path tree is rooted.", question) > 0.5
    assert support(question, text, question) == 0.0


# ---- texts in another language than the answer


def across(sentence: str, text: str, *, cosine: float, written: str = "en") -> float:
    """Return the support of a German sentence by a text in the language `written`, of a given likeness."""

    def equal(stems: Sequence[str]) -> Mapping[str, float]:
        return dict.fromkeys(stems, 1.0)

    judge = Judge(equal, ["de", "en"], language="de", likeness=lambda *_: cosine)
    return judge.claim(sentence, written).support(text)


def test_meaning_supports_where_the_languages_differ() -> None:
    said, text = "Die Brücke hat sieben Bögen.", "The bridge has seven arches."
    assert across(said, text, cosine=0.6) > 0.5 > across(said, text, cosine=0.2)
    assert across(said, text, cosine=0.6, written="de") == across(said, text, cosine=0.6, written="") < 0.2


def test_numbers_and_negations_count_across_languages_too() -> None:
    assert across("Sie wurde 1702 gebaut.", "It was built in 1702.", cosine=0.6) > 0.5
    assert across("Sie wurde 1703 gebaut.", "It was built in 1702.", cosine=0.9) < 0.5
    negated = across("Sie wurde nie gebaut.", "It was built.", cosine=0.6)
    assert negated < across("Sie wurde gebaut.", "It was built.", cosine=0.6)


def test_likeness_is_a_cosine_and_a_text_is_embedded_once() -> None:
    embedder = Counting()
    alike = Meanings(embedder)
    assert alike("a trie stores words", "a trie stores words") == pytest.approx(1.0)
    assert alike("a trie stores words", "cows eat grass") < 0.5
    assert embedder.texts == ["a trie stores words", "cows eat grass"]


class Counting(FakeEmbedder):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def embed_whole(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return super().embed_whole(texts)
