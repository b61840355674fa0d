"""Things that documents number, as a question names them: "What does Lemma 8.6 say?", "Was zeigt Abbildung 3?".

A number says little among all others, but "lemma 8.6" as a phrase is rare, and the sentence that begins with it
states it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.words import STOP_WORDS, stem, words

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
_NAMED = re.compile(rf"\b(?P<kind>{'|'.join(_SAME)})s?\.? \(?(?P<number>\d+(?:\.\d+)*[a-z]?)\b\)?", re.IGNORECASE)
# Besides small words, a question about nothing but the thing itself says only these.
_ABOUT = frozenset(
    """say says state states stated show shows shown see give content statement about besag besagt besagen lautet
    lauten sagt zeigt gezeigt dargestellt sehen aussage inhalt worum geht handelt steht task ask asks exactly genau
    definiert defined define definiere""".split()
)
_PROVED = frozenset("prove proof proved proven beweis beweise bewiesen beweist beweisen bewies".split())
_BEGINS = r"^\W*(?:\b(?:the|der|die|das)\s)?"
_BEHIND = (
    r"(?![\d.]*\d)(?!\w)(?!\s*(?:,|and|und|or|oder|shows?|says?|zeigt|besagt|folgt|gilt|liefert|gives?|implies)\b)"
)
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
class Label:
    """A thing by its kind and number; `proved` where the question is for its proof."""

    kind: str
    number: str
    proved: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kind in all its words."""
        return _SAME[self.kind]

    def phrases(self, languages: Iterable[str]) -> tuple[str, ...]:
        """Return how it stands in the stems of a chunk, in each language."""
        numbers = words(self.number)
        found = [" ".join((stem(kind, language), *numbers)) for language in languages for kind in self.kinds]
        found += [" ".join(numbers)] if self.kind in _EQUATIONS else []  # "(3.6)" at the end of its line
        return tuple(dict.fromkeys(found))

    def stated(self, text: str, spans: Sequence[tuple[int, int]]) -> list[float]:
        """Return 1 for each sentence of a text that bears the label, and 0 for the others."""
        found = [float(self.states(" ".join(text[start:end].split()))) for start, end in spans]
        if self.kind in _EQUATIONS:  # its number stands at the end of its line
            numbered = re.compile(rf"[^\n]*\({re.escape(self.number)}\)[^\S\n]*(?:\n|$)")
            found = [
                float(numbered.search(text, start, end + len(self.number) + 3) is not None) for start, end in spans
            ]
        return found

    def states(self, sentence: str) -> bool:
        """Say whether a sentence begins as what bears the label does.

        >>> label = Label("lemma", "8.6")
        >>> label.states("Lemma 8.6 (Euclid) If u divides v"), label.states("By Lemma 8.6 it does.")
        (True, False)
        """
        number = re.escape(self.number)
        kinds = "|".join(self.kinds)
        return re.match(rf"{_BEGINS}(?:{kinds})\.? {number}{_BEHIND}", sentence, re.IGNORECASE) is not None

    def stands_in(self, text: str) -> bool:
        """Say whether a text names it at all."""
        if self.kind in _EQUATIONS and f"({self.number})" in text:
            return True
        said = f" {' '.join(words(text))} "
        return any(f" {kind} {' '.join(words(self.number))} " in said for kind in self.kinds)

    def end(self, text: str, end: int, most: int) -> int:
        """Return where it ends in ``text[:most]``, of which the sentence up to `end` begins it.

        A theorem ends where its proof begins, or behind that if the proof is asked for; a caption with its paragraph.
        """
        if self.kind in _EQUATIONS:
            return end
        whole = end
        while (paragraph := text.find("\n\n", whole, most)) >= 0:
            whole = paragraph
            if not text[:whole].endswith(":"):
                break
            whole += 2
        if self.kind not in _STATEMENTS:
            return whole
        over = OVER.search(text, end, most)
        if over and self.proved and _PROOF.match(over[0]):
            over = OVER.search(text, over.end(), most)
        return len(text[: over.start()].rstrip()) if over else whole


def asked_label(question: str) -> Label | None:
    """Return the numbered thing that a question is about; None if it asks for more than that.

    >>> asked_label("What does Lemma 8.6 say?"), asked_label("Wie wird Satz 4.4 bewiesen?").proved
    (Label(kind='lemma', number='8.6', proved=False), True)
    >>> asked_label("Which algorithm uses Lemma 8.6?")
    """
    found = named_label(question)
    if found is None:
        return None
    said = set(words(_NAMED.sub(" ", question, count=1)))
    rest = said - _ABOUT - _PROVED - STOP_WORDS["en"] - STOP_WORDS["de"] - set(found.kinds)
    return Label(found.kind, found.number, proved=bool(said & _PROVED)) if not rest else None


def named_label(question: str) -> Label | None:
    """Return the first numbered thing that a question names."""
    match = _NAMED.search(question)
    return Label(match["kind"].casefold(), match["number"].casefold()) if match else None
