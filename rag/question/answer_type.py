"""The expected answer types of a question: how, why, a cost, a list, a formula, aims.

Expected answer types are a standard of question answering (Hovy et al. 2001). Only the types that helped are here.
"""

from __future__ import annotations

import re
from enum import StrEnum

from rag import lexicon


class AnswerType(StrEnum):
    """The kind of information that an answer must give."""

    HOW = "how"
    WHY = "why"
    COST = "cost"  # a running time
    LIST = "list"  # several things
    FORMULA = "formula"
    AIMS = "aims"  # the learning goals of a course


_ASKED_BY = {kind: re.compile(lexicon.either(f"asks_{kind.value}"), re.IGNORECASE) for kind in AnswerType}


def answer_types(question: str) -> tuple[AnswerType, ...]:
    """Return the expected answer types of a question; most questions have none.

    >>> answer_types("Why is it fast?"), answer_types("Welche Heuristiken gibt es?"), answer_types("What is a trie?")
    ((<AnswerType.WHY: 'why'>,), (<AnswerType.LIST: 'list'>,), ())
    """
    return tuple(kind for kind, asks in _ASKED_BY.items() if asks.search(question))
