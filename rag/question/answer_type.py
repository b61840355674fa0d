"""The type of answer that a question's wording asks for: how, why, at what cost, a list, a formula, an aim.

Question answering has long used the expected answer type (Hovy et al. 2001). Here are the types where it helped.
"""

from __future__ import annotations

import re
from enum import StrEnum


class AnswerType(StrEnum):
    """What an answer has to say."""

    HOW = "how"
    WHY = "why"
    COST = "cost"  # a running time
    LIST = "list"  # several things
    FORMULA = "formula"
    AIMS = "aims"  # what a course wants its students to be able to do


def _either(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


# German words that end like a plural, and are asked for one by one.
_SINGULAR = (
    "laufzeit|komplexität|formel|rolle|methode|größe|frage|stelle|seite|reihenfolge|menge|ebene|höhe|tiefe|farbe|sprache"
    "|klasse|länge|breite|folge|aufgabe|übung|grenze|basis"
)
_ASKED_BY = {
    AnswerType.HOW: _either(
        r"\bhow (?:do|does|can|is)\b",
        r"\bwie (?:funktioniert|geht|läuft|arbeitet|kann|wird|macht)\b",
    ),
    AnswerType.WHY: _either(r"\bwhy\b", r"\breason\b", r"\b(?:warum|weshalb|wieso|aus welchem grund)\b"),
    AnswerType.COST: _either(
        r"\bhow (?:fast|slow|efficient)\b|\bhow long (?:does|do|will) .*\b(?:take|run)\b",
        r"\b(?:running time|runtime)\b|\bwhat(?:'s|’s| is) the (?:[\w-]+ )?complexity of\b",
        r"\b(?:laufzeit|zeitkomplexität|aufwand|wie (?:schnell|effizient|teuer))\b",
        r"\bwie lange (?:dauert|braucht|läuft)\b",
        r"\b(?:welche|wie ist die) komplexität\b",
    ),
    AnswerType.LIST: _either(
        r"\bwhat are (?:the|all) (?!odds\b)|\b(?:list|name|enumerate) (?:the|all)\b",
        r"\b(?:which|what) (?:\w+ )?(?:steps|rules|properties|conditions|kinds|types|ways|parts|phases|methods|axioms"
        r"|criteria|heuristics|operators|variants|advantages)\b",
        rf"\bwelche (?!\w*(?:{_SINGULAR})\b)\w+(?:en|n|e|s)\b|\b(?:nenne|zähle|liste)\b|\bwas sind die\b",
    ),
    AnswerType.FORMULA: _either(
        r"\b(?:formula|equation|recurrence|computed?|calculated?)\b", r"\bformel\b", r"\b(?:aus|be)rechne\w*"
    ),
    AnswerType.AIMS: _either(
        r"lernziel|kompetenz|objective|outcome|\bgoals?\b|\b(?:should|must|will) (?:i|we|you|students)\b"
        r"|\b(?:soll|muss) (?:ich|man)\b|\b(?:sollen|müssen) (?:wir|sie)\b"
    ),
}


def answer_types(question: str) -> tuple[AnswerType, ...]:
    """Return the types of answer that a question asks for.

    >>> answer_types("Why is it fast?"), answer_types("Welche Heuristiken gibt es?"), answer_types("What is a trie?")
    ((<AnswerType.WHY: 'why'>,), (<AnswerType.LIST: 'list'>,), ())
    """
    return tuple(kind for kind, asks in _ASKED_BY.items() if asks.search(question))
