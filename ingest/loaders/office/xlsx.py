"""Excel: a page per sheet, its tables as rows with their header, formulas as the values last computed.

openpyxl streams the sheets, so that a sheet formatted down to its last row costs nothing.
"""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, office_errors, ranges
from ingest.loaders.office.docx import transitional
from ingest.loaders.rows import add_rows
from rag import lexicon
from rag.errors import NoText
from rag.types import BlockKind, Document

MOST_CELLS = 2_000_000  # with a value, in one file; the rest is left out and noted
# A computed text may be empty (t="str").
_UNCOMPUTED = re.compile(
    rb'<c\b(?![^>]*t="str")[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_LARGEST_SHEET = 50_000_000  # bytes that are searched for such formulas
_NAMELESS = re.compile(rf"{lexicon.one_of(*lexicon.detected('nameless_sheet'))} ?\d*", re.IGNORECASE)


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a workbook; page numbers are the positions of its sheets, and page labels their names."""
    import openpyxl

    builder = TextBuilder()
    omissions = Omissions()
    with office_errors(name, "a workbook", ".xlsx"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of content it can't write back
        workbook = openpyxl.load_workbook(io.BytesIO(transitional(data)), read_only=True, data_only=True)
        for number, sheet_name in enumerate(workbook.sheetnames, 1):
            _add_sheet(builder, workbook[sheet_name], number, omissions)
            builder.end_page(number, sheet_name)
        given = workbook.properties.title or ""
        workbook.close()
        omissions.uncomputed = _has_uncomputed(data)
    if not builder.text:
        msg = f"{name} has no text: its sheets are empty" + (" or hidden." if omissions.hidden else ".")
        raise NoText(msg, remedy="Check that it was saved with its values, and that its sheets are shown.")
    title = " ".join(given.split()) or PurePath(name).stem
    language = detect_language(builder.text)
    return Document(builder.text, title, language, tuple(builder.blocks), tuple(builder.pages), omissions.notes())


class Omissions:
    """The omissions of a workbook, collected while it is read."""

    def __init__(self) -> None:
        self.cells = 0
        self.hidden: list[int] = []
        self.cut: list[int] = []
        self.uncomputed = False

    def notes(self) -> tuple[str, ...]:
        """Return the omissions in sentences for people."""
        several = len(self.hidden) > 1
        hidden = f"hidden {'sheets' if several else 'sheet'} {ranges(self.hidden)} left out" if self.hidden else ""
        cut = f"rows left out on sheet {ranges(self.cut)}: more than {MOST_CELLS:,} cells" if self.cut else ""
        without = "formulas without values: open and save it in a spreadsheet program" if self.uncomputed else ""
        return tuple(filter(None, (hidden, cut, without)))


def _has_uncomputed(data: bytes) -> bool:
    """Say whether some formula has no value, as in files written by a program and never opened in a spreadsheet."""
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        sheets = [one for one in container.infolist() if one.filename.startswith("xl/worksheets/")]
        return any(
            _UNCOMPUTED.search(container.read(one)) is not None for one in sheets if one.file_size < _LARGEST_SHEET
        )


def _add_sheet(builder: TextBuilder, sheet: Any, number: int, omissions: Omissions) -> None:
    """Add a sheet under its name; charts have no cells, and hidden sheets aren't meant to be read."""
    if not hasattr(sheet, "iter_rows"):
        return
    if sheet.sheet_state != "visible":
        omissions.hidden.append(number)
        return
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # a file's declared size is often wrong
    parts = TextBuilder()
    add_rows(parts, _rows(sheet, number, omissions), page=number)
    if parts.blocks and not _NAMELESS.fullmatch(sheet.title.strip()):
        builder.add(sheet.title, BlockKind.HEADING, level=1, page=number)
    text = parts.text
    for block in parts.blocks:
        builder.add(text[block.start : block.end], block.kind, page=number)


def _rows(sheet: Any, number: int, omissions: Omissions) -> Iterator[list[str]]:
    """Yield the rows as texts, up to the limit."""
    for row in sheet.iter_rows():
        cells = [_shown(cell) for cell in row]
        omissions.cells += sum(map(bool, cells))
        if omissions.cells > MOST_CELLS:
            omissions.cut.append(number)
            return
        yield cells


def _shown(cell: Any) -> str:
    """Write a cell's value as displayed: no seconds that are zero, no rounding noise."""
    value = cell.value
    if value is None or cell.data_type == "e":  # an error such as #REF!
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        if "%" in (cell.number_format or ""):
            return f"{value * 100:.10g}%"
        return str(value) if isinstance(value, int) else f"{value:.10g}" if abs(value) < 1e10 else f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "minutes").removesuffix(" 00:00")
    return str(value)
