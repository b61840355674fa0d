"""PowerPoint: a page for each slide, read from the top down, with its notes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pptx
import pytest
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from ingest.loaders import load
from rag.errors import NoText
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound


def slides(*steps: Callable[[Any], object], title: str = "") -> bytes:
    """Make a presentation with a slide for each step; layout 5 has only a title."""
    presentation = pptx.Presentation()
    presentation.core_properties.title = title
    for step in steps:
        step(presentation.slides.add_slide(presentation.slide_layouts[5]))
    file = io.BytesIO()
    presentation.save(file)
    return file.getvalue()


def box(slide: Any, text: str, *, top: float, left: float = 1) -> None:
    slide.shapes.add_textbox(Inches(left), Inches(top), Inches(3), Inches(1)).text_frame.text = text


def read(data: bytes) -> Document:
    document = load(data, name="lecture.pptx")
    assert_sound(document)
    return document


def sorting(slide: Any) -> None:
    box(slide, "written first, stands last", top=5)
    slide.shapes.title.text = "Sorting"
    box(slide, "right", top=2.1, left=5)
    box(slide, "left", top=2.2)
    slide.notes_slide.notes_text_frame.text = "Say why it is stable."


def table(slide: Any) -> None:
    slide.shapes.title.text = "Cost"
    cells = slide.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for at, text in enumerate(("name", "time", "merge", "n log n")):
        cells.cell(at // 2, at % 2).text = text


def untitled(slide: Any) -> None:
    slide.shapes.title.text = ""


def test_a_slide_is_read_from_the_top_down_and_its_notes_come_last() -> None:
    document = read(slides(sorting))
    assert document.text == "Sorting\n\nleft\n\nright\n\nwritten first, stands last\n\nSay why it is stable."
    assert (document.blocks[0].kind.value, document.blocks[0].level) == ("heading", 1)


def test_slides_are_pages() -> None:
    document = read(slides(sorting, table, untitled, sorting))
    assert [page.number for page in document.pages] == [1, 2, 3, 4]
    assert {block.page for block in document.blocks} == {1, 2, 4}
    second = document.pages[1]
    assert document.text[second.start : second.end].strip() == "Cost\n\nname | time\nmerge | n log n"
    assert document.notes == ("no text on slide 3",)


def test_points_within_points_are_indented() -> None:
    def points(slide: Any) -> None:
        slide.shapes.title.text = "Steps"
        frame = slide.shapes.add_textbox(0, Inches(2), Inches(3), Inches(1)).text_frame
        frame.text = "split"
        inner = frame.add_paragraph()
        inner.text, inner.level = "in two halves", 1

    assert "split\n  in two halves" in read(slides(points)).text


def test_groups_are_opened() -> None:
    def grouped(slide: Any) -> None:
        slide.shapes.title.text = "Group"
        group = slide.shapes.add_group_shape()
        group.shapes.add_textbox(0, Inches(2), Inches(3), Inches(1)).text_frame.text = "inside"

    assert "inside" in read(slides(grouped)).text


def test_the_title_is_the_files_or_the_first_slides() -> None:
    assert read(slides(sorting, title="Algorithms I")).title == "Algorithms I"
    assert read(slides(sorting, title="PowerPoint Presentation")).title == "Sorting"
    assert read(slides(lambda slide: box(slide, "text", top=1))).title == "lecture"


@pytest.mark.parametrize(
    "data", [pytest.param(slides(), id="no slides"), pytest.param(slides(untitled), id="empty slide")]
)
def test_a_presentation_without_text_says_so(data: bytes) -> None:
    with pytest.raises(NoText, match=r"lecture\.pptx has no text"):
        read(data)


def chart(slide: Any) -> None:
    slide.shapes.title.text = "Faults"
    data = CategoryChartData()
    data.categories = ["3 frames", "4 frames"]
    data.add_series("FIFO", (9, 10.5))
    data.add_series("LRU", (8, None))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(2), Inches(4), Inches(3), data)


def test_a_chart_is_read_as_the_table_that_it_shows() -> None:
    assert read(slides(chart)).text == "Faults\n\n| FIFO | LRU\n3 frames | 9 | 8\n4 frames | 10.5 |"


@pytest.mark.parametrize("kind", ["c:pie3DChart", "c:stockChart", "c:barChart"])
def test_a_chart_of_any_kind_is_read_without_its_categories_too(kind: str) -> None:
    with zipfile.ZipFile(io.BytesIO(slides(chart))) as deck:
        parts = {name: deck.read(name) for name in deck.namelist()}
    name = next(name for name in parts if "/charts/chart" in name)
    changed = parts[name].replace(b"c:barChart", kind.encode())
    parts[name] = re.sub(rb"<c:cat>.*?</c:cat>", b"", changed, flags=re.DOTALL)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as deck:
        for part, data in parts.items():
            deck.writestr(part, data)
    assert read(file.getvalue()).text == "Faults\n\n| FIFO | LRU\n | 9 | 8\n | 10.5 |"


def pictured(slide: Any) -> None:
    slide.shapes.title.text = "Whiteboard"
    file = io.BytesIO()
    Image.new("RGB", (80, 60), "white").save(file, "PNG")
    slide.shapes.add_picture(file, Inches(1), Inches(2), width=Inches(6))


def test_a_slide_that_is_mostly_a_picture_is_named() -> None:
    assert read(slides(sorting, pictured)).notes == ("pictures are not read on slide 2",)
