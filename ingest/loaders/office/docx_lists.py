"""The markers of a Word file's list items, "-", "2.", "b)", with their indentation.

Word stores no numbers: a paragraph names a list and a level, the list defines each level's format, and the program
that displays the file counts (ECMA-376, part 1, chapter 17.9).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ingest.loaders.numerals import numeral

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DEEPEST = 8
_NAMED_DEPTH = re.compile(r" ([2-9])$")
_PLACE = re.compile(r"%([1-9])")
_KINDS = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}


@dataclass(frozen=True, slots=True)
class Level:
    """The format of one level of a list."""

    kind: str = "bullet"  # "decimal", "lowerLetter", …
    text: str = ""  # "%1.%2)"
    start: int = 1


@dataclass(slots=True)
class Lists:
    """The lists of a file, with their counters."""

    levels: dict[str, dict[int, Level]]
    by_style: dict[str, tuple[str, int]] = field(default_factory=dict)  # style -> (list, level)
    counted: dict[str, str] = field(default_factory=dict)  # list -> its counter, which lists may share
    deeper: dict[str, int] = field(default_factory=dict)  # style -> levels to add to the declared one
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def mark(self, paragraph: Any) -> str | None:
        """Return the indented marker of the next item; None outside a list, "" for an item removed from its list."""
        number, depth = self._place(paragraph)
        if number is None:
            return None
        if number == "0":  # removed from its list
            return ""
        indent = "  " * (depth + self.deeper.get(_value(paragraph.find(f"{_W}pPr"), "pStyle"), 0))
        levels, counts = self.levels.get(number, {}), self._counts.setdefault(self.counted.get(number, number), {})
        level = levels.get(depth, Level())
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [one for one in counts if one > depth]:
            del counts[deeper]
        if level.kind in ("bullet", "none") or not _PLACE.search(level.text):
            return f"{indent}-"
        written = _PLACE.sub(lambda place: self._numeral(counts, levels, int(place[1]) - 1), level.text)
        return indent + written.strip()

    @staticmethod
    def _numeral(counts: dict[int, int], levels: dict[int, Level], depth: int) -> str:
        level = levels.get(depth, Level("decimal"))
        return numeral(counts.get(depth, level.start), _KINDS.get(level.kind, "1"))

    def _place(self, paragraph: Any) -> tuple[str | None, int]:
        """Return the list and level of a paragraph, its own or its style's."""
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return None, 0
        number, depth = self.by_style.get(_value(properties, "pStyle"), (None, 0))
        own = properties.find(f"{_W}numPr")
        if own is not None:
            number = _value(own, "numId") or number
            depth = _digit(_value(own, "ilvl"), depth)
        return number, min(depth, _DEEPEST)


def lists_of(numbering: Any, styles: Iterable[Any]) -> Lists:
    """Return the lists of a file, from its numbering part, which may be None, and python-docx's styles."""
    found = Lists({})
    if numbering is None:
        return found
    drawn = {one.get(f"{_W}abstractNumId"): _levels(one) for one in numbering.iter(f"{_W}abstractNum")}
    for one in numbering.iter(f"{_W}num"):
        levels = dict(drawn.get(_value(one, "abstractNumId"), {}))
        number, again = one.get(f"{_W}numId"), one.find(f"{_W}lvlOverride/{_W}startOverride") is not None
        found.counted[number] = f"alone {number}" if again else f"as {_value(one, 'abstractNumId')}"
        for changed in one.iter(f"{_W}lvlOverride"):
            depth, start = _digit(changed.get(f"{_W}ilvl"), 0), _value(changed, "startOverride")
            levels |= _levels(changed)
            if start:
                before = levels.get(depth, Level("decimal", f"%{depth + 1}."))
                levels[depth] = Level(before.kind, before.text, _digit(start, 1))
        found.levels[number] = levels
    for style in styles:
        if place := _place_of_style(style):
            found.by_style[style.style_id] = place
            # "List Bullet 2" is a list of its own, displayed within one of "List Bullet".
            if not place[1] and (named := _NAMED_DEPTH.search(style.name or "")):
                found.deeper[style.style_id] = int(named[1]) - 1
    return found


def _levels(element: Any) -> dict[int, Level]:
    return {
        _digit(level.get(f"{_W}ilvl"), 0): Level(
            _value(level, "numFmt") or "decimal", _value(level, "lvlText"), _digit(_value(level, "start"), 1)
        )
        for level in element.iter(f"{_W}lvl")
    }


def _place_of_style(style: Any) -> tuple[str, int] | None:
    """Return the list and level of a style, its own or its base style's."""
    for _ in range(10):  # a style based on itself would never end
        given = style.element.find(f"{_W}pPr/{_W}numPr")
        if given is not None and (number := _value(given, "numId")):
            return number, _digit(_value(given, "ilvl"), 0)
        style = getattr(style, "base_style", None)
        if style is None:
            break
    return None


def _value(element: Any, name: str) -> str:
    found = element.find(f"{_W}{name}")
    return "" if found is None else found.get(f"{_W}val") or ""


def _digit(text: str | None, otherwise: int) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,6}", text) else otherwise
