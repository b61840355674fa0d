"""Columns come out one after the other, however a program wrote them."""

from __future__ import annotations

import pypdfium2
import pytest

from ingest.loaders import load
from rag.types import Document
from tests import pdf_samples
from tests.ingest.loaders.covering import assert_sound
from tests.ingest.loaders.pdf.test_document import assert_letters_find_their_place
from tests.pdf_samples import lines

ROWS = 7


def column(name: str) -> list[str]:
    return [f"{name} column has line number {row} and" for row in range(1, ROWS)]


def in_turn(columns: list[list[str]], places: list[float], y: float) -> str:
    """Write lines of columns in turn, row by row."""
    return "".join(
        lines(text, x=x, y=y - 12 * row, size=9)
        for row, texts in enumerate(zip(*columns, strict=True))
        for x, text in zip(places, texts, strict=True)
    )


def read(content: str) -> Document:
    made = pdf_samples.pdf([content])
    document = load(made, name="columns.pdf")
    assert_sound(document)
    with pypdfium2.PdfDocument(made) as file:
        assert_letters_find_their_place(document, document.pages[0], file)
    return document


@pytest.mark.parametrize(
    ("names", "places"),
    [
        pytest.param(["left", "right"], [60, 215], id="two columns"),
        pytest.param(["first", "second", "third"], [60, 230, 400], id="three columns"),
    ],
)
def test_columns_written_in_turn_are_read_one_after_the_other(names: list[str], places: list[float]) -> None:
    columns = [column(name) for name in names]
    document = read(in_turn(columns, places, 700))
    assert " ".join(document.text.split()) == " ".join(" ".join(texts) for texts in columns)


def test_what_is_as_wide_as_the_page_keeps_its_place() -> None:
    wide = "A line that runs over the whole of the page from the left margin to the right one, over the gutter"
    content = lines("A Title", size=20, x=230, y=740) + in_turn([column("left"), column("right")], [60, 215], 700)
    content += lines(wide, x=60, y=600, size=10) + in_turn([column("third"), column("fourth")], [60, 215], 570)
    text = read(content).text
    places = [text.index(words) for words in ("A Title", "left", "right", "A line that runs", "third", "fourth")]
    assert places == sorted(places)
    assert text.index("left column has line number 6") < text.index("right column has line number 1")


def test_columns_in_their_order_are_left_as_they_are() -> None:
    content = lines(*column("left"), x=60, y=700, size=9) + lines(*column("right"), x=215, y=700, size=9)
    assert " ".join(read(content).text.split()) == " ".join(column("left") + column("right"))


def test_a_list_with_its_bullets_far_off_is_no_two_columns() -> None:
    items = [["*"] * 6, [f"item number {row} of a list of some length" for row in range(6)]]
    assert read(in_turn(items, [60, 90], 700)).text.startswith("* item number 0")


def test_rows_of_a_table_stay_rows() -> None:
    cells = [[f"name {row}" for row in range(6)], [f"{row}.50" for row in range(6)], [f"{row} kg" for row in range(6)]]
    text = read(in_turn(cells, [60, 220, 400], 700)).text
    assert text.index("name 0") < text.index("0.50") < text.index("0 kg") < text.index("name 1")
