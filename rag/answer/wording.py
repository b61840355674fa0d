"""How sentences sound that give an answer of a type, and those that are no answer: exercises and aims."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.question.answer_type import AnswerType


def _either(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


_SAID_BY = {
    AnswerType.HOW: _either(
        r"\b(?:first|then|repeatedly|until|each|every|phase|step|we|by \w+ing)\b",
        r"\b(?:zuerst|dann|solange|bis|schritt\w*|jede\w*|wird|man|wähle|anschließend|dabei)\b",
    ),
    AnswerType.WHY: _either(
        r"\b(?:because|since|due to|reason|thus|therefore|so that|hence|otherwise)\b",
        r"\b(?:weil|denn|da|daher|deshalb|dadurch|grund|sonst|damit|somit|um\b.*\bzu)\b",
    ),
    AnswerType.COST: _either(
        r"(?-i:(?<![^\W\d_])[OΘΩ]) ?\(",
        r"\b(?:linear|quadratic|polynomial|exponential|constant|logarithmic) time\b",
        r"\b(?:linear|quadratisch|polynomial|exponentiell|konstant|logarithmisch)\w* (?:lauf)?zeit",
    ),
    AnswerType.LIST: _either(
        r"(?:^|\s)[-*•–] \S.*\s[-*•–] \S", r"\b1[.)] .*\s2[.)] \S", r"\(1\) .*\(2\) ", r"\(?a\) .*\s\(?b\) "
    ),
    AnswerType.FORMULA: _either(r"\w[)\]}$]*\s*(?::?=|≈)\s*\S"),
}
# "(a) Prove that", "Berechnen Sie": an exercise has a question's words, and its answer is what it asks for.
_EXERCISE = _either(
    r"^[\W\d]*(?:\(?[a-z]\)\s*)?(?:prove|show|describe|design|analy[sz]e|suppose|consider|give|find|devise|explain|derive"
    r"|determine|sketch|argue|compute|write|repeat|modify|use|solve|draw|implement|let|recall|imagine|assume)\b",
    r"^[\W\d]*(?:wende|zeige|gib|berechne|bestimme|beweise|erkläre|implementiere|entwickle|überlege)\b",
    r"\b\w+(?:en|ern|eln) (?-i:Sie)\b",
)
# "k2: Ich kann Suchbäume erklären" has a question's words, but says what a student will be able to do, not what is so.
_AIM = _either(
    r"^\W*(?:k\d:\s*)?(?:ich kann|i can)\b",
    r"^\W*(?:after|by the end of) (?:this|the) (?:lecture|chapter|lesson|week|unit|course),? (?:you|students)\b",
    r"^\W*(?:nach|am ende) (?:dieser|der|dieses|des) (?:vorlesung|lektion|woche|einheit|kapitels|kurses)"
    r" (?:können|kennen|verstehen|wissen)\b",
)


def answers_so(sentence: str, types: Sequence[AnswerType]) -> float:
    """Return the share of the types asked for that a sentence sounds like, 0 to 1; 0 where none is asked for.

    >>> answers_so("Because it is sorted.", [AnswerType.WHY]), answers_so("It is sorted.", [AnswerType.WHY])
    (1.0, 0.0)
    """
    said_by = [_SAID_BY[kind] for kind in types if kind in _SAID_BY]
    return sum(says.search(sentence) is not None for says in said_by) / len(said_by) if said_by else 0.0


def is_exercise(sentence: str) -> bool:
    """Say whether a sentence tells its reader to do something.

    >>> is_exercise("(b) Prove that the tree is balanced."), is_exercise("The proof is short.")
    (True, False)
    """
    return _EXERCISE.search(sentence) is not None


def is_aim(sentence: str) -> bool:
    """Say whether a sentence says what students will be able to do.

    >>> is_aim("After this lecture, you can sort."), is_aim("After the lecture it rains.")
    (True, False)
    """
    return _AIM.search(sentence) is not None
