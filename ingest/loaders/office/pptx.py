"""PowerPoint: a page per slide, with its title, its shapes from top to bottom, its notes, and the comments on it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, office_errors, ranges, row_of
from ingest.loaders.office.docx import transitional
from ingest.loaders.office.pptx_charts import CHART, NEW_CHART, chart_rows
from ingest.loaders.office.pptx_comments import authors_of, comments_of
from ingest.loaders.office.pptx_mending import without_broken_parts
from ingest.loaders.office.pptx_notes import Losses
from ingest.loaders.office.pptx_smartart import DIAGRAM, diagram_of
from ingest.loaders.office.pptx_text import MC, RELATION, A, alternatives, is_hidden, lines_of
from rag import lexicon
from rag.errors import Damaged, NoText
from rag.types import BlockKind, Document

SAME_ROW = 180_000  # EMU, half a centimetre: shapes whose tops differ by less are side by side
_PICTURED = 0.2  # of a slide
_GRAPHIC = f"{A}graphic/{A}graphicData"
_DIAGRAM_PART = f"{{{DIAGRAM}}}relIds"
_CHARTS = {CHART: f"{{{CHART}}}chart", NEW_CHART: f"{{{NEW_CHART}}}chart"}
_OBJECT = "http://schemas.openxmlformats.org/presentationml/2006/ole"  # shown as a picture of itself


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a presentation; page numbers are slide numbers."""
    builder = TextBuilder()
    losses = Losses("slide")
    silent, pictured = list[int](), list[int]()
    with office_errors(name, "a presentation", ".pptx"):
        presentation = _opened(data)
        authors = authors_of(presentation, losses)
        for number, slide in _slides(presentation, losses):
            before = builder.length
            with losses.kept_apart("", number):
                _Slide(builder, slide, number, losses).add(authors)
            builder.end_page(number)
            if slide is not None and builder.length == before:
                silent.append(number)
            elif slide is not None and _is_mostly_picture(slide, presentation):
                pictured.append(number)
    if not builder.text:
        raise _nothing(name, losses)
    lost = (("no text on", silent), ("pictures are not read on", pictured))
    notes = tuple(f"{what} {'slide' if len(on) == 1 else 'slides'} {ranges(on)}" for what, on in lost if on)
    title = _given_title(presentation)
    if not title or title.casefold() in lexicon.phrases("nameless_slides"):
        title = builder.first_heading or PurePath(name).stem
    language = detect_language(builder.text)
    return Document(
        builder.text, title, language, tuple(builder.blocks), tuple(builder.pages), (*notes, *losses.notes())
    )


def _opened(data: bytes) -> Any:
    """Return a presentation; a part that can't be read is missing in it."""
    import pptx

    try:
        with office_errors("", "", ""):
            return pptx.Presentation(io.BytesIO(transitional(data)))
    except Damaged:
        return pptx.Presentation(io.BytesIO(transitional(without_broken_parts(data))))


def _nothing(name: str, losses: Losses) -> NoText | Damaged:
    """Return the reason why a presentation without text isn't read."""
    if losses.is_any_broken:
        msg = f"{name} is damaged: {'; '.join(losses.notes())}."
        return Damaged(msg, remedy="Open it in an Office program and save it anew as .pptx.")
    return NoText(f"{name} has no text.", remedy="If its slides are pictures, save it as PDF and recognise the text.")


def _given_title(presentation: Any) -> str:
    """Return the title in the file's properties; they may be broken, or missing."""
    try:
        with office_errors("", "", ""):
            return " ".join((presentation.core_properties.title or "").split())
    except Damaged:
        return ""


def _slides(presentation: Any, losses: Losses) -> Iterator[tuple[int, Any]]:
    """Yield the slides with their numbers; None for one whose part is missing or broken."""
    listed = presentation.part._element.sldIdLst
    for number, entry in enumerate(() if listed is None else listed, 1):
        slide = None
        with losses.kept_apart("", number):
            slide = presentation.part.related_slide(entry.get(f"{RELATION}id"))
            _choose_alternatives(slide.shapes._spTree)
        yield number, slide


def _choose_alternatives(tree: Any) -> None:
    """Put shapes that have a form for new programs and one for old ones in place of both; python-pptx skips them."""
    for either in list(tree.iter(f"{MC}AlternateContent")):
        parent = either.getparent()
        if parent.tag.rpartition("}")[2] in ("spTree", "grpSp"):
            for shape in alternatives([either]):
                either.addprevious(shape)
            parent.remove(either)


def _is_mostly_picture(slide: Any, presentation: Any) -> bool:
    """Say whether pictures cover so much of a slide that its text may be on them."""
    whole = (_emu(presentation, "slide_width") or 0) * (_emu(presentation, "slide_height") or 0)
    shown = [shape for shape in _opened_groups(slide.shapes) if _is_picture(shape)]
    covered = sum((_emu(shape, "width") or 0) * (_emu(shape, "height") or 0) for shape in shown)
    return bool(whole) and covered > _PICTURED * whole


