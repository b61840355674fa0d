"""Word files: headings, paragraphs, lists, tables, diagrams, notes and comments in document order.

python-docx opens the file; the body is walked here, because `paragraph.text` leaves out content controls, smart tags,
formulas and tracked insertions. Before that, all that the reader doesn't see is taken out of it (`docx_seen.py`).
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, office_errors, row_of
from ingest.loaders.office.docx_drawings import chart_rows, diagram_items, shapes
from ingest.loaders.office.docx_imports import add_imported, kind_of
from ingest.loaders.office.docx_kinds import kind_of_paragraph
from ingest.loaders.office.docx_letters import letters, paragraph_text
from ingest.loaders.office.docx_lists import Lists, lists_of
from ingest.loaders.office.docx_lost import Lost
from ingest.loaders.office.docx_remarks import add_comments, add_notes, all_references, number_notes
from ingest.loaders.office.docx_repair import repaired
from ingest.loaders.office.docx_seen import leave_seen
from ingest.loaders.office.docx_styles import Styles, styles_of
from ingest.loaders.office.docx_symbols import unknown_symbols
from ingest.loaders.office.docx_xml import BROKEN, RELATED, R, W, parsed
from rag.errors import NoText, SourceError
from rag.types import BlockKind, Document

_STRICT = b"http://purl.oclc.org/ooxml/"
_BOX, _WORD_ART = f"{W}txbxContent", "{urn:schemas-microsoft-com:vml}textpath"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_CHARTS = frozenset(
    (
        "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart",
        "{http://schemas.microsoft.com/office/drawing/2014/chartex}chart",
    )
)
_DRAWN = frozenset((_DIAGRAM, _WORD_ART, *_CHARTS))
_IMPORTED = f"{W}altChunk"
_PROPERTIES = (f"{W}pPr", f"{W}rPr", f"{W}sectPr", f"{W}sdtPr")
_DEEPEST = 3  # Word files within Word files
MOST_UNPACKED = 1_000_000_000  # bytes of such a file
# The title that python-docx gives a file without one, and writes into it.
_NAMELESS = "word document"
_REMARK_PARTS = ("footnotes", "endnotes", "comments")


@dataclass(frozen=True, slots=True)
class _Look:
    """A file's styles, its lists, its main part with the relations, and what was lost."""

    styles: Styles
    lists: Lists
    part: Any
    lost: Lost
    depth: int = 0  # of Word files within Word files


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a Word file; it has no pages, which only printing makes."""
    builder, lost = TextBuilder(), Lost()
    with office_errors(name, "a Word file", ".docx"):
        title = _read(builder, data, lost)
    if not builder.text:
        msg = "; ".join((f"{name} has no text", *lost.notes())) + "."
        raise NoText(msg, remedy="If its pages are pictures, save it as PDF and recognise the text.")
    title = title or builder.first_heading or PurePath(name).stem
    return Document(builder.text, title, detect_language(builder.text), tuple(builder.blocks), notes=lost.notes())


def _read(builder: TextBuilder, data: bytes, lost: Lost, depth: int = 0) -> str:
    """Add all that a Word file shows; return its title."""
    document = _opened(transitional(data), lost)
    body, part = document.element.body, document.part
    styles = styles_of(_related(part, "styles", lost))
    look = _Look(styles, lists_of(_related(part, "numbering", lost), styles), part, lost, depth)
    before = all_references(body)
    leave_seen(body, styles)
    unseen = {kind: ids - all_references(body)[kind] for kind, ids in before.items()}
    numbers = number_notes(body)
    lost.counts["symbol"] += unknown_symbols(body)
    _add_content(builder, body, look)
    for kind in _REMARK_PARTS:
        remarks = _related(part, kind, lost)
        try:
            if remarks is not None and kind == "comments":
                add_comments(builder, remarks, body, styles, unseen["comment"])
            elif remarks is not None:
                add_notes(builder, remarks, styles, numbers, unseen)
        except BROKEN:
            lost.parts.append(f"word/{kind}.xml")
    return _title(document)


def _opened(data: bytes, lost: Lost) -> Any:
    """Open a file; if that fails, without the parts that are broken."""
    import docx
    import docx.opc.exceptions  # loaded for `office_errors`
    from lxml.etree import LxmlError

    try:
        return docx.Document(io.BytesIO(data))
    except (LxmlError, zipfile.BadZipFile, OSError, EOFError, zlib.error, *BROKEN) as error:
        try:
            mended, parts = repaired(data)
            document = docx.Document(io.BytesIO(mended))
        except (LxmlError, *BROKEN):
            raise error from None  # it says more than what mending failed of
    lost.parts += parts
    return document


def _related(part: Any, kind: str, lost: Lost) -> Any:
    """Return the XML of the first part that a part names as its styles, numbering or comments; None without one."""
    for relation in part.rels.values():
        if not relation.is_external and relation.reltype == RELATED + kind:
            try:
                return parsed(relation.target_part.blob)
            except BROKEN:
                lost.parts.append(str(relation.target_part.partname).lstrip("/"))
    return None


def _title(document: Any) -> str:
    """Return the title among a file's properties; empty if it has none, or one that python-docx made up."""
    from docx.opc.constants import RELATIONSHIP_TYPE as KIND

    try:
        properties = document.part.package.part_related_by(KIND.CORE_PROPERTIES).core_properties
        title = " ".join((properties.title or "").split())
    except BROKEN:
        return ""
    return "" if title.casefold() == _NAMELESS else title


