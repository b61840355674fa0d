"""Recognises the pages of a PDF that have no usable text; the other pages stay as they are."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ingest.loaders.building import ranges
from ingest.loaders.pdf.gibberish import is_gibberish
from ingest.loaders.pdf.rows import PageRows
from ingest.loaders.scan import Scan, read_picture
from ingest.ocr import INSTALL, RESOLUTION, Recogniser, fitting
from ingest.pages import drawn
from ingest.parse.progress import report_page
from ingest.pdfium import opened, text_page

logger = logging.getLogger(__name__)

HOW_TO = f"Text recognition isn't installed: {INSTALL}, then ingest again with --force."

_FEW = 60  # letters; a stamp or page number over a scan has fewer, a page of text more
_COVERED = 0.8  # share of the page under pictures; then it may be a scan despite a few letters
_BETTER = 3  # times the letters of such a page must be recognised
_AS_MANY = 0.5  # times the characters of a page without meaning
_POINTS = 72  # per inch


def read_scans(
    data: bytes,
    pages: Sequence[PageRows | None],
    asked: Sequence[int],
    recogniser: Callable[[], Recogniser | None],
) -> dict[int, Scan] | None:
    """Recognise the pages at the indexes `asked`; return those with more text than before.

    Return None if there was something to recognise and no recogniser is installed. The models are
    loaded with the first picture.
    """
    found: dict[int, Scan] = {}
    if not asked:
        return found
    with opened(data, name="The file", forms=True) as pdf:
        for number, at in enumerate(asked, start=1):
            page = pages[at]
            picture = None if page is None else _picture(pdf, at, page)
            if page is None or picture is None:
                continue
            recognise = recogniser()
            if recognise is None:
                return None
            report_page(number, len(asked), by_ocr=True)
            scan = _recognised(picture, recognise)
            if _is_better(scan.rows, page):
                found[at] = scan
    return found


def _recognised(picture: Any, recognise: Recogniser) -> Scan:
    """Recognise a page; whatever goes wrong costs that page only, which stays as it was."""
    try:
        return read_picture(picture, recognise)
    except Exception:
        logger.debug("A page can't be recognised.", exc_info=True)
        return Scan(PageRows())


def doubtful_pages(pages: Sequence[PageRows | None]) -> list[int]:
    """Return the indexes of possible scans: pages without rows, with few letters, or undecoded."""
    return [at for at, page in enumerate(pages) if page and not page.blank and _may_be_scan(page)]


def note_of(numbers: Sequence[int]) -> str:
    """Return a note on the recognised pages.

    >>> note_of([3]), note_of([3, 4])
    ('page 3 was read by OCR', 'pages 3-4 were read by OCR')
    """
    pages, were = ("page", "was") if len(numbers) == 1 else ("pages", "were")
    return f"{pages} {ranges(numbers)} {were} read by OCR"


def _may_be_scan(page: PageRows) -> bool:
    return not page.rows or _letters(page) < _FEW or is_undecoded(page)


def _letters(page: PageRows) -> int:
    """Return the number of searchable letters and digits on a page."""
    return sum(map(str.isalnum, page.glyphs.text)) if page.rows else 0


def is_undecoded(page: PageRows) -> bool:
    """Say whether much of a page's own text is codes without meaning."""
    return page.is_printed and is_gibberish(page.glyphs.text)


def _is_better(scan: PageRows, page: PageRows) -> bool:
    """Say whether recognition read more than the page has; codes without meaning may be more than letters."""
    if is_undecoded(page):
        return _letters(scan) > _AS_MANY * min(_letters(page), _FEW) and not is_gibberish(scan.glyphs.text)
    return _letters(scan) > _letters(page) * _BETTER


def _picture(pdf: Any, at: int, page: PageRows) -> Any:
    """Draw a page; None if it holds no more than its few letters."""
    import pypdfium2

    try:
        with text_page(pdf, at) as (shown, _):
            if page.rows and not is_undecoded(page) and _covered(shown) < _COVERED:
                return None
            width, height = (side * RESOLUTION / _POINTS for side in shown.get_size())
            return drawn(shown, fitting(width, height))
    except pypdfium2.PdfiumError:
        return None


def _covered(shown: Any) -> float:
    """Return an upper bound of the share of a page under pictures; a form may hold a picture."""
    import pypdfium2.raw as pdfium

    kinds = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM)
    area = shown.get_width() * shown.get_height()
    return sum(_area(box) for box in _bounds(shown, kinds)) / area if area else 0.0


def _bounds(shown: Any, kinds: Sequence[int]) -> Iterator[tuple[float, float, float, float]]:
    import pypdfium2.raw as pdfium

    for at in range(min(pdfium.FPDFPage_CountObjects(shown), 1000)):
        thing = pdfium.FPDFPage_GetObject(shown, at)
        sides = [ctypes.c_float() for _ in range(4)]
        if pdfium.FPDFPageObj_GetType(thing) in kinds and pdfium.FPDFPageObj_GetBounds(thing, *sides):
            left, bottom, right, top = (side.value for side in sides)
            yield left, bottom, right, top


def _area(box: tuple[float, float, float, float]) -> float:
    left, bottom, right, top = box
    return max(right - left, 0.0) * max(top - bottom, 0.0)
