"""The words of a Word file's diagrams (SmartArt) as list items, and the numbers of its charts as rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from ingest.loaders.building import row_of

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_CX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_SHOWN = ("node", "asst")  # kinds of a diagram's points; the others are for its presentation
_DEEPEST = 20


def shapes(element: Any, names: frozenset[str]) -> Iterator[Any]:
    """Yield the elements of these names within an element, from the outside: nothing within them."""
    for child in element:
        if child.tag in names:
            yield child
        else:
            yield from shapes(child, names)


def diagram_items(model: Any) -> list[str]:
    """Return the words of a diagram's points, from the outermost in, each below the one it belongs to."""
    points = {point.get("modelId", str(at)): point for at, point in enumerate(model.iter(f"{_DGM}pt"))}
    inner: dict[str, list[tuple[int, str]]] = {}
    inside = set[str]()
    for link in model.iter(f"{_DGM}cxn"):
        if link.get("type", "parOf") == "parOf":
            order, above, below = link.get("srcOrd", "0"), link.get("srcId", ""), link.get("destId", "")
            inner.setdefault(above, []).append((int(order) if order.isdigit() else 0, below))
            inside.add(below)
    seen = set[str]()
    tops = [name for name in points if name not in inside]
    items = [item for name in tops for item in _branch(name, points, inner, seen)]
    # Points in a circle have no beginning.
    return items + [item for name in points for item in _branch(name, points, inner, seen)]


def _branch(
    name: str, points: dict[str, Any], inner: dict[str, list[tuple[int, str]]], seen: set[str], depth: int = 0
) -> Iterator[str]:
    """Yield a point's words and those of the points below it, once each."""
    point = points.get(name)
    if point is None or name in seen:
        return
    seen.add(name)
    if point.get("type", "node") in _SHOWN and (text := _words(point.find(f"{_DGM}t"))):
        yield f"{'  ' * depth}- {text}"
        depth = min(depth + 1, _DEEPEST)
    for _, below in sorted(inner.get(name, ())):
        yield from _branch(below, points, inner, seen, depth)


def _words(element: Any) -> str:
    """Return the words of a drawing's paragraphs on one line."""
    if element is None:
        return ""
    lines = (
        "".join(" " if one.tag == f"{_A}br" else one.text or "" for one in line.iter(f"{_A}t", f"{_A}br"))
        for line in element.iter(f"{_A}p")
    )
    return " ".join(" ".join(lines).split())


def chart_rows(space: Any) -> Iterator[str]:
    """Yield a chart as rows: its title, the names of its series, and their values for each category."""
    if space.tag.startswith(_CX):
        yield from _new_chart_rows(space)
        return
    if title := _words(space.find(f"{_C}chart/{_C}title")):
        yield title
    series = list(space.iter(f"{_C}ser"))
    names = ["".join(value.text or "" for value in one.iterfind(f"{_C}tx//{_C}v")) for one in series]
    values = [_points(one, "val", "yVal") for one in series]
    categories: dict[int, str] = {}
    for one in series:
        categories |= _points(one, "cat", "xVal")
    yield from _rows(names, categories, values)


def _rows(names: list[str], categories: dict[int, str], values: list[dict[int, str]]) -> Iterator[str]:
    """Yield the names of the series, and a row for each category."""
    if any(names):
        yield row_of(["", *names])
    for at in sorted({*categories, *(at for column in values for at in column)}):
        yield row_of([categories.get(at, ""), *(column.get(at, "") for column in values)])


def _points(series: Any, *names: str) -> dict[int, str]:
    """Return the values, or the categories, of a series by index; of several levels the outer comes first."""
    found: dict[int, str] = {}
    for name in names:
        levels = list(series.iterfind(f"{_C}{name}//{_C}lvl")) or list(series.iterfind(f"{_C}{name}"))
        for level in levels:
            points = level.iter(f"{_C}pt")
            shown = {int(point.get("idx", 0)): _number(point.findtext(f"{_C}v") or "") for point in points}
            places = sorted(shown)
            for at, text in found.items():  # an outer level extends to its next point
                if before := bisect_right(places, at):
                    found[at] = f"{shown[places[before - 1]]} {text}"
            found = found or shown
    return found


def _new_chart_rows(space: Any) -> Iterator[str]:
    """Yield the rows of a chart of a newer kind: waterfall, funnel, histogram, tree map."""
    if title := _words(space.find(f"{_CX}chart/{_CX}title")):
        yield title
    for data in space.iter(f"{_CX}data"):
        texts = [_level(level) for one in data.findall(f"{_CX}strDim") for level in one.findall(f"{_CX}lvl")]
        categories: dict[int, str] = {}
        for level in reversed(texts):
            for at, text in level.items():
                categories[at] = f"{categories.get(at, '')} {text}".strip()
        numbers = [_level(level) for one in data.findall(f"{_CX}numDim") for level in one.findall(f"{_CX}lvl")]
        yield from _rows([], categories, numbers)


def _level(level: Any) -> dict[int, str]:
    return {int(point.get("idx", 0)): _number(point.text or "") for point in level.iter(f"{_CX}pt")}


def _number(text: str) -> str:
    """Write a number without rounding noise; other text stays as it is.

    >>> _number("1234567"), _number("0.30000000000000004"), _number("Q1")
    ('1234567', '0.3', 'Q1')
    """
    try:
        return f"{float(text):.15g}"
    except ValueError:
        return text