def _is_picture(shape: Any) -> bool:
    """Say whether a shape is a picture, embedded or linked, or an object that is shown as one; films are not."""
    from pptx.shapes.picture import Picture

    graphic = shape._element.find(_GRAPHIC)
    return isinstance(shape, Picture) or (graphic is not None and graphic.get("uri") == _OBJECT)


class _Slide:
    """A slide whose parts are added one by one; a broken one costs only itself."""

    def __init__(self, builder: TextBuilder, slide: Any, number: int, losses: Losses) -> None:
        self._builder, self._slide, self._number, self._losses = builder, slide, number, losses

    def add(self, authors: dict[str, str]) -> None:
        """Add the title, the other shapes in reading order, the speaker's notes and the comments."""
        if self._slide is None:
            return
        title = self._title()
        for shape in _in_reading_order(self._slide.shapes):
            if title is None or shape._element is not title._element:
                with self._losses.kept_apart(_named(shape), self._number):
                    self._add_shape(shape)
        with self._losses.kept_apart("page of notes", self._number):
            if self._slide.has_notes_slide and self._slide.notes_slide.notes_text_frame is not None:
                self._builder.add(lines_of(self._slide.notes_slide.notes_text_frame._txBody), page=self._number)
        for comment in comments_of(self._slide, authors, self._losses, self._number):
            self._builder.add(comment, page=self._number)

    def _title(self) -> Any:
        """Add the title and return its shape; None without one that can be read."""
        with self._losses.kept_apart("title", self._number):
            title = self._slide.shapes.title
            if title is not None:
                text = " ".join(lines_of(title.text_frame._txBody).split())
                level = 2 if self._number > 1 else 1
                self._builder.add(text, BlockKind.HEADING, level=level, page=self._number)
            return title
        return None

    def _add_shape(self, shape: Any) -> None:
        """Add a shape's text or table, a chart's numbers, a diagram's words; pictures have none."""
        graphic = shape._element.find(_GRAPHIC)
        kind = "" if graphic is None else graphic.get("uri") or ""
        if kind in _CHARTS:
            self._add_chart(shape, graphic.find(_CHARTS[kind]))
        elif kind == DIAGRAM:
            link = graphic.find(_DIAGRAM_PART).get(f"{RELATION}dm")
            self._builder.add(diagram_of(shape.part.related_part(link).blob), BlockKind.LIST, page=self._number)
        elif getattr(shape, "has_table", False) and shape.has_table:
            rows = (row_of([cell.text_frame.text for cell in row.cells]) for row in shape.table.rows)
            self._builder.add("\n".join(row for row in rows if row.strip(" |")), BlockKind.TABLE, page=self._number)
        elif shape.has_text_frame:
            text = lines_of(shape.text_frame._txBody)
            several = sum(bool(line.strip()) for line in text.split("\n")) > 1
            is_list = several and shape.is_placeholder
            self._builder.add(text, BlockKind.LIST if is_list else BlockKind.PARAGRAPH, page=self._number)

    def _add_chart(self, shape: Any, place: Any) -> None:
        """Add a chart's numbers; python-pptx knows the older charts' parts, and the others as bytes."""
        from lxml import etree

        part = shape.part.related_part(place.get(f"{RELATION}id"))
        space = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
        self._builder.add("\n".join(chart_rows(space)), BlockKind.TABLE, page=self._number)


def _named(shape: Any) -> str:
    """Name a shape by its kind, for a note."""
    graphic = shape._element.find(_GRAPHIC)
    kind = "" if graphic is None else graphic.get("uri") or ""
    return "chart" if kind in _CHARTS else "diagram" if kind == DIAGRAM else "shape"


def _in_reading_order(shapes: Any) -> list[Any]:
    """Sort shapes from top to bottom, and side by side from left to right; groups are opened."""
    placed = [
        (_emu(shape, "top") or 0, _emu(shape, "left") or 0, at, shape)
        for at, shape in enumerate(_opened_groups(shapes))
    ]
    rows: list[list[tuple[int, int, int, Any]]] = []
    for entry in sorted(placed, key=lambda entry: entry[:3]):
        if rows and entry[0] - rows[-1][0][0] < SAME_ROW:
            rows[-1].append(entry)
        else:
            rows.append([entry])
    return [entry[3] for row in rows for entry in sorted(row, key=lambda entry: entry[1:3])]


def _emu(shape: Any, name: str) -> int | None:
    """Return a measure of a shape; None where it is missing or no number, or its layout is."""
    try:
        with office_errors("", "", ""):
            return getattr(shape, name)  # type: ignore[no-any-return]
    except Damaged:
        return None


def _opened_groups(shapes: Any) -> Iterator[Any]:
    """Yield the shapes that are shown, and those within groups."""
    for shape in shapes:
        if is_hidden(shape._element):
            continue
        if hasattr(shape, "shapes"):
            yield from _opened_groups(shape.shapes)
        else:
            yield shape
