"""The numbers of a Word file's headings, "2.1", and the markers of its list items, "-", "2.", "b)", with their depth.

Word stores no numbers: a paragraph, or its style, names a list and a level, the list defines each level's format, and
the program that displays the file counts (ECMA-376, part 1, chapter 17.9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.loaders.office.docx_numerals import shown_number
from ingest.loaders.office.docx_styles import Styles
from ingest.loaders.office.docx_xml import W, switch, value

_DEEPEST = 8
_NAMED_DEPTH = re.compile(r" ([2-9])$")
_PLACE = re.compile(r"%([1-9])")
_LONGEST_LINK = 5  # lists whose format is that of a style's list


@dataclass(frozen=True, slots=True)
class Level:
    """The format of one level of a list."""

    kind: str = "bullet"  # "decimal", "lowerLetter", …
    text: str = ""  # "%1.%2)"
    start: int = 1
    custom: str = ""  # the beginning of a counting of its own: "001, 002, 003, ..."
    restart: int | None = None  # the level, 1 and up, after which it begins anew; 0 for never, None for any above it
    legal: bool = False  # shows all levels as digits
    hidden: bool = False
    style: str = ""  # the paragraphs' style that stands for this level


@dataclass(frozen=True, slots=True)
class Mark:
    """What is shown before a paragraph: "2.1", "b)", "-", with the depth of the item in its list."""

    shown: str
    depth: int = 0  # -1 for what was removed from its list
    bullet: bool = False
    worded: bool = False  # as "Theorem 2.1"

    def before(self, text: str) -> str:
        """Return a heading or paragraph with its number; points are left out."""
        return f"{self.shown} {text}" if self.shown and not self.bullet else text

    def item(self, text: str) -> str:
        """Return a list item, indented."""
        return f"{'  ' * self.depth}{self.shown} {text}" if self.shown else f"{'  ' * (self.depth + 1)}{text}"


@dataclass(slots=True)
class Lists:
    """The lists of a file, with their counters."""

    styles: Styles
    levels: dict[str, dict[int, Level]] = field(default_factory=dict)
    counted: dict[str, str] = field(default_factory=dict)  # list -> its counter, which lists may share
    anew: set[tuple[str, int]] = field(default_factory=set)  # lists whose first item at a level begins a new counting
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _by_style: dict[str, tuple[str, int]] = field(default_factory=dict)

    def mark(self, paragraph: Any) -> Mark | None:
        """Count a paragraph and return its mark; None outside a list, an empty one if it was removed from it."""
        number, depth = self._place(paragraph)
        if not number:
            return None
        if number == "0":  # removed from its list
            return Mark("", -1)
        style = value(paragraph.find(f"{W}pPr"), "pStyle")
        inner = depth + self._deeper(style, depth)
        levels = self.levels.get(number, {})
        level = levels.get(depth, Level())
        counts = self._count(number, depth, levels)
        if level.kind == "bullet":
            return Mark("-" if level.text.strip() or depth not in levels else "", inner, bullet=True)
        if level.hidden:
            return Mark("", inner)
        shown = _PLACE.sub(lambda place: _shown(counts, levels, int(place[1]) - 1, legal=level.legal), level.text)
        # An item of a list without a number is an item all the same.
        if not shown.strip():
            return Mark("-", inner, bullet=True)
        return Mark(shown.strip(), inner, worded=any(map(str.isalpha, _PLACE.sub("", level.text))))

    def _count(self, number: str, depth: int, levels: dict[int, Level]) -> dict[int, int]:
        """Count an item of a list; levels below begin anew."""
        counts = self._counts.setdefault(self.counted.get(number, number), {})
        start = levels.get(depth, Level()).start
        if (number, depth) in self.anew:
            self.anew.discard((number, depth))
            counts[depth] = start
        else:
            counts[depth] = counts.get(depth, start - 1) + 1
        for deeper in [one for one in counts if one > depth]:
            restart = levels.get(deeper, Level()).restart
            if restart is None or depth < restart:
                del counts[deeper]
        return counts

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """Return the list and level of a paragraph, its own or its style's."""
        properties = paragraph.find(f"{W}pPr")
        number, depth = self._place_of_style(value(properties, "pStyle") or self.styles.usual)
        own = None if properties is None else properties.find(f"{W}numPr")
        if own is not None:
            number = value(own, "numId") or number
            depth = _digit(value(own, "ilvl"), depth)
        return number, min(depth, _DEEPEST)

    def _place_of_style(self, style: str) -> tuple[str, int]:
        """Return the list and level of a style; the list may say which of its levels the style stands for."""
        if style not in self._by_style:
            number, level = self.styles.numbering(style)
            linked = (depth for depth, one in self.levels.get(number, {}).items() if one.style == style)
            self._by_style[style] = number, next(linked, _digit(level, 0))
        return self._by_style[style]

    def _deeper(self, style: str, depth: int) -> int:
        """Return the levels to add to a declared one: "List Bullet 2" is displayed within a list of "List Bullet"."""
        if depth or not style or not self._place_of_style(style)[0]:
            return 0
        named = _NAMED_DEPTH.search(self.styles.name(style))
        return int(named[1]) - 1 if named else 0


