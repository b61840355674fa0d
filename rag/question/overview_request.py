"""A question becomes the overview request that it makes, if it makes one.

Precision before recall: an unrecognised request is still answered from passages, while an ordinary question taken for
a request is lost. So most patterns accept only words for material ("lecture 3", "das Skript"); the few that accept any
name ("summarise Huffman codes") count only when the library has a document or heading of that name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from rag import lexicon
from rag.question.material import EVERYTHING, Target, Unit, target
from rag.question.overview_phrases import (
    COURTESY,
    MANNER,
    NEXT,
    PATTERNS,
    THINGS,
    AcceptedTarget,
    ItemKind,
    OverviewKind,
)
from rag.types import Question

# In a conversation these refer to an earlier turn.
_POINTING = lexicon.words("pronouns") | lexicon.words("pointing") | lexicon.words("pointing_alone")
_LONGEST = 300  # characters: a longer question is more than a request


@dataclass(frozen=True, slots=True)
class OverviewRequest:
    """A request for an overview of course material."""

    kind: OverviewKind
    target: Target
    things: tuple[ItemKind, ...] = ()  # of a listing

    @property
    def is_certain(self) -> bool:
        """Whether the words alone show the request; otherwise the library must have material of the target's name."""
        of = self.target
        return of.structural and (not of.name or "." in of.name or bool(of.numbers))


def asked_overview(question: Question) -> OverviewRequest | None:
    """Return the overview request of a question, given its history; None for an ordinary question."""
    found = request_of(question.text)
    if question.history and found is None:
        return next_request(question.text, question.history[-1].question)
    if question.history and found and found.target.said in _POINTING:
        return None
    return found


def request_of(question: str) -> OverviewRequest | None:
    """Return the overview request of a question by itself; None for an ordinary question.

    >>> request_of("Please summarise lecture 3.").target.numbers
    ('3',)
    >>> request_of("What is a summary statistic?")
    """
    text = _plain(question)
    if not text or len(text) > _LONGEST:
        return None
    for kind, takes, pattern in PATTERNS:
        match = pattern.fullmatch(text)
        found = _target(match.groupdict().get("of")) if match else None
        if match and found and _is_taken(found, takes):
            things = _things(match["things"]) if kind is OverviewKind.LISTING else ()
            return OverviewRequest(kind, found, things)
    return None


def next_request(question: str, before: str) -> OverviewRequest | None:
    """Return the request of a follow-up to an overview request: the same kind, another target; otherwise None.

    >>> next_request("And lecture 4?", "summarise lecture 3").target.numbers
    ('4',)
    """
    match = NEXT.fullmatch(_plain(question))
    last = request_of(before) if match else None
    found = target(match["of"]) if match and last else None
    if last is None or found is None or not found.structural or found.whole:
        return None
    return replace(last, target=found)


def _target(phrase: str | None) -> Target | None:
    return EVERYTHING if phrase is None else target(phrase)


def _is_taken(found: Target, takes: AcceptedTarget) -> bool:
    if takes is AcceptedTarget.CERTAIN:
        return bool(found.numbers) or found.unit is Unit.WHOLE or "." in found.name
    return found.structural or takes is AcceptedTarget.ANY


def _things(text: str) -> tuple[ItemKind, ...]:
    return tuple(thing for thing, pattern in THINGS.items() if re.search(rf"\b{pattern}\b", text))


def _plain(question: str) -> str:
    """Return a question in lower case, without courtesies and phrases on the manner of the answer.

    >>> _plain("Could you please summarise lecture 3 in three sentences?")
    'summarise lecture 3'
    """
    text = " ".join(unicodedata.normalize("NFC", question).replace("’", "'").lower().split())
    before = ""
    while text != before:
        before = text
        text = MANNER.sub("", COURTESY.sub("", text.rstrip(" .?!…:;,")))
    return text
