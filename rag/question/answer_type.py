"""What the wording of a question asks for, and what sentences sound like that say it, or that ask themselves.

The type of the answer that is expected, as question answering has long used it (Hovy et al. 2001), for the kinds where
it helped: how something goes, why it is so, what it costs, and by which formula. English and German.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def _either(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


_COST = (
    _either(
        r"\bhow (?:fast|slow|efficient)\b|\bhow long (?:does|do|will) .*\b(?:take|run)\b",
        r"\b(?:running time|runtime)\b|\bwhat(?:'s|’s| is) the (?:[\w-]+ )?complexity of\b",
        r"\b(?:laufzeit|zeitkomplexität|aufwand|wie (?:schnell|effizient|teuer))\b",
        r"\bwie lange (?:dauert|braucht|läuft)\b",
        r"\b(?:welche|wie ist die) komplexität\b",
    ),
    _either(
        r"(?-i:(?<![^\W\d_])[OΘΩ]) ?\(",
        r"\b(?:linear|quadratic|polynomial|exponential|constant|logarithmic) time\b",
        r"\b(?:linear|quadratisch|polynomial|exponentiell|konstant|logarithmisch)\w* (?:lauf)?zeit",
    ),
)
# German words that end like a plural, and are asked for one by one.
_SINGULAR = (
    "laufzeit|komplexität|formel|rolle|methode|größe|frage|stelle|seite|reihenfolge|menge|ebene|höhe|tiefe|farbe|sprache"
    "|klasse|länge|breite|folge|aufgabe|übung|grenze|basis"
)
_LIST = (
    _either(
        r"\bwhat are (?:the|all) (?!odds\b)|\b(?:list|name|enumerate) (?:the|all)\b",
        r"\b(?:which|what) (?:\w+ )?(?:steps|rules|properties|conditions|kinds|types|ways|parts|phases|methods|axioms"
        r"|criteria|heuristics|operators|variants|advantages)\b",
        rf"\bwelche (?!\w*(?:{_SINGULAR})\b)\w+(?:en|n|e|s)\b|\b(?:nenne|zähle|liste)\b|\bwas sind die\b",
    ),
    _either(r"(?:^|\s)[-*•–] \S.*\s[-*•–] \S", r"\b1[.)] .*\s2[.)] \S", r"\(1\) .*\(2\) ", r"\(?a\) .*\s\(?b\) "),
)
# (what asks for it, what says it)
_KINDS = (
    (
        _either(
            r"\bhow (?:do|does|can|is)\b",
            r"\bwie (?:funktioniert|geht|läuft|arbeitet|kann|wird|macht)\b",
        ),
        _either(
            r"\b(?:first|then|repeatedly|until|each|every|phase|step|we|by \w+ing)\b",
            r"\b(?:zuerst|dann|solange|bis|schritt\w*|jede\w*|wird|man|wähle|anschließend|dabei)\b",
        ),
    ),
    (
        _either(r"\bwhy\b", r"\breason\b", r"\b(?:warum|weshalb|wieso|aus welchem grund)\b"),
        _either(
            r"\b(?:because|since|due to|reason|thus|therefore|so that|hence|otherwise)\b",
            r"\b(?:weil|denn|da|daher|deshalb|dadurch|grund|sonst|damit|somit|um\b.*\bzu)\b",
        ),
    ),
    _COST,
    _LIST,
    (
        _either(r"\b(?:formula|equation|recurrence|computed?|calculated?)\b", r"\bformel\b", r"\b(?:aus|be)rechne\w*"),
        _either(r"\w[)\]}$]*\s*(?::?=|≈)\s*\S"),
    ),
)
# "(a) Prove that", "Berechnen Sie": an exercise has a question's words, and its answer is what it asks for.
_EXERCISE = _either(
    r"^[\W\d]*(?:\(?[a-z]\)\s*)?(?:prove|show|describe|design|analy[sz]e|suppose|consider|give|find|devise|explain|derive"
    r"|determine|sketch|argue|compute|write|repeat|modify|use|solve|draw|implement|let|recall|imagine|assume)\b",
    r"^[\W\d]*(?:wende|zeige|gib|berechne|bestimme|beweise|erkläre|implementiere|entwickle|überlege)\b",
    r"\b\w+(?:en|ern|eln) (?-i:Sie)\b",
)


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
