"""The type of answer that a question's wording asks for: how, why, at what cost, a list, a formula, an aim.

Question answering has long used the expected answer type (Hovy et al. 2001). Here are the types where it helped.
"""

from __future__ import annotations

import re
from enum import StrEnum

from rag import lexicon


class AnswerType(StrEnum):
    """What an answer has to say."""

    HOW = "how"
    WHY = "why"
    COST = "cost"  # a running time
    LIST = "list"  # several things
    FORMULA = "formula"
    AIMS = "aims"  # what a course wants its students to be able to do


_ASKED_BY = {kind: re.compile(lexicon.either(f"asks_{kind.value}"), re.IGNORECASE) for kind in AnswerType}


def answer_types(question: str) -> tuple[AnswerType, ...]:
    """Return the types of answer that a question asks for.

    >>> answer_types("Why is it fast?"), answer_types("Welche Heuristiken gibt es?"), answer_types("What is a trie?")
    ((<AnswerType.WHY: 'why'>,), (<AnswerType.LIST: 'list'>,), ())
    """
    return tuple(kind for kind, asks in _ASKED_BY.items() if asks.search(question))
