"""Things that documents number, as a question names them: "What does Lemma 8.6 say?", "Was zeigt Abbildung 3?".

A number says little among all others, but "lemma 8.6" as a phrase is rare, and the sentence that begins with it
states it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.text.words import STOP_WORDS, stem, words

# What is the same in other words, and in the other language.
_KINDS = (
    ("lemma", "hilfssatz"), ("theorem", "satz", "thm"), ("definition", "def"), ("proposition",),
    ("corollary", "korollar", "folgerung"), ("figure", "fig", "abbildung", "abb"), ("table", "tabelle", "tab"),
    ("exercise", "problem", "aufgabe", "übung", "übungsaufgabe"), ("example", "beispiel", "bsp"),
    ("algorithm", "algorithmus"), ("listing", "programm"), ("remark", "bemerkung"), ("axiom",),
    ("equation", "gleichung", "formel", "formula", "eq"), ("claim", "behauptung"), ("code", "quelltext"),
)  # fmt: skip
_SAME = {kind: kinds for kinds in _KINDS for kind in kinds}
_EQUATIONS = frozenset(_SAME["equation"])
_NAMED = re.compile(rf"\b(?P<kind>{'|'.join(_SAME)})s?\.?\s*\(?(?P<number>\d+(?:\.\d+)*[a-z]?)\b\)?", re.IGNORECASE)
# Another of the same kind: "8.3 and 8.4".
_NEXT = re.compile(r"(?:\s*,\s*|\s+)(?:(?:and|und|or|oder|&)\s+)?\(?(?P<number>\d+\.\d+(?:\.\d+)*)\b\)?")
# Besides small words, a question about nothing but the thing itself says only these.
_ABOUT = frozenset(
    """say says state states stated show shows shown see give content statement about besag besagt besagen lautet
    lauten sagt zeigt gezeigt dargestellt sehen aussage inhalt worum geht handelt steht task ask asks exactly genau
    definiert defined define definiere""".split()
)
_PROVED = frozenset("prove proof proved proven beweis beweise bewiesen beweist beweisen bewies".split())
_BEGINS = r"^\W*(?:\b(?:the|der|die|das)\s)?"
# Behind the number of what bears it stands no word that goes on: "Lemma 8.4 implies".
_BEHIND = r"(?![\d.]*\d)(?!\w)(?!\s*(?:,|(?-i:[a-zäöüß]{2})))"
_LONGEST_CAPTION = 600  # characters, where nothing says that it ends
_LONGEST_PROOF = 4000  # characters, with what is proved
_PROOF = re.compile(r"\W*(?:Proof|Beweis)")
_STATEMENTS = frozenset(
    kind for kinds in _KINDS if kinds[0] not in {"figure", "table", "exercise", "equation", "code"} for kind in kinds
)
# What stands after a statement: the sign that it ends, its proof, the next one.
OVER = re.compile(
    r"[⋄□∎■◊]|\n\W{0,4}(?:Beweis|Proof|Bemerkung|Remark|Satz|Lemma|Theorem|Korollar|Corollary|Proposition|Definition|Beispiele?"
    r"|Examples?|Aufgabe|Exercise)\b(?=[ \d.:]*[\d.:(])"
)


@dataclass(frozen=True, slots=True)
class NumberedItem:
    """A thing by its kind and number; `proved` where the question is for its proof."""

    kind: str
    number: str
    proved: bool = False
    others: tuple[NumberedItem, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kind in all its words."""
        return _SAME[self.kind]

    @property
    def items(self) -> tuple[NumberedItem, ...]:
        """Itself and the others that were asked for with it."""
        return (self, *self.others)

    def phrases(self, languages: Iterable[str]) -> tuple[str, ...]:
        """Return how it stands in the stems of a chunk, in each language."""
        numbers = words(self.number)
        found = [" ".join((stem(kind, language), *numbers)) for language in languages for kind in self.kinds]
        found += [" ".join(numbers)] if self.kind in _EQUATIONS else []  # "(3.6)" at the end of its line
        return tuple(dict.fromkeys(found))

    def stated(self, text: str, spans: Sequence[tuple[int, int]]) -> list[float]:
        """Return 1 for each sentence of a text that bears an item, and 0 for the others."""
        found = [item._stated(text, spans) for item in self.items]
        return [max(each) for each in zip(*found, strict=True)]

    def _stated(self, text: str, spans: Sequence[tuple[int, int]]) -> list[float]:
        if self.kind not in _EQUATIONS:
            return [float(self.states(" ".join(text[start:end].split()))) for start, end in spans]
        # Its number stands at the end of its line; behind a full stop it begins the next sentence.
        alone = f"({self.number})"
        numbered = re.compile(rf"\({re.escape(self.number)}\)[^\S\n]*(?:\n|$)")
        return [
            float(numbered.search(text, start, end + len(alone) + 1) is not None and not text.startswith(alone, start))
            for start, end in spans
        ]

    def states(self, sentence: str) -> bool:
        """Say whether a sentence begins as what bears the item does.

        >>> item = NumberedItem("lemma", "8.6")
        >>> item.states("Lemma 8.6 (Euclid) If u divides v"), item.states("By Lemma 8.6 it does.")
        (True, False)
        """
        number = re.escape(self.number)
        kinds = "|".join(self.kinds)
        return re.match(rf"{_BEGINS}(?:{kinds})\.? {number}{_BEHIND}", sentence, re.IGNORECASE) is not None

    def stands_in(self, text: str) -> bool:
        """Say whether a text names it, or another one that was asked for, at all."""
        return any(item._stands_in(text) for item in self.items)

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} {self.number}"

    def is_in(self, stated: str) -> bool:
        """Say whether it is what a text states that bears one of the items; an equation's number stands behind it."""
        return f"({self.number})" in stated if self.kind in _EQUATIONS else self.states(" ".join(stated.split()))

    def _stands_in(self, text: str) -> bool:
        if self.kind in _EQUATIONS and f"({self.number})" in text:
            return True
        said = f" {' '.join(words(text))} "
        return any(f" {kind} {' '.join(words(self.number))} " in said for kind in self.kinds)

    def span(self, text: str, start: int, end: int, most: int) -> tuple[int, int]:
        """Return where it stands in ``text[:most]``, of which ``text[start:end]`` is the sentence that begins it.

        A theorem ends where its proof begins, or behind that if the proof is asked for; a caption with its paragraph.
        """
        item = next((one for one in self.items if any(one._stated(text, [(start, end)]))), self)
        return item._span(text, start, end, most)

    def _span(self, text: str, start: int, end: int, most: int) -> tuple[int, int]:
        if self.kind in _EQUATIONS:
            number = re.compile(rf"\s*\({re.escape(self.number)}\)").match(text, end)
            return start, number.end() if number else end
        begins = _NAMED.search(text, start, end)
        start = begins.start() if begins and not any(map(str.isalnum, text[start : begins.start()])) else start
        whole = _paragraph_end(text, end, most)
        most = most if self.kind in _STATEMENTS else whole
        return start, statement_end(text, start, end, most, proved=self.proved) or whole


