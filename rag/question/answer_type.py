"""What the wording of a question asks for, and what sentences sound like that say it, or that ask themselves.

The type of the answer that is expected, as question answering has long used it (Hovy et al. 2001), for the kinds where
it helped: how something goes, why it is so, what it costs, and by which formula. English and German.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag import lexicon


def _either(name: str, *more: str) -> re.Pattern[str]:
    return re.compile("|".join([lexicon.either(name), *more]), re.IGNORECASE)


_COST = _either("asks_cost"), _either("says_cost", r"(?-i:(?<![^\W\d_])[OΘΩ]) ?\(")
_LIST = (
    _either("asks_list"),
    re.compile(r"(?:^|\s)[-*•–] \S.*\s[-*•–] \S|\b1[.)] .*\s2[.)] \S|\(1\) .*\(2\) |\(?a\) .*\s\(?b\) ", re.IGNORECASE),
)
_FORMULA = _either("asks_formula"), re.compile(r"\w[)\]}$]*\s*(?::?=|≈)\s*\S")
# (what asks for it, what says it)
_KINDS = (
    (_either("asks_how"), _either("says_how")),
    (_either("asks_why"), _either("says_why")),
    _COST,
    _LIST,
    _FORMULA,
)
_EXERCISE = _either("tells_to_do")


def asked_for(question: str) -> Sequence[re.Pattern[str]]:
    """Return what the answers to a question sound like, for each kind that its wording asks for.

    >>> [bool(pattern.search("Because it is sorted.")) for pattern in asked_for("Why is it fast?")]
    [True]
    >>> asked_for("What is a trie?")
    []
    """
    return [says for asks, says in _KINDS if asks.search(question)]


def asks_for_cost(question: str) -> bool:
    """Say whether a question is for a running time, which one notation tells: few sentences sound so by chance.

    >>> asks_for_cost("Wie schnell ist die Suche?"), asks_for_cost("How does the search work?")
    (True, False)
    """
    return _COST[0].search(question) is not None


def asks_for_list(question: str) -> bool:
    """Say whether a question is for several things.

    >>> asks_for_list("Welche Heuristiken gibt es?"), asks_for_list("What are the rules?"), asks_for_list("Why?")
    (True, True, False)
    """
    return _LIST[0].search(question) is not None


def answers_so(sentence: str, sounds: Sequence[re.Pattern[str]]) -> float:
    """Return the share of what a question asks for that a sentence sounds like, 0 to 1; 0 where it asks for nothing."""
    return sum(says.search(sentence) is not None for says in sounds) / len(sounds) if sounds else 0.0


def is_exercise(sentence: str) -> bool:
    """Say whether a sentence tells its reader to do something.

    >>> is_exercise("(b) Prove that the tree is balanced."), is_exercise("The proof is short.")
    (True, False)
    """
    return _EXERCISE.search(sentence) is not None