def transitional(data: bytes) -> bytes:
    """Return an Office file with the transitional names if it was saved as "Strict Open XML", otherwise unchanged."""
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        if _STRICT not in container.read("_rels/.rels"):
            return data
        rewritten = io.BytesIO()
        with zipfile.ZipFile(rewritten, "w") as target:
            for entry in container.infolist():
                target.writestr(entry.filename, _usual_names(container.read(entry)))
    return rewritten.getvalue()


def _usual_names(part: bytes) -> bytes:
    """Replace the strict names in a part."""
    return re.sub(rb"http://purl\.oclc\.org/ooxml/(\w+)/", rb"http://schemas.openxmlformats.org/\1/2006/", part)


def _add_content(builder: TextBuilder, parent: Any, look: _Look) -> None:
    """Add the paragraphs and tables of a body, cell or content control in order."""
    for element in parent:
        if element.tag == f"{W}p":
            _add_paragraph(builder, element, look)
        elif element.tag == f"{W}tbl":
            builder.add("\n".join(_table_rows(element, look)), BlockKind.TABLE)
        elif element.tag == _IMPORTED:
            _add_import(builder, element, look)
        elif element.tag not in _PROPERTIES:  # a content control, a tracked insertion of whole paragraphs
            _add_content(builder, element, look)


def _add_paragraph(builder: TextBuilder, paragraph: Any, look: _Look) -> None:
    """Add a paragraph with its number, and then its text boxes, diagrams and charts."""
    mark = look.lists.mark(paragraph)
    kind, level = kind_of_paragraph(paragraph, look.styles, mark)
    text = paragraph_text(paragraph).strip()
    if kind is BlockKind.CODE:
        builder.go_on(letters(paragraph), kind)
    elif text and kind is BlockKind.LIST:
        builder.go_on(f"- {text}" if mark is None else mark.item(text), kind)
    elif text:
        builder.add(text if mark is None else mark.before(text), kind, level=level)
    for shape in shapes(paragraph, _DRAWN | {_BOX}):
        if shape.tag == _BOX:
            _add_content(builder, shape, look)
        else:
            kind, lines = _drawn(shape, look)
            builder.add("\n".join(lines), kind)


def _drawn(shape: Any, look: _Look) -> tuple[BlockKind, list[str]]:
    """Return the kind and lines of word art, a diagram or a chart; what can't be read is counted."""
    if shape.tag == _WORD_ART:
        return BlockKind.PARAGRAPH, [shape.get("string") or ""]
    kind = "chart" if shape.tag in _CHARTS else "diagram"
    try:
        model = parsed(look.part.rels[shape.get(f"{R}{'id' if kind == 'chart' else 'dm'}")].target_part.blob)
        if kind == "chart":
            return BlockKind.TABLE, list(chart_rows(model))
        return BlockKind.LIST, diagram_items(model)
    except BROKEN:
        look.lost.counts[kind] += 1
        return BlockKind.PARAGRAPH, []


def _add_import(builder: TextBuilder, element: Any, look: _Look) -> None:
    """Add a part of another format at its place; one that can't be read is named."""
    relation = look.part.rels.get(element.get(f"{R}id"))
    if relation is None or relation.is_external:
        look.lost.imported.append("one that is missing" if relation is None else relation.target_ref)
        return
    part = relation.target_part
    name, kind = str(part.partname).lstrip("/"), kind_of(part)
    before = len(builder.blocks)
    try:
        with office_errors(name, "an imported part", ".docx"):
            if kind == "docx" and look.depth < _DEEPEST and _unpacked(part.blob) <= MOST_UNPACKED:
                _read(builder, part.blob, look.lost, look.depth + 1)
            elif kind not in ("", "docx"):
                add_imported(builder, kind, part.blob, name)
            else:
                look.lost.imported.append(name)
                return
    except (SourceError, *BROKEN):
        look.lost.imported.append(name)
    else:
        if len(builder.blocks) == before and part.blob.strip():
            look.lost.imported.append(name)


def _unpacked(data: bytes) -> int:
    """Return the size of a container's files in bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        return sum(entry.file_size for entry in container.infolist())


def _table_rows(table: Any, look: _Look) -> Iterator[str]:
    """Yield the rows of a table as lines; a nested table is part of its cell."""
    for row in table.iter(f"{W}tr"):
        if next(row.iterancestors(f"{W}tbl")) is not table:
            continue
        cells = [_cell_text(cell, look) for cell in row.iter(f"{W}tc") if next(cell.iterancestors(f"{W}tr")) is row]
        if any(cells):
            yield row_of(cells)


def _cell_text(cell: Any, look: _Look) -> str:
    """Return the text of a cell on one line: its paragraphs with their numbers, and all within them."""
    said = list[str]()
    for element in cell.iter(f"{W}p", _IMPORTED):
        if element.tag == _IMPORTED:
            inner = TextBuilder()
            _add_import(inner, element, look)
            said.append(" ".join(inner.text.split()))
            continue
        mark, text = look.lists.mark(element), paragraph_text(element).strip()
        said.append(mark.before(text) if text and mark is not None else text)
        for shape in shapes(element, _DRAWN | {_BOX}):
            if shape.tag != _BOX:  # whose paragraphs come by themselves
                said += (line.strip() for line in _drawn(shape, look)[1])
    return " ".join(filter(None, said))
