"""How students ask about the whole, in English and German: the patterns that `request_of` goes through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from rag import lexicon
from rag.lexicon import either
from rag.lexicon.schema import SCHEMA


class OverviewKind(StrEnum):
    """What is wished for."""

    SUMMARY = "summary"
    ABOUT = "about"  # in a sentence or two, and what it consists of
    TOPICS = "topics"  # the headings
    LISTING = "listing"


class ItemKind(StrEnum):
    """What a list is of."""

    DEFINITION = "definition"
    THEOREM = "theorem"
    EXAMPLE = "example"
    EXERCISE = "exercise"
    ALGORITHM = "algorithm"
    FORMULA = "formula"


class AcceptedTarget(StrEnum):
    """What a pattern takes for the thing that is asked about."""

    ANY = "any"  # any name, which the library must then have as a heading or title: "Huffman codes"
    MATERIAL = "material"  # words for material only: "lecture 3", "das Skript"
    CERTAIN = "certain"  # material with a number, a file, the course: "explain chapter 3" is one, "explain it" isn't


THINGS = {ItemKind(thing): f"(?:{'|'.join(said)})" for thing, said in lexicon.table("things").items()}

# What is said around the question.
COURTESY = re.compile(rf"^{either('courtesy')} +")
MANNER = re.compile(rf",? {either('manner')}$")
NEXT = re.compile(rf"{either('asks_next')} (?P<of>.+)")

_A_THING = f"(?:{'|'.join(THINGS.values())})"
_AND = f"(?:, | {either('joins_things')} |, {either('joins_things')} )(?:{either('all_the')} )?"
_THINGS = f"(?:{either('often')} )*(?P<things>{_A_THING}(?:{_AND}{_A_THING})*)"


def _patterns() -> Iterator[tuple[OverviewKind, AcceptedTarget, re.Pattern[str]]]:
    """Yield the patterns of the lexicon, those first that take any name."""
    for kind in OverviewKind:
        for takes in AcceptedTarget:
            if (name := f"asks_{kind}_{takes}") in SCHEMA:
                for phrase in lexicon.phrases(name, material="(?P<of>.+?)", things=_THINGS):
                    yield kind, takes, re.compile(phrase)


PATTERNS = tuple(_patterns())
