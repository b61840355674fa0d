"""The numbered items that a question names: "What does Lemma 8.6 say?", "Was zeigt Abbildung 3?".

A number alone is a weak search term, but the phrase "lemma 8.6" is rare, and the sentence that begins with it states
the lemma.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag import lexicon
from rag.text.words import stem, words

# Kinds with their synonyms in all languages.
KINDS = lexicon.table("numbered")
_SAME = {kind: kinds for kinds in KINDS.values() for kind in kinds}
_EQUATIONS = frozenset(KINDS["equation"])
_NAMED = re.compile(
    rf"\b(?P<kind>{lexicon.one_of(*_SAME)})s?\.?\s*\(?(?P<number>\d+(?:\.\d+)*[a-z]?)\b\)?", re.IGNORECASE
)
# A further number of the same kind: "8.3 and 8.4".
_JOINT = rf"(?:\s*,\s*|\s+)(?:(?:{lexicon.either('and')}|{lexicon.either('or')}|&)\s+)?"
_NEXT = re.compile(rf"{_JOINT}\(?(?P<number>\d+\.\d+(?:\.\d+)*)\b\)?")
# Besides stop words, a question about just the item has only these.
_ABOUT = lexicon.words("about_numbered")
_PROVES = re.compile(lexicon.either("proof"))
_BEGINS = rf"^\W*(?:\b{lexicon.either('the')}\s)?"
# After its number a statement has no continuing word, as in "Lemma 8.4 implies".
_BEHIND = r"(?![\d.]*\d)(?!\w)(?!\s*(?:,|(?-i:[a-zäöüß]{2})))"
_LONGEST_CAPTION = 600  # characters, when no end is marked
_LONGEST_PROOF = 4000  # characters, with the statement
_PROOF = re.compile(rf"\W*{lexicon.either('begins_proof')}")
_NO_STATEMENTS = {"figure", "table", "exercise", "equation", "code"}
_STATEMENTS = frozenset(kind for key, kinds in KINDS.items() if key not in _NO_STATEMENTS for kind in kinds)
_ENDING_KINDS = ("remark", "theorem", "lemma", "corollary", "proposition", "definition", "example", "exercise")
_ENDING = lexicon.one_of(*(word.capitalize() for kind in _ENDING_KINDS for word in KINDS[kind]))
# The end of a statement: an end sign, its proof, or the next statement.
OVER = re.compile(rf"[⋄□∎■◊]|\n\W{{0,4}}(?:{lexicon.either('begins_proof')}|{_ENDING}[es]?)\b(?=[ \d.:]*[\d.:(])")


@dataclass(frozen=True, slots=True)
class NumberedItem:
    """An item by its kind and number; `proved` when the question asks for its proof."""

    kind: str
    number: str
    proved: bool = False
    others: tuple[NumberedItem, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The synonyms of the kind."""
        return _SAME[self.kind]

    @property
    def items(self) -> tuple[NumberedItem, ...]:
        """All items that the question names, this one first."""
        return (self, *self.others)

    def phrases(self, languages: Iterable[str]) -> tuple[str, ...]:
        """Return the phrases of stems for the item, in each language."""
        numbers = words(self.number)
        found = [" ".join((stem(kind, language), *numbers)) for language in languages for kind in self.kinds]
        found += [" ".join(numbers)] if self.kind in _EQUATIONS else []  # "(3.6)" at the end of its line
        return tuple(dict.fromkeys(found))

    def stated(self, text: str, spans: Sequence[tuple[int, int]]) -> list[float]:
        """Return 1.0 for each sentence of a text that states one of the items, 0.0 for the others."""
        found = [item._stated(text, spans) for item in self.items]
        return [max(each) for each in zip(*found, strict=True)]

    def _stated(self, text: str, spans: Sequence[tuple[int, int]]) -> list[float]:
        if self.kind not in _EQUATIONS:
            return [float(self.states(" ".join(text[start:end].split()))) for start, end in spans]
        # The number ends the equation's line; after a full stop it begins the next sentence.
        alone = f"({self.number})"
        numbered = re.compile(rf"\({re.escape(self.number)}\)[^\S\n]*(?:\n|$)")
        return [
            float(numbered.search(text, start, end + len(alone) + 1) is not None and not text.startswith(alone, start))
            for start, end in spans
        ]

    def states(self, sentence: str) -> bool:
        """Say whether a sentence begins as the statement of the item.

        >>> item = NumberedItem("lemma", "8.6")
        >>> item.states("Lemma 8.6 (Euclid) If u divides v"), item.states("By Lemma 8.6 it does.")
        (True, False)
        """
        number = re.escape(self.number)
        kinds = "|".join(self.kinds)
        return re.match(rf"{_BEGINS}(?:{kinds})\.? {number}{_BEHIND}", sentence, re.IGNORECASE) is not None

    def stands_in(self, text: str) -> bool:
        """Say whether a text mentions any of the items."""
        return any(item._stands_in(text) for item in self.items)

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} {self.number}"

    def is_in(self, stated: str) -> bool:
        """Say whether a quoted statement is this item's; an equation has its number at its end."""
        return f"({self.number})" in stated if self.kind in _EQUATIONS else self.states(" ".join(stated.split()))

    def _stands_in(self, text: str) -> bool:
        if self.kind in _EQUATIONS and f"({self.number})" in text:
            return True
        said = f" {' '.join(words(text))} "
        return any(f" {kind} {' '.join(words(self.number))} " in said for kind in self.kinds)

    def span(self, text: str, start: int, end: int, most: int) -> tuple[int, int]:
        """Return the item's span in ``text[:most]``, given its first sentence ``text[start:end]``.

        A theorem ends before its proof, or after the proof if the question asks for it; a caption ends with its
        paragraph.
        """
        item = next((one for one in self.items if any(one._stated(text, [(start, end)]))), self)
        return item._span(text, start, end, most)

    def _span(self, text: str, start: int, end: int, most: int) -> tuple[int, int]:
        if self.kind in _EQUATIONS:
            number = re.compile(rf"\s*\({re.escape(self.number)}\)").match(text, end)
            return start, number.end() if number else end
        # Leave out the marks before "Lemma", such as a bullet or stars, but no words.
        begins = _NAMED.search(text, start, end)
        start = begins.start() if begins and not any(map(str.isalnum, text[start : begins.start()])) else start
        whole = _paragraph_end(text, end, most)
        most = most if self.kind in _STATEMENTS else whole
        return start, statement_end(text, start, end, most, proved=self.proved) or whole


