"""The cells of a sheet that are shown, with the texts that they show. openpyxl parses them, row by row."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.loaders.building import office_errors
from ingest.loaders.office.pptx_notes import Losses
from ingest.loaders.office.xlsx_book import Book, S, Sheet, text_of
from ingest.loaders.office.xlsx_formats import shown
from ingest.loaders.office.xlsx_parts import bounds
from rag.errors import Damaged

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref\s*=\s*"(\$?[A-Z]+\$?\d+:\$?[A-Z]+\$?\d+)"')
_LARGEST_SHEET = 50_000_000  # bytes that are searched for merged cells
_DAY = datetime.timedelta(days=1)
_TRUE = ("1", "true")
# The formats that programs give to any date and time: nobody chose their seconds.
_OF_PROGRAMS = re.compile(r"yyyy-mm-dd hh?:mm:ss$", re.IGNORECASE)
_ZEROS = re.compile(r"(?: 0?0:00)?:00$")


@dataclass(slots=True)
class _Merged:
    """A range of merged cells, which show the text of the first one, once."""

    left: int
    top: int
    right: int
    bottom: int
    text: str = ""
    is_shown: bool = False


class Cells:
    """Reads a sheet's cells; knows afterwards which rows and columns are hidden."""

    def __init__(self, book: Book, sheet: Sheet, losses: Losses) -> None:
        self._book, self._sheet, self._losses = book, sheet, losses
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self._with_text: tuple[set[int], set[int]] = (set(), set())  # of those rows and columns
        self._are_zeros_shown = True
        self._waiting = sorted(self._merged(), key=lambda one: one.top, reverse=True)
        self._open: list[_Merged] = []

    def rows(self) -> Iterator[tuple[int, dict[int, str]]]:
        """Yield the shown rows that have cells, with their numbers and the texts by column."""
        parser = self._book.library.parser(self._book.texts)
        wanted = (f"{S}row", f"{S}col", f"{S}sheetView")
        for element in self._book.parts.elements(self._sheet.path, *wanted):
            if element.tag == f"{S}row":
                number, cells = self._row(parser, element)
                if number not in self.hidden_rows:
                    yield number, cells
            elif element.tag == f"{S}col":
                self._note_column(element)
            else:
                self._are_zeros_shown = element.get("showZeros", "1") in _TRUE

    def count_hidden(self) -> None:
        """Count the hidden rows and columns that have texts."""
        for thing, found in zip(("hidden row", "hidden column"), self._with_text, strict=True):
            self._losses.add(thing, self._sheet.number, "left out", count=len(found))

    def is_shown(self, row: int, column: int) -> bool:
        """Say whether a cell is shown."""
        return row not in self.hidden_rows and column not in self.hidden_columns

    def _note_column(self, element: Any) -> None:
        first, last = element.get("min") or "", element.get("max") or ""
        if first.isdigit() and last.isdigit() and _is_hidden(element, "width"):
            self.hidden_columns.update(range(int(first), min(int(last), 20_000) + 1))

    def _row(self, parser: Any, element: Any) -> tuple[int, dict[int, str]]:
        """Return a row's number and its texts by column."""
        texts: dict[int, str] = {}
        number = element.get("r") or ""
        parser.row_counter = int(number) if number.isdigit() else parser.row_counter + 1
        parser.col_counter = 0
        row = parser.row_counter
        if _is_hidden(element, "ht"):
            self.hidden_rows.add(row)
        try:
            with office_errors("", "", ""):
                for one in element.iterchildren(f"{S}c"):
                    self._put(texts, _parsed(parser, one))
        except Damaged:  # once more, each by itself
            parser.col_counter = 0
            for one in element.iterchildren(f"{S}c"):
                with self._losses.kept_apart("cell", self._sheet.number):
                    self._put(texts, _parsed(parser, one))
        self._merge(row, texts)
        return row, self._without_hidden(row, texts)

    def _put(self, texts: dict[int, str], cell: dict[str, Any]) -> None:
        if text := self._text(cell):
            texts[cell["column"]] = text

    def _without_hidden(self, row: int, texts: dict[int, str]) -> dict[int, str]:
        if row in self.hidden_rows:
            self._with_text[0].update((row,) if texts else ())
            return {}
        if self.hidden_columns:
            self._with_text[1].update(self.hidden_columns.intersection(texts))
        return {at: text for at, text in texts.items() if at not in self.hidden_columns}

    def _merge(self, row: int, texts: dict[int, str]) -> None:
        """Leave one text in each range of merged cells: that of its first cell, in the first that is shown."""
        while self._waiting and self._waiting[-1].top <= row:
            self._open.append(self._waiting.pop())
        self._open = [one for one in self._open if one.bottom >= row]
        for one in self._open:
            if one.top == row:
                one.text = texts.get(one.left, "")
            width = one.right - one.left + 1
            for at in range(one.left, one.right + 1) if width <= len(texts) else list(texts):
                if one.left <= at <= one.right:
                    texts.pop(at, None)
            place = next((at for at in range(one.left, one.right + 1) if self.is_shown(row, at)), None)
            if place is not None and one.text and not one.is_shown:
                texts[place] = one.text
                one.is_shown = True

    def _merged(self) -> Iterator[_Merged]:
        """Yield the ranges of merged cells, which are listed behind the cells."""
        if not 0 < self._book.parts.size(self._sheet.path) < _LARGEST_SHEET:
            return
        try:
            with office_errors("", "", ""):
                part = self._book.parts.read(self._sheet.path)
        except Damaged:  # noted when the cells are read
            return
        for place in _MERGED.findall(part):
            if (range_of := bounds(place.decode())) is not None:
                yield _Merged(*range_of)

    def _text(self, cell: dict[str, Any]) -> str:
        """Return the text that a cell shows."""
        value, kind = cell["value"], cell["data_type"]
        if value is None:
            return ""
        if kind == "e":  # an error such as #DIV/0!
            return str(value)
        code = self._book.format_of(cell["style_id"])
        if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
            if code == "General":
                return str(value)
            value = _days(value, from_1904=self._book.from_1904)
        if value == 0 and not self._are_zeros_shown and not isinstance(value, bool):
            return ""
        text = shown(value, code, from_1904=self._book.from_1904)
        return _ZEROS.sub("", text) if _OF_PROGRAMS.match(code) else text


