"""Objects within an OpenDocument text: charts, formulas and tables, each a document of its own in the container."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

from ingest.loaders.building import row_of

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _CHART, _TABLE, _TEXT = (f"{{{_SPACE}{name}:1.0}}" for name in ("office", "chart", "table", "text"))
_MATH = "{http://www.w3.org/1998/Math/MathML}math"
LINK = "{http://www.w3.org/1999/xlink}href"
_MOST_CELLS = 1_000  # that a cell of a chart's table may be repeated


def object_in(container: zipfile.ZipFile, link: str) -> Any:
    """Return the XML of an embedded object; a missing one is a KeyError."""
    from lxml import etree

    path = posixpath.join(posixpath.normpath(link), "content.xml")
    return etree.fromstring(container.read(path), etree.XMLParser(resolve_entities=False, no_network=True))


def kind_of(container: zipfile.ZipFile, link: str) -> str:
    """Name an object by what the container's list says of it, for a note on one that can't be read."""
    folder = posixpath.normpath(link)
    try:
        listed = container.read("META-INF/manifest.xml").decode("utf-8", "replace")
    except KeyError:
        return "object"
    entry = next((one for one in listed.split("<") if f'full-path="{folder}/"' in one), "")
    return next((kind for kind in ("chart", "formula") if f".{kind}" in entry), "object")


def formula_in(tree: Any) -> Any:
    """Return an object's formula in MathML; None for another object."""
    return tree if tree.tag == _MATH else None


def chart_in(tree: Any) -> Any:
    """Return an object's chart; None for another object."""
    return tree.find(f"{_OFFICE}body/{_OFFICE}chart/{_CHART}chart")


def chart_rows(chart: Any) -> Iterator[str]:
    """Yield a chart as rows: its titles, and the table of its values that it carries."""
    for name in ("title", "subtitle"):
        if words := _words(chart.find(f"{_CHART}{name}")):
            yield words
    corner = next((_words(axis) for axis in chart.iter(f"{_CHART}axis") if axis.get(f"{_CHART}dimension") == "x"), "")
    for row in chart.iterfind(f".//{_TABLE}table-row"):
        cells = list(_cells(row))
        if corner and cells and not cells[0]:
            cells[0], corner = corner, ""
        if any(cells):
            yield row_of(cells)


def _cells(row: Any) -> Iterator[str]:
    """Yield the texts of a row's cells; one without a value is empty."""
    for cell in row.iterfind(f"{_TABLE}table-cell"):
        text = _words(cell) or cell.get(f"{_OFFICE}value") or ""
        again = cell.get(f"{_TABLE}number-columns-repeated") or "1"
        yield from ["" if "nan" in text.casefold() and cell.get(f"{_OFFICE}value") else text] * (
            min(int(again), _MOST_CELLS) if again.isdigit() else 1
        )


def _words(element: Any) -> str:
    if element is None:
        return ""
    return " ".join(" ".join("".join(part.itertext()) for part in element.iter(f"{_TEXT}p")).split())
