"""The measures, against arithmetic done by hand."""

from __future__ import annotations

import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag.evaluation.measures
from rag.evaluation.measures import (
    auc,
    bare,
    bootstrap,
    exact_match,
    f1,
    holds,
    ndcg_at,
    normalised,
    ratio,
    recall_at,
    reciprocal_rank,
)


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(rag.evaluation.measures, optionflags=doctest.ELLIPSIS).failed == 0


def test_recall_counts_what_stands_within_the_depth() -> None:
    ranks = [1, 3, 0, 11]
    assert [recall_at(k, ranks) for k in (1, 5, 10, 11)] == [0.25, 0.5, 0.5, 0.75]
    assert recall_at(5, []) == 0


def test_the_reciprocal_rank_is_that_of_the_first_thing_found() -> None:
    assert reciprocal_rank([0, 5, 2]) == 0.5
    assert reciprocal_rank([0, 0]) == 0
    assert reciprocal_rank([]) == 0


def test_ndcg_by_hand() -> None:
    """Grades 3, 0, 2 found; 3, 2, 1 are there: (3 + 2/log2(4)) / (3 + 2/log2(3) + 1/log2(4)) = 4 / 4.7619."""
    assert ndcg_at(10, [3, 0, 2], [1, 2, 3]) == pytest.approx(4 / (3 + 2 / math.log2(3) + 0.5))
    assert ndcg_at(10, [3, 0, 2], [1, 2, 3]) == pytest.approx(0.84001, abs=1e-5)
    assert ndcg_at(2, [0, 0, 1], [1]) == 0  # the third is beyond the depth
    assert ndcg_at(10, [], [1]) == 0
    assert ndcg_at(10, [1], []) == 0


@given(st.lists(st.integers(0, 4), max_size=12))
def test_no_order_has_more_gain_than_the_best_one(grades: list[int]) -> None:
    assert 0 <= ndcg_at(10, [float(grade) for grade in grades], grades) <= 1 + 1e-9


def test_answers_are_compared_as_squad_does_it() -> None:
    assert normalised("The quick, brown fox!") == "quick brown fox"
    assert normalised("An “inverted index”") == "inverted index"
    assert exact_match("the Eiffel Tower.", ["Eiffel tower"]) == 1
    assert exact_match("Eiffel", ["Eiffel Tower"]) == 0
    assert f1("a tower in Paris", ["the tower of Paris"]) == pytest.approx(2 * 2 / (3 + 3))
    assert f1("Rome", ["Paris", "in Rome"]) == pytest.approx(2 * 1 / (1 + 2))
    assert f1("", ["Paris"]) == 0
    assert f1("Paris", []) == 0


def test_german_articles_are_dropped_in_german_only() -> None:
    assert normalised("Der Baum und die Wurzel", "de") == "baum und wurzel"
    assert normalised("Der Baum", "en") == "der baum"
    assert normalised("the Baum", "de") == "the baum"
    assert exact_match("ein Suchbaum", ["der Suchbaum"], "de") == 1


def test_a_word_that_is_repeated_counts_once_for_each_time() -> None:
    """Same words: 1 of the two "big"; 2 * 1 / (1 + 2)."""
    assert f1("big", ["big big"]) == pytest.approx(2 / 3)


def test_a_quote_is_held_in_spite_of_line_ends_hyphens_and_half_a_cut() -> None:
    assert bare("in-\nverted  Index") == bare("inverted index")
    assert holds("An inverted in-\ndex maps terms to lists.", "inverted index maps terms")
    assert holds("maps terms to lists of documents", "An inverted index maps terms to lists of documents")
    assert not holds("lists", "An inverted index maps terms to lists of documents")
    assert not holds("anything", "")


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_auc_is_the_share_of_pairs_in_the_right_order(right: list[int], wrong: list[int]) -> None:
    pairs = [(a > b) + 0.5 * (a == b) for a in right for b in wrong]
    assert auc(right, wrong) == pytest.approx(sum(pairs) / len(pairs))


def test_a_measure_is_the_sum_of_what_is_right_over_the_sum_of_what_counts() -> None:
    marks = [{"citation precision": (1.0, 3.0)}, {"citation precision": (1.0, 1.0)}, {}]
    assert ratio(marks, "citation precision") == 0.5
    assert ratio(marks, "F1") is None


def test_the_bootstrap_is_seeded_and_paired() -> None:
    first = [{"F1": (float(number % 2), 1.0)} for number in range(40)]
    better = [{"F1": (1.0, 1.0)} for _ in range(40)]
    interval = bootstrap(first, better, "F1")
    assert interval == bootstrap(first, better, "F1")
    assert interval is not None
    low, high = interval
    # The mean of 40 coins: 0.5, give or take 1.96 * sqrt(0.25 / 40) = 0.155.
    assert low == pytest.approx(0.345, abs=0.03)
    assert high == pytest.approx(0.655, abs=0.03)
    # Paired: the same side twice never differs, however its questions vary.
    assert bootstrap(first, first, "F1") == (0.0, 0.0)
    assert bootstrap(first, first, "MRR") is None
