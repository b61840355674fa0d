"""What the wording of a question asks for."""

from __future__ import annotations

import doctest

import pytest

import rag.answer.wording
import rag.question.answer_type
from rag.answer.wording import answers_so, is_exercise
from rag.question.answer_type import answer_types


def test_the_examples_in_the_docstrings_hold() -> None:
    for module in (rag.question.answer_type, rag.answer.wording):
        assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("question", "says", "mentions"),
    [
        ("How does quicksort work?", "First it picks a pivot.", "Quicksort is from 1960."),
        ("Wie funktioniert Quicksort?", "Zuerst wird ein Pivot gewählt.", "Quicksort stammt von 1960."),
        ("Why is it fast?", "It is fast since most pivots are good.", "It is fast."),
        ("Warum ist es schnell?", "Es ist schnell, weil die Pivots gut sind.", "Es ist schnell."),
        ("What is the running time of quicksort?", "It needs O(n log n).", "Quicksort sorts."),
        ("Welche Laufzeit hat Quicksort?", "Die Laufzeit ist O(n log n).", "Quicksort sortiert."),
        ("What is the formula for the mean?", "$m(x) = s / n$ gives the mean.", "The mean is a number."),
        ("Wie berechnet man den Mittelwert?", "Es gilt m = s / n für Zahlen.", "Der Mittelwert ist eine Zahl."),
    ],
)
def test_a_sentence_that_says_it_sounds_like_the_answer(question: str, says: str, mentions: str) -> None:
    types = answer_types(question)
    assert answers_so(says, types) > answers_so(mentions, types) == 0.0


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("49. Suppose we need to broadcast a message.", True),
        ("Berechnen Sie die Entropie.", True),
        ("2. Wende AC-3 auf das Beispiel an.", True),
        ("Wir berechnen, was sie kosten.", False),
        ("The design of tries is simple.", False),
    ],
)
def test_an_exercise_tells_its_reader_to_do_something(sentence: str, told: bool) -> None:
    assert is_exercise(sentence) is told
