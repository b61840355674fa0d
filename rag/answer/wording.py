"""The wording of sentences: by answer type, and of exercises and aims, which are no answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.lexicon import either
from rag.question.answer_type import AnswerType


def _either(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


_SAID_BY = {
    AnswerType.HOW: _either(either("says_how")),
    AnswerType.WHY: _either(either("says_why")),
    AnswerType.COST: _either(r"(?-i:(?<![^\W\d_])[OΘΩ]) ?\(", either("says_cost")),
    AnswerType.LIST: _either(
        r"(?:^|\s)[-*•–] \S.*\s[-*•–] \S", r"\b1[.)] .*\s2[.)] \S", r"\(1\) .*\(2\) ", r"\(?a\) .*\s\(?b\) "
    ),
    AnswerType.FORMULA: _either(r"\w[)\]}$]*\s*(?::?=|≈)\s*\S"),
}
# "(a) Prove that", "Berechnen Sie": an exercise shares words with a question, but asks rather than answers.
_EXERCISE = _either(either("tells_to_do"))
# "k2: Ich kann Suchbäume erklären" shares words with a question, but states a learning goal, not a fact.
_AIM = _either(rf"^\W*(?:k\d:\s*)?{either('aims')}")


def answers_so(sentence: str, types: Sequence[AnswerType]) -> float:
    """Return the share of the answer types whose wording a sentence has, 0 to 1; 0 without types.

    >>> answers_so("Because it is sorted.", [AnswerType.WHY]), answers_so("It is sorted.", [AnswerType.WHY])
    (1.0, 0.0)
    """
    said_by = [_SAID_BY[kind] for kind in types if kind in _SAID_BY]
    return sum(says.search(sentence) is not None for says in said_by) / len(said_by) if said_by else 0.0


def is_exercise(sentence: str) -> bool:
    """Say whether a sentence is an exercise: an instruction to its reader.

    >>> is_exercise("(b) Prove that the tree is balanced."), is_exercise("The proof is short.")
    (True, False)
    """
    return _EXERCISE.search(sentence) is not None


def is_aim(sentence: str) -> bool:
    """Say whether a sentence states a learning goal.

    >>> is_aim("After this lecture, you can sort."), is_aim("After the lecture it rains.")
    (True, False)
    """
    return _AIM.search(sentence) is not None
