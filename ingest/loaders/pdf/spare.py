"""Reads pages with pypdf on which PDFium finds no text or fails: a second opinion, without places on the page.

It is some thirty times slower than PDFium.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress

from ingest.loaders.building import quiet

MOST_PAGES = 40
LARGEST = 50_000_000  # bytes of the file


def spare_pages(data: bytes, wanted: Sequence[int] | None = None) -> dict[int, str]:
    """Return pypdf's text of the pages (all by default) on which PDFium found none."""
    import pypdf

    found: dict[int, str] = {}
    if len(data) > LARGEST:
        return found
    with quiet("pypdf"):
        try:
            pages = pypdf.PdfReader(io.BytesIO(data)).pages
            asked = (range(len(pages)) if wanted is None else wanted)[:MOST_PAGES]
        except Exception:  # noqa: BLE001  # pypdf raises any exception on a broken file
            return found
        for at in asked:
            found[at] = ""
            with suppress(Exception):  # a broken page costs only itself
                found[at] = _printable(pages[at].extract_text())
    return found


def _printable(text: str) -> str:
    """Return the printable text; a page of undecoded glyphs is no better than an empty one."""
    kept = "".join(letter for letter in text if letter.isprintable() or letter == "\n").strip()
    return kept if sum(map(str.isalnum, kept)) > len(kept) // 3 else ""
