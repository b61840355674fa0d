"""Detects the language of a text: by its small words, or by py3langid if these leave a doubt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache

from rag import lexicon

SAMPLE = 4000  # characters
LEAST_LETTERS = 20  # a shorter text has no reliable language

# py3langid's choices: without a restriction, a short text may be taken for any of a hundred languages.
LANGUAGES = tuple(
    "en de fr es it pt nl pl cs sv da no fi hu ro tr ru uk el ar he fa hi zh ja ko vi id bg hr sk sl ca".split()
)

_WORD = re.compile(r"[^\W\d_]+")


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of a text's language; empty if the language is unclear.

    >>> detect_language("Der Beweis folgt aus dem Satz von Cantor und ist nicht lang.")
    'de'
    """
    sample = _sample(text)
    words = [word.casefold() for word in _WORD.findall(sample)]
    if sum(map(len, words)) < LEAST_LETTERS:
        return ""
    counts = Counter(words)
    scores = sorted(
        ((sum(counts[word] for word in small), language) for language, small in _small_words().items()),
        reverse=True,
    )
    (best, language), (second, _) = scores[:2]
    if best >= 5 and best >= 1.5 * second and best >= 0.12 * len(words):
        return language
    return _by_letters(sample)


def _sample(text: str) -> str:
    """Return the beginning, and of long texts the middle too: a title page is no prose."""
    if len(text) <= 2 * SAMPLE:
        return text[:SAMPLE]
    middle = len(text) // 2
    return text[: SAMPLE // 2] + " " + text[middle : middle + SAMPLE // 2]


@cache
def _small_words() -> dict[str, frozenset[str]]:
    return {language: lexicon.words("small", language) for language in lexicon.DETECTED}


def _by_letters(sample: str) -> str:
    """Detect the language by sequences of letters, with py3langid."""
    return str(_classifier()(sample)[0])


@cache
def _classifier() -> Callable[[str], tuple[str, float]]:
    """Load py3langid with its languages restricted."""
    import py3langid

    py3langid.set_languages(list(LANGUAGES))
    classify: Callable[[str], tuple[str, float]] = py3langid.classify
    return classify
