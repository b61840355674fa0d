"""Running heads, feet and page numbers are left out of the text, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.loaders import load
from ingest.loaders.pdf import document as pdf
from ingest.loaders.pdf import running as pdf_running
from ingest.loaders.pdf.blocks import style_of
from ingest.loaders.pdf.rows import read_rows, read_units
from ingest.loaders.pdf.signs import with_signs
from ingest.pdfium import opened
from rag.errors import NoText
from rag.types import BlockKind, Document
from tests import pdf_samples
from tests.ingest.loaders.covering import assert_sound
from tests.pdf_samples import lines

MATERIAL = Path(__file__).parents[5] / "shared" / "data"


def body(number: int, rows: int = 5) -> str:
    """A page's text, which no other page has."""
    return lines(*(f"row {number}.{row} tells of {'abcdefgh'[number % 8] * 3}{row}" for row in range(rows)), y=700)


def read(*pages: str) -> Document:
    return load(pdf_samples.pdf(list(pages)), name="pages.pdf")


def test_heads_and_numbers_of_all_pages_are_left_out() -> None:
    document = read(*(lines("Graph Theory", y=760) + body(at) + lines(str(at + 17), x=300, y=40) for at in range(4)))
    assert "Graph" not in document.text
    assert [block.kind for block in document.blocks] == [BlockKind.PARAGRAPH] * 4
    assert document.text.startswith("row 0.0 tells")
    assert document.text.endswith("row 3.4 tells of ddd4")
    assert_sound(document)


def test_heads_that_name_the_chapter_are_left_out() -> None:
    names = ["Trees", "Trees", "Paths", "Paths", "Flows", "Flows"]
    document = read(*(lines(name, y=760) + body(at) for at, name in enumerate(names)))
    assert not any(name in document.text for name in names)


def test_a_head_that_says_what_a_heading_says_is_left_out_and_the_heading_stays() -> None:
    names = ["Trees", "Paths", "Flows", "Cuts"]
    pages = [
        lines(f"{at + 1} {name}", size=9, y=760) + lines(name, size=18, y=730) + body(at)
        for at, name in enumerate(names)
    ]
    document = read(*pages)
    headings = [document.text[at.start : at.end] for at in document.blocks if at.kind is BlockKind.HEADING]
    assert headings == names
    assert all(document.text.count(name) == 1 for name in names)


@pytest.mark.parametrize(
    "foot",
    [
        pytest.param("- {} -", id="dashes"),
        pytest.param("Page {} of 99", id="page of"),
        pytest.param("{}/99", id="slash"),
        pytest.param("Seite {}", id="German"),
        pytest.param("Analysis I, page {}", id="with a title"),
    ],
)
def test_page_numbers_in_their_dress_are_left_out(foot: str) -> None:
    document = read(*(body(at) + lines(foot.format(at + 1), y=40) for at in range(3)))
    assert document.text.endswith("row 2.4 tells of ccc4")


def test_roman_page_numbers_are_left_out() -> None:
    document = read(*(body(at) + lines(number, y=40) for at, number in enumerate(("iii", "iv", "v", "vi"))))
    assert document.text.endswith("row 3.4 tells of ddd4")


def test_numbers_that_dont_count_on_stay() -> None:
    document = read(*(body(at) + lines(number, y=40) for at, number in enumerate(("42", "7", "99"))))
    assert all(number in document.text for number in ("42", "7", "99"))


def test_titles_of_slides_stay_though_they_repeat() -> None:
    title = lines("Shortest paths", size=24, y=740)
    foot = lines("A. Lecturer, Algorithms", size=8, y=30)
    document = read(*(title + body(at) + foot for at in range(5)))
    assert document.text.count("Shortest paths") == 5
    assert "Lecturer" not in document.text


def test_numbered_exercises_on_top_of_pages_stay() -> None:
    document = read(*(lines(f"Exercise {at + 1}", y=760, font="F2") + body(at) for at in range(4)))
    assert all(f"Exercise {at}" in document.text for at in range(1, 5))


def test_a_few_pages_are_left_as_they_are() -> None:
    document = read(*(lines("Graph Theory", y=760) + body(at) for at in range(2)))
    assert document.text.count("Graph Theory") == 2


def test_a_page_is_never_left_empty() -> None:
    document = read(*(lines("Graph Theory", y=760) for _ in range(3)))
    assert document.text.count("Graph Theory") == 3


def test_the_first_line_of_a_text_stays_though_pages_repeat() -> None:
    document = read(*(pdf_samples.PROSE for _ in range(4)))
    assert document.text.count("Sorting puts") == 4


def test_an_entry_of_the_outline_stays() -> None:
    document = load(pdf_samples.outlined(), name="outlined.pdf")
    assert [document.text.count(title) for title in ("Preface", "1 Graphs", "1.1 Trees")] == [1, 1, 1]


WORDS = st.lists(st.text("abcdefgh", min_size=2, max_size=9), min_size=2, max_size=6).map(" ".join)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=2, max_size=8), min_size=3, max_size=6), st.booleans(), st.booleans())
def test_all_text_outside_running_lines_is_covered(pages: list[list[str]], head: bool, number: bool) -> None:
    """Nothing of the text is lost, and nothing of the running lines is kept; no two pages say the same."""
    pages = [[f"{row} {'mnopqr'[at]}" for row in page] for at, page in enumerate(pages)]
    made = [
        (lines("ZZZ Running Head", y=770) if head else "")
        + lines(*page, y=700)
        + (lines(f"{at + 1}", x=300, y=40) if number else "")
        for at, page in enumerate(pages)
    ]
    document = read(*made)
    wanted = "".join(word for page in pages for row in page for word in row.split())
    assert "".join(document.text.split()) == wanted


def left_out(path: Path) -> tuple[Document, list[set[int]]]:
    """A document, and for each page the indexes of PDFium's characters that running lines have."""
    data = path.read_bytes()
    with opened(data, name=path.name) as file:
        outside = pdf._outside(file)
        pages = [read_rows(file, index) for index in range(len(file))]
    found = pdf_running.running_rows(pages, style_of(pages), outside.outline)
    sources = [
        {
            page.glyphs.sources[at]
            for row in rows
            for piece in page.rows[row].pieces
            for at in range(piece.start, piece.end)
        }
        for page, rows in zip(pages, found, strict=True)
    ]
    return load(data, name=path.name), sources


def assert_covered(path: Path) -> int:
    """Every letter and digit that PDFium finds is in the text, or in a running line; return how many are."""
    document, running = left_out(path)
    letters = 0
    with pypdfium2.PdfDocument(path) as file:
        for page, dropped in zip(document.pages, running, strict=True):
            units = file[page.number - 1].get_textpage()
            aligned = {source for _, source in page.alignment.sources(page.start, page.end)}
            for at, letter in enumerate(with_signs(units, read_units(units))):  # a piece of a brace is no z
                if letter.isalnum():
                    letters += 1
                    assert (at in aligned) != (at in dropped), (path.name, page.number, at, letter)
    return letters


def test_the_sample_course_is_covered() -> None:
    course = Path(__file__).parents[4] / "data" / "sample-course"
    assert sum(assert_covered(path) for path in course.glob("*.pdf")) > 10_000


@pytest.mark.slow
def test_real_documents_are_covered() -> None:
    paths = [*(MATERIAL / "course").rglob("*.pdf"), *(MATERIAL / "fixtures/pdf/ordinary").glob("*.pdf")]
    if not paths:
        pytest.skip("the course material isn't beside this checkout")
    for path in paths:
        try:
            assert_covered(path)
        except NoText:
            continue
