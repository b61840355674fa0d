"""Limits the length of a document: of a longer file the beginning is read, and the report says how much.

24 million characters are some 10,000 pages: more than a person reads, and as much as can be parsed in a minute or two
within a gigabyte.
"""

from __future__ import annotations

from dataclasses import replace

from ingest.loaders.plain.decoding import wide
from rag.types import Document

MOST = 24_000_000  # characters of a document, and bytes of a file that is text
_REST = "divide the file to have the rest found"


def beginning(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return the bytes of a text file up to the last line end within the limit, and a note if that isn't all."""
    if len(data) <= MOST:
        return data, ()
    units = data.startswith((b"\xff\xfe", b"\xfe\xff")) or wide(data)  # UTF-16: two bytes a unit
    cut = MOST if units else data.rfind(b"\n", 0, MOST) + 1 or MOST
    return data[:cut], (f"only the first {cut / 1e6:.0f} of {len(data) / 1e6:.0f} MB were read: {_REST}",)


def shortened(document: Document) -> Document:
    """Return a document without the blocks behind the limit; pages are never cut."""
    if len(document.text) <= MOST or document.pages:
        return document
    blocks = tuple(block for block in document.blocks if block.end <= MOST)
    cut = blocks[-1].end if blocks else MOST
    told = [note for note in document.notes if not note.endswith(_REST)]
    note = f"only the first {cut / 1e6:.0f} million characters were read: {_REST}"
    return replace(document, text=document.text[:cut], blocks=blocks, notes=(*told, note))
