"""What students call their material, in English and German: "lecture 3", "das dritte Kapitel", "the evaluation slides".

A phrase becomes a Target, which knows nothing of the library yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from rag.text.course_units import UNITS


class Unit(StrEnum):
    """What kind of thing a phrase names."""

    WHOLE = "whole"  # the course, everything
    FILE = "file"  # a document of whatever kind
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
    """What a question is about: a unit, its numbers ("3", "3.2", "-1" for the last), the words that name it."""

    unit: Unit | None = None
    numbers: tuple[str, ...] = ()
    name: str = ""
    within: Target | None = None  # "chapter 2 of the script"
    said: str = ""  # the person's own words

    @property
    def whole(self) -> bool:
        """Whether this is everything there is to ask."""
        return self.unit is Unit.WHOLE and not self.name

    @property
    def structural(self) -> bool:
        """Whether the words themselves name a piece of material; a mere name must be found in it first."""
        return self.unit is not None or _is_file(self.name)


EVERYTHING = Target(Unit.WHOLE)

_NOUNS = {
    Unit.WHOLE: """courses? module materials? everything collection library corpus documents files pdfs it this that
        these them all stuff kurs kurses kurse veranstaltung lehrveranstaltung modul moduls unterlagen materialien
        material sammlung alles dokumente dokumenten dateien fach fachs das hier content contents
        course\\ materials? study\\ materials? kursmaterial kursmaterialien kursunterlagen vorlesungsunterlagen
        lectures vorlesungen readings""",
    Unit.FILE: """file document pdf paper article reading text book textbook handout transcript manual report
        datei dokument dokuments dokumentes aufsatz artikel artikels text textes texts buch buchs buches lehrbuch
        lehrbuchs handreichung bericht berichts""",
    Unit.SLIDES: """slides slide\\ deck deck slideshow presentation folien foliensatz foliensatzes präsentation
        vorlesungsfolien lecture\\ slides foliensätze""",
    Unit.SCRIPT: "script skript skripts skriptes skriptum skriptums vorlesungsskript vorlesungsskripts",
    Unit.NOTES: """notes lecture\\ notes course\\ notes mitschrift mitschriften notizen vorlesungsnotizen
        vorlesungsmitschrift""",
    Unit.NOTEBOOK: "notebooks? jupyter\\ notebooks? notizbuch notizbuchs",
    Unit.GLOSSARY: "glossary glossar glossars",
    Unit.SHEET: """(?:exercise|problem|work)?\\ ?sheets? problem\\ sets? assignments? homeworks? homework\\ sheets?
        (?:übungs|aufgaben|arbeits)?bl(?:att|atts|attes|ätter) übung hausaufgabe""",
    Unit.LECTURE: """lecture lec class session lesson unit vorlesung vl lektion sitzung einheit lerneinheit
        vorlesungseinheit""",
    Unit.WEEK: "weeks? wochen? vorlesungswoche",
    Unit.CHAPTER: "chapters? ch chap kapitels? kapiteln kap",
    Unit.SECTION: """sections? subsections? sec parts? appendix abschnitte? abschnitts abschnittes abschnitten
        unterkapitels? teile? teils anhangs? paragraph paragraf §+""",
    Unit.PAGE: "pages? slide seiten? folie",
    Unit.TUTORIAL: "",
}
# The kinds of course unit that each unit stands for: tags and paths name them more exactly than people do.
COURSE_UNITS = {
    Unit.LECTURE: ("lecture", "session", "unit"),
    Unit.WEEK: ("week",),
    Unit.SHEET: ("exercise",),
    Unit.TUTORIAL: ("tutorial",),
    Unit.CHAPTER: ("chapter",),
    Unit.SECTION: ("part",),
}
_PLURAL = {"lectures": Unit.LECTURE, "vorlesungen": Unit.LECTURE, "folien": Unit.PAGE, "slides": Unit.PAGE,
           "units": Unit.LECTURE, "sessions": Unit.LECTURE, "lektionen": Unit.LECTURE}  # fmt: skip


def _nouns(unit: Unit) -> str:
    """Return a pattern for the words that name a unit."""
    counted = [word for kind in COURSE_UNITS.get(unit, ()) for word in (kind, *UNITS[kind].split())]
    return "|".join(dict.fromkeys([*re.findall(r"(?:\\ |\S)+", _NOUNS[unit]), *counted]))


def numbered_by(unit: Unit) -> str:
    """Return a pattern for the words that stand before a unit's number in the name of a file or in a heading."""
    return f"(?:{_nouns(unit)}|{_BEFORE_NUMBERS[unit]})" if unit in _BEFORE_NUMBERS else f"(?:{_nouns(unit)})"


_BEFORE_NUMBERS = {Unit.SHEET: "serie", Unit.SECTION: "appendix|anhang", Unit.NOTEBOOK: "nb", Unit.NOTES: "note"}
_UNITS = [(unit, re.compile(f"(?:{_nouns(unit)})")) for unit in _NOUNS]
_ANY = "|".join(f"(?:{pattern.pattern})" for _, pattern in _UNITS)
_PLURALS = "|".join(_PLURAL)

