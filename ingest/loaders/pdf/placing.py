"""Puts values of form fields and text typed on a page into the page's rows, at their places in reading order.

Family name: [Quittenbaum]           a value on a row's line stands in this row, from left to right
Remarks:                             one below all rows beside it is a row of its own
[I come by train.]

Their letters are none of PDFium's: each belongs to its field's box on the page.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ingest.loaders.pdf.annotations import Annotation, annotations_of
from ingest.loaders.pdf.blocks import usual_turn
from ingest.loaders.pdf.letters import BOXED, Glyphs, edges
from ingest.loaders.pdf.piece import Piece
from ingest.loaders.pdf.rows import PageRows, Row, row_of_pieces
from ingest.pdfium import text_page

_SIZE = 10.0  # points, of a value on a page without text
_LEADING = 1.2  # sizes between lines of a value
_WIDTH = 0.5  # sizes, of a letter
_DEEP = 0.3  # sizes from a line's centre to its base line
_ON_LINE = 0.6  # sizes between base lines
_FINE = 100_000  # parts of a page's width and height

Rectangle = tuple[float, float, float, float]


def with_annotations(pdf: Any, index: int, page: PageRows) -> PageRows:
    """Return a page with what was put on it afterwards; `pdf` is opened with its forms."""
    with text_page(pdf, index) as (shown, characters):
        boxes = _Boxes(shown, annotations_of(pdf, index, shown, characters))
        on_page = [(at, one) for at, one in enumerate(boxes.visible) if not one.is_comment]
        comments = tuple((_remark(one), at) for at, one in enumerate(boxes.visible) if one.is_comment)
        page = replace(page, boxes=boxes.shares, comments=comments)
        return _Placing(characters, page).placed(on_page)


def _remark(one: Annotation) -> str:
    return f"Comment by {one.author}: {one.shown}" if one.author else f"Comment: {one.shown}"


class _Boxes:
    """The annotations that lie on the shown part of a page, with their boxes in shares of its width and height."""

    def __init__(self, shown: Any, found: Sequence[Annotation]) -> None:
        pairs = [(one, _share(shown, one.box)) for one in found]
        pairs = [(one, box) for one, box in pairs if box[0] < box[2] and box[1] < box[3]]
        self.visible = [one for one, _ in pairs]
        self.shares = tuple(box for _, box in pairs)


def _share(shown: Any, box: Rectangle) -> Rectangle:
    """Return a box in shares of the page from its upper left corner; PDFium respects /Rotate and CropBox."""
    import pypdfium2.raw as pdfium

    across, down = ctypes.c_int(), ctypes.c_int()
    xs, ys = list[float](), list[float]()
    for x, y in ((box[0], box[1]), (box[2], box[3])):
        pdfium.FPDF_PageToDevice(shown, 0, 0, _FINE, _FINE, 0, x, y, across, down)
        xs.append(min(max(across.value / _FINE, 0.0), 1.0))
        ys.append(min(max(down.value / _FINE, 0.0), 1.0))
    return min(xs), min(ys), max(xs), max(ys)


class _Placing:
    """A page whose rows take up values one by one."""

    def __init__(self, characters: Any, page: PageRows) -> None:
        self._characters, self._page = characters, page
        self._turn = usual_turn(page)
        self._rows = list(page.rows)
        self._text, self._sources = page.glyphs.text, list(page.glyphs.sources)

    def placed(self, found: Sequence[tuple[int, Annotation]]) -> PageRows:
        """Return the page with these annotations; each has the index of its box."""
        upright = [(at, one, _upright(one.box, self._turn)) for at, one in found]
        for at, one, box in sorted(upright, key=lambda item: (-item[2][3], item[2][0])):
            self._place(one.shown, box, BOXED - at)
        if not upright:
            return self._page
        return replace(self._page, glyphs=self._glyphs(), rows=tuple(self._rows))

    def _glyphs(self) -> Glyphs:
        return replace(self._page.glyphs, text=self._text, sources=self._sources)

    def _place(self, text: str, box: Rectangle, source: int) -> None:
        lines = text.split("\n")
        row = self._row_beside(box, len(lines))
        size = row.size if row else self._usual_size(box, len(lines))
        pieces = list(self._pieces(lines, box, size, source))
        if row:
            at = self._rows.index(row)
            first = replace(pieces[0], y=row.y)
            self._rows[at] = _with(self._parted(row, box[0]), first)
        else:
            at = self._after(pieces[0])
            self._rows.insert(at, row_of_pieces(pieces[:1]))
        self._rows[at + 1 : at + 1] = [row_of_pieces([piece]) for piece in pieces[1:]]

    def _pieces(self, lines: Sequence[str], box: Rectangle, size: float, source: int) -> Iterator[Piece]:
        """Append the letters of a value and yield a piece for each of its lines."""
        top = (box[1] + box[3]) / 2 + (len(lines) - 1) * size * _LEADING / 2 - _DEEP * size
        for at, line in enumerate(lines):
            start = len(self._text) + 1
            self._text += f"\n{line}"
            self._sources += [source] * (len(line) + 1)
            right = max(min(box[0] + _WIDTH * size * len(line), box[2]), box[0] + 0.1)
            y = top - at * size * _LEADING
            yield Piece(start, len(self._text), box[0], right, y, size, bold=False, mono=False, turn=self._turn)

    def _usual_size(self, box: Rectangle, lines: int) -> float:
        sizes = sorted(row.size for row in self._rows)
        return sizes[len(sizes) // 2] if sizes else min(_SIZE, (box[3] - box[1]) / lines)

    def _row_beside(self, box: Rectangle, lines: int) -> Row | None:
        """Return the row on whose line a box lies: the nearest one, and rather one that begins before it."""
        best: tuple[tuple[bool, float], Row] | None = None
        for row in self._rows:
            line = row.y + _DEEP * row.size  # the height of its centre
            off = abs((box[1] + box[3]) / 2 - line) if lines == 1 else abs(box[3] - 0.6 * row.size - line)
            if row.turn != self._turn or off > _ON_LINE * row.size:
                continue
            gap = max(box[0] - row.x1, row.x0 - box[2], 0.0)
            rank = (row.x0 > box[0], gap + off)
            if best is None or rank < best[0]:
                best = rank, row
        return best[1] if best else None

    def _parted(self, row: Row, x: float) -> list[Piece]:
        """Return the pieces of a row, the one that runs across `x` in two."""
        pieces: list[Piece] = []
        for piece in row.pieces:
            at = self._cut(piece, x) if piece.x0 < x < piece.x1 and not piece.turn and not piece.part else piece.end
            left = self._stripped(replace(piece, end=at, x1=min(piece.x1, x) if at < piece.end else piece.x1))
            right = self._stripped(replace(piece, start=at, x0=x + 0.1))
            pieces += [part for part in (left, right) if part.start < part.end]
        return pieces

    def _cut(self, piece: Piece, x: float) -> int:
        """Return where the part of a piece begins that is right of `x`; no word is cut."""
        at = piece.start
        while at < piece.end and self._middle(at) < x:
            at += 1
        while piece.start < at < piece.end and self._text[at - 1].isalnum() and self._text[at].isalnum():
            at -= 1
        return at

    def _middle(self, at: int) -> float:
        """Return the middle of a letter; what isn't drawn belongs to the letter before it."""
        source = self._sources[at]
        sides = edges(self._characters, source) if source >= 0 else None
        return sum(sides) / 2 if sides else float("-inf")

    def _stripped(self, piece: Piece) -> Piece:
        start, end = piece.start, piece.end
        while start < end and self._text[start].isspace():
            start += 1
        while start < end and self._text[end - 1].isspace():
            end -= 1
        return replace(piece, start=start, end=end)

    def _after(self, piece: Piece) -> int:
        """Return the index behind the nearest row above a piece, rather one above it than one beside it."""
        best: tuple[float, int] | None = None
        for at, row in enumerate(self._rows):
            beside = max(row.x0 - piece.x1, piece.x0 - row.x1, 0.0)
            if row.turn == self._turn and row.y > piece.y and (best is None or row.y - piece.y + beside <= best[0]):
                best = row.y - piece.y + beside, at
        return best[1] + 1 if best else 0


def _upright(box: Rectangle, turn: int) -> Rectangle:
    """Return a box as `rows` measures letters with this number of quarter turns."""
    corners = [((x, y), (-y, x), (-x, -y), (y, -x))[turn] for x, y in ((box[0], box[1]), (box[2], box[3]))]
    xs, ys = sorted(x for x, _ in corners), sorted(y for _, y in corners)
    return xs[0], ys[0], xs[1], ys[1]


def _with(pieces: Sequence[Piece], piece: Piece) -> Row:
    """Return a row with one more piece, from left to right."""
    at = next((at for at, other in enumerate(pieces) if other.x0 > piece.x0), len(pieces))
    return row_of_pieces([*pieces[:at], piece, *pieces[at:]])
