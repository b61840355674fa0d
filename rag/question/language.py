"""Which language a question is in, by its small words and its letters; a question is too short for more."""

from __future__ import annotations

import unicodedata
from functools import cache

from rag import lexicon
from rag.text.words import words


def question_language(question: str) -> str:
    """Return the ISO 639-1 code of a question's language, empty where its words don't tell.

    >>> question_language("Was ist ein invertierter Index?"), question_language("Qu'est-ce que l'indexation ?")
    ('de', 'fr')
    >>> question_language("Wie funktioniert PageRank?"), question_language("PageRank")
    ('de', '')
    """
    said = words(question)
    letters = set(unicodedata.normalize("NFC", question).lower())
    counts = {
        language: sum(word in _small_words(language) for word in said)
        + (not letters.isdisjoint(lexicon.read(language).letters))
        for language in lexicon.DETECTED
    }
    best = max(counts.values())
    likely = [language for language, count in counts.items() if count == best] if best else []
    # Of several the one that questions are analysed in is the likeliest: "Wie", "die" and "in" are Dutch, too.
    ours = [language for language in likely if language in lexicon.LANGUAGES]
    return _first_told(said, likely) or (ours[0] if len(ours) == 1 else _first_told(said, ours))


def _first_told(said: list[str], likely: list[str]) -> str:
    """Return the only likely language, or that of the first word which only one of them has; empty where none is."""
    having = ([language for language in likely if word in _small_words(language)] for word in said)
    return likely[0] if len(likely) == 1 else next((only[0] for only in having if len(only) == 1), "")


@cache
def _small_words(language: str) -> frozenset[str]:
    """Return the words that tell a language; a single letter tells none: formulas are full of them."""
    known = {word for name in ("small", "asking") for word in lexicon.words(name, language)}
    if language not in lexicon.LANGUAGES:
        return frozenset(word for word in known if len(word) > 1)
    return frozenset(known) | lexicon.words("stop", language) | lexicon.words("commands", language)
