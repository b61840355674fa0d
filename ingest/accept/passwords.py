"""Files that open with a password only: opened once, as they come in, and kept as a copy that needs none.

The copy is no weaker than the rest of the home, where the text lies in the clear as well, and with it the pages can
be shown, and the file be read again, without asking for the password each time. The password goes through a pipe to
the process that opens the file, and is written down nowhere.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass, field

from ingest.loaders import PDF
from ingest.loaders.locked import wrong_password
from ingest.pdfium import LOCK, opened
from rag.errors import Damaged, Locked
from rag.types import Source


@dataclass(frozen=True, slots=True)
class Unlock:
    """What to open, and with what."""

    source: Source
    data: bytes = field(repr=False)
    password: str = field(repr=False)


def may_be_locked(data: bytes, media_type: str) -> bool:
    """Whether it is worth a try: most files that speak of encryption open without a password all the same."""
    return media_type == PDF and b"/Encrypt" in data


def unlock(work: Unlock) -> bytes | None:
    """Return a copy that opens without a password; None where the file itself does, or is broken.

    Raises Locked when the password is not the right one.
    """
    name = work.source.uri
    try:
        with opened(work.data, name=name):
            return None
    except Locked:
        pass
    except Damaged:
        return None  # whoever reads it says what is wrong
    for password in _spellings(work.password):
        try:
            return _without_password(work.data, name, password)
        except Locked:
            continue
    raise wrong_password(name)


def _spellings(password: str) -> list[str]:
    """Return a password as it was typed and as PDF 2.0 wants it written."""
    return list(dict.fromkeys([password, unicodedata.normalize("NFKC", password)]))


def _without_password(data: bytes, name: str, password: str) -> bytes:
    import pypdfium2.raw as pdfium

    copy = io.BytesIO()
    with opened(data, name=name, password=password) as pdf, LOCK:
        pdf.save(copy, flags=pdfium.FPDF_REMOVE_SECURITY)
    with opened(copy.getvalue(), name=name):
        return copy.getvalue()
