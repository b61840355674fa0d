"""Text recognition from the file to the answer, with the real models; skipped where the extra isn't installed."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from ingest import ocr
from ingest.loaders import load
from ingest.loaders.scan import in_reading_order
from ingest.ocr import RecognisedLine, Word, recognise, recogniser
from ingest.pages import render
from ingest.report import Status
from rag.errors import SourceError
from rag.types import AnswerStatus, Page
from tests import pdf_samples
from tests.scans import ENGLISH, GERMAN, a_scan, error_rate, scanned_pdf
from ui.hall import Studyhall
from ui.web.viewer import view_of, viewer_html

FIXTURES = Path(__file__).parents[3] / "shared" / "data" / "fixtures" / "pdf" / "image-only"
installed = pytest.mark.skipif(
    not ocr.installed(), reason='text recognition isn\'t installed: pip install "studyhall[ocr]"'
)


def test_a_line_without_letters_of_its_own_is_shared_out() -> None:
    """Twelve characters over 120 pixels; where each letter was found, its own place counts."""
    corners = [(0, 0), (120, 0), (120, 20), (0, 20)]
    assert list(ocr._words("merge sorts!", [], corners)) == [
        Word("merge", (0, 0, 50, 20)),
        Word("sorts!", (60, 0, 120, 20)),
    ]
    places = [(2.0, 0.0, 8.0, 20.0), (90.0, 1.0, 99.0, 21.0)]
    assert list(ocr._words("a b", places, corners)) == [Word("a", (2, 0, 8, 20)), Word("b", (90, 1, 99, 21))]


def boxes_of(drawn: str) -> list[ocr.Rectangle]:
    """Return the box of each letter of a line in which a letter is ten pixels wide and a space twelve."""
    boxes, x = [], 0.0
    for letter in drawn:
        if letter != " ":
            boxes.append((x, 0.0, x + 10, 20.0))
        x += 12 if letter == " " else 10
    return boxes


@pytest.mark.parametrize(
    ("recognised", "drawn"),
    [
        ("Buildinga heap takes linear time.", "Building a heap takes linear time."),
        ("dasrelationale Produkt von R", "das relationale Produkt von R"),
        (" so itis a ", "so it is a"),
    ],
)
def test_a_space_that_is_overlooked_is_known_by_its_width(recognised: str, drawn: str) -> None:
    assert ocr._with_gaps(recognised, boxes_of(drawn)).strip() == drawn


@pytest.mark.parametrize(
    ("recognised", "drawn"),
    [
        ("a Lemma on sums", "a Lem ma on sums"),  # the box of a wide letter is no wider than another's
        ("f(x ), g(x) and h", "f(x ), g (x) and h"),  # a formula's gaps are no spaces
        ("onlyone space", "only one space"),  # how wide are spaces on this line?
        ("two letters lack a box", "two letters lack"),
        ("G e s p e r r t", "G e s p e r r t"),
    ],
)
def test_a_gap_that_may_be_none_is_left(recognised: str, drawn: str) -> None:
    assert ocr._with_gaps(recognised, boxes_of(drawn)) == recognised


def test_the_height_of_a_line_is_that_of_its_letters() -> None:
    assert ocr._height([(0, 0), (300, 30), (298, 50), (-2, 20)]) == pytest.approx(20.1, abs=0.1)
    assert RecognisedLine((Word("a", (0, 0, 5, 9)), Word("b", (7, 1, 12, 10))), 9).box == (0, 0, 12, 10)


def test_looking_whether_it_is_installed_loads_nothing() -> None:
    code = "import sys; from ingest import ocr; ocr.installed(); print(*sorted({'rapidocr', 'cv2'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []


@pytest.mark.slow
@installed
@pytest.mark.parametrize(("text", "quote", "_language"), [ENGLISH, GERMAN], ids=["English", "German"])
def test_a_slanted_noisy_page_is_read(text: str, quote: str, _language: str) -> None:
    rows = in_reading_order(recognise(a_scan(text, turned=0.6).picture))
    read = "\n".join(line.text for row in rows for line in row)
    assert error_rate(read, text) < 0.02
    assert quote in read


@pytest.mark.slow
@installed
def test_the_models_come_from_the_wheel_and_it_keeps_quiet(caplog: pytest.LogCaptureFixture) -> None:
    """The network is closed in every test; here what was read once is read again from cold."""
    ocr._engine.cache_clear()
    with caplog.at_level(logging.DEBUG):
        assert recogniser() is recognise
        assert recognise(a_scan(ENGLISH[0]).picture)
    assert caplog.records == []
    assert ocr._engine() is ocr._engine()


@pytest.mark.slow
@installed
def test_a_quote_from_a_scan_is_found_answered_and_marked(hall: Studyhall, tmp_path: Path) -> None:
    scan = a_scan(ENGLISH[0])
    path = tmp_path / "heaps.pdf"
    path.write_bytes(scanned_pdf([scan.picture]))
    (document,) = hall.ingest([path]).documents
    assert document.status is Status.ADDED
    assert document.notes == ("page 1 was read by OCR",)
    (passage, *_) = hall.search("how long does building a heap take?").passages
    assert "Building a heap takes linear time." in passage.text

    answer = hall.ask("How long does building a heap take?")
    assert answer.status is AnswerStatus.QUOTED
    citation = next(found for found in answer.citations if "linear time" in found.quote)
    page = hall.page(citation.document_id, 1)
    original = hall.original(citation.document_id)
    assert page is not None
    assert original is not None
    picture = render(original, page, [(citation.start, citation.end)], width=scan.picture.width)
    x0, y0, x1, y1 = scan.place("linear time")
    assert any(box.x0 < x0 and box.x1 > x1 and box.y0 < (y0 + y1) / 2 < box.y1 for box in picture.boxes)
    assert 'class="page-box"' in viewer_html(hall, view_of(hall, citation))


@pytest.mark.slow
@installed
def test_a_photo_in_a_folder_is_a_document_with_a_page(hall: Studyhall, tmp_path: Path) -> None:
    a_scan(GERMAN[0]).picture.save(tmp_path / "Tafel.jpg")
    (document,) = hall.ingest([tmp_path]).documents
    assert (document.status, document.pages) == (Status.ADDED, 1)
    passage = hall.search("Binärbaum Schlüssel").passages[0]
    html = viewer_html(hall, view_of(hall, passage))
    assert "Page 1 of 1" in html
    assert 'class="page-box"' in html


@pytest.mark.slow
@installed
def test_a_scrolled_screen_is_read_and_a_thread_of_a_picture_harms_nothing() -> None:
    page = a_scan(ENGLISH[0], turned=0).picture.resize((620, 877)).crop((0, 0, 620, 200))
    long = Image.new("RGB", (620, 3000), "white")
    long.paste(page, (0, 2500))
    assert any("binary tree" in line.text for line in recognise(long))
    for size in ((1, 1), (3, 3000), (3000, 3)):
        assert recognise(Image.new("RGB", size, "white")) == []


@pytest.mark.slow
@installed
def test_two_scanned_columns_are_read_one_after_the_other() -> None:
    left = [f"Line {number} of the left column goes" for number in range(1, 6)]
    right = ("on in the right column, which has", "a few lines that are of about", "the same length as the others.")
    content = pdf_samples.lines(*left, x=60, y=700, size=10) + pdf_samples.lines(*right, x=330, y=700, size=10)
    picture = Image.open(io.BytesIO(render(pdf_samples.pdf([content]), Page(1, 0, 0), [], width=1700).png))
    document = load(scanned_pdf([picture]), name="columns.pdf")
    assert document.text == "\n".join([*left, *right])


@pytest.mark.slow
@installed
def test_difficult_scans_end_in_text_or_in_a_reason() -> None:
    paths = sorted(FIXTURES.rglob("*.pdf"))
    if not paths:
        pytest.skip("the difficult PDFs aren't beside this checkout")
    for path in paths:
        try:
            assert load(path.read_bytes(), name=path.name).text.strip()
        except SourceError as error:
            assert error.remedy
