"""PDFium: opened and closed under one lock, its errors translated.

PDFium is not thread-safe, so every call into it, from whatever thread, happens while `LOCK` is held. It
is held per page, so that a long document being read doesn't keep the viewer from showing a page.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.loaders.locked import locked
from rag.errors import Damaged, PasswordNeeded, SourceError

LOCK = threading.RLock()

# Characters of PDFium's raw interface that stand for no letter.
UNDECODABLE = 0x0  # a glyph that PDFium finds no Unicode for
LINE_END_HYPHEN = 0x2  # a hyphen at the end of a line; no line end follows it


@contextmanager
def opened(source: bytes | Path, *, name: str, password: str | None = None) -> Iterator[Any]:
    """Open a PDF, and close it at the end; `name` is what errors call it."""
    import pypdfium2

    with LOCK:
        try:
            pdf = pypdfium2.PdfDocument(source, password=password)
        except pypdfium2.PdfiumError as error:
            raise translated(error, name, encrypted=_is_encrypted(source)) from error
        except FileNotFoundError as error:
            msg = f"{name} is not there any more."
            raise Damaged(msg, remedy="Ingest it again.") from error
    try:
        yield pdf
    finally:
        with LOCK:
            pdf.close()


@contextmanager
def text_page(pdf: Any, index: int) -> Iterator[tuple[Any, Any]]:
    """Hold the lock, and give the page at `index` (from 0) and its characters, as a handle for the raw interface.

    A book is a million and more calls for characters: through pypdfium2's object each costs a quarter more.
    """
    with LOCK:
        page = pdf[index]
        try:
            characters = page.get_textpage()
            try:
                yield page, characters.raw
            finally:
                characters.close()
        finally:
            page.close()


def _is_encrypted(source: bytes | Path) -> bool:
    """Whether a file speaks of encryption at all: PDFium asks for a password for some damaged ones too."""
    return isinstance(source, Path) or b"/Encrypt" in source


def translated(error: Exception, name: str, *, encrypted: bool = True) -> SourceError:
    """Say a PDFium error in our words."""
    import pypdfium2.raw as pdfium

    code = getattr(error, "err_code", None)
    if code == pdfium.FPDF_ERR_PASSWORD and encrypted:
        return locked(name)
    if code == pdfium.FPDF_ERR_SECURITY:
        return PasswordNeeded(
            f"{name} is encrypted in a way that can't be opened.",
            remedy="Save a copy without protection and ingest that.",
        )
    if code == pdfium.FPDF_ERR_SUCCESS:
        return Damaged(f"{name} is a PDF without pages.", remedy="Get the file again, or print it to a new PDF.")
    return Damaged(
        f"{name} is damaged: it can't be opened as a PDF.",
        remedy="Get the file again, or open it in a viewer and print it to a new PDF.",
    )
