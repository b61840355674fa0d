"""Moves footnotes after their page's text: at the foot of a first column they would split a sentence.

text … which is   | goes on here.             text … which is goes on here.
─────             |                    ->
1 See chapter 3.  |                           1 See chapter 3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.loaders.pdf.blocks import Style
from ingest.loaders.pdf.rows import PageRows, Row

_SMALL = 0.93  # times the body size
_MARK = re.compile(r"([\d⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}\s?|[∗*†‡§¶]{1,3}\s?|[a-z]\s|\(\d{1,2}\)\s)[^\W\d_]")


def footnotes_last(page: PageRows, style: Style) -> PageRows:
    """Return the page with the footnotes of its columns last."""
    notes: list[int] = []
    at = 0
    while at < len(page.rows):
        end = _end_of_notes(page, at, style)
        notes += range(at, end)
        at = max(end, at + 1)
    if not notes or notes == [*range(notes[0], len(page.rows))]:
        return page
    rest = [row for at, row in enumerate(page.rows) if at not in set(notes)]
    return replace(page, rows=(*rest, *(page.rows[at] for at in notes)))


def _end_of_notes(page: PageRows, at: int, style: Style) -> int:
    """Return the end of the footnotes that begin with the row at `at`; `at` if there are none."""
    rows = page.rows
    if not _is_small(rows[at], style) or not _MARK.match(rows[at].text(page.glyphs)):
        return at
    if at == 0 or _is_small(rows[at - 1], style) or not rows[at - 1].y > rows[at].y:
        return at  # footnotes are below text
    end = at + 1
    while end < len(rows) and _is_small(rows[end], style) and _is_below(rows[end - 1], rows[end]):
        end += 1
    return end if _is_lowest(rows, at, end) else at


def _is_small(row: Row, style: Style) -> bool:
    return 0 < row.size <= _SMALL * style.body and not row.mono


def _is_below(above: Row, row: Row) -> bool:
    """Say whether a row is on the line after another, or beside it."""
    return row.turn == above.turn and -0.6 * row.size < above.y - row.y < 2.5 * row.size


def _is_lowest(rows: Sequence[Row], start: int, end: int) -> bool:
    """Say whether these rows are the lowest in their column."""
    left, right = min(row.x0 for row in rows[start:end]), max(row.x1 for row in rows[start:end])
    lowest = min(row.y for row in rows[start:end])
    others = (row for row in (*rows[:start], *rows[end:]) if row.turn == rows[start].turn)
    return not any(row.y < lowest and row.x0 < right and row.x1 > left for row in others)
