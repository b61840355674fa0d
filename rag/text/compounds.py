"""German compounds by their parts: "Donaudampfschifffahrt" is also found by "Dampfschiff".

No dictionary: the parts are words that the documents themselves use. Where several splits are possible the one
whose parts are used most counts, by the geometric mean of how often, and only when that is more often than the
compound itself (Koehn and Knight, Empirical Methods for Compound Splitting, 2003).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from rag import lexicon
from rag.text.words import fold, stem

# Languages whose words are split: those that join their parts with something.
COMPOUNDING = frozenset(language for language in lexicon.LANGUAGES if lexicon.words("compound_links", language))
LONG = 9  # letters of the shortest word that is split
SHORTEST = 4  # letters of a part; shorter ones are in every other word
_LINKS = ("", *lexicon.words("compound_links"))  # between two parts: "Verwaltung-s-gericht"

Known = Callable[[set[str]], dict[str, int]]  # stems → in how many chunks each is; without those in none


def split(word: str, known: Known) -> tuple[str, ...]:
    """Return the stems of the parts of a stem, from left to right; the word alone when it isn't split.

    >>> counts = {"verwalt": 40, "gericht": 90, "verwaltungsgericht": 12}
    >>> split("verwaltungsgericht", lambda stems: {stem: counts[stem] for stem in stems & counts.keys()})
    ('verwalt', 'gericht')
    """
    if len(word) < LONG or not word.isalpha():
        return (word,)
    cuts = list(_cuts(word))
    counts = known({word, *(part for cut in cuts for part in cut)})
    alone = math.log(counts.get(word, 0) + 0.5)
    scored = [
        (math.log(counts[head]) / 2 + math.log(counts[tail]) / 2, head, tail)
        for head, tail in cuts
        if head in counts and tail in counts
    ]
    if not scored:
        return (word,)
    best, head, tail = max(scored)
    return (*split(head, known), *split(tail, known)) if best > alone else (word,)


def holds(compound: str, part: str) -> bool:
    """Say whether a compound can hold a part where a word begins: at its start, at its end, or after a linking s.

    >>> holds("donaudampfschifffahrt", "dampfschiff"), holds("reichstag", "eich")
    (True, False)
    """
    at = compound.find(part)
    before, after = compound[:at], compound[at + len(part) :]
    return at >= 0 and all(not rest or len(rest) >= SHORTEST - 1 for rest in (before, after))


def _cuts(word: str) -> set[tuple[str, str]]:
    """Return every (stem of the head, stem of the tail) that a word may be made of."""
    found = set()
    for at in range(SHORTEST, len(word) - SHORTEST + 1):
        tail = _stem(word[at:])
        for link in _LINKS:
            head = word[:at].removesuffix(link)
            if len(head) >= SHORTEST and len(tail) >= SHORTEST and (not link or len(head) < at):
                found.add((_stem(head), tail))
    return found


def _stem(word: str) -> str:
    return fold(stem(word, "de"))
