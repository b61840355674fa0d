"""The support of a sentence by a text: the measure for quotes, citations and answers.

Support is the share of the sentence's words, weighted by rarity, that the text has too. A sentence of an answer is a
claim besides: its numbers must stand in the text, and both or neither must be negated.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rag import lexicon
from rag.ports import Embedder
from rag.text.words import query_stems, stems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Weights = Callable[[Sequence[str]], Mapping[str, float]]

# Measured with `make bench-support`, tuned on the sample course: right answers against answers to other questions and
# changed ones. Without the two penalties the AUC was .949, with them .965; on 50 questions about other courses .882
# and .904. Words of the question count half: a question repeated is no answer, but "Which of the two …?" is answered
# in its own words.
_OWN = 0.5  # share of the words that the question doesn't have; the rest is all words
_REPEATED = 0.8  # share of the question's words from which a sentence without others only repeats it
_WRONG_NUMBER, _WRONG_NEGATION = 0.4, 0.2  # taken off
# Cosine that supports by half, and how support grows with it. Of 16 German answers to questions about English pages
# eleven have a sentence of the right page at 0.4 or above, and one of 16 one of another page.
_ALIKE, _STEEP, _ALIKE_MOST = 0.4, 2.0, 0.85
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ITEM = re.compile(r"^\s*\d{1,2}[.)]\s")  # the number of an item in a list
_NEGATION = re.compile(lexicon.either("negations"), re.IGNORECASE)
_SPELT = {
    re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE): number
    for number, words in lexicon.table("cardinals").items()
}


def word_groups(text: str, languages: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the content words of a text as groups of stems, with one stem per language."""
    return query_stems(text, languages)


def stem_set(text: str, languages: Iterable[str]) -> set[str]:
    """Return the stems of a text in all of the languages."""
    return {stem for language in languages for stem in stems(text, language)}


def coverage(
    groups: Iterable[tuple[str, ...]], found: set[str], weights: Mapping[str, float], *, unknown: float = 1.0
) -> float:
    """Return the weighted share, 0 to 1, of the word groups with a stem in `found`.

    The weight of a group is that of its rarest stem; `unknown` is the weight of stems not in `weights`.

    >>> coverage([("index",), ("compress",)], {"index"}, {"index": 1.0, "compress": 3.0})
    0.25
    """
    total = held = 0.0
    for group in groups:
        weight = max((weights.get(stem, unknown) for stem in group), default=unknown)
        total += weight
        if any(stem in found for stem in group):
            held += weight
    return held / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Judge:
    """The measures of support for the sentences of one answer.

    `weights` returns the inverse document frequency of stems in `languages`; `asked` are the words of the question, as
    groups of stems. Texts in another language than `language`, the answer's, share few words with it: there `likeness`
    tells how near the meanings of two texts are, as a cosine.
    """

    weights: Weights
    languages: Sequence[str]
    asked: Sequence[tuple[str, ...]] = ()
    language: str = ""
    likeness: Callable[[str, str], float] | None = None

    def claim(self, sentence: str, written: str = "") -> Claim:
        """Return the claim of a sentence, to be supported by texts in the language `written`."""
        foreign = self.language and written and written != self.language
        alike = partial(self.likeness, sentence) if self.likeness and foreign else None
        return Claim(sentence, self.languages, self.weights, self.asked, alike)


class Claim:
    """A sentence of an answer whose support by texts is measured.

    `weights` returns the inverse document frequency of stems; `asked` are the words of the question, as groups of
    stems; `alike` returns the cosine of the meanings of sentence and text, for texts in another language.
    """

    def __init__(
        self,
        sentence: str,
        languages: Sequence[str],
        weights: Weights,
        asked: Sequence[tuple[str, ...]] = (),
        alike: Callable[[str], float] | None = None,
    ) -> None:
        sentence = _ITEM.sub("", sentence)
        known = {stem for group in asked for stem in group}
        self._languages = languages
        self._alike = alike
        self._groups = word_groups(sentence, languages)
        self._own = [group for group in self._groups if known.isdisjoint(group)]
        said = {stem for group in self._groups for stem in group}
        again = sum(not said.isdisjoint(group) for group in asked)
        if not self._own and again < _REPEATED * len(asked):  # a choice of what the question offers
            self._own = self._groups
        self._weights = weights([stem for group in self._groups for stem in group])
        self._numbers = _numbers(sentence) - known
        self._negated = _is_negated(sentence)

    def support(self, text: str) -> float:
        """Return the support by a text, 0 to 1."""
        if not self._own:
            return 0.0
        found = stem_set(text, self._languages)
        score = _OWN * coverage(self._own, found, self._weights)
        score += (1 - _OWN) * coverage(self._groups, found, self._weights)
        if self._alike:
            score = max(score, _from_cosine(self._alike(text)))
        if self._numbers and not self._numbers <= _numbers(text) | _spelt_numbers(text):
            score -= _WRONG_NUMBER
        if self._negated != _is_negated(text):
            score -= _WRONG_NEGATION
        return max(score, 0.0)


class Meanings:
    """The likeness of texts by an embedder: the cosine of their vectors, each computed once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def __call__(self, one: str, other: str) -> float:
        """Return the cosine of two texts, -1 to 1; raises EmbedderError."""
        new = [text for text in dict.fromkeys((one, other)) if text not in self._vectors]
        self._vectors.update(zip(new, self._embedder.embed_whole(new), strict=True))
        return float(self._vectors[one] @ self._vectors[other])


def _from_cosine(cosine: float) -> float:
    """Return the support that a likeness of meaning gives: never so much that a wrong number doesn't undo it."""
    return min(max(0.5 + (cosine - _ALIKE) * _STEEP, 0.0), _ALIKE_MOST)


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(unicodedata.normalize("NFKC", text)))


def _spelt_numbers(text: str) -> set[str]:
    return {number for spelt, number in _SPELT.items() if spelt.search(text)}


def _is_negated(text: str) -> bool:
    return _NEGATION.search(text) is not None
