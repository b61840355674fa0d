"""Words of a question that no document has, and how the documents spell what they may be misspelt for.

Four of five misspelt words have one letter wrong, missing, too many, or two neighbours swapped (Damerau, A technique
for computer detection and correction of spelling errors, 1964), and few of them the first. So near is a word that is
one such step away; what is further off is only named, for "hypotension" is no misspelt "hypertension".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from rag.library.library import Library
from rag.text.compounds import COMPOUNDING, split
from rag.text.words import STOP_WORDS, fold, stem

_SHORTEST = 5  # letters of a word that is taken for misspelt
_SHORTEST_NAME = 2  # of an abbreviation, which is only told of: "SVM"
_LOOKED_AT = 40  # words of a question: a longer one is a text
_MOST = 8  # of them that no document has, and near stems whose words are read
_TEXTS = 6  # chunks that are read for how a word is spelt
_PART = 5  # letters of a part of a compound
_ENDING = 6  # letters that a stem may lack
# Letters of the shortest word in which a step is believed: swapped letters make no other word, a wrong one may.
_SWAPPED, _MORE_OR_LESS, _WRONG, _TWO_STEPS = 5, 6, 7, 9
_LONG, _INFLECTION = 10, 3  # letters of a long German word, and at its end where another form differs
_UNPARTED = "\u2e80"  # from here on the letters are Chinese, Japanese and the like
_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
_SMALL = frozenset().union(*STOP_WORDS.values())


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word of a question that no document has, and one near to it that some have, if there is one."""

    word: str
    near: str = ""
    sure: bool = False  # near enough to be searched for instead


def misspelt(question: str, language: str, library: Library, is_word: Callable[[str], bool]) -> list[Spelling]:
    """Return the words of a question that no document has, with what they may be misspelt for.

    `is_word` tells words that everybody uses: they are spelt right, and say little about a subject. German words
    without a near one are told of only when they are nouns.
    """
    languages = library.catalog.documents.languages() or ["en"]
    library.profiles.refresh()
    said = [word for word in dict.fromkeys(_WORD.findall(question)) if _may_be_misspelt(word)]
    unknown = [
        word
        for word in said[:_LOOKED_AT]
        if not _known(word, languages, library) and (word.isupper() or not is_word(word))
    ]
    german = language == "de"
    found = [
        Spelling(word) if word.isupper() else _nearest(word, languages, library, is_word, german=german)
        for word in unknown[:_MOST]
    ]
    return [
        one
        for one in found
        if one.sure or (not _half_known(one.word, languages, library) and _is_told(one, question, language))
    ]


def _is_told(one: Spelling, question: str, language: str) -> bool:
    """Say whether a word is worth telling of; in German a noun is, which has a capital letter not by coming first."""
    noun = one.word[0].isupper() and (one.word.isupper() or not question.lstrip().startswith(one.word))
    return noun or language != "de"


def spelled(question: str, spellings: Sequence[Spelling]) -> str:
    """Return a question with those of its misspelt words put right that are surely so.

    >>> spelled("What is boradcasting?", [Spelling("boradcasting", "broadcasting", True)])
    'What is broadcasting?'
    """
    right = {spelling.word: spelling.near for spelling in spellings if spelling.sure}
    return _WORD.sub(lambda found: right.get(found[0], found[0]), question)


def unknown_words(spellings: Sequence[Spelling]) -> tuple[str, ...]:
    """Say which words no document has, but for those in whose place another is searched for."""
    return tuple(
        f"No document has the word “{one.word}”." + (f" Did you mean “{one.near}”?" if one.near else "")
        for one in spellings
        if not one.sure
    )


def _may_be_misspelt(word: str) -> bool:
    if word >= _UNPARTED or word.casefold() in _SMALL:
        return False
    return len(word) >= (_SHORTEST_NAME if word.isupper() else _SHORTEST)


def _stems(word: str, languages: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(fold(stem(word.casefold(), language)) for language in languages))


def _known(word: str, languages: Sequence[str], library: Library) -> bool:
    """Say whether a document has a word, its parts, or a longer word made with it, or is called so."""
    forms, lexical = _stems(word, languages), library.lexical
    if any(lexical.counts(set(forms)).values()) or any(lexical.compounds(form) for form in forms):
        return True
    if any(len(split(form, lexical.known)) > 1 for form in forms):
        return True
    return bool(library.profiles.named(forms))


