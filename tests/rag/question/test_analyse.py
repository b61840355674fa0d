"""The analysis of a question: what its words say, and what the library makes of it."""

from __future__ import annotations

import ast
import doctest
from pathlib import Path

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


DETECTORS = set(
    (
        "answer_types asked_item asked_overview asked_term condense is_follow_up misspelt named_items names_newest "
        "question_language request_of units_in years_in"
    ).split()
)
REPOSITORY = Path(__file__).parents[3]
ROOMS = ("retrieve", "answer", "overview")
STEPS = [path.relative_to(REPOSITORY) for room in ROOMS for path in sorted((REPOSITORY / "rag" / room).glob("*.py"))]


@pytest.mark.parametrize("path", [*STEPS, Path("rag/chain.py")], ids=str)
def test_no_later_step_looks_at_the_words_again(path: Path) -> None:
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names}
    assert imported.isdisjoint(DETECTORS)
