"""German compounds are split into their parts, so that "Dampfschiff" also finds "Donaudampfschifffahrt".

There is no dictionary: the parts are words of the documents. Of several splits the one with the largest geometric mean
of its parts' frequencies is taken, if that exceeds the frequency of the compound itself (Koehn and Knight, Empirical
Methods for Compound Splitting, 2003).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from rag import lexicon
from rag.text.words import fold, stem

# Languages whose words are split: those with linking elements.
COMPOUNDING = frozenset(language for language in lexicon.LANGUAGES if lexicon.words("compound_links", language))
LONG = 9  # letters of the shortest word that is split
SHORTEST = 4  # letters of a part; shorter ones occur in every other word
_LINKS = ("", *lexicon.words("compound_links"))  # between two parts: "Verwaltung-s-gericht"

Known = Callable[[set[str]], dict[str, int]]  # stems → number of chunks with each; stems in no chunk are left out


def split(word: str, known: Known) -> tuple[str, ...]:
    """Return the stems of a word's parts, from left to right; the word alone when it isn't split.

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
    """Say whether a compound may have a part: the rest before and after it is empty or long enough for a word.

    >>> holds("donaudampfschifffahrt", "dampfschiff"), holds("reichstag", "eich")
    (True, False)
    """
    at = compound.find(part)
    before, after = compound[:at], compound[at + len(part) :]
    return at >= 0 and all(not rest or len(rest) >= SHORTEST - 1 for rest in (before, after))


def _cuts(word: str) -> set[tuple[str, str]]:
    """Return every possible split of a word, as (stem of the head, stem of the tail)."""
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
