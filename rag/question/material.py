"""Phrases for course material become targets: "lecture 3", "das dritte Kapitel", "the evaluation slides".

A Target is independent of the library; `rag.question.documents` finds its documents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from rag import lexicon
from rag.lexicon import any_of, either
from rag.text.outline import ROMAN

_BEFORE_NUMBERS = lexicon.table("before_numbers")


class Unit(StrEnum):
    """A kind of course material."""

    WHOLE = "whole"  # the course, everything
    FILE = "file"  # a document of any kind
    SLIDES = "slides"
    SCRIPT = "script"
    NOTES = "notes"
    NOTEBOOK = "notebook"
    GLOSSARY = "glossary"
    SHEET = "sheet"
    TUTORIAL = "tutorial"
    LECTURE = "lecture"
    WEEK = "week"
    CHAPTER = "chapter"
    SECTION = "section"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Target:
    """The material that a question is about: a unit, its numbers ("3", "3.2", "-1" for the last), its name."""

    unit: Unit | None = None
    numbers: tuple[str, ...] = ()
    name: str = ""
    within: Target | None = None  # "chapter 2 of the script"
    said: str = ""  # as the person put it

    @property
    def whole(self) -> bool:
        """Whether this is the whole material."""
        return self.unit is Unit.WHOLE and not self.name

    @property
    def structural(self) -> bool:
        """Whether the words themselves denote material; a bare name must first be found in the library."""
        return self.unit is not None or _is_file(self.name)


EVERYTHING = Target(Unit.WHOLE)

_NOUNS = {Unit(unit): nouns for unit, nouns in lexicon.table("material").items()}
_COUNTED = lexicon.table("units")
# The kinds of course unit for each unit: tags and paths are more exact than people's wording.
COURSE_UNITS = {
    Unit.LECTURE: ("lecture", "session", "unit"),
    Unit.WEEK: ("week",),
    Unit.SHEET: ("exercise",),
    Unit.TUTORIAL: ("tutorial",),
    Unit.CHAPTER: ("chapter",),
    Unit.SECTION: ("part",),
}
_PLURAL = {noun: Unit(unit) for noun, unit in lexicon.keys("plural_units").items()}


def _nouns(unit: Unit) -> str:
    """Return a pattern for the names of a unit."""
    counted = [word for kind in COURSE_UNITS.get(unit, ()) for word in _COUNTED[kind]]
    return "|".join(dict.fromkeys([*_NOUNS[unit], *counted]))


def numbered_by(unit: Unit) -> str:
    """Return a pattern for the words before a unit's number in a file name or heading."""
    return f"(?:{'|'.join([_nouns(unit), *_BEFORE_NUMBERS.get(unit, ())])})"


_UNITS = [(unit, re.compile(f"(?:{_nouns(unit)})")) for unit in _NOUNS]
_ANY = "|".join(f"(?:{pattern.pattern})" for _, pattern in _UNITS)
_PLURALS = "|".join(_PLURAL)

_WORDS = lexicon.keys("cardinals") | lexicon.keys("ordinals")
_LAST = lexicon.words("last")

_NUMBER = rf"(?:\d+(?:\.\d+)*|(?<!\w)(?:[a-h](?![\w.])|{'|'.join(ROMAN)}|{'|'.join(_WORDS)}))(?!\w)"
_ORDINAL = rf"(?:{'|'.join(_WORDS)}|{'|'.join(_LAST)}|\d+{any_of('ordinal_ending')})"
_AND = rf"\s*(?:,|-|–|&|{either('joins_numbers')})\s*"
_NUMBERED = re.compile(
    rf"(?P<noun>{_ANY}|{_PLURALS})\.?\s*(?:{either('number_sign')}|#)?\s*(?P<numbers>{_NUMBER}(?:{_AND}{_NUMBER})*)"
)
_ORDERED = re.compile(rf"(?P<numbers>{_ORDINAL})\s+(?P<noun>{_ANY})(?!\w)")
_PLAIN = re.compile(rf"(?P<noun>{_ANY})(?!\w)")
_BEHIND = re.compile(rf"(?P<name>(?:[\w'+#.-]+\s+){{1,4}})(?P<noun>{_ANY})$")
_COMPOUND = re.compile(rf"(?P<name>\w{{4,}}?)(?:s?-|s)?(?P<noun>{any_of('compound_material')})$")
_ABOUT = re.compile(rf"\s*(?::|,?\s*{either('about_material')})\s+(?P<name>.+)")
_IN = re.compile(rf"\s+{either('part_of')}\s+(?=\S)")  # "chapter 2 of the script"
_RANGE = re.compile(rf"-|–|\b{either('until')}\b")
_DETERMINERS = re.compile(rf"^(?:{either('determiner')}\s+)+")
_FILE_NAME = re.compile(r"^[^\s/\\][^/\\]*\.(?:pdf|md|html?|txt|docx?|pptx?|xlsx?|csv|odt|odp|epub|rtf|ipynb|eml"
                        r"|rst|tex|py|java|png|jpe?g|tiff?|webp)$")  # fmt: skip
