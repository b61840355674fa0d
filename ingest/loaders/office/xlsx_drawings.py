"""What lies over the cells of a sheet: text boxes and other shapes with words, charts, and diagrams."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ingest.loaders.building import office_errors
from ingest.loaders.office.pptx_charts import CHART, NEW_CHART, chart_rows
from ingest.loaders.office.pptx_notes import Losses
from ingest.loaders.office.pptx_smartart import DIAGRAM, diagram_of
from ingest.loaders.office.pptx_text import RELATION, A, alternatives, is_hidden, lines_of
from ingest.loaders.office.xlsx_book import Book, Sheet
from ingest.loaders.office.xlsx_cells import Cells
from ingest.loaders.office.xlsx_parts import bounds
from rag.errors import Damaged
from rag.types import BlockKind

_D = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_GRAPHIC = f"{A}graphic/{A}graphicData"
_CHARTS = {CHART: "chart", NEW_CHART: "chart", DIAGRAM: "diagram"}
_LARGEST_SHEET = 5_000_000  # bytes of a sheet whose cells are looked up for a chart
_MOST_POINTS = 2_000  # of a series that is looked up

Drawn = tuple[str, BlockKind]


class Drawings:
    """Reads what lies over the cells of sheets."""

    def __init__(self, book: Book, losses: Losses) -> None:
        self._book, self._losses = book, losses
        self._cells_of = lru_cache(maxsize=8)(self._all_cells)

    def on(self, sheet: Sheet) -> Iterator[Drawn]:
        """Yield the texts on a sheet, in the order of the cells that they lie over."""
        paths: list[str] = []
        with self._losses.kept_apart("list of drawings", sheet.number):
            paths += [one.target for one in self._book.parts.relations(sheet.path) if one.kind == "drawing"]
        for path in paths:
            anchors: list[Any] = []
            with self._losses.kept_apart("page of drawings", sheet.number):
                anchors = sorted(alternatives(self._book.parts.tree(path)), key=_place)
            for shape in _shapes(anchors):
                drawn = list[Drawn]()
                with self._losses.kept_apart(_named(shape), sheet.number):
                    drawn.append(self._drawn(shape, path))
                yield from drawn

    def _drawn(self, shape: Any, path: str) -> Drawn:
        """Return the words of a shape."""
        graphic = shape.find(_GRAPHIC)
        if graphic is None:
            body = shape.find(f"{_D}txBody")
            return ("" if body is None else lines_of(body)), BlockKind.PARAGRAPH
        kind = graphic.get("uri") or ""
        if kind == DIAGRAM:
            link = graphic.find(f"{{{DIAGRAM}}}relIds").get(f"{RELATION}dm")
            return diagram_of(self._book.parts.read(self._book.parts.related(path, link))), BlockKind.LIST
        if kind not in _CHARTS:
            return "", BlockKind.PARAGRAPH
        link = graphic.find(f"{{{kind}}}chart").get(f"{RELATION}id")
        space = self._book.parts.tree(self._book.parts.related(path, link))
        return "\n".join(chart_rows(space, self._looked_up)), BlockKind.TABLE

    def _looked_up(self, place: str) -> list[str]:
        """Return the texts of a range of cells, which a program that writes charts may not have stored in them."""
        name, _, cells = place.rpartition("!")
        name = name.removeprefix("'").removesuffix("'").replace("''", "'")
        found = bounds(cells)
        if found is None:  # a name for a range, or several ranges
            return []
        left, top, right, bottom = found
        if (right - left + 1) * (bottom - top + 1) > _MOST_POINTS:
            return []
        known = self._cells_of(name)
        return [known.get((row, at), "") for row in range(top, bottom + 1) for at in range(left, right + 1)]

    def _all_cells(self, name: str) -> dict[tuple[int, int], str]:
        """Return the shown texts of a sheet by row and column."""
        sheet = next((one for one in self._book.sheets if one.name == name and one.has_cells), None)
        if sheet is None or self._book.parts.size(sheet.path) > _LARGEST_SHEET:
            return {}
        try:
            with office_errors("", "", ""):
                rows = Cells(self._book, sheet, Losses()).rows()  # its own losses are counted elsewhere
                return {(row, at): text for row, texts in rows for at, text in texts.items()}
        except Damaged:
            return {}


def _shapes(parents: Any) -> Iterator[Any]:
    """Yield the shapes with words, charts and diagrams that are shown; groups are opened."""
    for parent in parents:
        for child in alternatives(parent):
            if not isinstance(child.tag, str) or is_hidden(child):
                continue
            if child.tag == f"{_D}grpSp":
                yield from _shapes([child])
            elif child.tag in (f"{_D}sp", f"{_D}cxnSp", f"{_D}graphicFrame"):
                yield child


def _named(shape: Any) -> str:
    """Name a shape by its kind, for a note."""
    graphic = shape.find(_GRAPHIC)
    return "shape" if graphic is None else _CHARTS.get(graphic.get("uri") or "", "shape")


def _place(anchor: Any) -> tuple[int, int]:
    """Return the row and column that a drawing begins at."""
    row, column = (anchor.findtext(f"{_D}from/{_D}{name}") or "" for name in ("row", "col"))
    return int(row) if row.isdigit() else 0, int(column) if column.isdigit() else 0
