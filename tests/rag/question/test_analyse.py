"""The analysis of a question: what its words say, and what the library makes of it."""

from __future__ import annotations

import doctest

import pytest

import rag.question.analyse
from rag.errors import InputError
from rag.question.analyse import MOST_CHARACTERS, check


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.question.analyse).failed == 0


@pytest.mark.parametrize("question", ["", "   ", "\n\t"])
def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(InputError, match="empty"):
        check(question)


def test_a_question_that_is_no_text_is_refused() -> None:
    """Half a surrogate comes from a terminal of another encoding, or from JSON."""
    with pytest.raises(InputError):
        check("\ud800 index")


def test_a_question_as_long_as_a_document_is_refused() -> None:
    check("x " * (MOST_CHARACTERS // 2))
    with pytest.raises(InputError, match=r"20,001 characters"):
        check("x" * (MOST_CHARACTERS + 1))
