"""Recognise questions about the whole, in English and German: a question to what it wishes, or to nothing.

Precision before recall: a question that isn't recognised is answered from passages like any other, while an ordinary
one taken for a summary is lost. So most patterns take only words for material ("lecture 3", "das Skript"); the few
that take any name ("summarise Huffman codes") are good only when the library has a document or heading of that name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from rag.question.material import EVERYTHING, Target, Unit, target
from rag.question.overview_phrases import COURTESY, MANNER, NEXT, PATTERNS, THINGS, Kind, Takes, Thing

_LONGEST = 300  # characters: what is longer tells or asks more than this


@dataclass(frozen=True, slots=True)
class Wish:
    """A question about the whole of something."""

    kind: Kind
    target: Target
    things: tuple[Thing, ...] = ()  # of a listing

    @property
    def sure(self) -> bool:
        """Whether the question's own words show it; otherwise the library must have something of that name."""
        of = self.target
        return of.structural and (not of.name or "." in of.name or bool(of.numbers))


def recognise(question: str) -> Wish | None:
    """Return what a question wishes to know of the whole; None for an ordinary question.

    >>> recognise("Please summarise lecture 3.").target.numbers
    ('3',)
    >>> recognise("What is a summary statistic?")
    """
    text = _plain(question)
    if not text or len(text) > _LONGEST:
        return None
    for kind, takes, pattern in PATTERNS:
        match = pattern.fullmatch(text)
        found = _target(match.groupdict().get("of")) if match else None
        if match and found and _is_taken(found, takes):
            things = _things(match["things"]) if kind is Kind.LISTING else ()
            return Wish(kind, found, things)
    return None


def recognise_next(question: str, before: str) -> Wish | None:
    """Return what a question wishes that goes on from one about the whole.

    >>> recognise_next("And lecture 4?", "summarise lecture 3").target.numbers
    ('4',)
    """
    match = NEXT.fullmatch(_plain(question))
    last = recognise(before) if match else None
    found = target(match["of"]) if match and last else None
    if last is None or found is None or not found.structural or found.whole:
        return None
    return replace(last, target=found)


def _target(phrase: str | None) -> Target | None:
    return EVERYTHING if phrase is None else target(phrase)


def _is_taken(found: Target, takes: Takes) -> bool:
    if takes is Takes.CERTAIN:
        return bool(found.numbers) or found.unit is Unit.WHOLE or "." in found.name
    return found.structural or takes is Takes.ANY


def _things(text: str) -> tuple[Thing, ...]:
    return tuple(thing for thing, pattern in THINGS.items() if re.search(rf"\b{pattern}\b", text))


def _plain(question: str) -> str:
    """Return a question in lower case, without courtesies and what only says how to answer.

    >>> _plain("Could you please summarise lecture 3 in three sentences?")
    'summarise lecture 3'
    """
    text = " ".join(unicodedata.normalize("NFC", question).replace("’", "'").lower().split())
    before = ""
    while text != before:
        before = text
        text = MANNER.sub("", COURTESY.sub("", text.rstrip(" .?!…:;,")))
    return text
