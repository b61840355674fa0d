"""Opens and closes PDFium's documents and pages under one lock, and translates its errors.

PDFium is not thread-safe, so every call into it happens while `LOCK` is held. The lock is held per page, so that
reading a long document doesn't keep the viewer from showing a page.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ingest.loaders.building import quiet
from ingest.loaders.locked import locked
from rag.errors import Damaged, PasswordNeeded, SourceError

LOCK = threading.RLock()

# Codes in PDFium's raw interface that are no characters.
UNDECODABLE = 0x0  # a glyph without a Unicode mapping
LINE_END_HYPHEN = 0x2  # a hyphen at the end of a line; no line end follows it


@contextmanager
def opened(source: bytes | Path, *, name: str, password: str | None = None, forms: bool = False) -> Iterator[Any]:
    """Open a PDF for the context; errors refer to it as `name`.

    With `forms`, PDFium makes appearances for fields that have a value and none.
    """
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
        if forms:
            with LOCK, quiet("pypdfium2"), suppress(pypdfium2.PdfiumError):
                pdf.init_forms()
        yield pdf
    finally:
        with LOCK:
            pdf.close()


@contextmanager
def text_page(pdf: Any, index: int) -> Iterator[tuple[Any, Any]]:
    """Yield the page at `index` (from 0) and its text handle for the raw interface, holding the lock.

    A book takes a million calls for characters and more; through pypdfium2's object each costs a quarter more.
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
    """Say whether a file mentions encryption at all: PDFium asks for a password for some damaged files too."""
    return isinstance(source, Path) or b"/Encrypt" in source


def translated(error: Exception, name: str, *, encrypted: bool = True) -> SourceError:
    """Translate a PDFium error."""
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
