"""Orders a page's columns one after the other if the PDF has their lines side by side.

Most programs write a column to its end before the next one, and this order is kept. If the lines of two columns
alternate, the page is cut by a recursive X-Y cut:[1] across at the lines that run over the gutter (titles, figures as
wide as the page), then along the gutter, then again within each column.

    Title as wide as the page            Title
    left 1      right 1            ->    left 1, left 2
    left 2      right 2                  right 1, right 2

Cells of a table are side by side as well, but a column of text has lines of some length.

[1] G. Nagy and S. Seth, Hierarchical representation of optically scanned documents, ICPR 1984, pp. 347-349.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from ingest.loaders.pdf.piece import Piece
from ingest.loaders.pdf.rows import PageRows, Row, row_of_pieces

_FEWEST_LINES = 4  # side by side
_GUTTER = 0.9  # sizes
_SHORTEST_LINE = 16  # characters, the median of a column's lines
_WIDEST = 4.0  # sizes, the median gap after a column's lines
_LARGER = 1.12  # times the usual size
_LONGEST_SIGN = 3  # characters
_DEEPEST = 3


def in_reading_order(page: PageRows) -> PageRows:
    """Return the page with its columns one after the other."""
    if sum(_is_parted(row) for row in page.rows) < _FEWEST_LINES:
        return page
    rows = tuple(_ordered(page.rows, _DEEPEST))
    return page if rows == page.rows else replace(page, rows=rows)


def _is_parted(row: Row) -> bool:
    """Say whether a row has a gap as wide as a gutter."""
    return any(True for _ in _gaps(row))


def _gaps(row: Row) -> Iterator[tuple[float, float]]:
    """Yield the gaps of a row that can be a gutter."""
    for left, right in pairwise(row.pieces):
        listed = left.end - left.start <= _LONGEST_SIGN  # a bullet, a number
        if not listed and right.x0 - left.x1 > _GUTTER * row.size and abs(right.y - left.y) < 0.3 * row.size:
            yield left.x1, right.x0


def _ordered(rows: Sequence[Row], deep: int) -> Iterator[Row]:
    """Yield rows in reading order; bands that the gutter divides are read column by column."""
    gutter = _gutter(rows) if deep else None
    if gutter is None:
        yield from rows
        return
    band: list[Row] = []
    for row in rows:
        if row.turn == rows[0].turn and not _crosses(row, gutter):
            band.append(row)
        else:
            yield from _columns(band, gutter, deep)
            band = []
            yield row
    yield from _columns(band, gutter, deep)


def _gutter(rows: Sequence[Row]) -> float | None:
    """Return the position of the gap shared by most rows, if it divides enough of them."""
    gaps = [gap for row in rows for gap in _gaps(row)]
    # The position inside the most gaps; every gap's centre is a candidate.
    middles = Counter(
        middle
        for middle in {(left + right) / 2 for left, right in gaps}
        for left, right in gaps
        if left < middle < right
    )
    best = max(middles.items(), key=lambda item: (item[1], -item[0]), default=None)
    return best[0] if best and best[1] >= _FEWEST_LINES else None


def _crosses(row: Row, gutter: float) -> bool:
    """Say whether a row crosses the gutter."""
    return any(piece.x0 < gutter < piece.x1 for piece in row.pieces)


def _columns(band: Sequence[Row], gutter: float, deep: int) -> Iterator[Row]:
    """Yield the rows of a band left of the gutter, then those right of it; a table's rows unchanged."""
    usual = median([row.size for row in band] or [0])
    while band and band[0].size > _LARGER * usual and not _is_parted(band[0]):  # a short title above the columns
        yield band[0]
        band = band[1:]
    left = [part for row in band if (part := _part(row, [at for at in row.pieces if at.x1 <= gutter]))]
    right = [part for row in band if (part := _part(row, [at for at in row.pieces if at.x0 >= gutter]))]
    widths = [(end - start) / row.size for row in band for start, end in _gaps(row) if start <= gutter <= end]
    if len(widths) < _FEWEST_LINES or median(widths) > _WIDEST or not (_is_text(left) and _is_text(right)):
        yield from band
        return
    yield from _ordered(left, deep - 1)
    yield from _ordered(right, deep - 1)


def _part(row: Row, pieces: Sequence[Piece]) -> Row | None:
    """Return the row with only the given pieces."""
    if len(pieces) == len(row.pieces):
        return row
    return row_of_pieces(pieces) if pieces else None


def _is_text(rows: Sequence[Row]) -> bool:
    """Say whether rows are lines of text rather than cells."""
    lengths = [piece.end - piece.start for row in rows for piece in row.pieces]
    return median(lengths or [0]) >= _SHORTEST_LINE
