"""The marks of a list's points, as the page shows them: a dash, or numbers and letters that count as it says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ingest.loaders.numerals import numeral

_STYLES = {
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
}
_STYLE = re.compile(r"list-style(?:-type)?\s*:[^;]*?\b((?:lower|upper)-(?:alpha|latin|roman))\b", re.IGNORECASE)
_WHOLE = re.compile(r"\s*-?\d{1,6}\s*")


@dataclass(slots=True)
class Marks:
    """Counts the points of one list."""

    bullet: str  # of a list without numbers
    kind: str = ""  # "1", "a", "A", "i" or "I"; empty without numbers
    number: int = 1  # of the next point
    step: int = 1

    @classmethod
    def of(cls, points: Any, *, bullets: bool = True) -> Marks:
        """Return the marks of a list; without `bullets`, only those of numbered lists."""
        if points.tag != "ol":
            return cls("- " if bullets else "")
        step = -1 if points.get("reversed") is not None else 1
        first = _number(points.get("start"), 1 if step > 0 else len(list(points.iterchildren("li"))))
        styled = _STYLE.search(points.get("style", ""))
        kind = _STYLES[styled[1].lower()] if styled else points.get("type", "1")
        return cls("", kind if kind in {*"aAiI"} else "1", first, step)

    def next(self, point: Any) -> str:
        """Return the mark of the next point."""
        if not self.kind:
            return self.bullet
        number = _number(point.get("value"), self.number)
        self.number = number + self.step
        return f"{numeral(number, self.kind)}. "


def _number(given: str | None, otherwise: int) -> int:
    return int(given) if given and _WHOLE.fullmatch(given) else otherwise
