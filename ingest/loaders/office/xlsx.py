"""Excel: a page per sheet, as it is shown: its tables as rows with their header, formulas as the values last computed.

Behind a sheet's cells come the words of its text boxes and diagrams, the numbers of its charts, and the comments on
its cells. A sheet is read as a stream, so that one formatted down to its last row costs nothing.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import PurePath

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, office_errors, ranges
from ingest.loaders.office.docx import transitional
from ingest.loaders.office.pptx_notes import Losses
from ingest.loaders.office.xlsx_book import Book, Library, Sheet
from ingest.loaders.office.xlsx_cells import Cells
from ingest.loaders.office.xlsx_comments import comments_of
from ingest.loaders.office.xlsx_drawings import Drawings, Drawn
from ingest.loaders.office.xlsx_parts import Parts
from ingest.loaders.rows import add_rows
from rag import lexicon
from rag.errors import Damaged, NoText
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
    builder = TextBuilder()
    omissions = Omissions()
    title = ""
    with office_errors(name, "a workbook", ".xlsx"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of content it can't write back
        data = _usual(data)
        book = Book(Parts(data), omissions.losses, _library())
        drawings = Drawings(book, omissions.losses)
        for sheet in book.sheets:
            if sheet.is_hidden:  # it isn't meant to be read
                omissions.hidden.append(sheet.number)
            else:
                _add_sheet(builder, book, sheet, drawings, omissions)
            builder.end_page(sheet.number, sheet.name)
        with omissions.losses.kept_apart("title"):
            title = book.title
        omissions.uncomputed = _has_uncomputed(data)
    if not builder.text:
        raise _nothing(name, omissions)
    title = title or PurePath(name).stem
    language = detect_language(builder.text)
    return Document(builder.text, title, language, tuple(builder.blocks), tuple(builder.pages), omissions.notes())


def _library() -> Library:
    """Return what openpyxl gives."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS
    from openpyxl.worksheet._reader import WorkSheetParser

    return Library(lambda texts: WorkSheetParser(None, texts, data_only=True), BUILTIN_FORMATS)


def _usual(data: bytes) -> bytes:
    """Return a workbook with the usual names of its parts' elements, unless its first list of relations is broken."""
    try:
        with office_errors("", "", ""):
            return transitional(data)
    except Damaged:
        return data


class Omissions:
    """The omissions of a workbook, collected while it is read."""

    def __init__(self) -> None:
        self.cells = 0
        self.hidden: list[int] = []
        self.cut: list[int] = []
        self.uncomputed = False
        self.losses = Losses("sheet")

    def notes(self) -> tuple[str, ...]:
        """Return the omissions in sentences for people."""
        several = len(self.hidden) > 1
        hidden = f"hidden {'sheets' if several else 'sheet'} {ranges(self.hidden)} left out" if self.hidden else ""
        cut = f"rows left out on sheet {ranges(self.cut)}: more than {MOST_CELLS:,} cells" if self.cut else ""
        without = "formulas without values: open and save it in a spreadsheet program" if self.uncomputed else ""
        return (*filter(None, (hidden, cut, without)), *self.losses.notes())


def _nothing(name: str, omissions: Omissions) -> NoText | Damaged:
    """Return the reason why a workbook without text isn't read."""
    if omissions.losses.is_any_broken:
        msg = f"{name} is damaged: {'; '.join(omissions.losses.notes())}."
        return Damaged(msg, remedy="Open it in an Office program and save it anew as .xlsx.")
    is_hidden = bool(omissions.hidden or omissions.losses.counts)
    msg = f"{name} has no text: its sheets are empty" + (" or hidden." if is_hidden else ".")
    return NoText(msg, remedy="Check that it was saved with its values, and that its sheets are shown.")


def _has_uncomputed(data: bytes) -> bool:
    """Say whether some formula has no value, as in files written by a program and never opened in a spreadsheet."""
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        sheets = [one for one in container.infolist() if one.filename.startswith("xl/worksheets/")]
        return any(_lacks_values(container, one) for one in sheets if one.file_size < _LARGEST_SHEET)


def _lacks_values(container: zipfile.ZipFile, sheet: zipfile.ZipInfo) -> bool:
    try:
        with office_errors("", "", ""):
            return _UNCOMPUTED.search(container.read(sheet)) is not None
    except Damaged:  # noted when the sheet was read
        return False


def _add_sheet(builder: TextBuilder, book: Book, sheet: Sheet, drawings: Drawings, omissions: Omissions) -> None:
    """Add a sheet under its name: its tables, what lies over them, and the comments on its cells."""
    parts = TextBuilder()
    cells = Cells(book, sheet, omissions.losses)
    add_rows(parts, _rows(cells, sheet, omissions), page=sheet.number)
    cells.count_hidden()
    beside: list[Drawn] = list(drawings.on(sheet))
    beside += [(one, BlockKind.PARAGRAPH) for one in comments_of(book, sheet, omissions.losses, cells.is_shown)]
    for text, kind in beside:
        parts.add(text, kind, page=sheet.number)
    if parts.blocks and not _NAMELESS.fullmatch(sheet.name.strip()):
        builder.add(sheet.name, BlockKind.HEADING, level=1, page=sheet.number)
    text = parts.text
    for block in parts.blocks:
        builder.add(text[block.start : block.end], block.kind, page=sheet.number)


def _rows(cells: Cells, sheet: Sheet, omissions: Omissions) -> Iterator[list[str]]:
    """Yield the shown rows as texts, up to the limit, with an empty one for those that are missing between them."""
    before = 0
    if not sheet.has_cells:
        return
    try:
        with office_errors("", "", ""):
            for number, texts in cells.rows():
                omissions.cells += len(texts)
                if omissions.cells > MOST_CELLS:
                    omissions.cut.append(sheet.number)
                    return
                if any(one not in cells.hidden_rows for one in (before + 1, number - 1) if before < one < number):
                    yield []
                before = number
                width = max(texts, default=0) + 1
                yield [texts.get(at, "") for at in range(1, width) if at not in cells.hidden_columns]
    except Damaged:
        whole = "could not be read to its end" if before else "could not be read"
        omissions.losses.add("", sheet.number, whole)
