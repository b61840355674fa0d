"""Which language a question is in, by its small words; a question is too short for more."""

from __future__ import annotations

import unicodedata
from functools import cache

from rag.text.words import STOP_WORDS, words

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


def question_language(question: str) -> str:
    """Return the ISO 639-1 code of a question's language, empty where its words don't tell.

    >>> question_language("Was ist ein invertierter Index?"), question_language("Qu'est-ce que l'indexation ?")
    ('de', 'fr')
    >>> question_language("PageRank")
    ''
    """
    asked = words(question)
    counts = {language: sum(word in small for word in asked) for language, small in _small_words().items()}
    if any(letter in "äöüß" for letter in unicodedata.normalize("NFC", question).lower()):
        counts["de"] += 1
    best = max(counts.values())
    likely = [language for language, count in counts.items() if count == best]
    return likely[0] if best and len(likely) == 1 else ""


@cache
def _small_words() -> dict[str, frozenset[str]]:
    return {
        language: frozenset(small.split())
        | frozenset(_ASKING.get(language, "").split())
        | STOP_WORDS.get(language, frozenset())
        for language, small in SMALL_WORDS.items()
    }