def _half_known(word: str, languages: Sequence[str], library: Library) -> bool:
    """Say whether a document has what a word begins or ends with, where words are put together."""
    if COMPOUNDING.isdisjoint(languages):
        return False
    forms = _stems(word, languages)
    begins = {form[:end] for form in forms for end in range(_PART, len(form) - 2)}
    ends = {form[start:] for form in forms for start in range(3, len(form) - _PART + 1)}
    return any(library.lexical.counts(begins | ends).values())


def _nearest(
    word: str, languages: Sequence[str], library: Library, is_word: Callable[[str], bool], *, german: bool
) -> Spelling:
    """Return a word with that of the documents that is nearest: of several as near, the one used most."""
    typed = fold(word.casefold())
    candidates: Counter[str] = Counter()
    for near, _ in _near_stems(typed, library):
        candidates.update(dict(_spelt(near, languages, library, german=german)))
    best = min(candidates, key=lambda other: (_steps(typed, other), -candidates[other], other), default=None)
    if best is None or _steps(typed, best) > (2 if len(typed) >= _TWO_STEPS else 1):
        return Spelling(word)
    other = fold(best.casefold())
    if german:
        english = is_word(best) and _surely(typed, other)  # "Checking" in a German question
        sure = english or _surely_german(typed, other)
        return Spelling(word, best if sure or best[0].isupper() == word[0].isupper() else "", sure)
    return Spelling(word, best, _surely(typed, other))


def _near_stems(typed: str, library: Library) -> Iterator[tuple[str, int]]:
    """Yield the stems that a word may begin with if some of its letters are wrong, the nearest first."""
    most = 2 if len(typed) >= _TWO_STEPS else 1
    found = []
    for first in dict.fromkeys(typed[:2]):  # the first two may be swapped
        known = library.lexical.beginning_with(first, len(typed) - _ENDING, len(typed) + most)
        for other, chunks in known.items():
            ends = range(len(other) - most, len(other) + most + 1)
            steps = min(OSA.distance(typed[:end], other, score_cutoff=most) for end in ends)
            if steps <= most:
                found.append((steps, -chunks, other))
    yield from ((other, -chunks) for _, chunks, other in sorted(found)[:_MOST])


def _spelt(near: str, languages: Sequence[str], library: Library, *, german: bool) -> Iterator[tuple[str, int]]:
    """Yield the words with a stem as some chunks spell them, and how often; where `german`, as German chunks do."""
    keys = [key for key, _ in library.lexical.search([(near,)], limit=_TEXTS)]
    if german:
        keys = [key for key, (_, written) in library.catalog.chunks.origins(keys).items() if written == "de"]
    counted = Counter(
        word
        for chunk, _, _ in library.catalog.chunks.get(keys).values()
        for word in _WORD.findall(chunk.text)
        if near in _stems(word, languages)
    )
    yield from counted.items()


def _steps(typed: str, other: str) -> int:
    return int(OSA.distance(typed, fold(other.casefold())))


def _surely(typed: str, other: str) -> bool:
    """Say whether a word is surely misspelt for another.

    >>> _surely("boradcasting", "broadcasting"), _surely("bagging", "tagging"), _surely("maximum", "minimum")
    (True, False, False)
    """
    letters, steps = Counter(typed), OSA.distance(typed, other)
    changed = max((letters - Counter(other)).total(), (Counter(other) - letters).total())
    if changed == 0:  # the same letters in another order
        return len(typed) >= (_SWAPPED if steps == 1 else _TWO_STEPS) and steps <= 2
    if typed[0] != other[0]:
        return False
    if steps == 1:
        return len(typed) >= (_WRONG if len(typed) == len(other) else _MORE_OR_LESS)
    return steps == 2 and changed == 1 and len(typed) >= _TWO_STEPS


def _surely_german(typed: str, other: str) -> bool:
    """Say whether a word is surely misspelt for another, where nobody tells which words there are.

    German has a word on every side ("gezählt", "gewählt"; "verblieben", "verbleiben"): two letters are swapped, or one
    is doubled or should be; in long words one is missing or too many.

    >>> _surely_german("vektoraum", "vektorraum"), _surely_german("gezahlt", "gewahlt")
    (True, False)
    """
    if OSA.distance(typed, other) != 1 or len(typed) < _MORE_OR_LESS:
        return False
    at = next(
        (n for n, (one, two) in enumerate(zip(typed, other, strict=False)) if one != two), min(map(len, (typed, other)))
    )
    if len(typed) == len(other):
        return sorted(typed) == sorted(other) and {typed[at], other[at]} != {"i", "e"}
    longer = max(typed, other, key=len)
    doubled = at > 0 and longer[at] == longer[at - 1]
    return doubled or (len(typed) >= _LONG and 0 < at < len(typed) - _INFLECTION)
