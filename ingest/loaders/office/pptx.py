"""PowerPoint: a page per slide, with its title, its shapes from top to bottom, and its notes."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, office_errors, ranges, row_of
from ingest.loaders.office.docx import transitional
from ingest.loaders.office.math import MATH, formula
from ingest.loaders.scripts import lowered, raised
from rag import lexicon
from rag.errors import NoText
from rag.types import BlockKind, Document

SAME_ROW = 180_000  # EMU, half a centimetre: shapes whose tops differ by less are side by side
_PICTURED = 0.2  # of a slide
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_FORMULA = f"{MATH}oMath"


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a presentation; page numbers are slide numbers."""
    import pptx

    builder = TextBuilder()
    silent, pictured = list[int](), list[int]()
    with office_errors(name, "a presentation", ".pptx"):
        presentation = pptx.Presentation(io.BytesIO(transitional(data)))
        for number, slide in enumerate(presentation.slides, 1):
            before = builder.length
            _add_slide(builder, slide, number)
            builder.end_page(number)
            if builder.length == before:
                silent.append(number)
            elif _is_mostly_picture(slide, presentation):
                pictured.append(number)
    if not builder.text:
        msg = f"{name} has no text."
        raise NoText(
            msg,
            remedy="If its slides are pictures, save it as PDF and recognise the text.",
        )
    lost = (("no text on", silent), ("pictures are not read on", pictured))
    notes = tuple(f"{what} {'slide' if len(on) == 1 else 'slides'} {ranges(on)}" for what, on in lost if on)
    title = " ".join((presentation.core_properties.title or "").split())
    if not title or title.casefold() in lexicon.phrases("nameless_slides"):
        title = builder.first_heading or PurePath(name).stem
    language = detect_language(builder.text)
    return Document(builder.text, title, language, tuple(builder.blocks), tuple(builder.pages), notes)


def _is_mostly_picture(slide: Any, presentation: Any) -> bool:
    """Say whether pictures cover so much of a slide that its text may be on them."""
    whole = presentation.slide_width * presentation.slide_height
    shown = [shape for shape in _opened_groups(slide.shapes) if hasattr(shape, "image")]
    return bool(sum((shape.width or 0) * (shape.height or 0) for shape in shown) > _PICTURED * whole)


def _add_slide(builder: TextBuilder, slide: Any, number: int) -> None:
    """Add the title, the other shapes in reading order, and the speaker's notes."""
    title = slide.shapes.title
    if title is not None:
        builder.add(_one_line(title.text_frame), BlockKind.HEADING, level=2 if number > 1 else 1, page=number)
    for shape in _in_reading_order(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            _add_shape(builder, shape, number)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        builder.add(_text(slide.notes_slide.notes_text_frame), page=number)


def _add_shape(builder: TextBuilder, shape: Any, number: int) -> None:
    """Add a shape's text or table, and a chart's numbers; pictures have none."""
    if getattr(shape, "has_table", False) and shape.has_table:
        rows = (row_of([cell.text_frame.text for cell in row.cells]) for row in shape.table.rows)
        builder.add("\n".join(row for row in rows if row.strip(" |")), BlockKind.TABLE, page=number)
    elif getattr(shape, "has_chart", False) and shape.has_chart:
        builder.add("\n".join(_chart_rows(shape.chart)), BlockKind.TABLE, page=number)
    elif shape.has_text_frame:
        text = _text(shape.text_frame)
        several = sum(bool(line.strip()) for line in text.split("\n")) > 1
        builder.add(text, BlockKind.LIST if several and shape.is_placeholder else BlockKind.PARAGRAPH, page=number)


def _chart_rows(chart: Any) -> Iterator[str]:
    """Yield a chart as rows: its title, the names of its series, and their values for each category.

    The chart is read from the XML: python-pptx supports only some kinds of charts.
    """
    space = chart._chartSpace
    if title := "".join(text.text or "" for text in space.iterfind(f"{_C}chart/{_C}title//{_A}t")).strip():
        yield title
    series = list(space.iter(f"{_C}ser"))
    names = ["".join(value.text or "" for value in one.iterfind(f"{_C}tx//{_C}v")) for one in series]
    values = [_points(one, "val", "yVal") for one in series]
    categories: dict[int, str] = {}
    for one in series:
        categories |= _points(one, "cat", "xVal")
    if any(names):
        yield row_of(["", *names])
    for at in sorted({*categories, *(at for column in values for at in column)}):
        yield row_of([categories.get(at, ""), *(column.get(at, "") for column in values)])


def _points(series: Any, *names: str) -> dict[int, str]:
    """Return the values, or the categories, of a series by index; of several levels the outer comes first."""
    found: dict[int, str] = {}
    for name in names:
        levels = list(series.iterfind(f"{_C}{name}//{_C}lvl")) or list(series.iterfind(f"{_C}{name}"))
        for level in levels:
            points = level.iter(f"{_C}pt")
            shown = {int(point.get("idx", 0)): _number(point.findtext(f"{_C}v") or "") for point in points}
            places = sorted(shown)
            for at, text in found.items():  # an outer level extends to its next point
                if before := bisect_right(places, at):
                    found[at] = f"{shown[places[before - 1]]} {text}"
            found = found or shown
    return found


def _number(text: str) -> str:
    """Write a number without rounding noise; other text stays as it is.

    >>> _number("1234567"), _number("0.30000000000000004"), _number("Q1")
    ('1234567', '0.3', 'Q1')
    """
    try:
        return f"{float(text):.15g}"
    except ValueError:
        return text


def _in_reading_order(shapes: Any) -> list[Any]:
    """Sort shapes from top to bottom, and side by side from left to right; groups are opened."""
    placed = [(shape.top or 0, shape.left or 0, at, shape) for at, shape in enumerate(_opened_groups(shapes))]
    rows: list[list[tuple[int, int, int, Any]]] = []
    for entry in sorted(placed, key=lambda entry: entry[:3]):
        if rows and entry[0] - rows[-1][0][0] < SAME_ROW:
            rows[-1].append(entry)
        else:
            rows.append([entry])
    return [entry[3] for row in rows for entry in sorted(row, key=lambda entry: entry[1:3])]


def _opened_groups(shapes: Any) -> Iterator[Any]:
    """Yield the shapes, and those within groups."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _opened_groups(shape.shapes)
        else:
            yield shape


def _text(frame: Any) -> str:
    """Return the paragraphs of a frame as lines, inner items indented."""
    lines = []
    for paragraph in frame.paragraphs:
        text = _paragraph(paragraph).strip()
        if text:
            lines.append("  " * (paragraph.level or 0) + text)
    return "\n".join(lines)


def _paragraph(paragraph: Any) -> str:
    """Return a paragraph's text; formulas are only in its XML."""
    text = "".join(_run(run) for run in paragraph._p if isinstance(run.tag, str))
    formulas = " ".join(formula(piece) for piece in paragraph._p.iter(_FORMULA))
    return f"{text} {formulas}" if formulas else text


def _run(run: Any) -> str:
    """Return the text of a paragraph's run, raised or lowered as displayed."""
    if run.tag == f"{_A}br":
        return "\n"
    text = run.findtext(f"{_A}t") or ""
    properties = run.find(f"{_A}rPr")
    rise = "" if properties is None else (properties.get("baseline") or "").rstrip("%")
    if not text.strip() or rise in ("", "0"):
        return str(text)
    return lowered(text) if rise.startswith("-") else raised(text)


def _one_line(frame: Any) -> str:
    """Return a title on one line."""
    return " ".join(_text(frame).split())
