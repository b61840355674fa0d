"""Pictures: each is a page with its text recognised; a TIFF may have several pages."""

from __future__ import annotations

from collections.abc import Callable

from ingest.loaders.pdf.document import document_of_scans
from ingest.loaders.scan import read_picture
from ingest.ocr import INSTALL, Recogniser, fitting, recogniser
from ingest.parse.progress import report_page
from ingest.pictures import count_pages, pages_of
from rag.errors import NoText
from rag.types import Document


def load(
    data: bytes,
    *,
    name: str,
    url: str | None = None,  # for every loader's signature
    recogniser: Callable[[], Recogniser | None] = recogniser,
) -> Document:
    """Recognise the text of a picture; `recogniser` returns the recogniser, or None if none is installed."""
    recognise = recogniser()
    if recognise is None:
        msg = f"{name} is a picture, and text recognition isn't installed."
        raise NoText(msg, remedy=f"To read it: {INSTALL}")
    scans = []
    total = count_pages(data, name=name)
    for number, picture in enumerate(pages_of(data, name=name), start=1):
        report_page(number, total, by_ocr=True)
        picture.thumbnail(fitting(*picture.size))
        scans.append(read_picture(picture, recognise))
    document = document_of_scans(scans, name)
    if document is None:
        msg = f"{name} has no text: none was recognised on the picture."
        raise NoText(msg, remedy="If there is some, scan or photograph it larger and sharper.")
    return document
