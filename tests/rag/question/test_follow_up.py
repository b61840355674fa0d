"""A question that is_follow_up on the conversation becomes one that can be searched for alone."""

from __future__ import annotations

import doctest

import pytest

import rag.question.follow_up
from rag.question.follow_up import condense
from rag.types import Turn

BEFORE = [Turn("What is a tree?", "A graph."), Turn("What is PageRank?", "A score.")]


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.question.follow_up).failed == 0


def test_the_first_question_stands_alone() -> None:
    assert condense("And how is it computed?", []) == "And how is it computed?"


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("Why?", id="one word"),
        pytest.param("And in German?", id="few words"),
        pytest.param("Give me an example.", id="no subject"),
        pytest.param("How fast?", id="a question and a word"),
        pytest.param("Was ist der Unterschied zu HITS?", id="compared to something"),
        pytest.param("Kannst du das bitte genauer erklären?", id="no subject in German"),
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


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("How is it computed?", "How is PageRank computed?"),
        ("And who uses it?", "Who uses PageRank?"),
        ("What are its limits?", "What are PageRank limits?"),
        ("How does that work?", "How does PageRank work?"),
        ("How many steps does it need for nine pages?", "How many steps does PageRank need for nine pages?"),
        ("Wie berechnet man ihn?", "Wie berechnet man PageRank?"),
        ("Wie funktioniert das genau?", "Wie funktioniert PageRank genau?"),
        ("Was sind seine Grenzen?", "Was sind PageRank-Grenzen?"),
    ],
)
def test_a_pronoun_gives_way_to_the_term_that_was_asked_for(question: str, meant: str) -> None:
    assert condense(question, BEFORE) == meant


def test_a_term_stays_the_subject_over_several_questions() -> None:
    talk = [*BEFORE, Turn("How is it computed?", "…"), Turn("Why?", "…")]
    assert condense("How fast does it converge?", talk) == "How fast does PageRank converge?"


def test_what_a_question_in_between_named_is_not_forgotten() -> None:
    talk = [*BEFORE, Turn("And HITS?", "…")]
    assert condense("How is it computed?", talk) == "How is HITS computed?"


@pytest.mark.parametrize(
    ("talk", "question", "meant"),
    [
        (["What is memoization?"], "And what about Dijkstra?", "What is Dijkstra?"),
        (
            ["What is memoization?", "And what about Dijkstra?"],
            "What is its running time?",
            "What is Dijkstra running time?",
        ),
        (["What is a back edge?"], "and a cross edge?", "What is a cross edge?"),
        (["Was ist ein Ring?"], "Und ein Körper?", "Was ist ein Körper?"),
        (
            ["Was ist ein Ring?", "Und ein Körper?"],
            "Was ist der Unterschied?",
            "Was ist der Unterschied zwischen Ring und Körper?",
        ),
        (
            ["What is a heap?", "What is a trie?"],
            "What's the difference?",
            "What's the difference between heap and trie?",
        ),
        (["What is a heap?"], "And how is it built?", "How is heap built?"),
        (["What is a heap?"], "And why?", "What is a heap? And why?"),
        (["What is quicksort?"], "And the running time?", "What is quicksort? And the running time?"),
        (["Was ist Quicksort?"], "Und die Laufzeit?", "Was ist Quicksort? Und die Laufzeit?"),
        (["What is quicksort?"], "What about the worst case?", "What is quicksort? What about the worst case?"),
        (["How do I sort?"], "And heaps?", "How do I sort? And heaps?"),
    ],
)
def test_another_thing_takes_the_place_of_the_one_before(talk: list[str], question: str, meant: str) -> None:
    assert condense(question, [Turn(said, "…") for said in talk]) == meant


def test_of_a_long_talk_only_what_it_is_about_is_remembered() -> None:
    talk = [
        *BEFORE,
        Turn("And HITS?", "…"),
        Turn("Give me an example", "…"),
        Turn("And SALSA?", "…"),
        Turn("Why?", "…"),
    ]
    assert condense("In more detail, please", talk) == "What is SALSA? In more detail, please"


def test_whom_one_speaks_to_is_no_pronoun() -> None:
    assert condense("Können Sie mir Suchbäume erklären?", BEFORE) == "Können Sie mir Suchbäume erklären?"
