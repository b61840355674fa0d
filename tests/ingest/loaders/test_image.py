"""Pictures: a page each, read by text recognition, shown with the quote marked."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ingest import pictures
from ingest.loaders import PDF, image
from ingest.loaders import load as load_any
from ingest.ocr import RecognisedLine, recogniser
from ingest.pages import boxes, render
from rag.errors import Damaged, NoText, Unsupported
from rag.types import Document
from tests.fakes import FakeRecogniser, a_line
from tests.ingest.loaders.covering import assert_sound
from tests.scans import GERMAN, a_scan, error_rate

SIZE = (800, 400)


def saved(kind: str, *more: Image.Image, picture: Image.Image | None = None, **options: object) -> bytes:
    file = io.BytesIO()
    picture = picture or Image.new("RGB", SIZE, "white")
    picture.save(file, kind, **({"save_all": True, "append_images": more} if more else {}), **options)
    return file.getvalue()


def read(data: bytes, *pages: list[RecognisedLine], name: str = "board.png") -> Document:
    fake = FakeRecogniser(list(pages))
    document = image.load(data, name=name, recogniser=lambda: fake)
    assert_sound(document)
    return document


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_a_picture_is_a_document_of_one_page(kind: str) -> None:
    document = read(saved(kind), [a_line("Ask the board", x=80, y=200)])
    assert (document.text, document.title, len(document.pages)) == ("Ask the board", "board", 1)
    assert document.notes == ("page 1 was read by OCR",)


def test_a_tiff_has_as_many_pages_as_it_has() -> None:
    data = saved("TIFF", Image.new("1", (400, 800), 1), Image.new("L", SIZE, 255))
    document = read(data, [a_line("first")], [], [a_line("third")])
    assert [document.text[page.start : page.end].strip() for page in document.pages] == ["first", "", "third"]
    assert document.notes == ("pages 1, 3 were read by OCR", "page 2 is an image without text")
    shown = [render(data, page, [(page.start, page.end)], width=200) for page in document.pages]
    assert [(picture.width, picture.height, len(picture.boxes)) for picture in shown] == [
        (200, 100, 1),
        (200, 400, 0),
        (200, 100, 1),
    ]


def test_a_moving_picture_is_its_first() -> None:
    assert len(read(saved("GIF", Image.new("RGB", SIZE, "red")), [a_line("still")]).pages) == 1


def test_a_quote_is_marked_on_its_words() -> None:
    data = saved("PNG")
    document = read(data, [a_line("Ask the board", x=80, y=200)])
    # "the" is the letters 4 to 7; a letter of the fake is 20 pixels wide, and the picture is shown at half its size.
    (box,) = boxes(data, document.pages[0], 4, 7, width=400)
    assert [round(side) for side in (box.x0, box.y0, box.x1, box.y1)] == [80, 90, 110, 110]
    picture = render(data, document.pages[0], [(4, 7)], width=400)
    assert picture.boxes == (box,)
    pixels = Image.open(io.BytesIO(picture.png)).convert("RGB")
    assert pixels.getpixel((95, 100)) == (255, 235, 110)
    assert pixels.getpixel((200, 100)) == (255, 255, 255)


def test_a_photo_is_turned_the_way_the_camera_was_held() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter turn
    data = saved("JPEG", exif=turned)
    assert [page.size for page in pictures.pages_of(data, name="a")] == [(400, 800)]


def test_transparency_is_white_and_sixteen_bits_are_scaled() -> None:
    clear = saved("PNG", picture=Image.new("RGBA", (4, 4), (0, 0, 0, 0)))
    deep = saved("PNG", picture=Image.new("I;16", (4, 4), 0x8000))
    colours = [next(pictures.pages_of(data, name="a")).getpixel((0, 0)) for data in (clear, deep)]
    assert colours == [(255, 255, 255), (128, 128, 128)]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", id="only the head"),
        pytest.param(saved("PNG", picture=Image.effect_noise(SIZE, 50))[:9000], id="cut png"),
        pytest.param(saved("JPEG")[:600], id="cut jpeg"),
        pytest.param(saved("TIFF")[:40], id="cut tiff"),
    ],
)
def test_broken_pictures_say_so(data: bytes) -> None:
    with pytest.raises(Damaged, match=r"board\.png is damaged"):
        read(data, [])


def test_a_picture_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1000)
    with pytest.raises(Unsupported, match="million pixels"):
        read(saved("PNG"), [])


def test_a_picture_without_text_says_so() -> None:
    with pytest.raises(NoText, match="none was recognised on the picture"):
        read(saved("PNG"), [])


def test_without_the_extra_a_picture_names_it() -> None:
    with pytest.raises(NoText) as raised:
        image.load(saved("PNG"), name="board.png", recogniser=lambda: None)
    assert 'pip install "studyhall[ocr]"' in raised.value.remedy


def test_a_picture_that_changed_is_told() -> None:
    document = read(saved("TIFF", Image.new("L", SIZE)), [a_line("first")], [a_line("second")])
    with pytest.raises(Damaged, match="no page 2 any more"):
        render(saved("PNG"), document.pages[1], [])


def test_pictures_are_no_pdf() -> None:
    assert PDF not in pictures.PICTURES
    assert set(pictures.SUFFIXES.values()) == set(pictures.PICTURES)


@pytest.mark.slow
def test_a_photographed_page_is_read() -> None:
    if recogniser() is None:
        pytest.skip('text recognition isn\'t installed: pip install "studyhall[ocr]"')
    text, quote, language = GERMAN
    document = load_any(saved("JPEG", picture=a_scan(text).picture, quality=80), name="Tafel.jpg")
    assert document.language == language
    assert quote in document.text
    assert error_rate(document.text, text) < 0.01