def _parsed(parser: Any, element: Any) -> dict[str, Any]:
    """Return a cell's value, kind and place; texts in the cell itself are read here, whatever their fonts."""
    inline = element.find(f"{S}is") if element.get("t") == "inlineStr" else None
    if inline is None:
        return parser.parse_cell(element)  # type: ignore[no-any-return]
    text = text_of(inline)
    element.remove(inline)
    cell = parser.parse_cell(element)
    element.append(inline)  # it may be asked for again
    return {**cell, "value": text, "data_type": "s"}


def _days(value: Any, *, from_1904: bool) -> float:
    """Return a date or a time as the number that a workbook counts it as."""
    if isinstance(value, datetime.timedelta):
        return value / _DAY
    if isinstance(value, datetime.time):
        return datetime.timedelta(0, value.second, value.microsecond, 0, value.minute, value.hour) / _DAY
    date = value if isinstance(value, datetime.datetime) else datetime.datetime(value.year, value.month, value.day)
    return (date - (datetime.datetime(1904, 1, 1) if from_1904 else datetime.datetime(1899, 12, 30))) / _DAY


def _is_hidden(element: Any, size: str) -> bool:
    """Say whether a row or column is hidden, or has no height or width."""
    if element.get("hidden") in _TRUE:
        return True
    try:
        with office_errors("", "", ""):
            return float(element.get(size) or 1) == 0
    except Damaged:
        return False
