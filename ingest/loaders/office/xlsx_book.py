"""A workbook: its sheets, shared texts and number formats.

openpyxl opens a workbook as a whole: one font that it doesn't know, or a broken date among the properties, costs it
all. Here each of these parts may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingest.loaders.building import office_errors
from ingest.loaders.office.pptx_notes import Losses
from ingest.loaders.office.pptx_text import RELATION
from ingest.loaders.office.xlsx_parts import Parts, Relation
from rag.errors import Damaged

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_USUAL_BOOK = "xl/workbook.xml"
_DATE = "yyyy-mm-dd"  # for formats that depend on the reader's country
_BY_COUNTRY = {14: _DATE, 22: f"{_DATE} hh:mm"} | dict.fromkeys((*range(27, 37), *range(50, 59)), _DATE)
# openpyxl's list lacks the semicolons of this one.
_MENDED = {44: '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)'}
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of cells, or of one chart."""

    number: int
    name: str
    path: str
    is_hidden: bool
    has_cells: bool


@dataclass(frozen=True, slots=True)
class Library:
    """What openpyxl gives, which the loader imports when a workbook is read."""

    parser: Callable[[list[str]], Any]  # of cells, which refer to these texts by number
    formats: Mapping[int, str]  # that each workbook has


class Book:
    """A workbook whose sheets are read one by one."""

    def __init__(self, parts: Parts, losses: Losses, library: Library) -> None:
        self.parts = parts
        self.library = library
        self.path = next(_related(parts, "", "officeDocument"), _USUAL_BOOK)
        self._tree = parts.tree(self.path)
        properties = self._tree.find(f"{S}workbookPr")
        self.from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self.sheets = list(self._listed())
        self.texts: list[str] = []
        with losses.kept_apart("list of texts"):
            self.texts += self._shared_texts()
        self.formats: list[str] = []
        with losses.kept_apart("list of number formats"):
            self.formats += self._number_formats()

    @property
    def title(self) -> str:
        """The title in the workbook's properties."""
        path = next(_related(self.parts, "", "core-properties"), "")
        return " ".join((self.parts.tree(path).findtext(_DC_TITLE) or "").split()) if path in self.parts else ""

    def format_of(self, style: int) -> str:
        """Return the number format of a cell's style."""
        return self.formats[style] if 0 <= style < len(self.formats) else "General"

    def _listed(self) -> Iterator[Sheet]:
        """Yield the sheets in their order, with those whose part is missing."""
        related = {one.name: one for one in _relations(self.parts, self.path)}
        for number, entry in enumerate(self._tree.iterfind(f"{S}sheets/{S}sheet"), 1):
            relation = related.get(entry.get(f"{RELATION}id"))
            path, kind = ("", "") if relation is None else (relation.target, relation.kind)
            path = path if related else f"{_folder(self.path)}/worksheets/sheet{number}.xml"  # where it usually is
            is_hidden = (entry.get("state") or "visible") != "visible"
            yield Sheet(number, entry.get("name") or str(number), path, is_hidden, kind in ("worksheet", ""))

    def _shared_texts(self) -> Iterator[str]:
        """Yield the texts that cells refer to by number."""
        path = next(_related(self.parts, self.path, "sharedStrings"), f"{_folder(self.path)}/sharedStrings.xml")
        if path in self.parts:
            yield from (text_of(element) for element in self.parts.elements(path, f"{S}si"))

    def _number_formats(self) -> Iterator[str]:
        """Yield the number formats of the cells' styles."""
        path = next(_related(self.parts, self.path, "styles"), f"{_folder(self.path)}/styles.xml")
        if path not in self.parts:
            return
        tree = self.parts.tree(path)
        own = {one.get("numFmtId"): one.get("formatCode") or "" for one in tree.iterfind(f"{S}numFmts/{S}numFmt")}
        known = {**self.library.formats, **_MENDED, **_BY_COUNTRY}
        for style in tree.iterfind(f"{S}cellXfs/{S}xf"):
            name = style.get("numFmtId") or "0"
            yield own.get(name) or known.get(int(name) if name.isdigit() else 0) or "General"


def _relations(parts: Parts, path: str) -> list[Relation]:
    """Return a part's relations; none if their list is broken, as a workbook's parts have usual places."""
    try:
        with office_errors("", "", ""):
            return parts.relations(path)
    except Damaged:
        return []


def _related(parts: Parts, path: str, kind: str) -> Iterator[str]:
    return (one.target for one in _relations(parts, path) if one.kind == kind)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def text_of(element: Any) -> str:
    """Return the text of a cell or a remark, without the reading of East Asian words, which isn't displayed."""
    runs = [element, *element.iterfind(f"{S}r")]
    text = "".join(part.text or "" for run in runs for part in run.iterfind(f"{S}t"))
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