_WORDS = {
    word: str(number)
    for number, words in enumerate(
        """one first eins erste ersten erster erstes
        two second zwei zweite zweiten zweiter zweites
        three third drei dritte dritten dritter drittes
        four fourth vier vierte vierten vierter viertes
        five fifth fünf fünfte fünften fünfter fünftes
        six sixth sechs sechste sechsten sechster sechstes
        seven seventh sieben siebte siebten siebter siebtes
        eight eighth acht achte achten achter achtes
        nine ninth neun neunte neunten neunter neuntes
        ten tenth zehn zehnte zehnten zehnter zehntes
        eleven eleventh elf elfte elften elfter elftes
        twelve twelfth zwölf zwölfte zwölften zwölfter zwölftes""".split("\n"),
        start=1,
    )
    for word in words.split()
}
_LAST = "last latest final letzte letzten letzter letztes".split()
_ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}

_NUMBER = rf"(?:\d+(?:\.\d+)*|(?<!\w)(?:[a-h](?![\w.])|{'|'.join(_ROMAN)}|{'|'.join(_WORDS)}))(?!\w)"
_ORDINAL = rf"(?:{'|'.join(_WORDS)}|{'|'.join(_LAST)}|\d+(?:st|nd|rd|th|\.))"
_AND = r"\s*(?:,|-|–|and|und|bis|to|through|&)\s*"
_NUMBERED = re.compile(
    rf"(?P<noun>{_ANY}|{_PLURALS})\.?\s*(?:no\.?|nr\.?|nummer|number|#)?\s*(?P<numbers>{_NUMBER}(?:{_AND}{_NUMBER})*)"
)
_ORDERED = re.compile(rf"(?P<numbers>{_ORDINAL})\s+(?P<noun>{_ANY})(?!\w)")
_PLAIN = re.compile(rf"(?P<noun>{_ANY})(?!\w)")
_BEHIND = re.compile(rf"(?P<name>(?:[\w'+#.-]+\s+){{1,4}})(?P<noun>{_ANY})$")
_COMPOUND = re.compile(
    r"(?P<name>\w{4,}?)(?:s?-|s)?(?P<noun>folien|skript|skripts|vorlesung|kapitel|kapitels|notebook)$"
)
_ABOUT = re.compile(
    r"\s*(?::|,?\s*(?:on|about|titled|called|named|covering|zu|zum|zur|zu den|über|namens"
    r"|mit dem titel))\s+(?P<name>.+)"
)
_IN = re.compile(r"\s+(?:of|in|from|on|for|im|aus|von|vom|des|der|zum|zur|auf)\s+(?=\S)")  # "chapter 2 of the script"
_DETERMINERS = re.compile(
    r"^(?:(?:all of|all|the|this|that|these|those|my|our|your|whole|entire|complete|full|current|uploaded"
    r"|attached|given"
    r"|der|die|das|dem|den|des|dieser?s?|diesem|diesen|mein\w*|unser\w*|eure?\w*|ganzen?|ganzes?|gesamten?|gesamtes?"
    r"|kompletten?|komplettes?|alle|allen|aller|hochgeladenen?|vorliegenden?)\s+)+"
)
_FILE_NAME = re.compile(r"^[^\s/\\][^/\\]*\.(?:pdf|md|html?|txt|docx?|pptx?|xlsx?|csv|odt|odp|epub|rtf|ipynb|eml"
                        r"|rst|tex|py|java|png|jpe?g|tiff?|webp)$")  # fmt: skip
_QUOTES = "\"'“”„‚‘’«»`"
# A name with one of these is a clause or a question, not a name.
_NO_NAME = frozenset(
    """a an how why when where who whom whose which what is are was were be do does did can could should would i you we
    they he she difference differences between versus vs than that if whether not no your my me us
    wie warum wann wo wer wen wem welche welcher welches was ist sind war waren kann können soll sollte ich du wir sie
    er unterschied unterschiede zwischen ob nicht kein keine dass ein eine einen einem einer eines man es""".split()
)
_LONGEST_NAME = 8  # words


def target(phrase: str) -> Target | None:
    """Return what a phrase names, in lower case; None when it names no piece of material.

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
    """Return what "lecture 3", "chapters 1 to 3" or "the third chapter of the script" names."""
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
    """Return what "slides on evaluation", "script" or "course" names."""
    match = _PLAIN.match(text)
    return None if match is None else _with_rest(Target(_unit(match["noun"])), text[match.end() :])


def _behind(text: str) -> Target | None:
    """Return what "evaluation slides" or "Evaluationsfolien" names."""
    match = _BEHIND.match(text) or _COMPOUND.match(text)
    if match is None or not _is_name(match["name"]):
        return None
    return Target(_unit(match["noun"]), name=match["name"].strip())


def _with_rest(found: Target, rest: str) -> Target | None:
    """Return the target with what follows it: a name, or what it is part of; None when that is something else."""
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
    is_range = re.search(r"-|–|\b(?:to|through|bis)\b", text)
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
    if text in _ROMAN:
        return _ROMAN[text]
    digits = re.match(r"\d+(?:\.\d+)*", text)
    return ".".join(part.lstrip("0") or "0" for part in digits.group().split(".")) if digits else text


def _is_file(name: str) -> bool:
    return bool(_FILE_NAME.match(name))


def _is_name(text: str) -> bool:
    """Say whether words could be a name: few of them, and none that makes a clause."""
    found = re.findall(r"[\w'’.+#-]+", text)
    return 0 < len(found) <= _LONGEST_NAME and _NO_NAME.isdisjoint(found) and bool(re.search(r"\w{2}|\d", text))
