"""Unlocks files with a password: once, on acceptance, into a copy that needs none.

The copy is no weaker than the rest of the home, which holds the text unencrypted as well. With the copy, the pages
can be shown, and the file be parsed again, without asking for the password each time. The password goes through a
pipe to the process that opens the file, and is stored nowhere.
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
    """A task for a worker: the bytes to unlock, and the password."""

    source: Source
    data: bytes = field(repr=False)
    password: str = field(repr=False)


def may_be_locked(data: bytes, media_type: str) -> bool:
    """Say whether an attempt is worthwhile: most files that mention encryption open without a password."""
    return media_type == PDF and b"/Encrypt" in data


def unlock(work: Unlock) -> bytes | None:
    """Return an unlocked copy, or None if the file needs no password or is broken.

    Raises Locked if the password is wrong.
    """
    name = work.source.uri
    try:
        with opened(work.data, name=name):
            return None
    except Locked:
        pass
    except Damaged:
        return None  # parsing the file raises the reason
    for password in _spellings(work.password):
        try:
            return _without_password(work.data, name, password)
        except Locked:
            continue
    raise wrong_password(name)


def _spellings(password: str) -> list[str]:
    """Return a password as typed, and normalised as PDF 2.0 requires."""
    return list(dict.fromkeys([password, unicodedata.normalize("NFKC", password)]))


def _without_password(data: bytes, name: str, password: str) -> bytes:
    import pypdfium2.raw as pdfium

    copy = io.BytesIO()
    with opened(data, name=name, password=password) as pdf, LOCK:
        pdf.save(copy, flags=pdfium.FPDF_REMOVE_SECURITY)
    with opened(copy.getvalue(), name=name):
        return copy.getvalue()
