"""Word files: headings, paragraphs, lists, tables and footnotes in document order.

python-docx opens the file and reads its styles; the body is walked here, because `paragraph.text` leaves
out content controls, smart tags, formulas and tracked insertions.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, office_errors, row_of
from ingest.loaders.numerals import numeral
from ingest.loaders.office.docx_lists import Lists, lists_of
from ingest.loaders.office.math import MATH, formula
from ingest.loaders.scripts import lowered, raised
from rag import lexicon
from rag.errors import NoText
from rag.types import BlockKind, Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_STRICT = b"http://purl.oclc.org/ooxml/"
_HEADING = re.compile(rf"{lexicon.one_of(*lexicon.detected('heading_style'))} ?([1-9])$", re.IGNORECASE)
# Deleted words, field codes ("PAGE \\* MERGEFORMAT"), and repetitions for old programs.
_SKIPPED = {f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_MC}Fallback", f"{_W}pPr", f"{_W}rPr"}
_SIDES = {"superscript": raised, "subscript": lowered}
_NUMBER = "number"  # of a note, as displayed
_BREAKS = {
    f"{_W}tab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "-",
    f"{_W}softHyphen": "",
}


@dataclass(frozen=True, slots=True)
class _Look:
    """A file's paragraph styles and lists: name and outline level of the styles by their ids."""

    styles: dict[str, tuple[str, int]]
    lists: Lists


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a Word file; it has no pages, which only printing makes."""
    import docx
    import docx.opc.exceptions  # loaded for `office_errors`

    builder = TextBuilder()
    with office_errors(name, "a Word file", ".docx"):
        document = docx.Document(io.BytesIO(transitional(data)))
        look = _Look(_styles(document), lists_of(_numbering(document), document.styles))
        numbers = _number_notes(document.element.body)
        _add_content(builder, document.element.body, look)
        _add_notes(builder, document, numbers)
    if not builder.text:
        msg = f"{name} has no text."
        raise NoText(msg, remedy="If its pages are pictures, save it as PDF and recognise the text.")
    title = " ".join((document.core_properties.title or "").split()) or builder.first_heading or PurePath(name).stem
    return Document(builder.text, title, detect_language(builder.text), tuple(builder.blocks))


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


def _styles(document: Any) -> dict[str, tuple[str, int]]:
    """Return name and outline level (1 and up, 0 for none) of the styles by their ids."""
    return {style.style_id: (style.name or "", _outline_level(style)) for style in document.styles if style.style_id}


def _outline_level(style: Any) -> int:
    """Return the outline level of a style, or of its base style; a level makes a heading, whatever the style's name."""
    for _ in range(10):  # a style based on itself would never end
        properties = style.element.find(f"{_W}pPr")
        level = _value(properties, "outlineLvl") if properties is not None else ""
        if level.isdigit():
            return int(level) + 1 if int(level) < 9 else 0
        style = getattr(style, "base_style", None)
        if style is None:
            break
    return 0


def _numbering(document: Any) -> Any:
    """Return a file's numbering part, or None."""
    from docx.opc.constants import RELATIONSHIP_TYPE as KIND

    try:
        return document.part.part_related_by(KIND.NUMBERING).element
    except KeyError:
        return None


def _number_notes(body: Any) -> dict[tuple[str, str], str]:
    """Write the displayed number at each reference to a note; return the numbers by kind and id.

    Endnotes have lower-case Roman numerals, as in Word.
    """
    numbers: dict[tuple[str, str], str] = {}
    for kind, written in (("footnote", "1"), ("endnote", "i")):
        for number, reference in enumerate(_references(body, kind), start=1):
            numbers[kind, reference.get(f"{_W}id", "")] = numeral(number, written)
            reference.set(_NUMBER, numeral(number, written))
    return numbers


def _references(body: Any, kind: str) -> Iterator[Any]:
    """Yield the references to numbered notes: neither deleted ones nor those with a custom mark."""
    for reference in body.iter(f"{_W}{kind}Reference"):
        own = reference.get(f"{_W}customMarkFollows") in ("1", "true", "on")
        if not own and next(reference.iterancestors(f"{_W}del"), None) is None:
            yield reference


def _add_content(builder: TextBuilder, parent: Any, look: _Look) -> None:
    """Add the paragraphs and tables of a body, cell or content control in order."""
    for element in parent:
        if element.tag == f"{_W}p":
            _add_paragraph(builder, element, look)
        elif element.tag == f"{_W}tbl":
            builder.add("\n".join(_table_rows(element)), BlockKind.TABLE)
        elif element.tag not in _SKIPPED:  # a content control, a tracked insertion of whole paragraphs
            _add_content(builder, element, look)


def _add_paragraph(builder: TextBuilder, paragraph: Any, look: _Look) -> None:
    """Add a paragraph, and then its text boxes."""
    kind, level = _kind(paragraph, look.styles)
    if kind is BlockKind.CODE:
        builder.go_on("".join(_letters(paragraph)), kind)
    elif kind is BlockKind.LIST:
        mark = look.lists.mark(paragraph)
        if text := paragraph_text(paragraph).strip():
            builder.go_on(f"{'-' if mark is None else mark} {text}" if mark != "" else text, kind)
    else:
        builder.add(paragraph_text(paragraph), kind, level=level)
    for box in _text_boxes(paragraph):
        _add_content(builder, box, look)


