"""The units of a course, "week 5" or "Übungsblatt 3", as named in paths, tags and questions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from rag import lexicon
from rag.text.file_names import path_parts, spaced

# The units that count through a term: a filter "up to 5" applies to the first of these that a document has.
COUNTED = ("week", "lecture", "session", "unit", "chapter", "exercise", "tutorial", "part", "")
_ORDINALS = lexicon.keys("ordinals")
_LEADING = re.compile(r"0*(\d{1,3})(?:\s0*\d{1,3})?(?:\s(?=[^\W\d])|(?=[^\W\d])|$)")  # "05 graphs", "02.01 types", "7"
_SHORT_UNITS = lexicon.keys("unit_letters")
# "w05", "L3": only in file names.
_SHORT = re.compile(rf"({lexicon.one_of(*_SHORT_UNITS)})0*(\d{{1,2}})(?!\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class CourseUnit:
    """A position in a course: week 5, lecture 9; the kind is empty when a name only begins with a number."""

    kind: str
    number: int

    @property
    def token(self) -> str:
        """A search token for the unit, which no text has by chance."""
        return f"{self.kind or 'number'}{self.number}"

    def __str__(self) -> str:
        return f"{self.kind or 'number'} {self.number}"


def units_of(uri: str) -> tuple[CourseUnit, ...]:
    """Return the units in a document's path; of several of one kind, the innermost.

    >>> [str(unit) for unit in units_of("/ml/week05/Sheet3_solution.pdf")]
    ['exercise 3', 'week 5']
    >>> [str(unit) for unit in units_of("04-csp/csp5-minconflicts.md")]
    ['number 4']
    """
    found: dict[str, CourseUnit] = {}
    for part in reversed(path_parts(uri)):
        words = spaced(part)
        for unit in [*units_in(words), *_leading(words)]:
            found.setdefault(unit.kind, unit)
    return tuple(found.values())


def _leading(name: str) -> list[CourseUnit]:
    """Return the unit that a name begins with: "05 graphs", "w05"."""
    if number := _LEADING.match(name):
        return [CourseUnit("", int(number[1]))]
    short = _SHORT.match(name)
    return [CourseUnit(_SHORT_UNITS[short[1].casefold()], int(short[2]))] if short else []


def units_in(text: str) -> list[CourseUnit]:
    """Return the units that a text names, in its order.

    >>> [str(unit) for unit in units_in("What is asked on Übungsblatt 3, and in the 2nd lecture or Q4?")]
    ['exercise 3', 'lecture 2', 'quarter 4']
    """
    lowered = unicodedata.normalize("NFC", text).casefold()
    found = [(match.start(), CourseUnit(_unit(match[1]), int(match[2]))) for match in _after().finditer(lowered)]
    for match in _before().finditer(lowered):
        number = int(match[2] or _ORDINALS[match[1]])
        found.append((match.start(), CourseUnit(_unit(match[3]), number)))
    return [unit for _, unit in sorted(found)]


@cache
def _units() -> dict[str, str]:
    return {unicodedata.normalize("NFC", word).casefold(): unit for word, unit in lexicon.keys("units").items()}


def _unit(word: str) -> str:
    return _units()[word]


@cache
def _after() -> re.Pattern[str]:
    """Return the pattern for "week 5", "lecture-05" and "blatt3"."""
    between = rf"(?:[\s_.:#-]|{lexicon.either('number_sign')}){{0,3}}"
    return re.compile(rf"(?<![^\W_])({_names()}){between}0*(\d{{1,3}})(?!\d)")


@cache
def _before() -> re.Pattern[str]:
    """Return the pattern for "third quarter", "2nd lecture" and "5. Vorlesung"."""
    return re.compile(
        rf"(?<![^\W_])(?:({'|'.join(_ORDINALS)})|(\d{{1,2}}){lexicon.any_of('ordinal_ending')})\s+({_names()})(?![^\W_])"
    )


def _names() -> str:
    return "|".join(sorted((re.escape(name) for name in _units()), key=len, reverse=True))
