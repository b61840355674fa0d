"""Groups rows into blocks: paragraphs by gaps, indentation and size, headings by outline, size and weight."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from statistics import median

from ingest.loaders.pdf.letters import Glyphs
from ingest.loaders.pdf.rows import REPLACEMENT, PageRows, Row
from ingest.loaders.pdf.tables import table_spans
from rag import lexicon
from rag.types import BlockKind

LONGEST_HEADING = 160  # characters
_IN_TABLE = -1  # instead of a heading level
LARGE = 1.12  # times the body size: a heading
_ALGORITHM = lexicon.table("numbered")["algorithm"]
_CAPTION = re.compile(rf"({'|'.join((*lexicon.detected('captions'), *_ALGORITHM))})\s*[\d\ufffd]", re.IGNORECASE)
_ITEM = re.compile(r"([•‣◦▪▸►●○■□–*·-]|\(?\d{1,2}[.)]|\(?[a-z][.)]|\([ivx]{1,4}\))\s+\S")
_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})*|[A-Z](?:\.\d{1,2})+)\.?\s")
_CHAPTER = re.compile(rf"{lexicon.one_of(*lexicon.detected('chapters'))}\s+\w+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_\U0001d400-\U0001d7ff]{4,}")
_LINE = 40  # least characters of a line of running text in one column
_LONGEST_FORMULA = 400  # characters
_SENTENCE_END = (".", "!", "?", ":", "…", ".”", ".“", ".)")


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one block."""

    kind: BlockKind
    rows: tuple[Row, ...]
    level: int = 0


@dataclass(frozen=True, slots=True)
class Style:
    """The usual measures of a document, to recognise the unusual."""

    body: float  # points, the size of most letters
    bold_body: bool = False
    levels: Mapping[float, int] | None = None  # heading level by larger size


def style_of(pages: Sequence[PageRows]) -> Style:
    """Return a document's usual size, and the ranks of the larger sizes."""
    letters: Counter[float] = Counter()
    bold: Counter[bool] = Counter()
    for row in (row for page in pages for row in page.rows):
        letters[_half_points(row.size)] += row.length
        bold[row.bold] += row.length
    body = letters.most_common(1)[0][0] if letters else 0.0
    return Style(body, bold[True] > bold[False], _levels_of_sizes(pages, body))


def _levels_of_sizes(pages: Sequence[PageRows], body: float) -> dict[float, int]:
    """Rank the sizes of large short rows; if such rows are numbered, "2.3" has the second level."""
    depths: dict[float, Counter[int]] = defaultdict(Counter)
    for page in pages:
        turn = usual_turn(page)
        for row in page.rows:
            size = _half_points(row.size)
            if size >= LARGE * body and row.turn == turn and may_be_heading(text := row.text(page.glyphs)):
                depths[size][_depth(text)] += 1
    levels: dict[float, int] = {}
    for rank, size in enumerate(sorted(depths, reverse=True), 1):
        numbered = Counter({depth: times for depth, times in depths[size].items() if depth})
        levels[size] = numbered.most_common(1)[0][0] if numbered else min(rank, 4)
    return _rising(levels)


def _rising(levels: Mapping[float, int]) -> dict[float, int]:
    """Correct the levels so that no larger size has a deeper level than a smaller one."""
    sizes = sorted(levels)  # the smallest first
    return {size: min(levels[smaller] for smaller in sizes[: at + 1]) for at, size in enumerate(sizes)}


def _half_points(size: float) -> float:
    return round(size * 2) / 2


def usual_turn(page: PageRows) -> int:
    """Return the quarter turns of most rows of a page."""
    turns = Counter(row.turn for row in page.rows)
    return turns.most_common(1)[0][0] if turns else 0


def _depth(text: str) -> int:
    """Return the count of numbers at the beginning of a heading.

    >>> _depth("2.3.1 Norms"), _depth("Norms")
    (3, 0)
    """
    number = _NUMBER.match(text)
    return number.group(1).count(".") + 1 if number else 0


def may_be_heading(text: str) -> bool:
    """Say whether a row can be a heading: short, mostly letters."""
    return 2 < len(text) <= LONGEST_HEADING and sum(map(str.isalpha, text)) >= max(3, len(text) // 3)


def plain(text: str) -> str:
    """Return a row's letters, for comparisons.

    >>> plain("3.1  Die Matrix-Norm")
    'diematrixnorm'
    """
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalpha())


