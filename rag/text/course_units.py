"""What a document's name says of it: its words, and the week, lecture or sheet that it is.

Editions, yearly reports and weekly sheets say nearly the same and differ in their names.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

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
_CAMEL = re.compile(r"(?<=[^\W\d_])(?<![A-ZÄÖÜ])(?=[A-ZÄÖÜ])|(?<=[A-ZÄÖÜ])(?=[A-ZÄÖÜ][a-zäöüß])")
_WORD = re.compile(r"[^\W_]+")
_LEADING = re.compile(r"0*(\d{1,3})(?:\s0*\d{1,3})?(?:\s(?=[^\W\d])|(?=[^\W\d])|$)")  # "05 graphs", "02.01 types", "7"
_SHORT = re.compile(r"([wl])0*(\d{1,2})(?!\d)", re.IGNORECASE)  # "w05", "L3": only names are as short as that
_SHORT_UNITS = {"w": "week", "l": "lecture"}
_NUMBERED = re.compile(r"[^\W\d_]{0,2}\d{1,2}")  # "05", "w3", "Q3": places, or nothing
_TELLING = 3  # letters before a number from which they are a word
_FOLDERS = 2  # of a path that say something of the document


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a document stands in a course: week 5, lecture 9; no unit when its name only begins with a number."""

    unit: str
    number: int

    @property
    def token(self) -> str:
        """One word for it, which no text holds by chance."""
        return f"{self.unit or 'number'}{self.number}"

    def __str__(self) -> str:
        return f"{self.unit or 'number'} {self.number}"


def spaced(name: str) -> str:
    """Return a file name with spaces between its words.

    >>> spaced("2022_Q3_AAPL"), spaced("LinearAlgebraWeek05")
    ('2022 Q3 AAPL', 'Linear Algebra Week05')
    """
    return " ".join(_WORD.findall(_CAMEL.sub(" ", unicodedata.normalize("NFC", name))))


def path_parts(uri: str) -> list[str]:
    """Return the last folders of a path or address and the file's name without its suffix, outermost first."""
    path = re.sub(r"^[a-z]+://[^/]*|[?#].*$", "", uri.replace("\\", "/").replace("!/", "/"))
    parts = [part for part in path.split("/") if part][-(_FOLDERS + 1) :]
    return [*parts[:-1], re.sub(r"\.[A-Za-z]\w{0,4}$", "", parts[-1])] if parts else []


def name_words(uri: str) -> list[str]:
    """Return the words of a file's name, written together and apart; its folders say less, and stand in its places.

    >>> name_words("/home/me/ml/Sheet03_NumPy-solution_2022.pdf")
    ['Sheet03', 'NumPy', 'solution', '2022', 'Num', 'Py', 'Sheet']
    """
    name = path_parts(uri)[-1] if path_parts(uri) else ""
    apart = spaced(name).split()
    letters = [word.rstrip("0123456789") for word in apart if word[-1].isdigit() and not word.isdigit()]
    long = [word for word in letters if len(word) >= _TELLING]
    found = dict.fromkeys([*_WORD.findall(name), *apart, *long])
    return [word for word in found if not _NUMBERED.fullmatch(word)]


def places_of(uri: str) -> tuple[Place, ...]:
    """Return where a document stands by its path, the innermost folder's word before an outer one's.

    >>> [str(place) for place in places_of("/ml/week05/Sheet3_solution.pdf")]
    ['exercise 3', 'week 5']
    >>> [str(place) for place in places_of("04-csp/csp5-minconflicts.md")]
    ['number 4']
    """
    found: dict[str, Place] = {}
    for part in reversed(path_parts(uri)):
        words = spaced(part)
        for place in [*places_in(words), *_leading(words)]:
            found.setdefault(place.unit, place)
    return tuple(found.values())


def _leading(name: str) -> list[Place]:
    """Return the place that a name begins with: "05 graphs", "w05"."""
    if number := _LEADING.match(name):
        return [Place("", int(number[1]))]
    short = _SHORT.match(name)
    return [Place(_SHORT_UNITS[short[1].casefold()], int(short[2]))] if short else []


def places_in(text: str) -> list[Place]:
    """Return the places that a text names.

    >>> [str(place) for place in places_in("What is asked on Übungsblatt 3, and in the 2nd lecture or Q4?")]
    ['exercise 3', 'lecture 2', 'quarter 4']
    """
    lowered = unicodedata.normalize("NFC", text).casefold()
    found = [(match.start(), Place(_unit(match[1]), int(match[2]))) for match in _after().finditer(lowered)]
    for match in _before().finditer(lowered):
        number = int(match[2]) if match[2] else _ORDINALS[match[1]]
        found.append((match.start(), Place(_unit(match[3]), number)))
    return [place for _, place in sorted(found)]


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


# ---- editions

_MONTHS = {
    month: number
    for number, several in enumerate(
        """january januar jan|february februar feb|march märz mar|april apr|may mai|june juni jun|july juli jul
        |august aug|september sept sep|october oktober oct okt|november nov|december dezember dec dez""".split("|"),
        start=1,
    )
    for month in several.split()
}
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DATE = re.compile(
    rf"(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)"
    rf"|({'|'.join(_MONTHS)})\.?\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?((?:19|20)\d\d)"
)


def edition(uri: str, cover: str) -> str:
    """Return when a document is of, by its name or else by the last date on its cover: sorts by time.

    >>> edition("2022_Q3_AAPL.pdf", ""), edition("report.pdf", "for the period ended April 29, 2023")
    ('2022-09', '2023-04')
    """
    file = "".join(path_parts(uri)[-1:])
    name = spaced(file)
    if day := re.search(r"(?<!\d)((?:19|20)\d\d)-(\d\d)-\d\d(?!\d)", file):
        return f"{day[1]}-{day[2]}"
    if year := _YEAR.search(name):
        quarter = next((place.number for place in places_in(name) if place.unit == "quarter"), 0)
        return f"{year[0]}-{min(3 * quarter, 12):02d}"
    dates = [
        f"{found[1]}-{found[2]}" if found[1] else f"{found[5]}-{_MONTHS[found[4]]:02d}"
        for found in _DATE.finditer(cover.casefold())
    ]
    return max(dates, default="")


_NEWEST = re.compile(
    r"\b(?:latest|newest|most recent|most up.to.date|neueste[nmrs]?|jüngste[nmrs]?|aktuell(?:st)?e[nmrs]?)\b",
    re.IGNORECASE,
)


def years_in(text: str) -> set[str]:
    """Return the years that a text names."""
    return set(_YEAR.findall(text))


def asks_newest(question: str) -> bool:
    """Say whether a question is about the newest edition: "in its most recent report", "im aktuellen Skript"."""
    return _NEWEST.search(unicodedata.normalize("NFC", question)) is not None
