"""Which language a question is in, by its small words and its letters; a question is too short for more."""

from __future__ import annotations

import unicodedata
from functools import cache

from rag.text.words import COMMANDS, STOP_WORDS, words

# The commonest small words, those of several languages left in: the sum decides.
SMALL_WORDS = {
    "en": "the of and to in is that for it as with are be this by on or from we can an which not at if has",
    "de": "der die das und ist von den ein eine zu mit dem des für auf im nicht sich wird als auch es an wir",
    "fr": "le la les de des et est un une du que dans pour qui par sur pas avec nous au sont ce plus se ne",
    "es": "el la los las de que y en un una es por con para del se no al lo como su más este son",
    "it": "il la di che e un una per in del è con non le della si i sono gli nel come da questo anche dei",
    "pt": "o a de que e do da em um uma para com não os as por se dos no na mais é como ao",
    "nl": "de het een van en in is dat op te voor met zijn niet aan er die wordt bij ook als door om",
}
# What questions begin with.
_ASKING = {
    "fr": "quel quelle quels quelles comment pourquoi où quand combien quoi",
    "es": "qué cuál cuáles cómo por qué dónde cuándo cuánto quién",
    "it": "quale quali cosa perché dove quando quanto chi cos",
    "pt": "qual quais quê porquê onde quando quanto quem",
    "nl": "wat welke hoe waarom waar wanneer hoeveel wie",
}
_LETTERS = {"de": "äöüß", "fr": "éèêëçœîûâ", "es": "ñ¿¡óíáú", "it": "àèìòù", "pt": "ãõçê"}


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
        language: sum(word in small for word in said) + (not letters.isdisjoint(_LETTERS.get(language, "")))
        for language, small in _small_words().items()
    }
    best = max(counts.values())
    likely = [language for language, count in counts.items() if count == best] if best else []
    # Between English, German and a third, the third is the least likely: "Wie", "die" and "in" are Dutch, too.
    ours = [language for language in likely if language in STOP_WORDS]
    return _first_told(said, likely) or (ours[0] if len(ours) == 1 else _first_told(said, ours))


def _first_told(said: list[str], likely: list[str]) -> str:
    """Return the only likely language, or that of the first word which only one of them has; empty where none is."""
    small = _small_words()
    having = ([language for language in likely if word in small[language]] for word in said)
    return likely[0] if len(likely) == 1 else next((only[0] for only in having if len(only) == 1), "")


@cache
def _small_words() -> dict[str, frozenset[str]]:
    """Return the words that tell each language; a single letter tells none: formulas are full of them."""
    return {
        language: frozenset(
            word
            for word in (*small.split(), *_ASKING.get(language, "").split())
            if len(word) > 1 or language in STOP_WORDS
        )
        | STOP_WORDS.get(language, frozenset())
        | COMMANDS.get(language, frozenset())
        for language, small in SMALL_WORDS.items()
    }
