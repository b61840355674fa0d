"""A chart of a slide or a sheet as the table that it shows: its title, its series, and their values by category.

Charts are read from the XML: python-pptx supports only some kinds, and openpyxl only writes them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any

from ingest.loaders.building import row_of
from ingest.loaders.office.pptx_text import A
from ingest.loaders.office.xlsx_formats import general, shown

CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
NEW_CHART = "http://schemas.microsoft.com/office/drawing/2014/chartex"  # waterfalls, funnels, tree maps
_C, _X = f"{{{CHART}}}", f"{{{NEW_CHART}}}"
Resolve = Callable[[str], list[str]]  # the texts of a range of cells, as "Sheet1!$A$1:$A$9"


def chart_rows(space: Any, resolve: Resolve | None = None) -> Iterator[str]:
    """Yield a chart as rows: its title, the names of its series, and their values for each category.

    A file that no spreadsheet program has saved has no values in its charts, only the places of cells.
    """
    if space.tag == f"{_X}chartSpace":
        yield from _new_chart_rows(space)
        return
    yield from filter(None, (_words(space, f"{_C}chart/{_C}title"), _words(space, f".//{_C}valAx/{_C}title")))
    series = list(space.iter(f"{_C}ser"))
    names = [" ".join(_points(one, resolve, "tx").values()) for one in series]
    values = [_points(one, resolve, "val", "yVal") for one in series]
    categories: dict[int, str] = {}
    for one in series:
        categories |= _points(one, resolve, "cat", "xVal")
    yield from _table(_words(space, f".//{_C}catAx/{_C}title"), names, categories, values)


def _table(corner: str, names: list[str], categories: dict[int, str], values: list[dict[int, str]]) -> Iterator[str]:
    if any(names) or corner:
        yield row_of([corner, *names])
    for at in sorted({*categories, *(at for column in values for at in column)}):
        yield row_of([categories.get(at, ""), *(column.get(at, "") for column in values)])


def _words(space: Any, path: str) -> str:
    """Return the text of a title on one line."""
    title = space.find(path)
    return "" if title is None else " ".join("".join(text.text or "" for text in title.iter(f"{A}t")).split())


def _points(series: Any, resolve: Resolve | None, *names: str) -> dict[int, str]:
    """Return the values, or the categories, of a series by index; of several levels the outer comes first."""
    found: dict[int, str] = {}
    for name in names:
        levels = list(series.iterfind(f"{_C}{name}//{_C}lvl")) or list(series.iterfind(f"{_C}{name}"))
        for level in levels:
            code = level.findtext(f".//{_C}formatCode") or ""
            points = [(point.get("idx") or "0", point) for point in level.iter(f"{_C}pt")]
            found = _with_outer(
                found,
                {
                    int(index): _number(point.findtext(f"{_C}v") or "", point.get("formatCode") or code)
                    for index, point in points
                    if index.isdigit()
                },
            )
        if not found and levels:
            place = levels[0].findtext(f".//{_C}f")
            given = resolve(place) if resolve and place else [levels[0].findtext(f".//{_C}v") or ""]
            found = {at: text for at, text in enumerate(given) if text}
    return found


def _with_outer(found: dict[int, str], outer: dict[int, str]) -> dict[int, str]:
    """Put an outer level's texts before the inner ones; each extends to its next point."""
    places = sorted(outer)
    for at, text in found.items():
        if before := bisect_right(places, at):
            found[at] = f"{outer[places[before - 1]]} {text}"
    return found or outer


def _number(text: str, code: str = "") -> str:
    """Write a number by its format, without rounding noise; other text stays as it is.

    >>> _number("1234567"), _number("0.30000000000000004"), _number("Q1"), _number("0.5", "0%")
    ('1234567', '0.3', 'Q1', '50%')
    """
    try:
        value = float(text)
    except ValueError:
        return text
    if code in ("", "General"):
        return f"{value:.15g}" if abs(value) >= 1e-4 else general(value)
    return " ".join(shown(value, code).split())


def _new_chart_rows(space: Any) -> Iterator[str]:
    """Yield the rows of a chart of the new kinds."""
    if title := _words(space, f"{_X}chart/{_X}title"):
        yield title
    data = {one.get("id"): one for one in space.iterfind(f"{_X}chartData/{_X}data")}
    series = [(one, data.get(_attribute(one, "dataId"))) for one in space.iter(f"{_X}series")]
    names, values, categories = list[str](), list[dict[int, str]](), dict[int, str]()
    for one, given in series:
        if given is not None:
            names.append(one.findtext(f"{_X}tx/{_X}txData/{_X}v") or "")
            values.append(_levels(given, "numDim"))
            categories |= _levels(given, "strDim")
    yield from _table("", names, categories, values)


def _attribute(element: Any, name: str) -> str | None:
    found = element.find(f"{_X}{name}")
    return None if found is None else found.get("val")


def _levels(data: Any, name: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for level in data.iterfind(f"{_X}{name}/{_X}lvl"):
        points = [(point.get("idx") or "", point.text or "") for point in level.iter(f"{_X}pt")]
        code = level.get("formatCode") or ""
        found = _with_outer(found, {int(at): _number(text, code) for at, text in points if at.isdigit()})
    return found