def statement_end(text: str, start: int, end: int, most: int, *, proved: bool) -> int | None:
    """Return where a statement ends whose first sentence is ``text[start:end]``: before its proof, or with it.

    None where nothing in ``text[:most]`` says so.
    """
    over = OVER.search(text, end, most)
    if over and proved and _PROOF.match(over[0]):
        most = min(start + _LONGEST_PROOF, len(text))
        proof = over.end()
        over = OVER.search(text, proof, most)
        if over is None:
            return _last_paragraph(text, proof, most)
    return len(text[: over.start()].rstrip()) if over else None


def _last_paragraph(text: str, after: int, most: int) -> int:
    """Return where the last paragraph of ``text[after:most]`` ends that is there whole; `most` if none is."""
    at = text.rfind("\n\n", after, most)
    return most if most == len(text) or at < 0 else at


def _paragraph_end(text: str, end: int, most: int) -> int:
    """Return where the paragraph ends that a sentence is in; a formula in it doesn't end it."""
    while (at := text.find("\n\n", end, most)) >= 0:
        following = text[at:].lstrip()[:1]
        if not text[:at].endswith(":") and not following.islower():
            return at
        end = at + 2
    return (
        len(text[:most].rstrip()) if most == len(text) and most - end < _LONGEST_CAPTION else len(text[:end].rstrip())
    )


def asked_item(question: str) -> NumberedItem | None:
    """Return the numbered thing that a question is about, with others beside it; None if it asks for more than that.

    >>> asked_item("What does Lemma 8.6 say?"), asked_item("Wie wird Satz4.4 bewiesen?").proved
    (NumberedItem(kind='lemma', number='8.6', proved=False, others=()), True)
    >>> [item.number for item in asked_item("Lemmas 8.3 and 8.4, and Figure 2").items]
    ['8.3', '8.4', '2']
    >>> asked_item("Which algorithm uses Lemma 8.6?")
    """
    found = list(_labels(question))
    if not found:
        return None
    said = set(words(_NAMED.sub(" ", question)))
    numbers = {part for _, number in found for part in words(number)}
    rest = said - _ABOUT - _PROVED - STOP_WORDS["en"] - STOP_WORDS["de"] - _SAME.keys() - numbers
    if rest:
        return None
    proved = bool(said & _PROVED)
    first, *others = (NumberedItem(kind, number, proved) for kind, number in found)
    return replace(first, others=tuple(others))


def of_other_kinds(item: NumberedItem) -> Iterator[NumberedItem]:
    """Yield the statements that have an item's number and are called otherwise: a theorem may be a lemma.

    >>> [str(one) for one in of_other_kinds(NumberedItem("theorem", "4.2"))][:2]
    ['Lemma 4.2', 'Definition 4.2']
    """
    if item.kind in _STATEMENTS and not item.others:
        for kinds in _KINDS:
            if kinds[0] in _STATEMENTS and item.kind not in kinds:
                yield replace(item, kind=kinds[0])


def renamed(question: str, other: NumberedItem) -> str:
    """Return a question for a numbered thing with what that is really called.

    >>> renamed("What does Theorem 4.2 state?", NumberedItem("lemma", "4.2"))
    'What does Lemma 4.2 state?'
    """
    return _NAMED.sub(str(other), question, count=1)


def named_items(question: str) -> NumberedItem | None:
    """Return the numbered things that a question names, as the first of them."""
    found = [NumberedItem(kind, number) for kind, number in _labels(question)]
    return replace(found[0], others=tuple(found[1:])) if found else None


def _labels(question: str) -> Iterator[tuple[str, str]]:
    """Yield kind and number of each numbered thing; "8.4" behind "Lemmas 8.3 and" is a lemma too."""
    for match in _NAMED.finditer(question):
        kind = match["kind"].casefold()
        yield kind, match["number"].casefold()
        at = match.end()
        while following := _NEXT.match(question, at):
            yield kind, following["number"]
            at = following.end()
