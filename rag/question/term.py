"""The term that a question asks to define, and its occurrences in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from rag import lexicon
from rag.text.words import fold, stem, words

_ENDINGS = lexicon.words("word_endings") | {""}
_MOST_WORDS = 6  # of a term
_LONGEST_QUESTION = 200  # characters
_SMALL = lexicon.words("stop")

ARTICLE = rf"(?:{lexicon.any_of('articles')}\s+)?"
_T = rf"(?:{lexicon.either('called_a_term')}\s+)?{ARTICLE}(?P<term>.+?)"
_PROVED = lexicon.phrases("asks_proof", term=_T)
_TO_PROVE = re.compile(rf"\b{lexicon.either('proof')}", re.IGNORECASE)
_ASKED = [
    (re.compile(rf"\W*(?:{lexicon.either('before_question')},?\s+)?{phrase}\W*", re.IGNORECASE), exactly)
    for phrases, exactly in (
        (_PROVED, True),
        (lexicon.phrases("asks_meaning", term=_T), True),
        (lexicon.phrases("asks_perhaps_meaning", term=_T), False),
    )
    for phrase in phrases
]
# "What is the difference between", "What is used for": these ask for no definition.
_NO_TERM = re.compile(rf"\b{lexicon.either('no_term')}\b", re.IGNORECASE)
# "The rank of a matrix", of any matrix, is a term; "the capital of Kenya" is none.
_OF_ANY = re.compile(rf"\s(?:{lexicon.either('of')} )?{lexicon.either('a_in_any_case')}\s.*", re.IGNORECASE)
_OF_ONE = re.compile(rf"\s{lexicon.either('of')}\s(?!{lexicon.either('a_in_any_case')}\s)", re.IGNORECASE)
_WITHIN = re.compile(rf"\s{lexicon.either('within')}\s\S+(?:\s\S+)?$", re.IGNORECASE)  # "broadcasting in numpy"
_THE = re.compile(rf"\b{lexicon.either('the')}\s+$", re.IGNORECASE)
_IF = lexicon.either("if_or_when")


class Term:
    """A term to be found in texts: with any ending, and with its parts joined in any way.

    >>> Term("Vektorraum").places("Ein Vektor-Raum (V, +) hat Vektoren.")
    [(4, 15)]
    """

    def __init__(self, text: str, *, proved: bool = False) -> None:
        self.text = text
        self.proved = proved  # the question asks for its proof: the term is a theorem

    def places(self, text: str) -> list[tuple[int, int]]:
        """Return the spans of the term in `text`; for "rank of a matrix", also those of "rank"."""
        return sorted({*_places(self._whole, text), *_places(self._head, text)})

    @property
    def is_one_word(self) -> bool:
        """Whether the term is one word, such as "pq-Formel": a text has it in this form or not at all."""
        return len(self.text.split()) == 1

    def stands_in(self, text: str) -> bool:
        """Say whether `text` has the whole term."""
        return any(True for _ in _places(self._whole, text))

    @cached_property
    def _whole(self) -> list[tuple[str, str, list[str]]]:
        return _forms(self.text)

    @cached_property
    def _head(self) -> list[tuple[str, str, list[str]]]:
        head = _WITHIN.sub("", _OF_ANY.sub("", self.text))
        return _forms(head) if head != self.text else []

    @cached_property
    def conditional(self) -> re.Pattern[str] | None:
        """A pattern for a definition by condition: "an edge is tense if"; None for a term of one word."""
        parts = [re.escape(stem(part, lexicon.LANGUAGES[0])) for part in words(self.text)]
        if len(parts) < 2:
            return None
        quality = r"\w*\W".join(parts[:-1])
        return re.compile(
            rf"\b{parts[-1]}\w*\b[^.]{{0,40}}?\s{quality}\w*,?\s(?:[^.,]{{0,30}}\s)?{_IF}\b",
            re.IGNORECASE,
        )


_WORD = re.compile(r"[^\W_]+")


def _forms(text: str) -> list[tuple[str, str, list[str]]]:
    """Return (joined stems, language, words) of a term for each language."""
    said = words(text)
    return [("".join(stem(part, language) for part in said), language, said) for language in lexicon.LANGUAGES]


def _places(forms: Sequence[tuple[str, str, list[str]]], text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of `text` whose words, stemmed and joined, equal one of the forms."""
    if not forms:
        return
    found = [(match.start(), match.end(), "".join(words(match[0]))) for match in _WORD.finditer(text)]
    joined = {
        end for (_, end, _), (start, _, _) in pairwise(found) if text[end:start] == "-"
    }  # "tree-like", not a tree
    for form, language, said in forms:
        for first in range(len(found)):
            grown, last = "", first
            while last < len(found) and len(grown) < len(form) and form.startswith(grown):
                grown += stem(found[last][2], language)
                last += 1
            within = last == first or found[last - 1][1] in joined or (first and found[first - 1][1] in joined)
            there = [word for _, _, word in found[first:last]]
            # "Dimensions-Satz" for "Dimensionssatz": the linking s is no ending.
            alike = grown == form or (last - first > 1 and len(said) == 1 and stem("".join(there), language) == form)
            if alike and not within and _inflected(said, there, language):
                yield found[first][0], found[last - 1][1]


def _inflected(said: Sequence[str], found: Sequence[str], language: str) -> bool:
    """Say whether words differ only in their endings: "transformation" is no form of "transformer"."""
    alone = len(said) == 1
    if len(said) != len(found):  # "Vektor-Raum" and "Vektorraum"
        said, found = ["".join(said)], ["".join(found)]
    for one, other in zip(map(fold, said), map(fold, found), strict=True):
        ends = [word[len(_root(one, other)) :] for word in (one, other)]
        ends = [end[1:] if _is_doubled(end, _root(one, other)) else end for end in ends]
        # "Computer" is no form of "computing", but "Blätter" is the plural of "Blatt".
        plural = {"er", "", *endings} if (endings := lexicon.words("plural_endings", language)) else {"er"}
        if not _ENDINGS.issuperset(ends) or (alone and "er" in ends and not plural.issuperset(ends)):
            return False
    return True


def _root(one: str, other: str) -> str:
    """Return the common beginning of two words."""
    same = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return one[: next(same, min(len(one), len(other)))]


def _is_doubled(end: str, root: str) -> bool:
    """Say whether an ending begins by doubling the last letter of its root: overfit, overfitting."""
    return end[:1] == root[-1:] and end[1:] in lexicon.words("doubling_endings")


def asked_term(question: str) -> Term | None:
    """Return the term that a question asks to define; None for other questions.

    >>> asked_term("What is an inverted index?").text, asked_term("Was versteht man unter Entropie?").text
    ('inverted index', 'Entropie')
    >>> asked_term("What is the capital of Kenya?"), asked_term("How do I sort a list?")
    (None, None)
    """
    asked = " ".join(question.split())
    if len(asked) > _LONGEST_QUESTION:
        return None
    proved = _TO_PROVE.search(asked) is not None
    matches = ((pattern.fullmatch(asked), exactly) for pattern, exactly in _ASKED[0 if proved else len(_PROVED) :])
    found, exactly = next(((match, exactly) for match, exactly in matches if match), (None, False))
    if found is None:
        return None
    text = found["term"].strip("*_\"'“”„‚‘’«»`, ")
    said = words(text)
    if len(said) > _MOST_WORDS or _SMALL.issuperset(said) or _NO_TERM.search(text):
        return None
    if not exactly and _OF_ONE.search(text) and _THE.search(asked[: found.start("term")]):
        return None
    return Term(text, proved=proved)
