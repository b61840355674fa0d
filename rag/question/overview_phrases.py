"""The patterns of requests for an overview, built from the lexicon; `request_of` tries them in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from rag import lexicon
from rag.lexicon import either
from rag.lexicon.schema import SCHEMA


class OverviewKind(StrEnum):
    """The kinds of overview."""

    SUMMARY = "summary"
    ABOUT = "about"  # a sentence or two, and the headings
    TOPICS = "topics"  # the headings
    LISTING = "listing"


class ItemKind(StrEnum):
    """The kinds of items that a listing collects."""

    DEFINITION = "definition"
    THEOREM = "theorem"
    EXAMPLE = "example"
    EXERCISE = "exercise"
    ALGORITHM = "algorithm"
    FORMULA = "formula"


class AcceptedTarget(StrEnum):
    """The targets that a pattern accepts."""

    ANY = "any"  # any name, if the library has a heading or title of that name: "Huffman codes"
    MATERIAL = "material"  # only words for material: "lecture 3", "das Skript"
    CERTAIN = "certain"  # only numbered material, a file or the course: "explain chapter 3", not "explain it"


THINGS = {ItemKind(thing): f"(?:{'|'.join(said)})" for thing, said in lexicon.table("things").items()}

# Phrases around the request.
COURTESY = re.compile(rf"^{either('courtesy')} +")
MANNER = re.compile(rf",? {either('manner')}$")
NEXT = re.compile(rf"{either('asks_next')} (?P<of>.+)")

_A_THING = f"(?:{'|'.join(THINGS.values())})"
_AND = f"(?:, | {either('joins_things')} |, {either('joins_things')} )(?:{either('all_the')} )?"
_THINGS = f"(?:{either('often')} )*(?P<things>{_A_THING}(?:{_AND}{_A_THING})*)"


def _patterns() -> Iterator[tuple[OverviewKind, AcceptedTarget, re.Pattern[str]]]:
    """Yield the patterns of the lexicon; of each kind those first that accept any name."""
    for kind in OverviewKind:
        for takes in AcceptedTarget:
            if (name := f"asks_{kind}_{takes}") in SCHEMA:
                for phrase in lexicon.phrases(name, material="(?P<of>.+?)", things=_THINGS):
                    yield kind, takes, re.compile(phrase)


PATTERNS = tuple(_patterns())