def _kind(paragraph: Any, styles: dict[str, tuple[str, int]]) -> tuple[BlockKind, int]:
    """Return a paragraph's kind and level, by its style, outline level and numbering."""
    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        return (BlockKind.FORMULA if _is_formula(paragraph) else BlockKind.PARAGRAPH), 0
    style = _value(properties, "pStyle")
    name, level = styles.get(style, (style, 0))
    if outline := _value(properties, "outlineLvl"):
        level = int(outline) + 1 if outline.isdigit() and int(outline) < 9 else 0
    if heading := _HEADING.match(name) or _HEADING.match(style):
        level = int(heading.group(1))
    if level or name == "Title":
        return BlockKind.HEADING, min(max(level, 1), 6)
    return _kind_by_name(name.casefold(), properties, paragraph), 0


def _kind_by_name(name: str, properties: Any, paragraph: Any) -> BlockKind:
    """Return the kind of a paragraph that is no heading."""
    if name in ("caption", "beschriftung"):
        return BlockKind.CAPTION
    if "code" in name or "preformatted" in name:
        return BlockKind.CODE
    if "list" in name or properties.find(f"{_W}numPr") is not None:
        return BlockKind.LIST
    return BlockKind.FORMULA if _is_formula(paragraph) else BlockKind.PARAGRAPH


def _value(properties: Any, name: str) -> str:
    """Return the value of a paragraph's property; empty if it has none."""
    found = properties.find(f"{_W}{name}")
    return "" if found is None else found.get(f"{_W}val") or ""


def _is_formula(paragraph: Any) -> bool:
    """Say whether a paragraph holds a formula and no words."""
    return paragraph.find(f".//{MATH}oMath") is not None and not any(
        _text_of(text).strip() for text in paragraph.iter(f"{_W}t")
    )


def paragraph_text(element: Any) -> str:
    """Return the text of a paragraph with links, insertions and formulas, without deletions and text boxes.

    Tabs become spaces; a "Fallback", which repeats content for old programs, is left out.
    """
    return re.sub(r"[ \t]+", " ", "".join(_letters(element)))


def _letters(element: Any) -> Iterator[str]:
    """Yield the pieces of text within an element."""
    for child in element:
        if child.tag == f"{_W}t":
            yield _text_of(child)
        elif child.tag == f"{MATH}oMath":
            before = child.getprevious()
            # Adjoining formulas need a space between them.
            yield f"{' ' if before is not None and before.tag == child.tag else ''}{formula(child)}"
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag == f"{_W}r" and (side := child.find(f"{_W}rPr/{_W}vertAlign")) is not None:
            text = "".join(_letters(child))
            yield _SIDES.get(side.get(f"{_W}val"), str)(text)
        elif child.get(_NUMBER):
            yield f"[{child.get(_NUMBER)}]"
        elif child.tag not in _SKIPPED and child.tag != f"{_W}txbxContent":
            yield from _letters(child)


def _text_boxes(element: Any) -> Iterator[Any]:
    """Yield the text boxes of a paragraph, once each."""
    for child in element:
        if child.tag == f"{_W}txbxContent":
            yield child
        elif child.tag not in _SKIPPED:
            yield from _text_boxes(child)


def _table_rows(table: Any) -> Iterator[str]:
    """Yield the rows of a table as lines; a nested table is part of its cell."""
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is not table:
            continue
        cells = [_cell_text(cell) for cell in row.iter(f"{_W}tc") if next(cell.iterancestors(f"{_W}tr")) is row]
        if any(cells):
            yield row_of(cells)


def _text_of(element: Any) -> str:
    """Return the text of an element, without what isn't text in it, as an entity that the file doesn't define."""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _cell_text(cell: Any) -> str:
    """Return the text of a cell's paragraphs on one line."""
    return " ".join(filter(None, (paragraph_text(paragraph).strip() for paragraph in cell.iter(f"{_W}p"))))


def _add_notes(builder: TextBuilder, document: Any, numbers: dict[tuple[str, str], str]) -> None:
    """Add footnotes and endnotes after the text."""
    from docx.opc.constants import RELATIONSHIP_TYPE as KIND
    from lxml import etree

    for relation in document.part.rels.values():
        if relation.is_external or relation.reltype not in (KIND.FOOTNOTES, KIND.ENDNOTES):
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        for note in etree.fromstring(relation.target_part.blob, parser):
            text = " ".join(paragraph_text(paragraph).strip() for paragraph in note.iter(f"{_W}p"))
            kind, number = note.tag.removeprefix(_W), note.get(f"{_W}id", "")
            if note.get(f"{_W}type") in (None, "normal") and text.strip():
                builder.add(f"[{numbers.get((kind, number), number)}] {text}")
