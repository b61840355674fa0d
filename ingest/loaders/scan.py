"""Turns recognised lines into the rows of a page, so that later steps treat them like a PDF's own characters.

The alignment leads to boxes: each recognised word has one on the page, in shares of its width and height.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from ingest.loaders.pdf.letters import Glyphs
from ingest.loaders.pdf.piece import Piece
from ingest.loaders.pdf.rows import PageRows, Row
from ingest.ocr import RecognisedLine, Recogniser, Rectangle
from rag.types import Alignment, AlignmentRun, Page, RunKind

if TYPE_CHECKING:
    from PIL.Image import Image

_BODY = 10.0  # points; pictures have no sizes, so the usual line gets this one
_HEADING = 1.3  # times the usual height; less may be chance: "sum" is lower than "Höhe"
_SMALL = 0.7
_FEWEST = 3  # lines of a column
_LEAST = 3  # letters on a page; a single one is a speck, or a stroke of a drawing
_LEAST_TURNED = 20  # letters for detecting the rotation of a page
_SURE, _AS_SURE = 0.85, 0.05
_SHORTEST = 12  # letters of a column's usual line; table cells are shorter


@dataclass(frozen=True, slots=True)
class Scan:
    """A recognised page: its rows, its words' boxes, and the box of each character of the rows."""

    rows: PageRows
    boxes: tuple[Rectangle, ...] = ()
    box_of: tuple[int, ...] = ()

    def placed(self, page: Page) -> Page:
        """Return the page written from these rows, with its alignment leading to boxes."""
        runs: list[AlignmentRun] = []
        for run in page.alignment.runs:
            runs += [run] if run.kind is RunKind.INSERTED else self._by_box(run)
        return replace(page, alignment=Alignment(tuple(runs)), boxes=self.boxes)

    def _by_box(self, run: AlignmentRun) -> list[AlignmentRun]:
        """Divide a run of characters at the beginning of another box."""
        runs: list[AlignmentRun] = []
        for at in range(run.length):
            box = self.box_of[run.source + at]
            if runs and runs[-1].source == box:
                runs[-1] = replace(runs[-1], length=runs[-1].length + 1)
            else:
                runs.append(AlignmentRun(run.start + at, box, 1, RunKind.OCR))
        return runs


def read_picture(picture: Image, recognise: Recogniser) -> Scan:
    """Recognise a picture, turned upright if it is sideways or upside down.

    Upside down, the confidence is lower, .7 instead of .98 on pages of books; sideways, lines are high.
    """
    lines = recognise(picture)
    best, quarters = lines, 0
    if _letters(lines) >= _LEAST_TURNED and (_sureness(lines) < _SURE or _lies(lines)):
        for turned in (1, 3) if _lies(lines) else (2,):
            found = recognise(_turned(picture, turned))
            # Small differences of confidence are chance: only a clear gain turns the picture.
            worse = _lies(found) or _sureness(found) < _sureness(best) - _AS_SURE
            if not worse and (_lies(best) or _sureness(found) > _sureness(best) + _AS_SURE):
                best, quarters = found, turned
    width, height = picture.size
    scan = scan_of(best, (height, width) if quarters % 2 else (width, height))
    return replace(scan, boxes=tuple(_turned_back(box, quarters) for box in scan.boxes))


def _letters(lines: Sequence[RecognisedLine]) -> int:
    return sum(len(line.text) for line in lines)


def _sureness(lines: Sequence[RecognisedLine]) -> float:
    """Return the mean confidence of the letters of all lines, 0 to 1."""
    return sum(line.score * len(line.text) for line in lines) / max(_letters(lines), 1)


def _lies(lines: Sequence[RecognisedLine]) -> bool:
    """Say whether most lines are higher than wide."""
    high = sum(len(line.text) for line in lines if line.box[3] - line.box[1] > line.box[2] - line.box[0])
    return high > _letters(lines) / 2


def _turned(picture: Image, quarters: int) -> Image:
    """Turn a picture to the left by quarter turns."""
    from PIL.Image import Transpose

    return picture.transpose((Transpose.ROTATE_90, Transpose.ROTATE_180, Transpose.ROTATE_270)[quarters - 1])


def _turned_back(box: Rectangle, quarters: int) -> Rectangle:
    """Return the original position of a box on a picture turned to the left, both in shares.

    >>> _turned_back((0.0, 0.25, 0.5, 0.75), 1), _turned_back((0.0, 0.25, 0.5, 0.75), 3)
    ((0.25, 0.0, 0.75, 0.5), (0.25, 0.5, 0.75, 1.0))
    """
    x0, y0, x1, y1 = box
    turned = (box, (1 - y1, x0, 1 - y0, x1), (1 - x1, 1 - y1, 1 - x0, 1 - y0), (y0, 1 - x1, y1, 1 - x0))[quarters]
    left, top, right, bottom = (round(side, 5) for side in turned)
    return left, top, right, bottom


