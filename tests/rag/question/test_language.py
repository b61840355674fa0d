"""Which language a question is in."""

from __future__ import annotations

import doctest

import pytest

import rag.question.language
from rag.question.language import question_language


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.question.language).failed == 0


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What is BM25", "en"),
        ("Wer erfand PageRank?", "de"),
        ("Kompression im Index", "de"),
        ("BM25", ""),
        ("¿Qué es un índice?", "es"),
        ("Che cos'è un indice?", "it"),
        ("Wat is een index?", "nl"),
        ("quelle est la capitale", "fr"),
        ("", ""),
        ("🎓", ""),
        ("Größe", "de"),
        ("索引是什么", ""),
        ("Größe Suchindex", "de"),
        ("Maßzahl?", "de"),
        ("GRO\u0308SSE?", "de"),
        ("Was zeigt Abbildung 14.9?", "de"),
        ("Wie funktioniert PageRank", "de"),
        ("Qu'est-ce qu'un tas ?", "fr"),
        ("O(n log n)", ""),
        ("linked list", ""),
        ("week 3", ""),
    ],
)
def test_small_words_tell_the_language(question: str, language: str) -> None:
    assert question_language(question) == language
