"""Draws pages as pictures, and maps spans of text to boxes on them.

PDFium gives the boxes when a page is shown, through the page's alignment. PDFium also maps them to pixels, so that
rotated and cropped pages are right. Only the words of a scan, form fields and comments carry their own boxes.
"""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.pdfium import opened, text_page
from ingest.pictures import kind_of, page_of
from rag.errors import Damaged
from rag.types import Alignment, Page, RunKind

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTH = 1000  # pixels
MOST_PIXELS = 40_000_000  # a page as long as a wall is scaled down
YELLOW = (255, 235, 110)
MARGIN = 1.5  # pixels around the letters of a marked line
_FINE = 32  # PDFium gives whole pixels, so the grid is finer by this factor
_THINNEST = 0.05  # points
_LONGEST_GAP = 3.0  # in line heights; letters further apart get boxes of their own


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page's picture, in pixels from its upper left corner."""

    x0: float
    y0: float
    x1: float
    y1: float

    def joined(self, other: Box) -> Box:
        """Return the bounding box of both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def turned(self) -> Box:
        """Return the box with its axes swapped."""
        return Box(self.y0, self.x0, self.y1, self.x1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line on a page's picture: its box, and its span in the document's text."""

    box: Box
    start: int
    end: int
    upright: bool = True  # it runs across the picture, not up or down


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page's picture with its marked boxes, and all lines of its text in reading order."""

    png: bytes
    width: int
    height: int
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()

    def __repr__(self) -> str:
        return f"PagePicture({self.width} × {self.height}, {len(self.boxes)} boxes, {len(self.png)} bytes)"


def boxes(source: bytes | Path, page: Page, start: int, end: int, *, width: int = WIDTH) -> list[Box]:
    """Return the boxes of ``text[start:end]``, one per line, on a picture `width` pixels wide.

    `start` and `end` are offsets in the document's text; the parts on other pages are left out.
    """
    if _is_picture(source):
        size = _size(_picture(source, page).size, width)
        return [line.box for line in _by_line(_words(page, start, end, size))]
    with _shown(source, page) as (shown, characters):
        lines = _by_line(_letters(shown, characters, page, start, end, _size(shown.get_size(), width)))
        return [line.box for line in lines]


def render(source: bytes | Path, page: Page, spans: Sequence[tuple[int, int]], *, width: int = WIDTH) -> PagePicture:
    """Draw a page, `width` pixels wide, with spans of the document's text marked in yellow."""
    if _is_picture(source):
        picture = _picture(source, page)
        picture = picture.resize(_size(picture.size, width))
        letters = list(_words(page, page.start, page.end, picture.size))
    else:
        with _shown(source, page) as (shown, characters):
            size = _size(shown.get_size(), width)
            letters = list(_letters(shown, characters, page, page.start, page.end, size))
            picture = drawn(shown, size)
    marked = [_by_line(one for one in letters if start <= one.start < end) for start, end in spans]
    found = [line.box for lines in marked for line in lines]
    _mark(picture, found)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=4)
    return PagePicture(file.getvalue(), *picture.size, tuple(found), tuple(_by_line(letters)))


def _is_picture(source: bytes | Path) -> bool:
    """Say whether the original is a picture and not a PDF."""
    if isinstance(source, bytes):
        return kind_of(source[:64]) is not None
    try:
        with source.open("rb") as file:
            return kind_of(file.read(64)) is not None
    except OSError:
        return False  # opening the file raises the reason


def _picture(source: bytes | Path, page: Page) -> Image:
    return page_of(source, page.number, name=source.name if isinstance(source, Path) else "The file")


@contextmanager
def _shown(source: bytes | Path, page: Page) -> Iterator[tuple[Any, Any]]:
    """Open the PDF at a page."""
    import pypdfium2

    name = source.name if isinstance(source, Path) else "The file"
    with opened(source, name=name, forms=True) as pdf:
        if page.number > len(pdf):
            msg = f"{name} has no page {page.number} any more."
            raise Damaged(msg, remedy="It was changed: ingest it again.")
        try:
            with text_page(pdf, page.number - 1) as shown:
                yield shown
        except pypdfium2.PdfiumError as error:
            msg = f"Page {page.number} of {name} can't be shown."
            raise Damaged(msg, remedy="Open the file in another viewer.") from error


def _size(whole: tuple[float, float], width: int) -> tuple[int, int]:
    """Return width and height of a page's picture in pixels; `whole` is the page's size in any unit."""
    ratio = whole[1] / whole[0]
    width = max(1, min(width, int(math.sqrt(MOST_PIXELS / ratio))))
    return width, max(1, round(width * ratio))