def scan_of(lines: Sequence[RecognisedLine], size: tuple[int, int]) -> Scan:
    """Order the lines of a picture of this size for reading, as a scan."""
    lines = [line for line in lines if any(map(str.isalnum, line.text))]
    if sum(letter.isalnum() for line in lines for letter in line.text) < _LEAST:
        return Scan(PageRows())
    heights = [line.height for line in lines for _ in line.text]  # weighted by letters
    usual = max(median(heights), 1.0)
    text: list[str] = []
    boxes: list[Rectangle] = []
    box_of: list[int] = []
    rows = []
    for row in in_reading_order(lines):
        pieces = []
        for line in row:
            start = len(box_of)
            for word in line.words:
                # The space after a word belongs to its box, so that a quotation is marked without gaps.
                text.append(word.text + " ")
                box_of += [len(boxes)] * (len(word.text) + 1)
                boxes.append(_share(word.box, size))
            pieces.append(_piece(line, start, len(box_of) - 1, usual, size[1]))
        rows.append(_row(pieces))
    glyphs = Glyphs("".join(text), range(len(box_of)))
    return Scan(PageRows(glyphs, tuple(rows)), tuple(boxes), tuple(box_of))


def in_reading_order(lines: Sequence[RecognisedLine]) -> list[list[RecognisedLine]]:
    """Return rows from top to bottom, column after column; lines across both columns stand between them.

    A title over two columns and a line under them:  title, left, left, …, right, right, …, line
    """
    gutter = _gutter(lines)
    if gutter is None:
        return _side_by_side(lines)
    rows: list[list[RecognisedLine]] = []
    left: list[RecognisedLine] = []
    right: list[RecognisedLine] = []
    for line in sorted(lines, key=_middle):
        if line.box[2] <= gutter:
            left.append(line)
        elif line.box[0] >= gutter:
            right.append(line)
        else:
            rows += [*in_reading_order(left), *in_reading_order(right), [line]]
            left, right = [], []
    return [*rows, *in_reading_order(left), *in_reading_order(right)]


def _gutter(lines: Sequence[RecognisedLine]) -> float | None:
    """Return the position of the gutter that the fewest lines cross; None without columns."""
    best: tuple[int, float] | None = None
    for gutter in sorted({line.box[2] for line in lines}):
        left = [line for line in lines if line.box[2] <= gutter]
        right = [line for line in lines if line.box[0] >= gutter]
        across = len(lines) - len(left) - len(right)
        if across <= len(lines) // 3 and _is_column(left) and _is_column(right) and _beside(left, right):
            best = min(best or (across, gutter), (across, gutter))
    return None if best is None else best[1]


def _is_column(lines: Sequence[RecognisedLine]) -> bool:
    """Say whether lines fill a column, rather than table cells."""
    if len(lines) < _FEWEST:
        return False
    x0, _, x1, _ = _all_around(lines)
    wide = median(line.box[2] - line.box[0] for line in lines) > 0.5 * (x1 - x0)
    return wide and median(len(line.text) for line in lines) >= _SHORTEST


def _beside(left: Sequence[RecognisedLine], right: Sequence[RecognisedLine]) -> bool:
    """Say whether two groups of lines are side by side for at least half of the shorter one."""
    (_, top, _, bottom), (_, other_top, _, other_bottom) = _all_around(left), _all_around(right)
    common = min(bottom, other_bottom) - max(top, other_top)
    return common > 0.5 * min(bottom - top, other_bottom - other_top)


def _all_around(lines: Sequence[RecognisedLine]) -> Rectangle:
    x0, y0, x1, y1 = zip(*(line.box for line in lines), strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _side_by_side(lines: Sequence[RecognisedLine]) -> list[list[RecognisedLine]]:
    """Group lines of the same height into rows, from left to right."""
    rows: list[list[RecognisedLine]] = []
    for line in sorted(lines, key=_middle):
        if rows and abs(_middle(rows[-1][-1]) - _middle(line)) < 0.5 * min(rows[-1][-1].height, line.height):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box[0]) for row in rows]


def _middle(line: RecognisedLine) -> float:
    return (line.box[1] + line.box[3]) / 2


def _piece(line: RecognisedLine, start: int, end: int, usual: float, height: int) -> Piece:
    """Measure a line like a PDF's: in points, from the lower left corner."""
    scale = _BODY / usual
    relative = line.height / usual
    size = _BODY if _SMALL < relative < _HEADING else round(_BODY * relative)
    y = (height - _middle(line)) * scale
    return Piece(start, end, line.box[0] * scale, line.box[2] * scale, y, size, bold=False, mono=False)


def _row(pieces: Sequence[Piece]) -> Row:
    main = max(pieces, key=lambda piece: piece.end - piece.start)
    x0, x1 = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    return Row(tuple(pieces), x0, x1, main.y, main.size, bold=False, mono=False, turn=0)


def _share(box: Rectangle, size: tuple[int, int]) -> Rectangle:
    """Return a box in shares of the page, with five digits: a hundredth of a pixel on any screen."""
    width, height = size
    x0, x1 = (round(min(max(x / width, 0.0), 1.0), 5) for x in (box[0], box[2]))
    y0, y1 = (round(min(max(y / height, 0.0), 1.0), 5) for y in (box[1], box[3]))
    return x0, y0, x1, y1