_QUOTES = "\"'“”„‚‘’«»`"
_NO_NAME = lexicon.words("asking") | lexicon.words(
    "no_name"
)  # a phrase with one of these is a clause or a question, not a name
_LONGEST_NAME = 8  # words


def target(phrase: str) -> Target | None:
    """Return the target of a phrase in lower case; None when it denotes no material.

    >>> target("chapter two of the script")
    Target(unit=<Unit.CHAPTER: 'chapter'>, numbers=('2',), name='', within=Target(unit=<Unit.SCRIPT: 'script'>, ...
    """
    said = phrase.strip().strip(_QUOTES).strip()
    quoted = phrase.strip()[:1] in _QUOTES
    bare = said if quoted else _DETERMINERS.sub("", f"{said} ").strip().strip(_QUOTES)
    if not bare:
        return replace(EVERYTHING, said=said) if said else None
    if _is_file(bare) and not _IN.search(bare):
        return Target(Unit.FILE, name=bare, said=said)
    for found in (_numbered(bare), _plain(bare), _behind(bare)):
        if found is not None:
            return replace(found, said=said)
    return Target(name=bare, said=said) if quoted or _is_name(bare) else None


def _numbered(text: str) -> Target | None:
    """Return the target of "lecture 3", "chapters 1 to 3" or "third chapter of the script"."""
    match = _NUMBERED.match(text)
    if match:
        numbers = _numbers(match["numbers"])
        noun = match["noun"]
    else:
        match = _ORDERED.match(text)
        if match is None:
            return None
        numbers, noun = (_number(match["numbers"]),), match["noun"]
    unit = _PLURAL.get(noun) or _unit(noun)
    if unit is Unit.WHOLE:
        return None
    return _with_rest(Target(unit, numbers), text[match.end() :])


def _plain(text: str) -> Target | None:
    """Return the target of "slides on evaluation", "script" or "course"."""
    match = _PLAIN.match(text)
    return None if match is None else _with_rest(Target(_unit(match["noun"])), text[match.end() :])


def _behind(text: str) -> Target | None:
    """Return the target of "evaluation slides" or "Evaluationsfolien"."""
    match = _BEHIND.match(text) or _COMPOUND.match(text)
    if match is None or not _is_name(match["name"]):
        return None
    return Target(_unit(match["noun"]), name=match["name"].strip())


def _with_rest(found: Target, rest: str) -> Target | None:
    """Return the target completed by the words after it: a name or the containing material; None for other words."""
    if not rest.strip():
        return found
    about = _ABOUT.fullmatch(rest)
    if about:
        name = about["name"].strip(_QUOTES + " ")
        return replace(found, name=name) if _is_name(name) else None
    above = _IN.match(rest)
    if above:
        inner = target(rest[above.end() :])
        if inner is not None and inner.structural:
            return found if inner.whole else replace(found, within=inner)
        if inner is not None and found.unit is Unit.WHOLE:  # "materials for statistics"
            return None
        return replace(found, name=inner.name) if inner is not None else None
    name = rest.strip().strip(_QUOTES)
    if rest[0].isspace() and (rest.strip()[0] in _QUOTES or _is_file(name)):  # `chapter "Huffman codes"`
        return replace(found, name=name)
    return None


def _unit(noun: str) -> Unit:
    return next(unit for unit, pattern in _UNITS if pattern.fullmatch(noun))


def _numbers(text: str) -> tuple[str, ...]:
    """Return the numbers of "3", "1 and 3", "1 to 3".

    >>> _numbers("1 to 3"), _numbers("two and four"), _numbers("2.1")
    (('1', '2', '3'), ('2', '4'), ('2.1',))
    """
    found = [_number(part) for part in re.findall(_NUMBER, text)]
    is_range = _RANGE.search(text)
    if is_range and len(found) == 2 and all(part.isdecimal() for part in found) and int(found[0]) < int(found[1]):
        return tuple(str(number) for number in range(int(found[0]), min(int(found[1]), int(found[0]) + 50) + 1))
    return tuple(found)


def _number(text: str) -> str:
    """Return "3" for "third", "iii", "3rd", "03"; "-1" for "last".

    >>> _number("03"), _number("dritte"), _number("3.02")
    ('3', '3', '3.2')
    """
    if text in _LAST:
        return "-1"
    if text in _WORDS:
        return _WORDS[text]
    if text in ROMAN:
        return ROMAN[text]
    digits = re.match(r"\d+(?:\.\d+)*", text)
    return ".".join(part.lstrip("0") or "0" for part in digits.group().split(".")) if digits else text


def _is_file(name: str) -> bool:
    return bool(_FILE_NAME.match(name))


def _is_name(text: str) -> bool:
    """Say whether a phrase could be a name: few words, and none that makes a clause."""
    found = re.findall(r"[\w'’.+#-]+", text)
    return 0 < len(found) <= _LONGEST_NAME and _NO_NAME.isdisjoint(found) and bool(re.search(r"\w{2}|\d", text))