def groups_of(page: PageRows, style: Style, outline: Mapping[str, int]) -> list[Group]:
    """Divide a page's rows into blocks; `outline` has the levels of the titles that begin on the page."""
    levels = _heading_levels(page, style, {plain(title): level for title, level in outline.items()})
    pitch = _pitch(page.rows)
    tables = {at: start for start, end in table_spans(page.rows, page.glyphs) for at in range(start, end)}
    found: list[list[Row]] = []
    marks: list[int] = []  # heading level of each group
    for at, row in enumerate(page.rows):
        if at in tables:
            goes_on, mark = tables.get(at - 1) == tables[at], _IN_TABLE
        else:
            goes_on, mark = not _breaks(page, at, pitch, heading=bool(levels[at])) if found else False, levels[at]
        if goes_on and marks[-1] == mark:
            found[-1].append(row)
        else:
            found.append([row])
            marks.append(mark)
    return _formulas_together(_group(page.glyphs, rows, level) for rows, level in zip(found, marks, strict=True))


def _formulas_together(groups: Iterable[Group]) -> list[Group]:
    """Join the parts of a formula: fractions and sums have lines far above and below their own."""
    found: list[Group] = []
    for group in groups:
        last = found[-1] if found and found[-1].kind is group.kind is BlockKind.FORMULA else None
        if last and abs(last.rows[-1].y - group.rows[0].y) < 3 * group.rows[0].size:
            found[-1] = Group(group.kind, last.rows + group.rows)
        else:
            found.append(group)
    return found


def _group(glyphs: Glyphs, rows: list[Row], level: int) -> Group:
    """Return a block of rows with its kind."""
    if level == _IN_TABLE:
        return Group(BlockKind.TABLE, tuple(rows))
    first = rows[0].text(glyphs)
    if level:
        kind = BlockKind.HEADING
    elif all(row.mono for row in rows):
        kind = BlockKind.CODE
    elif _CAPTION.match(first):
        kind = BlockKind.CAPTION
    elif _ITEM.match(first):
        kind = BlockKind.LIST
    else:
        kind = BlockKind.FORMULA if is_formula(" ".join(row.text(glyphs) for row in rows)) else BlockKind.PARAGRAPH
    return Group(kind, tuple(rows), level)


def is_formula(text: str) -> bool:
    """Say whether a block is a displayed formula: it has a relation or an operator, and few words.

    >>> is_formula("idf = log10 N / df (3)"), is_formula("It is a = b that makes the difference.")
    (True, False)
    """
    if len(text) > _LONGEST_FORMULA or not any(unicodedata.category(letter) == "Sm" for letter in text):
        return False
    return 3 * sum(map(len, _WORD.findall(text))) < len("".join(text.split()))


