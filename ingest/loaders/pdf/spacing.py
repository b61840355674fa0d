"""Joins the letters of words that are set wide, by the line's own spacing.

Between letters far apart PDFium generates spaces, and some scanners and typesetters write one after every letter.

"Shippin" "g" " " "compan" …     a gap as wide as those within words is none between words
"C h i n a   O c e a n"          where letters stand alone, only the wider gaps are between words
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from ingest.loaders.pdf.letters import Edit, Glyphs, edges, edited
from rag import lexicon

_LINE = re.compile(r"[^\r\n]{6,}")
_SPACES = re.compile(r"[ \xa0]+")
_LONE = re.compile(r"(?<!\S)[^\W\d_](?!\S)")
_WIDE = 0.62  # sizes of a line for each of its letters; usual lines have .6 with the spaces between words
_APART = 0.1  # sizes, the gap between letters that are set wide
_FEWEST = 4  # gaps that show a line's spacing
_AS_WIDE = 1.25  # times the usual gap; a wider one is between words
_ALONE = 0.7  # share of single letters among the words of a line
_FEWEST_LETTERS = 8  # of such a line
_BETWEEN_WORDS = 1.5  # times the usual gap between single letters
_LOWER = 0.6  # share of small letters; formulas and rows of a table have fewer
_SHORTEST, _LONGEST = 2.5, 20  # letters, of words on average and at most
_KNOWN = 0.25  # share of the words that are common
_STOP = lexicon.words("stop")


def with_whole_words(characters: Any, glyphs: Glyphs) -> Glyphs:
    """Return a page's characters without the spaces within its words; `characters` is PDFium's text page."""
    apart: list[Edit] = []
    alone: list[Edit] = []
    words: list[str] = []
    for match in _LINE.finditer(glyphs.text):
        start, end = match.span()
        if _is_of_single_letters(match.group()):
            edits = list(_alone_edits(characters, glyphs, start, end))
            found = _words_after(glyphs.text, edits, start, end)
            if edits and sum(map(len, found)) / len(found) >= _SHORTEST and max(map(len, found)) <= _LONGEST:
                alone += edits
                words += found
        elif " " in match.group() and _is_wide(characters, glyphs, start, end):
            apart += _apart_edits(characters, glyphs, start, end)
    if sum(map(_is_known, words)) < _KNOWN * len(words):
        alone = []
    return edited(glyphs, sorted((*apart, *alone), key=lambda edit: edit.start))


def _is_of_single_letters(line: str) -> bool:
    """Say whether most words of a line are single letters, most of them small.

    >>> _is_of_single_letters("C h i n a  O c e a n"), _is_of_single_letters("A B C D E F G H")
    (True, False)
    """
    lone = _LONE.findall(line)
    return len(lone) >= max(_FEWEST_LETTERS, _ALONE * len(line.split())) and sum(
        map(str.islower, lone)
    ) >= _LOWER * len(lone)


def _is_known(word: str) -> bool:
    """Say whether a word is a common one of a language we know."""
    plain = word.strip(".,;:!?()").casefold()
    return len(plain) > 1 and (lexicon.is_common(plain) or plain in _STOP)


def _is_wide(characters: Any, glyphs: Glyphs, start: int, end: int) -> bool:
    """Say whether a line is longer than its letters usually are wide."""
    line = glyphs.text[start:end]
    start, end = start + len(line) - len(line.lstrip()), end - (len(line) - len(line.rstrip()))
    first, last = (edges(characters, glyphs.sources[at]) for at in (start, end - 1))
    if first is None or last is None:
        return False
    return last[1] - first[0] > _WIDE * _size(characters, glyphs.sources[start]) * sum(
        not letter.isspace() for letter in line
    )


def _apart_edits(characters: Any, glyphs: Glyphs, start: int, end: int) -> Iterator[Edit]:
    """Yield the edits that drop PDFium's own spaces between letters where the gap is as between the line's others."""
    import pypdfium2.raw as pdfium

    text, sources = glyphs.text, glyphs.sources
    pairs = [at for at in range(start, end - 1) if text[at].isalpha() and text[at + 1].isalpha()]
    gaps = [gap for at in pairs if (gap := _gap(characters, sources, at, at + 1)) is not None]
    size = _size(characters, sources[start])
    if len(gaps) < _FEWEST or (usual := median(gaps)) < _APART * size:
        return
    for match in _SPACES.finditer(text, start + 1, end - 1):
        at, after = match.span()
        if not (text[at - 1].isalpha() and text[after].isalpha()):
            continue
        if all(pdfium.FPDFText_IsGenerated(characters, sources[space]) == 1 for space in range(at, after)):
            gap = _gap(characters, sources, at - 1, after)
            if gap is not None and gap <= _AS_WIDE * usual:
                yield Edit(at, after, "", ())


def _alone_edits(characters: Any, glyphs: Glyphs, start: int, end: int) -> Iterator[Edit]:
    """Yield the edits that drop the spaces within the words of a line of single letters."""
    spaces = [match.span() for match in _SPACES.finditer(glyphs.text, start, end)]
    spaces = [(at, after) for at, after in spaces if start < at and after < end]
    gaps = [_gap(characters, glyphs.sources, at - 1, after) for at, after in spaces]
    known = [gap for gap in gaps if gap is not None]
    if len(known) < _FEWEST:
        return
    usual = median(known)
    for (at, after), gap in zip(spaces, gaps, strict=True):
        if gap is None or gap > _BETWEEN_WORDS * usual:
            if after - at > 1:
                yield Edit(at, after - 1, "", ())
        else:
            yield Edit(at, after, "", ())


def _words_after(text: str, edits: Sequence[Edit], start: int, end: int) -> list[str]:
    """Return the words of a line as the edits leave them."""
    cuts = [start, *(side for edit in edits for side in (edit.start, edit.end)), end]
    return "".join(text[left:right] for left, right in list(pairwise(cuts))[::2]).split() or [""]


def _gap(characters: Any, sources: Sequence[int], left: int, right: int) -> float | None:
    """Return the distance between two letters in points, or None if one isn't drawn."""
    before, after = edges(characters, sources[left]), edges(characters, sources[right])
    return after[0] - before[1] if before and after else None


def _size(characters: Any, at: int) -> float:
    """Return the size of a letter in points."""
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(characters, at, matrix)
    size: float = pdfium.FPDFText_GetFontSize(characters, at) * math.hypot(matrix.c, matrix.d)
    return size
