"""OpenDocument texts: headings, paragraphs, lists, tables and notes in document order.

The content file of the container is walked with lxml: odfpy builds a tree of its own with a class for every element,
takes seconds for a script, and offers nothing more for this purpose.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, office_errors, row_of
from ingest.loaders.scripts import lowered, raised
from rag.errors import NoText, PasswordNeeded
from rag.types import BlockKind, Document

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _OFFICE = (f"{{{_SPACE}{name}:1.0}}" for name in ("text", "table", "office"))
_DRAW, _STYLE = (f"{{{_SPACE}{name}:1.0}}" for name in ("drawing", "style"))
_DC = "{http://purl.org/dc/elements/1.1/}"
# Deleted words, remarks at the margin, lists of contents that say the headings again, and what only declares.
_NOT_READ = {
    _TEXT: "tracked-changes table-of-content alphabetical-index sequence-decls"
    " variable-decls user-field-decls ruby-text",
    _OFFICE: "annotation annotation-end forms event-listeners binary-data",
}
_SKIPPED = {f"{space}{name}" for space, names in _NOT_READ.items() for name in names.split()}
_TITLES = re.compile(r"(?:Title|Heading(?:_20_([1-9]))?)$")
LONGEST_CELLS = 100  # cells; a row may repeat an empty cell to the end of the sheet


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load an OpenDocument text; it has no pages, which only printing makes."""
    with office_errors(name, "an OpenDocument text", ".odt"):
        content, meta = _parts(data, name)
        body = content.find(f"{_OFFICE}body/{_OFFICE}text")
        walk = Walk(_styles(content), _sides(content))
        walk.add_all(body if body is not None else ())
        walk.add_notes()
        given = "" if meta is None else meta.findtext(f".//{_DC}title") or ""
    builder = walk.builder
    if not builder.text:
        msg = f"{name} has no text."
        raise NoText(msg, remedy="If its pages are pictures, save it as PDF and recognise the text.")
    title = " ".join(given.split()) or builder.first_heading or PurePath(name).stem
    return Document(builder.text, title, detect_language(builder.text), tuple(builder.blocks))


