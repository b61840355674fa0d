"""Finds tables among a page's rows: rows of cells below each other.

    Product      2022      2021
    Sales       63,355    63,948      ->    Sales | 63,355 | 63,948
    Services    19,604    17,486

In contrast to a numbered formula, a list or a table of contents, a table has at least three rows with cells of some
length, whose edges align, and which aren't page numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from ingest.loaders.pdf.letters import Glyphs
from ingest.loaders.pdf.piece import Piece
from ingest.loaders.pdf.rows import Row

FEWEST_ROWS = 3  # with cells
_WIDE = 1.0  # sizes, the gap between cells
_USUAL_GAP = 1.4  # sizes, the median of a table's gaps
_SHORT_CELL = 20  # characters
_LONGEST_LABEL = 70  # characters of a row without cells within a table
_STEP = 3.0  # sizes, the distance of a table's rows
_SAME_EDGE = 0.6  # sizes
_SIGN = re.compile(r"[$€£*•·–-]|US\$", re.IGNORECASE)
_EQUATION_NUMBER = re.compile(r"\(\d+(\.\d+)*[a-z]?\)")
_PAGE_NUMBER = re.compile(r"\d{1,4}|[ivxlc]+", re.IGNORECASE)


def cells_of(row: Row, glyphs: Glyphs) -> list[list[Piece]]:
    """Return the pieces of each cell of a row; a currency sign belongs to the number after it."""
    cells: list[list[Piece]] = [[row.pieces[0]]]
    for left, right in pairwise(row.pieces):
        near = right.x0 - left.x1 <= _WIDE * row.size
        if near or _SIGN.fullmatch(glyphs.text[left.start : left.end]):
            cells[-1].append(right)
        else:
            cells.append([right])
    return cells


def table_spans(rows: Sequence[Row], glyphs: Glyphs) -> list[tuple[int, int]]:
    """Return the spans of the tables among the rows of a page."""
    cells = [cells_of(row, glyphs) if len(row.pieces) > 1 else [list(row.pieces)] for row in rows]
    if sum(len(row) > 1 for row in cells) < FEWEST_ROWS:
        return []
    return [(start, end) for start, end in _runs(rows, cells) if _is_table(rows[start:end], cells[start:end], glyphs)]


def _runs(rows: Sequence[Row], cells: Sequence[Sequence[Sequence[Piece]]]) -> Iterator[tuple[int, int]]:
    """Yield spans of rows with cells; labels may stand between them, but the first and last rows have cells."""
    at = 0
    while at < len(rows):
        if len(cells[at]) < 2:
            at += 1
            continue
        end = last = at + 1
        while end < len(rows) and _goes_on(rows[end - 1], rows[end]):
            # Up to two short rows without cells are labels within the table.
            if len(cells[end]) > 1:
                last = end + 1
            elif end - last > 1 or rows[end].length > _LONGEST_LABEL:
                break
            end += 1
        yield at, last
        at = last


def _goes_on(above: Row, row: Row) -> bool:
    """Say whether a row is the next line of the same table."""
    size = max(above.size, row.size)
    return above.turn == row.turn and 0.5 * size < above.y - row.y < _STEP * size and abs(above.size - row.size) < 2


def _is_table(rows: Sequence[Row], cells: Sequence[Sequence[Sequence[Piece]]], glyphs: Glyphs) -> bool:
    """Say whether rows form a table."""
    full = [(row, its) for row, its in zip(rows, cells, strict=True) if len(its) > 1]
    if len(full) < FEWEST_ROWS or 2 * len(full) < len(rows):
        return False
    last = [_text(its[-1], glyphs) for _, its in full]
    if _mostly(_EQUATION_NUMBER.fullmatch(text) for text in last) or _are_contents(last):
        return False
    firsts = [_text(its[0], glyphs) for _, its in full]
    if _mostly(len(text) < 3 for text in firsts) or _mostly(len(text) < 2 and not text.isalnum() for text in last):
        return False  # bullets of a list, end marks of proofs
    lengths = [len(_text(cell, glyphs)) for _, its in full for cell in its]
    gaps = [(cell[0].x0 - before[-1].x1) / row.size for row, its in full for before, cell in pairwise(its)]
    return sum(lengths) >= 3 * len(lengths) and median(gaps) >= _USUAL_GAP and _has_columns(full, glyphs)


def _mostly(answers: Iterable[object]) -> bool:
    """Say whether more than half of the answers are true."""
    counted = [bool(answer) for answer in answers]
    return sum(counted) * 2 > len(counted)


def _are_contents(last: Sequence[str]) -> bool:
    """Say whether the last words of rows are page numbers, which never decrease."""
    words = [text.split()[-1] for text in last]
    numbers = [int(word) for word in words if word.isdecimal() and len(word) < 5]
    if not _mostly(_PAGE_NUMBER.fullmatch(word) for word in words) or len(set(numbers)) < 2:
        return False
    return all(before <= after for before, after in pairwise(numbers))


def _has_columns(full: Sequence[tuple[Row, Sequence[Sequence[Piece]]]], glyphs: Glyphs) -> bool:
    """Say whether the second or the last cells of most rows share an edge or their centre."""
    # The right edges of text align as well, so only those of short cells count.
    short = median(len(_text(its[-1], glyphs)) for _, its in full) <= _SHORT_CELL
    measures = (_left, _right, _middle) if short else (_left,)
    return any(
        _in_common([measure(its[which]) / row.size for row, its in full]) for which in (1, -1) for measure in measures
    )


def _left(cell: Sequence[Piece]) -> float:
    return cell[0].x0


def _right(cell: Sequence[Piece]) -> float:
    return cell[-1].x1


def _middle(cell: Sequence[Piece]) -> float:
    return (cell[0].x0 + cell[-1].x1) / 2


def _in_common(places: Sequence[float]) -> bool:
    """Say whether most positions are equal."""
    return any(sum(abs(place - other) < _SAME_EDGE for other in places) * 3 >= len(places) * 2 for place in places)


def _text(cell: Sequence[Piece], glyphs: Glyphs) -> str:
    return " ".join(glyphs.text[piece.start : piece.end] for piece in cell)
