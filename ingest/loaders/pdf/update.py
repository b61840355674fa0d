"""Replaces streams of a PDF by appending new ones (ISO 32000-1, 7.5.6).

pypdf's writer can do this too, but loads the whole file first: a second for a book of 20 MB.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdf import PdfReader

_START = re.compile(rb"startxref\s+(\d+)")
_HEADER_WITHIN = 1024  # bytes; offsets count from the header, whatever precedes it
_TAIL = 2048  # bytes
_OFFSET, _GENERATION = 5, 2  # bytes of an entry


def with_streams(data: bytes, reader: PdfReader, streams: Mapping[tuple[int, int], bytes]) -> bytes:
    """Return a PDF with new contents for the streams by number and generation; `reader` has read the PDF.

    Raises ValueError for an encrypted file, or one without the position of its table of objects.
    """
    before, size = _START.findall(data[-_TAIL:]), int(reader.trailer.get("/Size", 0))
    if reader.is_encrypted or not (before and size):
        msg = "an encrypted file, or one without a table of objects"
        raise ValueError(msg)
    header = max(data.find(b"%PDF", 0, _HEADER_WITHIN), 0)
    written, places = bytearray(data), dict[tuple[int, int], int]()
    for (number, generation), content in sorted(streams.items()):
        written += b"\n"
        places[number, generation] = len(written) - header
        written += _stream(number, generation, b"", content)
    table = b"".join(
        b"\x01" + place.to_bytes(_OFFSET, "big") + generation.to_bytes(_GENERATION, "big")
        for (_, generation), place in places.items()
    )
    root = reader.trailer.raw_get("/Root")
    about = b"/Type /XRef /W [1 %d %d] /Size %d /Root %d %d R /Prev %d /Index [%s] " % (
        _OFFSET,
        _GENERATION,
        size + 1,
        root.idnum,
        root.generation,
        int(before[-1]),
        b" ".join(b"%d 1" % number for number, _ in places),
    )
    start = len(written) - header
    return bytes(written + _stream(size, 0, about, table) + b"startxref\n%d\n%%%%EOF\n" % start)


def _stream(number: int, generation: int, about: bytes, content: bytes) -> bytes:
    head = b"%d %d obj\n<< %s/Length %d >>\nstream\n" % (number, generation, about, len(content))
    return head + content + b"\nendstream\nendobj\n"
