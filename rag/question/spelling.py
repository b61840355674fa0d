"""Unknown words of a question and their corrections from the documents' vocabulary.

Four of five misspelt words have one letter wrong, missing or too many, or two neighbours swapped (Damerau, A technique
for computer detection and correction of spelling errors, 1964), and few of them in the first letter. So a word at one
such edit is near. A word further away is only suggested, for "hypotension" is no misspelt "hypertension".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from rag import lexicon
from rag.library.library import Library
from rag.text.compounds import COMPOUNDING, split
from rag.text.words import fold, stem
from rag.texts import say

_SHORTEST = 5  # letters of a word that may be misspelt
_SHORTEST_NAME = 2  # letters of an abbreviation, which is reported but not corrected: "SVM"
_LOOKED_AT = 40  # words of a question; a longer one is a text
_MOST = 8  # unknown words of a question, and near stems whose words are read
_TEXTS = 6  # chunks read for the spelling of a stem's words
_PART = 5  # letters of a part of a compound
_ENDING = 6  # most letters of an ending that a stem lacks
# Letters of the shortest word for each edit: swapped letters hardly give another word, a wrong letter may.
_SWAPPED, _MORE_OR_LESS, _WRONG, _TWO_STEPS = 5, 6, 7, 9
_LONG, _INFLECTION = 10, 3  # letters of a long German word, and of its end, where inflected forms differ
_UNPARTED = "\u2e80"  # from here on code points are Chinese, Japanese and the like: no spaces between words
_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
_SMALL = lexicon.words("stop") | lexicon.words("commands") | lexicon.words("asked_of")  # how one asks, not what for


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word of a question that no document has, with the nearest word of the documents, if any."""

    word: str
    near: str = ""
    sure: bool = False  # near enough to be searched for in its place


def misspelt(question: str, language: str, library: Library) -> list[Spelling]:
    """Return the words of a question that no document has, with their corrections.

    Common words are not among them. Uncorrected German words are reported only when they are nouns.
    """
    languages = library.catalog.documents.languages() or ["en"]
    library.profiles.refresh()
    said = [word for word in dict.fromkeys(_WORD.findall(question)) if _may_be_misspelt(word)]
    unknown = [
        word
        for word in said[:_LOOKED_AT]
        if not _known(word, languages, library) and (word.isupper() or not lexicon.is_common(word))
    ]
    german = language == "de"
    found = [
        Spelling(word) if word.isupper() else _nearest(word, languages, library, german=german)
        for word in unknown[:_MOST]
    ]
    return [
        one
        for one in found
        if one.sure or (not _half_known(one.word, languages, library) and _is_reported(one, question, language))
    ]


def _is_reported(one: Spelling, question: str, language: str) -> bool:
    """Say whether an unknown word is reported; in German only nouns are: words with a capital, not at the beginning."""
    noun = one.word[0].isupper() and (one.word.isupper() or not question.lstrip().startswith(one.word))
    return noun or not lexicon.has_capital_nouns(language)


def spelled(question: str, spellings: Sequence[Spelling]) -> str:
    """Return a question with its sure corrections made.

    >>> spelled("What is boradcasting?", [Spelling("boradcasting", "broadcasting", True)])
    'What is broadcasting?'
    """
    right = {spelling.word: spelling.near for spelling in spellings if spelling.sure}
    return _WORD.sub(lambda found: right.get(found[0], found[0]), question)


def unknown_words(spellings: Sequence[Spelling]) -> tuple[str, ...]:
    """Return a note for each word that no document has and that no correction replaces."""
    return tuple(
        say("No document has the word “{word}”.", word=one.word)
        + (f" {say('Did you mean “{word}”?', word=one.near)}" if one.near else "")
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
    """Say whether a document has a word, its parts, a compound with it, or its name."""
    forms, lexical = _stems(word, languages), library.lexical
    if any(lexical.counts(set(forms)).values()) or any(lexical.compounds(form) for form in forms):
        return True
    if any(len(split(form, lexical.known)) > 1 for form in forms):
        return True
    return bool(library.profiles.named(forms))


def _half_known(word: str, languages: Sequence[str], library: Library) -> bool:
    """Say whether a document has a beginning or end of a word, in languages with compounds."""
    if COMPOUNDING.isdisjoint(languages):
        return False
    forms = _stems(word, languages)
    # The part has at least `_PART` letters, the rest of the word at least three.
    begins = {form[:end] for form in forms for end in range(_PART, len(form) - 2)}
    ends = {form[start:] for form in forms for start in range(3, len(form) - _PART + 1)}
    return any(library.lexical.counts(begins | ends).values())


def _nearest(word: str, languages: Sequence[str], library: Library, *, german: bool) -> Spelling:
    """Return a word with the nearest word of the documents; of equally near ones, the most frequent."""
    typed = fold(word.casefold())
    candidates: Counter[str] = Counter()
    for near, _ in _near_stems(typed, library):
        candidates.update(dict(_spelt(near, languages, library, german=german)))
    best = min(candidates, key=lambda other: (_steps(typed, other), -candidates[other], other), default=None)
    if best is None or _steps(typed, best) > (2 if len(typed) >= _TWO_STEPS else 1):
        return Spelling(word)
    other = fold(best.casefold())
    if german:
        english = lexicon.is_common(best) and _surely(typed, other)  # "Checking" in a German question
        sure = english or _surely_german(typed, other)
        return Spelling(word, best if sure or best[0].isupper() == word[0].isupper() else "", sure)
    return Spelling(word, best, _surely(typed, other))


def _near_stems(typed: str, library: Library) -> Iterator[tuple[str, int]]:
    """Yield (stem, number of chunks) of the stems that the word begins with, up to one or two edits, nearest first."""
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
    """Yield (word, count) of the spellings of a stem's words in some chunks, only German chunks if `german`."""
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
    """Say whether a word is surely a misspelling of another.

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
    """Say whether a word is surely a misspelling of a German one, without a word list.

    German words have many neighbours ("gezählt", "gewählt"; "verblieben", "verbleiben"). Accepted are two swapped
    letters and a letter doubled or not doubled; in long words also a missing or extra letter.

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
