"""Writes Word's and PowerPoint's formulas (Office Math) in one line: x², √(n+1), (a/b)ⁿ, ∑ₖ₌₁ⁿ k, [1, 0; 0, 1].

The elements are those of ECMA-376, part 1, chapter 22.1. Other elements are read as their text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.loaders.scripts import lowered, raised, term

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_PROPERTIES = "Pr"  # suffix of elements with a part's properties
_NOT_THERE = frozenset(("del", "moveFrom", "instrText", "Fallback"))


def formula(element: Any) -> str:
    """Return the text of a formula, or of a part of one."""
    return "".join(_part(child) for child in element if isinstance(child.tag, str))


def _part(element: Any) -> str:
    name = element.tag.rpartition("}")[2]
    if name == "t":  # of Office Math or of the surrounding language
        return element.text or ""
    if name.endswith(_PROPERTIES) or name in _NOT_THERE:
        return ""
    return (_WRITTEN.get(name, formula) if element.tag.startswith(MATH) else formula)(element)


def _of(element: Any, name: str) -> str:
    """Return the text of a child; empty if there is none."""
    child = element.find(f"{MATH}{name}")
    return "" if child is None else formula(child)


def _sign(element: Any, properties: str, name: str, usual: str) -> str:
    """Return a part's sign, by default `usual`; a sign given as empty is not drawn."""
    found = element.find(f"{MATH}{properties}/{MATH}{name}")
    return usual if found is None else str(found.get(f"{MATH}val", usual))


def _fraction(element: Any) -> str:
    return f"{term(_of(element, 'num'))}/{term(_of(element, 'den'))}"


def _powers(element: Any) -> str:
    below, above = _of(element, "sub"), _of(element, "sup")
    base = _of(element, "e")
    base = term(base) if element.find(f"{MATH}e/{MATH}f") is not None else base
    return base + (lowered(below) if below else "") + (raised(above) if above else "")


def _root(element: Any) -> str:
    degree = _of(element, "deg")
    return f"{raised(degree) if degree else ''}√{term(_of(element, 'e'))}"


def _sum(element: Any) -> str:
    sign = _sign(element, "naryPr", "chr", "∫")
    below, above = _of(element, "sub"), _of(element, "sup")
    limits = (lowered(below) if below else "") + (raised(above) if above else "")
    return f"{sign}{limits} {_of(element, 'e')}"


def _brackets(element: Any) -> str:
    opening, closing = _sign(element, "dPr", "begChr", "("), _sign(element, "dPr", "endChr", ")")
    between = _sign(element, "dPr", "sepChr", "|")
    parts = [formula(part) for part in element.findall(f"{MATH}e")]
    return f"{opening}{between.join(parts)}{closing}"


def _function(element: Any) -> str:
    return f"{_of(element, 'fName')} {_of(element, 'e')}"


def _limit(element: Any) -> str:
    return f"{_of(element, 'e')}{lowered(_of(element, 'lim'))}"


def _matrix(element: Any) -> str:
    rows = element.findall(f"{MATH}mr")
    return "; ".join(", ".join(formula(cell) for cell in row.findall(f"{MATH}e")) for row in rows)


def _lines(element: Any) -> str:
    return "; ".join(formula(line) for line in element.findall(f"{MATH}e"))


_WRITTEN: dict[str, Callable[[Any], str]] = {
    "f": _fraction,
    "sSup": _powers,
    "sSub": _powers,
    "sSubSup": _powers,
    "rad": _root,
    "nary": _sum,
    "d": _brackets,
    "func": _function,
    "limLow": _limit,
    "limUpp": _limit,
    "m": _matrix,
    "eqArr": _lines,
}
