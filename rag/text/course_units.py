"""The units of a course, "week 5" or "Übungsblatt 3": as a path or a tag names them, and as a question does."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from rag.text.file_names import path_parts, spaced

# What things of a course are counted by → how people write it. The first is how a tag is written.
UNITS = {
    "week": "weeks wk woche wochen kw",
    "lecture": "lectures lec lect vorlesung vorlesungen vl",
    "exercise": """exercises sheet sheets ex assignment assignments homework hw pset ps blatt aufgabenblatt
        übungsblatt uebungsblatt übung übungen uebung uebungen hausaufgabe""",
    "tutorial": "tutorials tut tutorium",
    "chapter": "chapters chap ch kapitel kap",
    "unit": "units module modul einheit",
    "part": "parts teil",
    "session": "sessions sitzung lesson lektion",
    "quarter": "quarters quartal q",
}
# Those that follow each other through a term: what "up to 5" counts.
COUNTED = ("week", "lecture", "session", "unit", "chapter", "exercise", "tutorial", "part", "")
_ORDINALS = {
    word: number
    for number, several in enumerate(
        """first erste ersten erster erstes|second zweite zweiten zweiter zweites|third dritte dritten dritter drittes
        |fourth vierte vierten vierter viertes|fifth fünfte fünften fünfter fünftes|sixth sechste sechsten sechster
        |seventh siebte siebten siebter|eighth achte achten achter|ninth neunte neunten neunter|tenth zehnte zehnten
        zehnter""".split("|"),
        start=1,
    )
    for word in several.split()
}
_LEADING = re.compile(r"0*(\d{1,3})(?:\s0*\d{1,3})?(?:\s(?=[^\W\d])|(?=[^\W\d])|$)")  # "05 graphs", "02.01 types", "7"
_SHORT = re.compile(r"([wl])0*(\d{1,2})(?!\d)", re.IGNORECASE)  # "w05", "L3": only names are as short as that
_SHORT_UNITS = {"w": "week", "l": "lecture"}


@dataclass(frozen=True, slots=True, order=True)
class CourseUnit:
    """Where a document stands in a course: week 5, lecture 9; no unit when its name only begins with a number."""

    kind: str
    number: int

    @property
    def token(self) -> str:
        """One word for it, which no text holds by chance."""
        return f"{self.kind or 'number'}{self.number}"

    def __str__(self) -> str:
        return f"{self.kind or 'number'} {self.number}"


def units_of(uri: str) -> tuple[CourseUnit, ...]:
    """Return where a document stands by its path, the innermost folder's word before an outer one's.

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
    """Return the units that a text names.

    >>> [str(unit) for unit in units_in("What is asked on Übungsblatt 3, and in the 2nd lecture or Q4?")]
    ['exercise 3', 'lecture 2', 'quarter 4']
    """
    lowered = unicodedata.normalize("NFC", text).casefold()
    found = [(match.start(), CourseUnit(_unit(match[1]), int(match[2]))) for match in _after().finditer(lowered)]
    for match in _before().finditer(lowered):
        number = int(match[2]) if match[2] else _ORDINALS[match[1]]
        found.append((match.start(), CourseUnit(_unit(match[3]), number)))
    return [unit for _, unit in sorted(found)]


@cache
def _units() -> dict[str, str]:
    return {
        unicodedata.normalize("NFC", word).casefold(): unit
        for unit, words in UNITS.items()
        for word in [unit, *words.split()]
    }


def _unit(word: str) -> str:
    return _units()[word]


@cache
def _after() -> re.Pattern[str]:
    """Return what finds "week 5", "lecture-05" and "blatt3"."""
    return re.compile(rf"(?<![^\W_])({_names()})(?:[\s_.:#-]|nr\.?|no\.?){{0,3}}0*(\d{{1,3}})(?!\d)")


@cache
def _before() -> re.Pattern[str]:
    """Return what finds "third quarter", "2nd lecture" and "5. Vorlesung"."""
    return re.compile(rf"(?<![^\W_])(?:({'|'.join(_ORDINALS)})|(\d{{1,2}})(?:st|nd|rd|th|\.))\s+({_names()})(?![^\W_])")


def _names() -> str:
    return "|".join(sorted((re.escape(name) for name in _units()), key=len, reverse=True))
