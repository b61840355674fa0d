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


REPOSITORY = Path(__file__).parents[3]
ROOMS = ("retrieve", "answer", "overview")
STEPS = [path.relative_to(REPOSITORY) for room in ROOMS for path in sorted((REPOSITORY / "rag" / room).glob("*.py"))]
# The records of a question, and what is done with a text of a document by their help.
RECORDS = {
    "rag.question.query": {"Query", "Overview"},
    "rag.question.answer_type": {"AnswerType"},
    "rag.question.term": {"ARTICLE", "Term"},
    "rag.question.numbered": {"KINDS", "NumberedItem", "OVER", "statement_end"},
    "rag.question.documents": {"Corpus", "DocumentPart", "is_kind", "title_of"},
    "rag.question.material": {"Target", "Unit"},
    "rag.question.overview_phrases": {"ItemKind", "OverviewKind"},
    "rag.question.overview_request": {"OverviewRequest"},
}
# Where a question becomes a Query, and what a model made of a follow-up is looked at.
OF_THE_CHAIN = {
    "rag.question.analyse": {"Rewrite", "analyse", "answer_language"},
    "rag.question.follow_up": {"accepted"},
    "rag.question.scope": {"nothing_on_pages"},
}


@pytest.mark.parametrize("path", [*STEPS, Path("rag/chain.py")], ids=str)
def test_no_later_step_looks_at_the_words_again(path: Path) -> None:
    """A later step knows the records of a question, and none of the functions that read its words."""
    allowed = RECORDS | (OF_THE_CHAIN if path.name == "chain.py" else {})
    for node in ast.walk(ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not [name.name for name in node.names if name.name.startswith("rag.question")]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rag.question"):
            assert {name.name for name in node.names} <= allowed.get(node.module or "", set()), node.module
        elif isinstance(node, ast.ImportFrom) and node.module == "rag":
            assert "question" not in {name.name for name in node.names}
