"""The sentences that the program says to people, in their language.

The English sentence stands where it is said; `de.po` beside this file holds the German one, as a gettext catalogue,
which Babel reads. The language belongs to the thread of work, not to the process: one server speaks English to one
tab and German to another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

_Made = TypeVar("_Made")
_FOLDER = Path(__file__).parent
LANGUAGES = ("en", *sorted(path.stem for path in _FOLDER.glob("*.po")))  # ISO 639-1
_WANTED = re.compile(r"\s*(?P<code>[A-Za-z]{2,8})(?:[-_][\w-]+)*\s*(?:;\s*q=(?P<weight>[\d.]+))?\s*")
_spoken: ContextVar[str] = ContextVar("spoken", default="en")


def spoken() -> str:
    """Return the language that is spoken here."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language meanwhile; one without a catalogue changes nothing."""
    before = _spoken.set(language if language in LANGUAGES else spoken())
    try:
        yield
    finally:
        _spoken.reset(before)


def in_language(language: str, made: Iterator[_Made]) -> Iterator[_Made]:
    """Yield what an iterator makes, which speaks a language while it works and not in between."""
    while True:
        with speaking(language):
            try:
                one = next(made)
            except StopIteration:
                return
        yield one


def say(text: str, /, **values: object) -> str:
    """Return a sentence in the language spoken here, with its gaps filled.

    >>> say("{name} is damaged.", name="a.pdf")
    'a.pdf is damaged.'
    """
    return _translated(text).format(**values)


def sayable(text: str) -> str:
    """Return a sentence as it is, to be said later: so it is found among those that need a translation."""
    return text


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not one.

    >>> counted(1, "document"), counted(1200, "page")
    ('1 document', '1,200 pages')
    >>> with speaking("de"): counted(1200, "page")
    '1.200 Seiten'
    """
    return f"{whole(number)} {many(number, noun)}"


def many(number: int, noun: str) -> str:
    """Return a noun, in the plural where there is not one of it.

    >>> with speaking("de"): many(1, "page"), many(2, "page")
    ('Seite', 'Seiten')
    """
    found = _catalogue(spoken()).get(noun) if spoken() != "en" else None
    if found and isinstance(found.string, tuple) and all(found.string):
        return found.string[number != 1]
    return noun if number == 1 else f"{noun}s"


def whole(number: int) -> str:
    """Return a number with its thousands apart."""
    return decimal(number, 0)


def decimal(number: float, digits: int = 1) -> str:
    """Return a number with some digits behind the point.

    >>> decimal(3.14159), decimal(1234.5, 2)
    ('3.1', '1,234.50')
    >>> with speaking("de"): decimal(1234.5)
    '1.234,5'
    """
    if spoken() == "en":
        return f"{number:,.{digits}f}"
    from babel.numbers import format_decimal

    pattern = "#,##0" + (f".{'0' * digits}" if digits else "")
    return format_decimal(round(number, digits), pattern, locale=spoken())


# Patterns of Unicode's CLDR
DAY = sayable("d MMM y")
MINUTE = sayable("d MMM y, HH:mm")


def moment(when: datetime, pattern: str = DAY) -> str:
    """Return a day, or what one of the patterns shows of it.

    >>> moment(datetime(2026, 11, 3, 9, 5)), moment(datetime(2026, 11, 3, 9, 5), MINUTE)
    ('3 Nov 2026', '3 Nov 2026, 09:05')
    >>> with speaking("de"): moment(datetime(2026, 11, 3))
    '3. Nov. 2026'
    """
    from babel.dates import format_datetime

    return str(format_datetime(when, _translated(pattern), locale=spoken()))


def own_name(language: str) -> str:
    """Return what a language calls itself.

    >>> [own_name(language) for language in LANGUAGES]
    ['English', 'Deutsch']
    """
    from babel import Locale

    return str(Locale(language).display_name)


def wanted(accepted: str) -> str:
    """Return the first of our languages in an Accept-Language header, or the one of a locale; empty without one.

    >>> wanted("fr-CH, de;q=0.8, en;q=0.9"), wanted("de_AT"), wanted("C"), wanted("*")
    ('en', 'de', '', '')
    """
    given = filter(None, map(_WANTED.fullmatch, accepted.split(",")))
    weights = [(_weight(one["weight"]), one["code"].lower()) for one in given if one["code"].lower() in LANGUAGES]
    return max(weights, key=lambda one: one[0])[1] if weights else ""


def _weight(told: str | None) -> float:
    try:
        return float(told) if told else 1.0
    except ValueError:
        return 0.0


def _translated(text: str) -> str:
    if spoken() == "en":
        return text
    found = _catalogue(spoken()).get(text)
    return str(found.string) if found and found.string and not found.pluralizable else text


@cache
def _catalogue(language: str) -> Catalog:
    from babel.messages.pofile import read_po

    with (_FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)