def drawn(shown: Any, size: tuple[int, int]) -> Image:
    """Draw the page on white."""
    import pypdfium2.raw as pdfium
    from pypdfium2 import PdfBitmap

    bitmap = PdfBitmap.new_native(*size, pdfium.FPDFBitmap_BGR)
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, *size, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, shown, 0, 0, *size, 0, pdfium.FPDF_ANNOT)
        if shown.formenv:  # draws also the fields for which PDFium made an appearance
            pdfium.FPDF_FFLDraw(shown.formenv, bitmap, shown, 0, 0, *size, 0, pdfium.FPDF_ANNOT)
        picture: Image = bitmap.to_pil().convert("RGB")
        return picture.copy()  # the bitmap's memory is freed with the bitmap
    finally:
        bitmap.close()


def _mark(picture: Image, found: Iterable[Box]) -> None:
    """Colour the boxes like a text marker: white becomes yellow, black stays black."""
    from PIL import Image, ImageChops

    for box in found:
        area = (
            max(0, math.floor(box.x0 - MARGIN)),
            max(0, math.floor(box.y0 - MARGIN)),
            min(picture.width, math.ceil(box.x1 + MARGIN)),
            min(picture.height, math.ceil(box.y1 + MARGIN)),
        )
        if area[0] < area[2] and area[1] < area[3]:
            piece = picture.crop(area)
            picture.paste(ImageChops.multiply(piece, Image.new("RGB", piece.size, YELLOW)), area)


def _letters(shown: Any, characters: Any, page: Page, start: int, end: int, size: tuple[int, int]) -> Iterator[Line]:
    """Yield the letters of a span, each as a line of its own.

    Letters of recognised words, of form fields and of comments have a box of the page.
    """
    if page.boxes:
        own, boxed = (_only(page, kind) for kind in (RunKind.PDF, RunKind.OCR))
        letters = [*_letters(shown, characters, own, start, end, size), *_words(boxed, start, end, size)]
        yield from sorted(letters, key=lambda letter: letter.start)
        return
    for offset, at in page.alignment.sources(start, end):
        if (box := character_box(shown, characters, at, size)) is not None:
            yield Line(box, offset, offset + 1, _is_upright(shown, characters, at))


def _only(page: Page, kind: RunKind) -> Page:
    """Return a page with the alignment of its letters of one kind; without boxes for PDFium's characters."""
    runs = tuple(run for run in page.alignment.runs if run.kind is kind)
    return replace(page, alignment=Alignment(runs), boxes=page.boxes if kind is RunKind.OCR else ())


def _words(page: Page, start: int, end: int, size: tuple[int, int]) -> Iterator[Line]:
    """Yield the recognised words of a span, letter by letter: all letters of a word have its box."""
    width, height = size
    for offset, at in page.alignment.sources(start, end):
        x0, y0, x1, y1 = page.boxes[at]
        yield Line(Box(x0 * width, y0 * height, x1 * width, y1 * height), offset, offset + 1)


def _by_line(found: Iterable[Line]) -> list[Line]:
    """Join successive letters or words on one line."""
    lines: list[Line] = []
    for one in found:
        if lines and lines[-1].upright is one.upright and _on_line(lines[-1].box, one.box, one.upright):
            last = lines[-1]
            lines[-1] = Line(last.box.joined(one.box), min(last.start, one.start), max(last.end, one.end), one.upright)
        else:
            lines.append(one)
    return lines


def character_box(shown: Any, characters: Any, at: int, size: tuple[int, int]) -> Box | None:
    """Return the box of PDFium's character `at` on a picture of this size, or None for white space."""
    import pypdfium2.raw as pdfium

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium.FPDFText_GetCharBox(characters, at, left, right, bottom, top):
        return None
    if min(right.value - left.value, top.value - bottom.value) < _THINNEST:
        return None  # the box of a space is flat
    x0, y0 = _pixel(shown, left.value, bottom.value, size)
    x1, y1 = _pixel(shown, right.value, top.value, size)
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _pixel(shown: Any, x: float, y: float, size: tuple[int, int]) -> tuple[float, float]:
    """Return the pixel position of a page's point; PDFium respects /Rotate and CropBox."""
    import pypdfium2.raw as pdfium

    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(shown, 0, 0, size[0] * _FINE, size[1] * _FINE, 0, x, y, across, down)
    return across.value / _FINE, down.value / _FINE


def _is_upright(shown: Any, characters: Any, at: int) -> bool:
    """Say whether the line of a letter runs across the picture rather than up or down."""
    import pypdfium2.raw as pdfium

    angle: float = pdfium.FPDFText_GetCharAngle(characters, at)
    turned: int = shown.get_rotation()
    return (round(angle / (math.pi / 2)) + turned // 90) % 2 == 0


def _on_line(line: Box, box: Box, upright: bool) -> bool:
    """Say whether a letter belongs to a line: at its height, slightly raised or lowered, and not far away."""
    if not upright:
        line, box = line.turned(), box.turned()
    heights = (line.y1 - line.y0, box.y1 - box.y0)
    overlap = min(line.y1, box.y1) - max(line.y0, box.y0)
    gap = max(line.x0, box.x0) - min(line.x1, box.x1)
    return overlap > 0.2 * min(heights) and gap < _LONGEST_GAP * max(heights)
