"""How sure it is that the documents answer a question: what decides between an answer and "the documents don't say".

A logistic regression on what the best sentences and passages have for them, one per kind of question. Fitted on the
held-out articles of SQuAD 2.0, XQuAD and the gold questions, against questions about other subjects; the numbers are
in ``tests/bench/quality.md``. In languages that the embedder and the reader weren't trained on there is too little
to fit the reader's word on: there words and meaning decide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.quote import Quoted
from rag.types import Passage


@dataclass(frozen=True, slots=True)
class Mix:
    """What each kind of evidence counts, in log odds."""

    bias: float
    words: float  # of the share of the question's words, 0 to 1
    meaning: float  # of the cosine of the best sentence
    relevance: float = 0.0  # of the reader's best logit


_READ = Mix(-2.76, 0.99, 3.09, 0.62)  # English, with the reader
_UNREAD = Mix(-2.60, 0.64, 4.39)  # English, without
_FOREIGN = Mix(-2.64, 4.76, 2.23)  # German


def confidence(quoted: Sequence[Quoted], passages: Sequence[Passage], *, language: str) -> float:
    """Return how likely it is that the quotes and passages found answer the question, 0 to 1; 0 without quotes."""
    if not quoted:
        return 0.0
    relevance = max((reading.relevance for passage in passages for reading in passage.readings), default=None)
    mix = _FOREIGN if language != "en" else _UNREAD if relevance is None else _READ
    odds = (
        mix.bias
        + mix.words * max(item.words for item in quoted)
        + mix.meaning * max(item.meaning for item in quoted)
        + mix.relevance * (relevance or 0.0)
    )
    return 1 / (1 + math.exp(-odds))
