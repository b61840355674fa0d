"""How well some words stand on others."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag.answer.support
from rag.answer.support import coverage, stem_set, word_groups

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
