"""OpenDocument texts: headings, paragraphs, lists, tables, charts, notes and comments, as far as they are shown.

The content file of the container is walked with lxml: odfpy builds a tree of its own with a class for every element,
takes seconds for a script, and offers nothing more for this purpose.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, office_errors, row_of
from ingest.loaders.markup import mathml
from ingest.loaders.office.odt_objects import LINK, chart_in, chart_rows, formula_in, kind_of, object_in
from ingest.loaders.office.odt_styles import Styles
from ingest.loaders.office.pptx_comments import remark
from ingest.loaders.office.pptx_notes import Losses
from rag.errors import Damaged, NoText, PasswordNeeded
from rag.types import BlockKind, Document

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _OFFICE = (f"{{{_SPACE}{name}:1.0}}" for name in ("text", "table", "office"))
_DRAW = f"{{{_SPACE}drawing:1.0}}"
_DC = "{http://purl.org/dc/elements/1.1/}"
# Deleted words, lists of contents that say the headings again, and what only declares.
_NOT_READ = {
    _TEXT: "tracked-changes table-of-content alphabetical-index sequence-decls variable-decls user-field-decls",
    _OFFICE: "annotation-end forms event-listeners binary-data",
}
_SKIPPED = {f"{space}{name}" for space, names in _NOT_READ.items() for name in names.split()}
_TITLES = re.compile(r"(?:Title|Heading(?:_20_([1-9]))?)$")
LONGEST_CELLS = 100  # cells; a row may repeat an empty cell to the end of the sheet


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load an OpenDocument text; it has no pages, which only printing makes."""
    losses = Losses()
    with office_errors(name, "an OpenDocument text", ".odt"), zipfile.ZipFile(io.BytesIO(data)) as container:
        _check_open(container, name)
        content = _tree(container, "content.xml")
        body = content.find(f"{_OFFICE}body/{_OFFICE}text")
        walk = Walk(Styles(content, _optional(container, "styles.xml", losses)), container, losses)
        walk.add_all(body if body is not None else ())
        walk.add_notes()
        meta = _optional(container, "meta.xml", losses)
        given = "" if meta is None else meta.findtext(f".//{_DC}title") or ""
    builder = walk.builder
    if not builder.text and losses.is_any_broken:
        msg = f"{name} is damaged: {'; '.join(losses.notes())}."
        raise Damaged(msg, remedy="Open it in an Office program and save it anew as .odt.")
    if not builder.text:
        msg = f"{name} has no text."
        raise NoText(msg, remedy="If its pages are pictures, save it as PDF and recognise the text.")
    title = " ".join(given.split()) or builder.first_heading or PurePath(name).stem
    language = detect_language(builder.text)
    return Document(builder.text, title, language, tuple(builder.blocks), notes=losses.notes())


def _check_open(container: zipfile.ZipFile, name: str) -> None:
    """Refuse a file with a password."""
    manifest = "META-INF/manifest.xml"
    if manifest in container.namelist() and b"encryption-data" in container.read(manifest):
        msg = f"{name} is protected by a password."
        raise PasswordNeeded(msg, remedy="Save a copy without it and ingest that.")


def _tree(container: zipfile.ZipFile, part: str) -> Any:
    from lxml import etree

    return etree.fromstring(container.read(part), etree.XMLParser(resolve_entities=False, no_network=True))


def _optional(container: zipfile.ZipFile, part: str, losses: Losses) -> Any:
    """Return the tree of a part that a text can be read without; None if it is missing or broken."""
    if part in container.namelist():
        with losses.kept_apart(f"part ({part})"):
            return _tree(container, part)
    return None


