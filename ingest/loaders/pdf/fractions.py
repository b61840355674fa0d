"""Writes fractions of a PDF in one line, (a+b)/2, from the pieces above and below a bar.

Numerator and denominator are pieces of separate lines, which side by side would read as a product. The bar decides: a
short thin rule on the line of neighbouring pieces, with one piece above and one below.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ingest.loaders.pdf.letters import Glyphs
from ingest.loaders.pdf.piece import AXIS, Piece
from ingest.loaders.scripts import is_term

_STEP = (0.9, 2.4)  # sizes between the base lines of numerator and denominator
_THIN, _WIDEST = 1.5, 250.0  # points
_ABOVE, _BELOW = (0.05, 1.3), (0.4, 1.6)  # sizes from a bar to the base lines above and below it
_LONGEST = 60  # characters
_MOST_COMPARED = 100_000  # pairs of pieces and rules; a page with more is a drawing
_MOST = 3000  # objects of a page that are examined


@dataclass(frozen=True, slots=True)
class _Bar:
    """A thin horizontal rule, in points."""

    x0: float
    x1: float
    y: float


def with_fractions(page: Any, glyphs: Glyphs, pieces: Sequence[Piece]) -> list[Piece]:
    """Return a page's pieces with the parts of fractions marked; `page` is PDFium's."""
    candidates = [at for at, (one, other) in enumerate(pairwise(pieces)) if _may_be(one, other)]
    if not candidates:
        return list(pieces)
    bars = list(_bars(page))
    if len(candidates) * len(bars) > _MOST_COMPARED:
        return list(pieces)
    found = list(pieces)
    for at in candidates:
        above, below = found[at], found[at + 1]
        if above.part or glyphs.text[above.end - 1] == ":":  # the underlined name of a procedure
            continue
        if not any(_divides(bar, above, below) and _on_line(bar, at, pieces) for bar in bars):
            continue
        found[at] = replace(above, part="over", wide=_is_wide(above, glyphs))
        found[at + 1] = replace(below, part="under", wide=_is_wide(below, glyphs))
    return found


def _may_be(one: Piece, other: Piece) -> bool:
    """Say whether a piece is right above the next, both short."""
    size = max(one.size, other.size)
    short = max(one.end - one.start, other.end - other.start) <= _LONGEST
    overlap = min(one.x1, other.x1) - max(one.x0, other.x0)
    near = size > 0 and _STEP[0] < (one.y - other.y) / size < _STEP[1]
    return (
        short and near and not one.turn and not other.turn and overlap > 0.5 * min(one.x1 - one.x0, other.x1 - other.x0)
    )


def _divides(bar: _Bar, above: Piece, below: Piece) -> bool:
    size = max(above.size, below.size)
    within = min(above.x0, below.x0) > bar.x0 - size / 2 and max(above.x1, below.x1) < bar.x1 + size
    wide = bar.x1 - bar.x0
    fills = max(above.x1 - above.x0, below.x1 - below.x0) > (0.35 if wide < 3 * size else 0.6) * wide
    between = _ABOVE[0] < (above.y - bar.y) / size < _ABOVE[1] and _BELOW[0] < (bar.y - below.y) / size < _BELOW[1]
    return within and fills and between


def _on_line(bar: _Bar, at: int, pieces: Sequence[Piece]) -> bool:
    """Say whether a neighbouring piece is on the bar's line; otherwise the bar belongs to a table."""
    for other in (*pieces[max(at - 3, 0) : at], *pieces[at + 2 : at + 5]):
        beside = other.x1 < bar.x0 + other.size or other.x0 > bar.x1 - other.size
        if beside and other.size > 0 and abs(bar.y - AXIS * other.size - other.y) < 0.35 * other.size:
            return True
    return False


def _is_wide(piece: Piece, glyphs: Glyphs) -> bool:
    """Say whether a numerator or denominator needs brackets in one line."""
    return not is_term(glyphs.text[piece.start : piece.end].strip())


def _bars(page: Any) -> Iterator[_Bar]:
    import pypdfium2.raw as pdfium

    sides = [ctypes.c_float() for _ in range(4)]
    for at in range(min(pdfium.FPDFPage_CountObjects(page), _MOST)):
        drawn = pdfium.FPDFPage_GetObject(page, at)
        if pdfium.FPDFPageObj_GetType(drawn) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        pdfium.FPDFPageObj_GetBounds(drawn, *sides)
        left, bottom, right, top = (side.value for side in sides)
        if abs(top - bottom) <= _THIN < right - left < _WIDEST:
            yield _Bar(left, right, (bottom + top) / 2)