def _pitch(rows: Sequence[Row]) -> float:
    """Return the usual distance of base lines on a page, in sizes of the upper row."""
    steps = [
        (upper.y - lower.y) / upper.size
        for upper, lower in pairwise(rows)
        if upper.size and abs(upper.size - lower.size) < 1 and 0.9 < (upper.y - lower.y) / upper.size < 2.2
    ]
    # The lower third rather than the median, so that a gap after every second row isn't usual yet.
    return sorted(steps)[len(steps) // 3] if steps else 1.2


def _breaks(page: PageRows, at: int, pitch: float, *, heading: bool) -> bool:
    """Say whether a new paragraph begins with the row at `at`."""
    above, row = page.rows[at - 1], page.rows[at]
    size = max(above.size, row.size, 1.0)
    step = (above.y - row.y) / size
    if above.turn != row.turn:
        return True
    if heading:  # a heading of two rows is one heading
        return abs(above.size - row.size) > 1 or not 0 < step < 1.6
    if step < -2 * pitch:  # upwards: the next column, in which a sentence may continue
        return not _goes_on(page, at)
    if step > 1.3 * pitch + (0.4 if above.mono and row.mono else 0):
        return True
    if step < 0.6:  # a formula's numerator, a cell beside it
        return False
    if above.mono and row.mono:
        return False
    if min(above.length, row.length) > 8 and abs(above.size - row.size) > 0.12 * size:
        return True
    return _ITEM.match(row.text(page.glyphs)) is not None or _indented(page, at) or _after_short(page, at)


def _goes_on(page: PageRows, at: int) -> bool:
    """Say whether the row at `at` looks like the rest of a sentence begun above."""
    before, here = page.rows[at - 1].text(page.glyphs), page.rows[at].text(page.glyphs)
    return not before.endswith(_SENTENCE_END) and here[:1].islower()


def _indented(page: PageRows, at: int) -> bool:
    """Say whether the row at `at` is the indented first row of a paragraph: the next row is outdented."""
    above, row = page.rows[at - 1], page.rows[at]
    indent = (row.x0 - above.x0) / max(row.size, 1.0)
    if not 0.7 < indent < 5 or above.mono or _goes_on(page, at):
        return False
    below = page.rows[at + 1] if at + 1 < len(page.rows) else None
    return below is not None and abs(below.x0 - above.x0) < 0.4 * row.size and below.y < row.y


def _after_short(page: PageRows, at: int) -> bool:
    """Say whether the row above ends a sentence well before the margin, and a new sentence begins here."""
    above, row = page.rows[at - 1], page.rows[at]
    right = max(other.x1 for other in page.rows[max(at - 6, 0) : at + 6])
    text = page.rows[at - 1].text(page.glyphs)
    short = above.x1 < above.x0 + 0.75 * (right - above.x0)
    return short and text.endswith(_SENTENCE_END) and not _goes_on(page, at) and row.x0 <= above.x0 + 1


def _heading_levels(page: PageRows, style: Style, outline: Mapping[str, int]) -> list[int]:
    """Return the heading level of each row of a page, 0 for none."""
    levels = _outline_levels(page, outline)
    by_look = [_level_by_look(page, at, style) for at in range(len(page.rows))]
    crowded = sum(map(bool, by_look)) > max(3, len(page.rows) // 2)
    for at, level in enumerate(by_look):
        if crowded and any(levels[:at]):  # a slide in large type: only its first row is a heading
            break
        levels[at] = levels[at] or level
    for at in range(len(levels) - 1):  # "Chapter 3" above "Norms" has the same level
        if 0 < levels[at + 1] < levels[at] and _CHAPTER.fullmatch(page.rows[at].text(page.glyphs)):
            levels[at] = levels[at + 1]
    return levels


def _outline_levels(page: PageRows, outline: Mapping[str, int]) -> list[int]:
    """Find the outline's titles among a page's rows; a title may span up to three rows."""
    said = [plain(row.text(page.glyphs)) for row in page.rows]
    levels = [0] * len(said)
    for title, level in outline.items():
        if not title:
            continue
        for rows, at in product((1, 2, 3), range(len(said))):  # one row first: a short row above is no part of a title
            words = "".join(said[at : at + rows])
            # "Chapter 3 Norms" for "Norms": a few more letters are a number or the level's name.
            if words.endswith(title) and len(words) <= len(title) + 10 and not any(levels[at : at + rows]):
                levels[at : at + rows] = [level] * len(levels[at : at + rows])
                break
    return levels


def _level_by_look(page: PageRows, at: int, style: Style) -> int:
    """Return the heading level of a short row by its type: larger or bolder than the body."""
    row = page.rows[at]
    text = row.text(page.glyphs)
    if row.mono or not may_be_heading(text) or text.endswith((",", ";")) or row.turn != usual_turn(page):
        return 0
    level = (style.levels or {}).get(_half_points(row.size), 0)
    if level:
        return _depth(text) or level
    # Bold type of the body's size, alone and short, is a heading below all larger ones.
    if not row.bold or style.bold_body or row.size < 0.95 * style.body:
        return 0
    if text.endswith(".") or not _stands_alone(page, at) or _runs_on(page, at) or len(text) > LONGEST_HEADING // 2:
        return 0
    return _depth(text) or min(max((style.levels or {}).values(), default=0) + 1, 4)


def _stands_alone(page: PageRows, at: int) -> bool:
    """Say whether no other bold row is close: then this row isn't part of a bold paragraph or table."""
    row = page.rows[at]
    around = page.rows[max(at - 1, 0) : at] + page.rows[at + 1 : at + 2]
    return not any(other.bold and abs(other.y - row.y) < 1.6 * row.size for other in around)


def _runs_on(page: PageRows, at: int) -> bool:
    """Say whether a row fills its line and the next one continues it: bold words within a paragraph."""
    row = page.rows[at]
    if at + 1 == len(page.rows):
        return False
    below = page.rows[at + 1]
    close = 0 < row.y - below.y < 1.5 * row.size and abs(row.x0 - below.x0) < 3 * row.size
    return close and below.length > _LINE and row.x1 > below.x1 - 2 * row.size


def largest_heading(page: PageRows) -> str:
    """Return the largest text of a page, as a fallback title."""
    turn = usual_turn(page)
    rows = [row for row in page.rows if row.turn == turn and sum(map(str.isalpha, row.text(page.glyphs))) > 3]
    if not rows:
        return ""
    size = max(row.size for row in rows)
    usual = median(row.size for row in page.rows)
    if size < LARGE * usual:
        return ""
    title = _joined(row.text(page.glyphs) for row in _first_together(rows, size))
    return "" if REPLACEMENT in title else title


def _first_together(rows: Sequence[Row], size: float) -> list[Row]:
    """Return the first successive rows of a size."""
    found: list[Row] = []
    for row in rows:
        if row.size > 0.97 * size:
            found.append(row)
        elif found:
            break
    return found[:3]


def _joined(texts: Iterable[str]) -> str:
    """Join rows into one line."""
    return " ".join(" ".join(texts).split())


def outline_by_page(entries: Iterable[tuple[int, str, int]]) -> dict[int, dict[str, int]]:
    """Group (page, title, level) entries by page."""
    pages: dict[int, dict[str, int]] = defaultdict(dict)
    for page, title, level in entries:
        pages[page].setdefault(title, level)
    return dict(pages)