def statement_end(text: str, start: int, end: int, most: int, *, proved: bool) -> int | None:
    """Return the end of a statement whose first sentence is ``text[start:end]``: before its proof, or with the proof.

    None when ``text[:most]`` marks no end.
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
    """Return the end of the last complete paragraph of ``text[after:most]``; `most` if none is complete."""
    at = text.rfind("\n\n", after, most)
    return most if most == len(text) or at < 0 else at


def _paragraph_end(text: str, end: int, most: int) -> int:
    """Return the end of the paragraph around a sentence that ends at `end`; a displayed formula doesn't end it."""
    while (at := text.find("\n\n", end, most)) >= 0:
        following = text[at:].lstrip()[:1]
        if not text[:at].endswith(":") and not following.islower():
            return at
        end = at + 2
    return (
        len(text[:most].rstrip()) if most == len(text) and most - end < _LONGEST_CAPTION else len(text[:end].rstrip())
    )


def asked_item(question: str) -> NumberedItem | None:
    """Return the numbered item that a question is about, with the others it names; None if it asks for more.

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
    proving = {word for word in said if _PROVES.fullmatch(word)}
    numbers = {part for _, number in found for part in words(number)}
    rest = said - _ABOUT - proving - lexicon.words("stop") - _SAME.keys() - numbers
    if rest:
        return None
    first, *others = (NumberedItem(kind, number, proved=bool(proving)) for kind, number in found)
    return replace(first, others=tuple(others))


def of_other_kinds(item: NumberedItem) -> Iterator[NumberedItem]:
    """Yield statements of other kinds with the item's number: a theorem may really be a lemma.

    >>> [str(one) for one in of_other_kinds(NumberedItem("theorem", "4.2"))][:2]
    ['Lemma 4.2', 'Definition 4.2']
    """
    if item.kind in _STATEMENTS and not item.others:
        for kind, kinds in KINDS.items():
            if kind in _STATEMENTS and item.kind not in kinds:
                yield replace(item, kind=kind)


def renamed(question: str, other: NumberedItem) -> str:
    """Return a question with its numbered item replaced by another.

    >>> renamed("What does Theorem 4.2 state?", NumberedItem("lemma", "4.2"))
    'What does Lemma 4.2 state?'
    """
    return _NAMED.sub(str(other), question, count=1)


def named_items(question: str) -> NumberedItem | None:
    """Return the first numbered item that a question mentions, with the others in it; None for none."""
    found = [NumberedItem(kind, number) for kind, number in _labels(question)]
    return replace(found[0], others=tuple(found[1:])) if found else None


def _labels(question: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, number) of each numbered item; "8.4" after "Lemmas 8.3 and" is a lemma too."""
    for match in _NAMED.finditer(question):
        kind = match["kind"].casefold()
        yield kind, match["number"].casefold()
        at = match.end()
        while following := _NEXT.match(question, at):
            yield kind, following["number"]
            at = following.end()
