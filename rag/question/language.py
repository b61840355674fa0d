"""The language of a question, by its function words and letters: a question is too short for other methods."""

from __future__ import annotations

import unicodedata
from functools import cache

from rag import lexicon
from rag.text.words import words


def question_language(question: str) -> str:
    """Return the ISO 639-1 code of a question's language; empty if its words don't decide.

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
    # Among equals a language with full analysis is the most probable: "Wie", "die" and "in" are also Dutch.
    ours = [language for language in likely if language in lexicon.LANGUAGES]
    found = _first_known(said, ours if len(ours) > 1 else likely) or (ours[0] if len(ours) == 1 else "")
    # "lecture" or "list" alone is no English question: Germans ask for "linked list", too.
    alone = best == 1 and not lexicon.words("commands", lexicon.LANGUAGES[0]).isdisjoint(said)
    return "" if found == lexicon.LANGUAGES[0] and alone else found


def _first_known(said: list[str], likely: list[str]) -> str:
    """Return the only likely language, or that of the first word found in only one of them; otherwise empty."""
    having = ([language for language in likely if word in _small_words(language)] for word in said)
    return likely[0] if len(likely) == 1 else next((only[0] for only in having if len(only) == 1), "")


@cache
def _small_words(language: str) -> frozenset[str]:
    """Return the words that indicate a language; of foreign ones no single letters: formulas are full of them."""
    known = {word for name in ("small", "asking") for word in lexicon.words(name, language)}
    if language not in lexicon.LANGUAGES:
        return frozenset(word for word in known if len(word) > 1)
    return frozenset(known) | lexicon.words("stop", language) | lexicon.words("commands", language)
