"""Scans: only pages without usable text are recognised, and a quote's box lies on the words that were drawn."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ingest.loaders.pdf import document as pdf
from ingest.loaders.pdf.scans import note_of
from ingest.loaders.scan import _turned_back, in_reading_order, read_picture, scan_of
from ingest.ocr import RecognisedLine, Word, recogniser
from ingest.pages import boxes
from rag.errors import NoText
from rag.types import AlignmentRun, BlockKind, Document, RunKind
from tests import pdf_samples
from tests.fakes import FakeRecogniser, a_line
from tests.ingest.loaders.covering import assert_sound
from tests.scans import ENGLISH, GERMAN, a_scan, error_rate, scanned_pdf

THREE = [
    a_line("Sorting by heaps", y=100, height=60),
    a_line("A heap is a nearly com-", y=200),
    a_line("plete binary tree.", y=250),
]


def read(data: bytes, *pages: list[RecognisedLine]) -> tuple[Document, FakeRecogniser]:
    fake = FakeRecogniser(list(pages))
    document = pdf.load(data, name="scan.pdf", recogniser=lambda: fake)
    assert_sound(document)
    return document, fake


def test_only_the_scanned_page_of_a_mixed_pdf_is_recognised() -> None:
    data = pdf_samples.pdf([pdf_samples.PROSE, pdf_samples.PICTURE, pdf_samples.PROSE])
    document, fake = read(data, THREE)
    assert fake.calls == 1
    assert ["Merge sort" in document.text[page.start : page.end] for page in document.pages] == [True, False, True]
    assert document.notes == ("page 2 was read by OCR",)
    kinds = [{run.kind for run in page.alignment.runs} for page in document.pages]
    assert kinds == [{RunKind.PDF, RunKind.INSERTED}, {RunKind.OCR, RunKind.INSERTED}, {RunKind.PDF, RunKind.INSERTED}]


def test_pages_with_text_load_no_models() -> None:
    def never() -> None:
        pytest.fail("nothing had to be recognised")

    few_letters = pdf_samples.pdf([pdf_samples.lines("Title") + pdf_samples.PICTURE])
    for data in (pdf_samples.prose(), pdf_samples.pdf([pdf_samples.PROSE, ""]), few_letters):
        assert pdf.load(data, name="text.pdf", recogniser=never).notes == ()


def test_recognised_lines_become_headings_paragraphs_and_joined_words() -> None:
    document, _ = read(pdf_samples.pdf([pdf_samples.PICTURE]), THREE)
    assert document.text == "Sorting by heaps\n\nA heap is a nearly complete binary tree."
    assert [block.kind for block in document.blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH]
    assert document.title == "Sorting by heaps"


def test_each_word_leads_to_its_box() -> None:
    document, _ = read(pdf_samples.pdf([pdf_samples.PICTURE]), [a_line("ab cd", x=170, y=220, height=44)])
    (page,) = document.pages
    assert page.alignment.runs == (AlignmentRun(0, 0, 3, RunKind.OCR), AlignmentRun(3, 1, 2, RunKind.OCR))
    # 8.5 × 11 inches at 200 dots an inch are 1700 × 2200 pixels; a letter of the fake is half as wide as high.
    assert page.boxes == ((0.1, 0.09, 0.12588, 0.11), (0.13882, 0.09, 0.16471, 0.11))


def test_a_divided_word_is_marked_on_both_lines() -> None:
    data = pdf_samples.pdf([pdf_samples.PICTURE])
    document, _ = read(data, THREE)
    at = document.text.index("complete")
    found = boxes(data, document.pages[0], at, at + len("complete"), width=1700)
    assert [(round(box.x0), round(box.y0)) for box in found] == [(100 + 19 * 20, 180), (100, 230)]


def test_a_page_of_undecoded_glyphs_is_recognised() -> None:
    """A font without a map to Unicode shows well and reads as nothing."""
    data = pdf_samples.pdf([pdf_samples.lines("QQQQ QQQQ QQ")], unicode={"Q": "\ue000"})
    document, fake = read(data, THREE)
    assert fake.calls == 1
    assert "binary tree" in document.text


def test_a_stamp_on_a_scan_does_not_hide_it() -> None:
    whole = "q 612 0 0 792 0 0 cm BI /W 2 /H 2 /BPC 8 /CS /G ID \x10\x80\xf0\x40 EI Q "
    data = pdf_samples.pdf([whole + pdf_samples.lines("copied 2019")])
    assert "binary tree" in read(data, THREE)[0].text
    # A title over a picture stays what it is when hardly more is recognised.
    title, fake = read(data, [a_line("copied 2019", y=90)])
    assert (title.text, title.pages[0].boxes, fake.calls) == ("copied 2019", (), 1)


def test_pages_on_which_nothing_is_recognised_are_named() -> None:
    data = pdf_samples.pdf([pdf_samples.PICTURE, pdf_samples.PICTURE, pdf_samples.PROSE])
    document, fake = read(data, THREE, [])
    assert fake.calls == 2
    assert document.notes == ("page 1 was read by OCR", "page 2 is an image without text")


def test_a_scan_without_any_words_says_so() -> None:
    with pytest.raises(NoText, match="none was recognised on its page either"):
        read(pdf_samples.pdf([pdf_samples.PICTURE]), [])


def test_without_the_extra_a_mixed_pdf_says_what_is_missing() -> None:
    data = pdf_samples.pdf([pdf_samples.PROSE, pdf_samples.PICTURE])
    document = pdf.load(data, name="mixed.pdf", recogniser=lambda: None)
    assert document.notes[0] == "page 2 is an image without text"
    assert 'pip install "studyhall[ocr]"' in document.notes[1]


def test_without_the_extra_a_scan_names_it() -> None:
    with pytest.raises(NoText) as raised:
        pdf.load(pdf_samples.scanned(), name="scan.pdf", recogniser=lambda: None)
    assert "probably scanned" in raised.value.what
    assert 'pip install "studyhall[ocr]"' in raised.value.remedy


def test_notes_name_pages_compactly() -> None:
    assert note_of([2, 3, 7]) == "pages 2-3, 7 were read by OCR"


# ---- reading order


def column(x: float, *texts: str, y: float = 200) -> list[RecognisedLine]:
    return [a_line(text, x=x, y=y + 50 * at) for at, text in enumerate(texts)]


def texts(lines: list[RecognisedLine]) -> list[str]:
    return [" | ".join(line.text for line in row) for row in in_reading_order(lines)]


def test_columns_are_read_one_after_the_other_under_their_title() -> None:
    left = column(100, "first line on the left", "second line on the left", "third line on the left")
    right = column(700, "first line on the right", "second line on the right", "third line on the right")
    title = a_line("a title that stands over both of the columns below it", x=200, y=100)
    mixed = [line for pair in zip(right, left, strict=True) for line in pair]
    expected = [title.text, *(line.text for line in left), *(line.text for line in right)]
    assert texts([*mixed, title]) == expected


def test_a_table_is_read_row_by_row() -> None:
    table = column(100, "merge", "quick", "heap") + column(700, "n log n", "n²", "n log n")
    assert texts(table) == ["merge | n log n", "quick | n²", "heap | n log n"]


def test_a_slanted_line_in_two_pieces_is_one_row() -> None:
    assert texts([a_line("goes on here", x=900, y=108), a_line("a line that", x=100, y=100)]) == [
        "a line that | goes on here"
    ]


def test_specks_are_no_text() -> None:
    for lines in ([a_line(". ,"), a_line("—")], [a_line("e"), a_line("|")]):
        assert scan_of(lines, (1000, 1000)).boxes == ()


def test_boxes_stay_on_the_page() -> None:
    scan = scan_of([RecognisedLine((Word("edge", (-5, 990, 1003, 1010)),), 20)], (1000, 1000))
    assert scan.boxes == ((0.0, 0.99, 1.0, 1.0),)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_boxes_of_a_picture_that_was_turned_stand_where_they_stood(quarters: int) -> None:
    picture = Image.new("L", (200, 100))
    picture.paste(255, (20, 10, 60, 30))
    box = (picture.rotate(90 * quarters, expand=True).getbbox()) or (0, 0, 0, 0)
    width, height = (100, 200) if quarters % 2 else (200, 100)
    shares = (box[0] / width, box[1] / height, box[2] / width, box[3] / height)
    assert _turned_back(shares, quarters) == (0.1, 0.1, 0.3, 0.3)


# ---- the real thing


@pytest.mark.slow
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_or_its_head_is_read_upright(quarters: int) -> None:
    if (recognise := recogniser()) is None:
        pytest.skip('text recognition isn\'t installed: pip install "studyhall[ocr]"')
    scan = a_scan(ENGLISH[0])
    picture = scan.picture.rotate(90 * quarters, expand=True)
    read = read_picture(picture, recognise)
    lines = [row.text(read.rows.glyphs) for row in read.rows.rows]
    assert " ".join(lines).split() == ENGLISH[0].split()
    # The picture is the scan turned to the left: turned back, the first word stands where it was drawn.
    x0, y0, x1, y1 = _turned_back(read.boxes[0], quarters)
    width, height = scan.picture.size
    found = (x0 * width, y0 * height, x1 * width, y1 * height)
    assert all(abs(one - other) < 15 for one, other in zip(found, scan.place("A"), strict=True))


@pytest.mark.slow
def test_an_upright_page_is_recognised_once() -> None:
    if (recognise := recogniser()) is None:
        pytest.skip('text recognition isn\'t installed: pip install "studyhall[ocr]"')
    sizes: list[tuple[int, int]] = []

    def counting(picture: Image.Image) -> list[RecognisedLine]:
        sizes.append(picture.size)
        return recognise(picture)

    read_picture(a_scan(ENGLISH[0]).picture, counting)
    assert sizes == [(1240, 1754)]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "quote", "language"), [ENGLISH, GERMAN], ids=["English", "German"])
def test_a_scan_is_read_and_its_quote_marked_where_it_was_drawn(text: str, quote: str, language: str) -> None:
    if recogniser() is None:
        pytest.skip('text recognition isn\'t installed: pip install "studyhall[ocr]"')
    scan = a_scan(text)
    data = scanned_pdf([scan.picture])
    document = pdf.load(data, name="scan.pdf")
    assert_sound(document)
    assert document.language == language
    assert error_rate(document.text, text) < 0.01
    at = document.text.index(quote)
    found = boxes(data, document.pages[0], at, at + len(quote), width=scan.picture.width)
    assert len(found) == 1
    x0, y0, x1, y1 = scan.place(quote)
    width = min(x1, found[0].x1) - max(x0, found[0].x0)
    height = min(y1, found[0].y1) - max(y0, found[0].y0)
    assert width * height > 0.8 * (x1 - x0) * (y1 - y0)
    assert abs(found[0].x1 - x1) < y1 - y0  # and no other word is marked with it


@pytest.mark.slow
def test_a_picture_of_noise_ends_in_a_reason() -> None:
    if recogniser() is None:
        pytest.skip('text recognition isn\'t installed: pip install "studyhall[ocr]"')
    file = io.BytesIO()
    Image.effect_noise((600, 800), 80).convert("RGB").save(file, "PDF")
    with pytest.raises(NoText, match="none was recognised"):
        pdf.load(file.getvalue(), name="noise.pdf")