class Walk:
    """Walks through the content, keeping footnotes and comments for the end."""

    def __init__(self, styles: Styles, container: zipfile.ZipFile, losses: Losses) -> None:
        self.builder = TextBuilder()
        self._styles = styles
        self._container = container
        self._losses = losses
        self._notes: list[str] = []
        self._comments: list[str] = []
        self._behind: list[Any] = []  # text boxes and charts in a paragraph, list or table, which come behind it

    def add_all(self, parent: Any) -> None:
        """Add the elements of a body, section or frame in order."""
        for element in parent:
            if not isinstance(element.tag, str) or element.tag in _SKIPPED or self._is_hidden(element):
                continue
            if element.tag == f"{_TEXT}h":
                self._add_heading(element, element.get(f"{_TEXT}outline-level") or "1")
            elif element.tag == f"{_TEXT}p":
                self._add_paragraph(element)
            elif element.tag == f"{_TEXT}list":
                self.builder.add("\n".join(self._items(element)), BlockKind.LIST)
            elif element.tag == f"{_TABLE}table":
                self.builder.add("\n".join(self._rows(element)), BlockKind.TABLE)
            elif element.tag == f"{_OFFICE}annotation":
                self._keep_comment(element)
            elif element.tag == f"{_DRAW}object":
                self.builder.add(self._object(element))
            else:
                self.add_all(element)
            self._add_behind()

    def add_notes(self) -> None:
        """Add the footnotes, and then the comments, after the text."""
        for note in (*self._notes, *self._comments):
            self.builder.add(note)

    def _add_behind(self) -> None:
        """Add the text boxes and charts that stood in the last block."""
        waiting, self._behind = self._behind, []
        for one in waiting:
            if one.tag == f"{_DRAW}text-box":
                self.add_all(one)
            elif (chart := chart_in(one)) is not None:
                rows = list(chart_rows(chart))
                self._losses.add("chart", fate="without values", count=not rows)
                self.builder.add("\n".join(rows), BlockKind.TABLE)
            else:  # a table, or a text of its own
                self.add_all(one.iterfind(f"{_OFFICE}body/*"))

    def _is_hidden(self, element: Any) -> bool:
        """Say whether a paragraph, section, table or piece of text isn't shown."""
        name = element.get(f"{_TEXT}style-name") or ""
        if element.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            hiding = element.find(f"{_TEXT}hidden-paragraph")
            return self._styles.is_hidden("paragraph", name) or (hiding is not None and _says_hidden(hiding, "false"))
        if element.tag == f"{_TEXT}section":
            display = element.get(f"{_TEXT}display")
            return display == "none" or (display == "condition" and _says_hidden(element, "false"))
        if element.tag == f"{_TEXT}hidden-text":
            return _says_hidden(element, "true")
        if element.tag == f"{_TABLE}table":
            return self._styles.is_hidden("table", element.get(f"{_TABLE}style-name") or "")
        return element.tag == f"{_TEXT}span" and self._styles.is_hidden("text", name)

    def _add_heading(self, element: Any, level: str) -> None:
        text = " ".join(self._text(element).split())
        self.builder.add(text, BlockKind.HEADING, level=min(max(int(level) if level.isdigit() else 1, 1), 6))

    def _add_paragraph(self, element: Any) -> None:
        """Add a paragraph by its style."""
        style = self._styles.parent(element.get(f"{_TEXT}style-name") or "")
        if heading := _TITLES.match(style):
            self._add_heading(element, heading[1] or "1")
        elif "Preformatted" in style or "Code" in style:
            self.builder.go_on(self._text(element), BlockKind.CODE)
        else:
            caption = style in ("Caption", "Illustration", "Table", "Figure")
            self.builder.add(_spaced(self._text(element)), BlockKind.CAPTION if caption else BlockKind.PARAGRAPH)

    def _items(self, element: Any, depth: int = 0) -> Iterator[str]:
        """Yield the items of a list, one per line, inner lists indented."""
        for item in element:
            if item.tag not in (f"{_TEXT}list-item", f"{_TEXT}list-header"):
                continue
            parts = [part for part in item if part.tag in (f"{_TEXT}p", f"{_TEXT}h") and not self._is_hidden(part)]
            own = " ".join(_spaced(self._text(part)) for part in parts)
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
                    again = cell.get(f"{_TABLE}number-columns-repeated") or "1"
                    text = " ".join(self._text(part) for part in self._paragraphs(cell))
                    cells += [text] * min(int(again) if again.isdigit() else 1, LONGEST_CELLS)
            if any(cell.strip() for cell in cells):
                yield row_of(cells)

    def _paragraphs(self, parent: Any) -> Iterator[Any]:
        """Yield the shown paragraphs within a cell, a footnote or a comment."""
        for part in parent:
            if not isinstance(part.tag, str) or part.tag in _SKIPPED or self._is_hidden(part):
                continue
            if part.tag in (f"{_TEXT}p", f"{_TEXT}h"):
                yield part
            else:
                yield from self._paragraphs(part)

    def _text(self, element: Any) -> str:
        """Return the text of a paragraph; a footnote leaves its number and is kept for the end."""
        return (element.text or "") + "".join(self._piece(child) + (child.tail or "") for child in element)

    def _piece(self, child: Any) -> str:
        """Return the text of an element within a paragraph."""
        if not isinstance(child.tag, str) or child.tag in _SKIPPED or self._is_hidden(child):
            return ""
        if child.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            return "\t" if child.tag.endswith("tab") else "\n"
        if child.tag == f"{_TEXT}s":
            count = child.get(f"{_TEXT}c") or "1"
            return " " * min(int(count) if count.isdigit() else 1, 200)
        if child.tag.startswith(_DRAW):
            return self._drawn(child)
        if written := {
            f"{_TEXT}note": self._note,
            f"{_TEXT}ruby-text": self._reading,
            f"{_OFFICE}annotation": self._keep_comment,
        }.get(child.tag):
            return written(child)
        text = self._text(child)
        side = self._styles.side(child.get(f"{_TEXT}style-name") or "") if child.tag == f"{_TEXT}span" else None
        return side(text) if side else text

    def _drawn(self, element: Any) -> str:
        """Return the text within a drawing, without its boxes, which are paragraphs of their own."""
        if element.tag == f"{_DRAW}text-box":
            self._behind.append(element)
            return ""
        if element.tag == f"{_DRAW}object":
            return self._object(element)
        if element.tag == f"{_DRAW}a":  # a link around a picture or a shape
            return self._text(element)
        return "".join(
            self._text(part) if part.tag == f"{_TEXT}p" else self._drawn(part)
            for part in element
            if part.tag == f"{_TEXT}p" or (isinstance(part.tag, str) and part.tag.startswith(_DRAW))
        )

    def _object(self, element: Any) -> str:
        """Return an embedded formula; keep a chart for after the paragraph."""
        link = element.get(LINK) or ""
        with self._losses.kept_apart(kind_of(self._container, link)):
            tree = object_in(self._container, link)
            if (math := formula_in(tree)) is not None:
                return mathml.formula(math)
            self._behind.append(tree)
        return ""

    @staticmethod
    def _reading(element: Any) -> str:
        """Return how a word is read, which stands above it, in brackets."""
        text = "".join(element.itertext()).strip()
        return f"({text})" if text else ""

    def _keep_comment(self, element: Any) -> str:
        """Keep a comment for the end; it leaves nothing in the text."""
        text = "\n".join(filter(None, (self._text(part).strip() for part in self._paragraphs(element))))
        if text:
            self._comments.append(remark(element.findtext(f"{_DC}creator") or "", text))
        return ""

    def _note(self, note: Any) -> str:
        mark = f"[{(note.findtext(f'{_TEXT}note-citation') or str(len(self._notes) + 1)).strip()}]"
        body = note.find(f"{_TEXT}note-body")
        said = "" if body is None else " ".join(self._text(part).strip() for part in self._paragraphs(body))
        if said.strip():
            self._notes.append(f"{mark} {said}")
        return mark


def _says_hidden(element: Any, usual: str) -> bool:
    return (element.get(f"{_TEXT}is-hidden") or usual) == "true"


def _spaced(text: str) -> str:
    """Replace runs of spaces and tabs by one space, as the format defines."""
    return re.sub(r"[ \t\r]+", " ", re.sub(r" *\n *", "\n", text))
