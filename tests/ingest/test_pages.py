"""Pages as pictures: the boxes of a quote sit on its letters, on turned and cropped pages too."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from ingest.loaders import load
from ingest.pages import YELLOW, Box, PagePicture, boxes, render
from rag.errors import Damaged, PasswordNeeded
from rag.types import Alignment, Document, Page
from tests import pdf_samples

pytestmark = pytest.mark.slow


def read(sample: str) -> tuple[bytes, Document]:
    data = getattr(pdf_samples, sample)()
    return data, load(data, name=f"{sample}.pdf")


def span(document: Document, quote: str) -> tuple[int, int]:
    start = document.text.index(quote)
    return start, start + len(quote)


def opened(picture: PagePicture) -> Image.Image:
    return Image.open(io.BytesIO(picture.png)).convert("RGB")


def has_ink(picture: Image.Image, box: Box) -> bool:
    """Whether something dark lies in a box."""
    area = (int(box.x0), int(box.y0), int(box.x1) + 1, int(box.y1) + 1)
    return min(picture.crop(area).convert("L").tobytes()) < 128


def is_yellow(pixel: tuple[int, ...]) -> bool:
    return pixel == YELLOW


@pytest.mark.parametrize("sample", ["prose", "rotated", "cropped", "astral_letters", "chapter", "two_columns"])
def test_every_letter_has_ink_in_its_box(sample: str) -> None:
    data, document = read(sample)
    page = document.pages[0]
    picture = opened(render(data, page, [], width=1600))
    for offset, letter in enumerate(document.text):
        if letter.isalnum():
            (box,) = boxes(data, page, offset, offset + 1, width=1600)
            assert has_ink(picture, box), (offset, letter)


def test_a_letter_alone_is_all_that_lies_in_its_box() -> None:
    """The ink of a page with one word ends where the word's box ends, within a pixel."""
    data = pdf_samples.pdf([pdf_samples.lines("hallmark", x=200, y=400, size=30)])
    document = load(data, name="word.pdf")
    picture = render(data, document.pages[0], [], width=1000)
    (box,) = boxes(data, document.pages[0], 0, 8, width=1000)
    ink = ImageChops.invert(opened(picture).convert("L")).point(lambda value: 255 * (value > 90)).getbbox()
    assert ink is not None
    assert all(abs(side - found) <= 1.5 for side, found in zip((box.x0, box.y0, box.x1, box.y1), ink, strict=True))


def test_a_quote_has_a_box_on_each_of_its_lines() -> None:
    data, document = read("prose")
    found = boxes(
        data, document.pages[0], *span(document, "sorts both halves and merges them. It needs n log n\nsteps")
    )
    assert len(found) == 2
    upper, lower = found
    assert upper.y1 < lower.y0
    assert lower.x0 < upper.x0


def test_a_divided_word_is_marked_on_both_lines() -> None:
    data, document = read("hyphens")
    assert len(boxes(data, document.pages[0], *span(document, "example"))) == 2


def test_a_turned_page_is_marked_where_it_is_shown() -> None:
    """/Rotate 90 turns a page of 612 × 792 points on its side, and the text on it upright."""
    data, document = read("rotated")
    picture = render(data, document.pages[0], [span(document, "Turned text reads")])
    assert picture.width > picture.height
    (box,) = picture.boxes
    assert box.x1 - box.x0 > 4 * (box.y1 - box.y0)
    assert has_ink(opened(picture), box)


def test_text_that_runs_up_the_page_is_one_box_too() -> None:
    upwards = "BT /F1 12 Tf 0 1 -1 0 200 100 Tm (This text runs up) Tj ET"
    data = pdf_samples.pdf([upwards])
    document = load(data, name="up.pdf")
    (box,) = boxes(data, document.pages[0], 0, len(document.text))
    assert box.y1 - box.y0 > 4 * (box.x1 - box.x0)


