"""The styles of a Word file: their names, what they are based on, outline levels, numbering and hidden text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.loaders.office.docx_xml import W, switch, value

_LONGEST_LINE = 20  # styles: one that is based on itself would never end


@dataclass(slots=True)
class Styles:
    """A file's styles by their ids."""

    by_id: dict[str, Any] = field(default_factory=dict)
    usual: str = ""  # the paragraphs' style if they name none
    _hidden: dict[str, bool] = field(default_factory=dict)

    def line(self, style: str) -> Iterator[Any]:
        """Yield a style and those it is based on, one after the other."""
        for _ in range(_LONGEST_LINE):
            element = self.by_id.get(style)
            if element is None:
                return
            yield element
            style = value(element, "basedOn")

    def name(self, style: str) -> str:
        """Return a style's name; its id if it isn't defined."""
        element = self.by_id.get(style)
        return style if element is None else value(element, "name") or ""

    def outline_level(self, style: str) -> int:
        """Return a style's outline level, 1 and up, 0 for none; a level makes a heading, whatever the style's name."""
        for element in self.line(style):
            level = value(element.find(f"{W}pPr"), "outlineLvl")
            if level.isdigit():
                return int(level) + 1 if int(level) < 9 else 0
        return 0

    def numbering(self, style: str) -> tuple[str, str]:
        """Return the list and the level of a style, each from the nearest style that has one; empty if none has."""
        number, level = "", ""
        for element in self.line(style):
            given = element.find(f"{W}pPr/{W}numPr")
            if given is not None:
                number, level = number or value(given, "numId"), level or value(given, "ilvl")
            if number:
                break
        return number, level

    def hides(self, style: str) -> bool:
        """Say whether a style's text is hidden."""
        if style not in self._hidden:
            said = (switch(element.find(f"{W}rPr"), "vanish") for element in self.line(style))
            self._hidden[style] = next((one for one in said if one is not None), False)
        return self._hidden[style]

    def is_hidden(self, properties: Any, paragraph: Any) -> bool:
        """Say whether text with these properties (`w:rPr`, or None) is hidden in its paragraph.

        The text's own switch counts; without one, a hidden character style shows the text of a hidden paragraph style
        again (ECMA-376, part 1, chapter 17.7.3).
        """
        own = switch(properties, "vanish")
        if own is not None:
            return own
        place = None if paragraph is None else paragraph.find(f"{W}pPr")
        return self.hides(value(place, "pStyle") or self.usual) != self.hides(value(properties, "rStyle"))


def styles_of(element: Any) -> Styles:
    """Return the styles of a file's `w:styles`, which may be None; a style without an id is passed over."""
    styles = Styles()
    for style in () if element is None else element.iter(f"{W}style"):
        if name := style.get(f"{W}styleId"):
            styles.by_id[name] = style
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on"):
                styles.usual = name
    return styles
