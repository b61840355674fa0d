"""A question that leans on the conversation becomes one that can be searched for alone."""

from __future__ import annotations

import doctest

import pytest

import rag.condense
from rag.condense import condense
from rag.types import Turn

BEFORE = [Turn("What is a tree?", "A graph."), Turn("What is PageRank?", "A score.")]


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.condense).failed == 0


def test_the_first_question_stands_alone() -> None:
    assert condense("And how is it computed?", []) == "And how is it computed?"


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("How is it computed with a power iteration method?", id="it"),
        pytest.param("Why?", id="one word"),
        pytest.param("And in German?", id="few words"),
        pytest.param("Wie berechnet man ihn mit der Potenzmethode genau?", id="German pronoun"),
        pytest.param("Wozu braucht man diese Zahl im Suchindex heute?", id="German demonstrative"),
    ],
)
def test_a_question_that_points_back_is_asked_after_the_last_one(question: str) -> None:
    assert condense(question, BEFORE) == f"What is PageRank? {question}"


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("How does index compression with gamma codes work?", id="English"),
        pytest.param("Wie funktioniert Indexkompression mit Gamma-Codes?", id="German"),
        pytest.param("Was ist Minimax?", id="short"),
        pytest.param("Welche Heuristiken gibt es für CSP?", id="gibt es"),
        pytest.param("Is there a faster algorithm?", id="is there"),
    ],
)
def test_a_question_with_a_subject_of_its_own_stands_alone(question: str) -> None:
    assert condense(question, BEFORE) == question