def _parts(data: bytes, name: str) -> tuple[Any, Any]:
    """Return the trees of the content and of the metadata."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        names = container.namelist()
        manifest = container.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
        if b"encryption-data" in manifest:
            msg = f"{name} is protected by a password."
            raise PasswordNeeded(msg, remedy="Save a copy without it and ingest that.")
        content = etree.fromstring(container.read("content.xml"), parser)
        meta = etree.fromstring(container.read("meta.xml"), parser) if "meta.xml" in names else None
    return content, meta


def _styles(content: Any) -> dict[str, str]:
    """Return the parent styles of the automatic styles, which single paragraphs use."""
    return {
        style.get(f"{_STYLE}name"): style.get(f"{_STYLE}parent-style-name") or ""
        for style in content.iter(f"{_STYLE}style")
    }


def _sides(content: Any) -> dict[str, Callable[[str], str]]:
    """Return the function that writes a raised or lowered text, by style."""
    sides: dict[str, Callable[[str], str]] = {}
    for style in content.iter(f"{_STYLE}style"):
        properties = style.find(f"{_STYLE}text-properties")
        position = "" if properties is None else properties.get(f"{_STYLE}text-position") or ""
        height = position.split(" ")[0]
        if height.startswith(("sub", "-")):
            sides[style.get(f"{_STYLE}name")] = lowered
        elif height.rstrip("%").strip("0"):
            sides[style.get(f"{_STYLE}name")] = raised
    return sides


class Walk:
    """Walks through the content, keeping the footnotes for the end."""

    def __init__(self, styles: dict[str, str], sides: dict[str, Callable[[str], str]]) -> None:
        self.builder = TextBuilder()
        self._styles = styles
        self._sides = sides
        self._notes: list[str] = []

    def add_all(self, parent: Any) -> None:
        """Add the elements of a body, section or frame in order."""
        for element in parent:
            if element.tag == f"{_TEXT}h":
                self._add_heading(element, element.get(f"{_TEXT}outline-level") or "1")
            elif element.tag == f"{_TEXT}p":
                self._add_paragraph(element)
            elif element.tag == f"{_TEXT}list":
                self.builder.add("\n".join(self._items(element)), BlockKind.LIST)
            elif element.tag == f"{_TABLE}table":
                self.builder.add("\n".join(self._rows(element)), BlockKind.TABLE)
            elif element.tag not in _SKIPPED and isinstance(element.tag, str):
                self.add_all(element)

    def add_notes(self) -> None:
        """Add the footnotes after the text."""
        for note in self._notes:
            self.builder.add(note)

    def _add_heading(self, element: Any, level: str) -> None:
        text = " ".join(self._text(element).split())
        self.builder.add(text, BlockKind.HEADING, level=min(max(int(level) if level.isdigit() else 1, 1), 6))

    def _add_paragraph(self, element: Any) -> None:
        """Add a paragraph by its style, and then its text boxes."""
        style = element.get(f"{_TEXT}style-name") or ""
        style = self._styles.get(style) or style
        if heading := _TITLES.match(style):
            self._add_heading(element, heading[1] or "1")
        elif "Preformatted" in style or "Code" in style:
            self.builder.go_on(self._text(element), BlockKind.CODE)
        else:
            caption = style in ("Caption", "Illustration", "Table", "Figure")
            self.builder.add(_spaced(self._text(element)), BlockKind.CAPTION if caption else BlockKind.PARAGRAPH)
        for box in element.iter(f"{_DRAW}text-box"):
            if next(box.iterancestors(f"{_TEXT}p")) is element:
                self.add_all(box)

    def _items(self, element: Any, depth: int = 0) -> Iterator[str]:
        """Yield the items of a list, one per line, inner lists indented."""
        for item in element:
            if item.tag not in (f"{_TEXT}list-item", f"{_TEXT}list-header"):
                continue
            own = " ".join(_spaced(self._text(part)) for part in item if part.tag in (f"{_TEXT}p", f"{_TEXT}h"))
            if own.strip():
                yield f"{'  ' * depth}- {' '.join(own.split())}"
            for part in item:
                if part.tag == f"{_TEXT}list":
                    yield from self._items(part, depth + 1)

    def _rows(self, table: Any) -> Iterator[str]:
        """Yield the rows of a table as lines; a nested table is part of its cell."""
        for row in table.iter(f"{_TABLE}table-row"):
            if next(row.iterancestors(f"{_TABLE}table")) is not table:
                continue
            cells: list[str] = []
            for cell in row:
                if cell.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                    parts = (self._text(part) for part in cell.iter(f"{_TEXT}p", f"{_TEXT}h"))
                    again = cell.get(f"{_TABLE}number-columns-repeated") or "1"
                    cells += [" ".join(parts)] * min(int(again) if again.isdigit() else 1, LONGEST_CELLS)
            if any(cell.strip() for cell in cells):
                yield row_of(cells)

    def _text(self, element: Any) -> str:
        """Return the text of a paragraph; a footnote leaves its number and is kept for the end."""
        parts = [element.text or ""]
        for child in element:
            side = self._sides.get(child.get(f"{_TEXT}style-name") or "") if child.tag == f"{_TEXT}span" else None
            if side:
                parts.append(side(self._text(child)))
            elif child.tag == f"{_TEXT}s":
                count = child.get(f"{_TEXT}c") or "1"
                parts.append(" " * min(int(count) if count.isdigit() else 1, 200))
            elif child.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
                parts.append("\t" if child.tag.endswith("tab") else "\n")
            elif child.tag == f"{_TEXT}note":
                parts.append(self._note(child))
            elif child.tag not in _SKIPPED and child.tag != f"{_DRAW}text-box" and isinstance(child.tag, str):
                parts.append(self._text(child) if not child.tag.startswith(f"{_DRAW}") else self._frame(child))
            parts.append(child.tail or "")
        return "".join(parts)

    def _frame(self, element: Any) -> str:
        """Return the text within a drawing, without its boxes, which are paragraphs of their own."""
        return "".join(self._text(part) for part in element if part.tag == f"{_TEXT}p")

    def _note(self, note: Any) -> str:
        mark = f"[{(note.findtext(f'{_TEXT}note-citation') or str(len(self._notes) + 1)).strip()}]"
        body = note.find(f"{_TEXT}note-body")
        said = "" if body is None else " ".join(self._text(part).strip() for part in body.iter(f"{_TEXT}p"))
        if said.strip():
            self._notes.append(f"{mark} {said}")
        return mark


def _spaced(text: str) -> str:
    """Replace runs of spaces and tabs by one space, as the format defines."""
    return re.sub(r"[ \t\r]+", " ", re.sub(r" *\n *", "\n", text))
