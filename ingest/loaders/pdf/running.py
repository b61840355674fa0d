"""Finds running heads, feet and page numbers over the whole document, and removes them from its text.

Text at the edge of every page belongs to no sentence: it would split a sentence that continues overleaf, and every
question about the course would find its title on each page. A line is a running one if it is one of at most two
lines that stand apart from the text at the top or bottom, and

- it is only the page's number, which counts on from page to page, or
- it repeats on half of the pages, regardless of numbers, or begins or ends with the page's number, or
- half of the pages have lines at its height, and it repeats or has the text of a heading.

Large type, and bold type that doesn't repeat exactly, is a title (slides repeat theirs) and stays. So do an entry of
the outline, everything in a document of fewer than three pages, and a page that would be empty.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from ingest.loaders.pdf.blocks import LARGE, LONGEST_HEADING, Style, may_be_heading, plain, usual_turn
from ingest.loaders.pdf.rows import PageRows
from rag import lexicon

FEWEST_PAGES = 3
MOST_LINES = 2  # at each edge
_APART = 1.5  # in usual line distances
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_NUMBER = r"(\d{1,4}|[ivxlc]{1,8})"
_PAGE = lexicon.any_of("page_names")
_BARE = re.compile(
    rf"\W*(?:(?:{_PAGE}|{lexicon.either('page_signs')})\s*)?{_NUMBER}"
    rf"(?:\s*(?:/|{lexicon.any_of('of_pages')})\s*\d{{1,4}})?\W*",
    re.IGNORECASE,
)
_FIRST = re.compile(rf"(?:{_PAGE}\s+)?{_NUMBER}\s", re.IGNORECASE)
_LAST = re.compile(rf".*\s{_NUMBER}", re.IGNORECASE)
_NAMED = re.compile(r"[^\W\d]+\.?\s*\d+[.:]?")  # "Exercise 3"


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line at an edge of a page: some of the page's rows."""

    page: int  # from 0
    top: bool
    rows: tuple[int, ...]
    text: str
    y: float
    size: float
    bold: bool
    apart: bool  # from the text

    @property
    def key(self) -> str:
        """The letters, for comparison."""
        return plain(self.text)

    @property
    def place(self) -> tuple[bool, int]:
        """The rough position."""
        return self.top, round(self.y / 2)

    @property
    def is_bare(self) -> bool:
        """Whether the line is only a number."""
        return _BARE.fullmatch(self.text) is not None

    @property
    def numbers(self) -> Iterator[tuple[bool, int]]:
        """Yield (whether it is Roman, its difference to the page index) for each number that can be the page's."""
        whole = _BARE.fullmatch(self.text)
        for match in (whole,) if whole else (_FIRST.match(self.text), _LAST.fullmatch(self.text)):
            if match:
                written = match.group(1).lower()
                yield not written.isdecimal(), (int(written) if written.isdecimal() else _roman(written)) - self.page


def _roman(written: str) -> int:
    """Return the value of a Roman numeral.

    >>> [_roman(number) for number in ("iv", "xii", "lxxx")]
    [4, 12, 80]
    """
    values = [_ROMAN[letter] for letter in written]
    return sum(-value if value < after else value for value, after in pairwise([*values, 0]))


def without_running(
    pages: Sequence[PageRows], style: Style, outline: Mapping[int, Collection[str]]
) -> tuple[PageRows, ...]:
    """Return the pages without running lines; `outline` has the titles that begin on each page."""
    left_out = running_rows(pages, style, outline)
    return tuple(
        replace(page, rows=tuple(row for at, row in enumerate(page.rows) if at not in left_out[index]))
        if left_out[index]
        else page
        for index, page in enumerate(pages)
    )


def running_rows(
    pages: Sequence[PageRows], style: Style, outline: Mapping[int, Collection[str]]
) -> list[frozenset[int]]:
    """Return the running lines of each page, as indexes of its rows."""
    written = sum(bool(page.rows) for page in pages)
    if written < FEWEST_PAGES:
        return [frozenset()] * len(pages)
    wide = _APART * _pitch(pages)
    edges = [[_edge(at, page, wide, top=top) for top in (True, False)] for at, page in enumerate(pages)]
    seen = _Seen(
        [line for both in edges for edge in both for line in edge], written, style, _headings(pages, style, outline)
    )
    found = []
    for at, page in enumerate(pages):
        titles = {plain(title) for title in outline.get(at, ())}
        running: set[int] = set()
        for edge in edges[at]:
            for line in edge:  # from the edge inwards, up to the first line of text
                if not seen.is_running(line) or _is_title(line, page, titles):
                    break
                running.update(line.rows)
        found.append(frozenset(running if len(running) < len(page.rows) else ()))
    return found