def test_a_cropped_page_shows_the_crop_box_only() -> None:
    data, document = read("cropped")
    picture = render(data, document.pages[0], [span(document, "Cropped page")])
    assert (picture.width, picture.height) == (1000, 1000)  # of 300 × 300 points
    (box,) = picture.boxes
    # 20 points from the left edge of the crop box, 200 from its top.
    assert abs(box.x0 - 20 / 300 * 1000) < 5
    assert abs(box.y1 - 200 / 300 * 1000) < 12


def test_marks_are_yellow_and_letters_stay_black() -> None:
    data, document = read("prose")
    page, quote = document.pages[0], span(document, "Merge sort divides")
    plain, marked = opened(render(data, page, [])), opened(render(data, page, [quote]))
    (box,) = boxes(data, page, *quote)
    area = (int(box.x0), int(box.y0), int(box.x1), int(box.y1))
    colours = marked.crop(area).getcolors(100_000) or []
    assert max(colours)[1] == YELLOW
    assert min(colour[0] for _, colour in colours) < 60
    difference = ImageChops.difference(plain, marked).getbbox()
    assert difference is not None
    assert all(abs(side - edge) < 4 for side, edge in zip(difference, area, strict=True))


def test_what_lies_on_other_pages_is_left_out() -> None:
    data, document = read("outlined")
    first = document.pages[0]
    whole = boxes(data, first, 0, len(document.text))
    assert whole == boxes(data, first, first.start, first.end)
    assert not boxes(data, first, document.pages[1].start, document.pages[1].end)


def test_words_far_apart_are_marked_apart() -> None:
    row = "BT /F1 12 Tf 72 700 Td (name) Tj 300 0 Td (time) Tj ET"
    data = pdf_samples.pdf([row])
    document = load(data, name="table.pdf")
    assert len(boxes(data, document.pages[0], 0, len(document.text))) == 2


@pytest.mark.parametrize("width", [200, 1000, 1501])
def test_pictures_are_as_wide_as_asked(width: int) -> None:
    data, document = read("prose")
    picture = render(data, document.pages[0], [], width=width)
    assert opened(picture).size == (picture.width, picture.height) == (width, round(width * 792 / 612))


def test_a_page_like_a_wall_is_made_smaller() -> None:
    page = pdf_samples.SamplePage(pdf_samples.lines("tall", y=14000), "/MediaBox [0 0 100 14400]")
    data = pdf_samples.pdf([page])
    picture = render(data, load(data, name="tall.pdf").pages[0], [], width=1000)
    assert picture.width * picture.height <= 41_000_000


def test_a_file_may_be_given_by_its_path(tmp_path: Path) -> None:
    data, document = read("prose")
    path = tmp_path / "übung 1.pdf"
    path.write_bytes(data)
    quote = span(document, "Merge sort")
    assert boxes(path, document.pages[0], *quote) == boxes(data, document.pages[0], *quote)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(pdf_samples.encrypted(), PasswordNeeded, id="encrypted since"),
        pytest.param(pdf_samples.cut(), Damaged, id="damaged since"),
        pytest.param(pdf_samples.prose(), Damaged, id="shorter since"),
    ],
)
def test_files_that_changed_are_told(tmp_path: Path, data: bytes, error: type[Exception]) -> None:
    path = tmp_path / "script.pdf"
    path.write_bytes(data)
    with pytest.raises(error, match=r"script\.pdf"):
        render(path, Page(2, 0, 10, alignment=Alignment()), [])


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match=r"gone\.pdf"):
        render(tmp_path / "gone.pdf", Page(1, 0, 10), [])


@pytest.mark.parametrize("sample", ["prose", "two_columns", "cropped", "chapter"])
def test_the_lines_of_a_page_hold_its_letters_in_order_each_once(sample: str) -> None:
    data, document = read(sample)
    page = document.pages[0]
    found = render(data, page, []).lines
    shown = "".join("".join(document.text[line.start : line.end].split()) for line in found)
    assert shown == "".join(document.text[page.start : page.end].split())
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_the_lines_of_two_columns_stay_in_their_column() -> None:
    data, document = read("two_columns")
    picture = render(data, document.pages[0], [])
    assert all(line.box.x1 - line.box.x0 < picture.width / 2 for line in picture.lines)