def lists_of(numbering: Any, styles: Styles) -> Lists:
    """Return the lists of a file from its numbering part, which may be None, and its styles."""
    found = Lists(styles)
    if numbering is None:
        return found
    drawn = {one.get(f"{W}abstractNumId", ""): one for one in numbering.iter(f"{W}abstractNum")}
    lists = {one.get(f"{W}numId", ""): one for one in numbering.iter(f"{W}num")}
    for number, one in lists.items():
        counter = value(one, "abstractNumId")
        levels = _levels(_linked(drawn.get(counter), drawn, lists, styles))
        found.counted[number] = f"as {counter}"
        for changed in one.iter(f"{W}lvlOverride"):
            depth, start = _digit(changed.get(f"{W}ilvl"), 0), value(changed, "startOverride")
            levels |= _levels(changed)
            if start:
                before = levels.get(depth, Level("decimal", f"%{depth + 1}."))
                levels[depth] = replace(before, start=_digit(start, 1))
                found.anew.add((number, depth))
        found.levels[number] = levels
    return found


def _linked(drawn: Any, all_drawn: dict[str, Any], lists: dict[str, Any], styles: Styles) -> Any:
    """Return the definition of a list, which may be that of a style's list."""
    for _ in range(_LONGEST_LINK):
        if drawn is None or not (style := value(drawn, "numStyleLink")):
            break
        drawn = all_drawn.get(value(lists.get(styles.numbering(style)[0]), "abstractNumId"))
    return drawn


def _levels(element: Any) -> dict[int, Level]:
    """Return the levels that a definition of a list has; none for None."""
    found = () if element is None else element.iter(f"{W}lvl")
    return {_digit(level.get(f"{W}ilvl"), 0): _level(level) for level in found}


def _level(element: Any) -> Level:
    """Return a level of a list; a counting of its own may stand beside one for old programs."""
    kind = next(element.iter(f"{W}numFmt"), None)
    restart = value(element, "lvlRestart")
    return Level(
        (None if kind is None else kind.get(f"{W}val")) or "decimal",
        value(element, "lvlText"),
        _digit(value(element, "start"), 1),
        "" if kind is None else kind.get(f"{W}format") or "",
        _digit(restart, 0) if restart else None,
        bool(switch(element, "isLgl")),
        bool(switch(element.find(f"{W}rPr"), "vanish")),
        value(element, "pStyle"),
    )


def _shown(counts: dict[int, int], levels: dict[int, Level], depth: int, *, legal: bool) -> str:
    """Return a level's number as it is shown in one of its levels' texts."""
    level = levels.get(depth, Level("decimal"))
    kind = "decimal" if legal and level.kind != "none" else level.kind
    return "" if kind == "bullet" else shown_number(counts.get(depth, level.start), kind, level.custom)


def _digit(text: str | None, otherwise: int) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,6}", text) else otherwise