def _pitch(pages: Iterable[PageRows]) -> float:
    """Return the usual line distance in points."""
    steps = (
        upper.y - lower.y
        for page in pages
        for upper, lower in pairwise(page.rows)
        if 0.9 * upper.size < upper.y - lower.y < 3 * upper.size
    )
    return median([*steps] or [0.0])


def _edge(at: int, page: PageRows, wide: float, *, top: bool) -> list[_Line]:
    """Return the outermost lines of a page, outermost first; rows of one height are one line."""
    turn = usual_turn(page)
    order = sorted((row.y, row.x0, index) for index, row in enumerate(page.rows) if row.turn == turn)
    lines: list[list[int]] = []
    for _, _, index in reversed(order) if top else order:
        row = page.rows[index]
        if lines and abs(page.rows[lines[-1][0]].y - row.y) < 0.3 * row.size:
            lines[-1].append(index)
        elif len(lines) > MOST_LINES:
            break
        else:
            lines.append([index])
    heights = [page.rows[line[0]].y for line in lines]
    # A line stands apart if there is a wide gap between it and the text, perhaps behind another line.
    gaps = [abs(upper - lower) >= wide for upper, lower in pairwise(heights)]
    return [
        _line(at, page, sorted(line), top=top, apart=any(gaps[rank:])) for rank, line in enumerate(lines[:MOST_LINES])
    ]


def _line(at: int, page: PageRows, rows: Sequence[int], *, top: bool, apart: bool) -> _Line:
    """Join rows of one height."""
    members = sorted((page.rows[row] for row in rows), key=lambda row: row.x0)
    main = max(members, key=lambda row: row.length)
    text = " ".join(row.text(page.glyphs) for row in members)
    return _Line(at, top, tuple(rows), text, main.y, main.size, main.bold, apart)


def _headings(pages: Sequence[PageRows], style: Style, outline: Mapping[int, Collection[str]]) -> frozenset[str]:
    """Return the letters of a document's headings: its outline, and its large short rows."""
    titles = {plain(title) for titles in outline.values() for title in titles}
    large = (
        row.text(page.glyphs)
        for page in pages
        for row in page.rows
        if row.size >= LARGE * style.body and row.length <= LONGEST_HEADING
    )
    return frozenset(key for key in titles | {plain(text) for text in large if may_be_heading(text)} if len(key) > 3)


def _is_title(line: _Line, page: PageRows, titles: Collection[str]) -> bool:
    """Say whether a line is the target of an outline entry, and not a repetition of the title above it."""
    key = line.key
    return key in titles and not any(
        at not in line.rows and plain(row.text(page.glyphs)) == key for at, row in enumerate(page.rows)
    )


class _Seen:
    """Counts of the lines at the edges of the pages."""

    def __init__(self, lines: Iterable[_Line], written: int, style: Style, headings: Collection[str]) -> None:
        self._half = max(FEWEST_PAGES, written / 2)
        self._style = style
        self._headings = headings
        self._texts: Counter[str] = Counter()
        self._keys: Counter[tuple[bool, str]] = Counter()
        self._places: Counter[tuple[bool, int]] = Counter()
        self._keys_at: Counter[tuple[tuple[bool, int], str]] = Counter()
        self._numbering: Counter[tuple[bool, int]] = Counter()
        for line in lines:
            self._numbering.update(set(line.numbers))
            if line.apart:
                self._texts[line.text] += 1
                self._keys[line.top, line.key] += 1
                self._places[line.place] += 1
                self._keys_at[line.place, line.key] += 1

    def is_running(self, line: _Line) -> bool:
        """Say whether a line is a running one."""
        counts_on = any(self._numbering[number] >= FEWEST_PAGES for number in line.numbers)
        if counts_on and line.is_bare:
            return True
        if not line.apart or self._is_title_by_look(line):
            return False
        if not line.key:  # numbers that don't count on
            return False
        return counts_on or self._keys[line.top, line.key] >= self._half or self._is_chapter(line)

    def _is_title_by_look(self, line: _Line) -> bool:
        """Say whether a line's type makes it a title; "Exercise 3" is one in any type that isn't small."""
        if line.size >= LARGE * self._style.body:
            return True
        if line.size < 0.95 * self._style.body:
            return False
        if _NAMED.fullmatch(line.text):
            return True
        return line.bold and not self._style.bold_body and self._texts[line.text] < self._half

    def _is_chapter(self, line: _Line) -> bool:
        """Say whether a line is at the height of running heads and names the chapter."""
        top, height = line.place
        if sum(self._places[top, near] for near in (height - 1, height, height + 1)) < self._half:
            return False
        return self._keys_at[line.place, line.key] > 1 or any(
            line.key.startswith(heading) or line.key.endswith(heading) for heading in self._headings
        )
