"""Reads a PDF page as rows: PDFium's characters, grouped by printed line.

PDFium counts UTF-16 units and Python counts code points. `Glyphs` maps the page's characters as Python text to their
indexes in PDFium, so no later step needs to know the difference.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Any

from ingest.loaders.pdf.fractions import with_fractions
from ingest.loaders.pdf.letters import Glyphs, edges, height, repaired
from ingest.loaders.pdf.piece import AXIS, Piece, between
from ingest.loaders.pdf.scripts import with_scripts
from ingest.loaders.pdf.signs import sign_of_code, with_signs
from ingest.loaders.pdf.spacing import with_whole_words
from ingest.pdfium import LINE_END_HYPHEN, UNDECODABLE, text_page

HYPHEN = "\x02"  # in `Glyphs.text`: a hyphen at the end of a line, as in PDFium's raw interface
REPLACEMENT = "\ufffd"

# Controls, C1 controls, half surrogate pairs and non-characters are undecoded glyphs. A control in a text breaks the
# XML and HTML around it, so they become U+FFFD; tab and line end stay.
_NOT_TEXT = {
    code: REPLACEMENT
    for code in (
        *range(32),
        *range(0x7F, 0xA0),
        *range(0xD800, 0xE000),
        *range(0xFDD0, 0xFDF0),
        0xFFFE,
        0xFFFF,
    )
    if chr(code) not in "\t\n\r" + HYPHEN
}
_PIECE = re.compile(rf"[^\r\n{HYPHEN}]+{HYPHEN}?|{HYPHEN}")
_BOLD = re.compile(r"bold|black|heavy|demi|medi$|medi-|bx\d", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|consol|typewriter|menlo|cmtt|sftt|ectt|lmtt", re.IGNORECASE)
_LARGE = frozenset("()[]{}|⟨⟩⌊⌋⌈⌉∥‖√∑∏∫⋃⋂")
_FIRST_LETTER = re.compile(r"[^\W_]")
NO_GLYPHS = Glyphs("", range(0))
_SPACES = re.compile(r"[ \t\xa0]+")
_WIDE_GAP = 1.0  # sizes
_RAISED = (0.3, 2.0)  # sizes, of a numerator above its line
_SAMPLE = 6  # pieces of a page
_MOST_ANNOTATIONS = 2000
_FIXED_PITCH = 1  # bit of the font descriptor's flags


@dataclass(frozen=True, slots=True)
class Row:
    """The pieces of one printed line; geometry and font are of the longest piece."""

    pieces: tuple[Piece, ...]
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    mono: bool
    turn: int

    @property
    def length(self) -> int:
        """The number of characters."""
        return sum(piece.end - piece.start for piece in self.pieces)

    def text(self, glyphs: Glyphs) -> str:
        """Return the row's text."""
        written = between(None, self.pieces[0])
        for piece, following in zip_longest(self.pieces, self.pieces[1:]):
            written += glyphs.text[piece.start : piece.end] + between(piece, following)
        return written.replace(HYPHEN, "-")


@dataclass(frozen=True, slots=True)
class PageRows:
    """A page's characters, and its rows in reading order."""

    glyphs: Glyphs = NO_GLYPHS
    rows: tuple[Row, ...] = ()
    blank: bool = False  # whether nothing is drawn on it
    doubtful: bool = False  # no characters found, but drawings that may be text
    drawn: Glyphs = NO_GLYPHS  # its characters as drawn, if some are undecoded
    annotated: bool = False  # whether it may have form fields, text typed on it or comments
    boxes: tuple[tuple[float, float, float, float], ...] = ()  # of fields and comments, in shares of the page
    comments: tuple[tuple[str, int], ...] = ()  # each with the index of its box, or -1
    lost: bool = False  # whether its fields and comments could not be read

    @property
    def is_printed(self) -> bool:
        """Whether it has text of its own, not only in fields."""
        return any(self.glyphs.sources[piece.start] >= 0 for row in self.rows for piece in row.pieces)


def read_rows(pdf: Any, index: int) -> PageRows:
    """Read the page at `index`, counted from 0."""
    import pypdfium2.raw as pdfium

    with text_page(pdf, index) as (page, characters):
        units = read_units(characters)
        glyphs = with_whole_words(characters, _drawn(characters, with_signs(characters, units)))
        glyphs = with_scripts(characters, glyphs)
        drawn = _drawn(characters, units) if REPLACEMENT in glyphs.text else NO_GLYPHS
        pieces = [_piece(characters, glyphs, start, end) for start, end in _stretches(glyphs.text)]
        if pieces:
            pieces = _fractions(page, characters, glyphs, _divided(characters, glyphs, pieces))
            return PageRows(glyphs, tuple(_rows(pieces)), drawn=drawn, annotated=_is_annotated(page))
        kinds = _kinds(page)
        might_be = {pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_FORM}
        return PageRows(glyphs, blank=not kinds, doubtful=bool(kinds & might_be), annotated=_is_annotated(page))


def read_drawn(characters: Any) -> Glyphs:
    """Return all characters of a page as drawn, with undecoded signs and with scripts on the line."""
    return _drawn(characters, read_units(characters))


def _drawn(characters: Any, units: str) -> Glyphs:
    return repaired(characters, glyphs_of(units))


def read_units(characters: Any) -> str:
    """Return all characters of a page, one per character of PDFium's: surrogates stay separate."""
    import pypdfium2.raw as pdfium

    count = max(pdfium.FPDFText_CountChars(characters), 0)
    buffer = (ctypes.c_ushort * (count + 1))()
    if pdfium.FPDFText_GetText(characters, 0, count, buffer) - 1 != count:
        # PDFium's text omits undecodable characters, so its n-th unit isn't the n-th character: each character is
        # read by its own index.
        return "".join(_unit(characters, at) for at in range(count))
    units = list(map(chr, buffer[:count]))
    for at in (match.start() for match in re.finditer("\ufffe", "".join(units))):
        units[at] = _unit(characters, at)
    return "".join(units)


def _unit(characters: Any, at: int) -> str:
    """Return one of PDFium's characters; a 2 that is no hyphen is an undecodable glyph."""
    import pypdfium2.raw as pdfium

    unit = pdfium.FPDFText_GetUnicode(characters, at)
    if unit == LINE_END_HYPHEN and pdfium.FPDFText_IsHyphen(characters, at) != 1:
        return sign_of_code(characters, at, LINE_END_HYPHEN) or chr(UNDECODABLE)
    return chr(unit) if unit <= 0xFFFF else REPLACEMENT


def glyphs_of(units: str) -> Glyphs:
    r"""Join surrogate pairs into letters, keeping each letter's index.

    >>> glyphs_of("x\ud835\udc65y") == Glyphs("x𝑥y", [0, 1, 3])
    True
    """
    if not re.search("[\ud800-\udbff][\udc00-\udfff]", units):
        return Glyphs(units.translate(_NOT_TEXT), range(len(units)))
    text = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    sources, at = [], 0
    for letter in text:
        sources.append(at)
        at += 2 if ord(letter) > 0xFFFF else 1
    return Glyphs(text.translate(_NOT_TEXT), sources)


def _stretches(text: str) -> list[tuple[int, int]]:
    """Return the spans between line ends, without white space around them."""
    found = []
    for match in _PIECE.finditer(text):
        words = match.group()
        start = match.start() + len(words) - len(words.lstrip())
        end = match.end() - (len(words) - len(words.rstrip()))
        if start < end:
            found.append((start, end))
    return found


def _piece(characters: Any, glyphs: Glyphs, start: int, end: int) -> Piece:
    """Measure a piece by a few of its letters: all of them would take three times as long."""
    middle = (start + end) // 2
    while glyphs.text[middle].isspace():
        middle -= 1
    samples = [_font(characters, glyphs.sources[at]) for at in (start, middle, end - 1)]
    size = sorted(sample[0] for sample in samples)[1]
    turn, x0, y = _origin(characters, glyphs.sources[start])
    if glyphs.text[start] in _LARGE:  # these hang from their origin, centred on their line
        letter = _FIRST_LETTER.search(glyphs.text, start, end)
        _, _, y = _origin(characters, glyphs.sources[letter.start() if letter else start], turn)
        if letter is None and not turn:
            y = height(characters, glyphs.sources[start]) - AXIS * size
    _, x1, _ = _origin(characters, glyphs.sources[end - 1], turn)
    bold, mono = (all(sample[which] for sample in samples) for which in (1, 2))
    return Piece(start, end, x0, x1 + size / 2, y, size, bold, mono, turn)


def _divided(characters: Any, glyphs: Glyphs, pieces: Sequence[Piece]) -> list[Piece]:
    """Divide pieces at wide gaps: table cells, or lines of two columns, come as one piece with a space between."""
    # Examining every space costs a tenth of the total time: a few pieces show whether a page has columns, and
    # cells with little text make a piece that is long for its letters.
    sample = pieces[:: len(pieces) // _SAMPLE + 1]
    columns = sum(len(_parts(characters, glyphs, piece)) > 1 for piece in sample) > len(sample) // 3
    return [
        part
        for piece in pieces
        for part in (_parts(characters, glyphs, piece) if columns or _is_sparse(piece) else (piece,))
    ]


def _is_sparse(piece: Piece) -> bool:
    """Say whether a piece is longer than its letters are wide."""
    return piece.x1 - piece.x0 > 0.65 * piece.size * (piece.end - piece.start)


def _parts(characters: Any, glyphs: Glyphs, piece: Piece) -> list[Piece]:
    """Divide a piece at its wide gaps, unless it is code."""
    if piece.mono or piece.turn or piece.size <= 0:
        return [piece]
    parts = [piece]
    for match in _SPACES.finditer(glyphs.text, piece.start, piece.end):
        last, first = match.start() - 1, match.end()
        if last < piece.start or first >= piece.end:
            continue
        ends, begins = (edges(characters, glyphs.sources[at]) for at in (last, first))
        if ends and begins and begins[0] - ends[1] > _WIDE_GAP * piece.size:
            parts[-1:] = [replace(parts[-1], end=last + 1, x1=ends[1]), replace(parts[-1], start=first, x0=begins[0])]
    return parts


def _fractions(page: Any, characters: Any, glyphs: Glyphs, pieces: Sequence[Piece]) -> list[Piece]:
    """Mark the fractions; a piece may end with a numerator: "the fraction p", with "q" under the p."""
    divided = [_numerator_apart(characters, glyphs, piece) for piece in pieces]
    marked = iter(with_fractions(page, glyphs, [part for parts in divided for part in parts]))
    found = []
    for piece, unmarked in zip(pieces, divided, strict=True):
        parts = list(islice(marked, len(unmarked)))
        # A piece that holds no part of a fraction stays whole.
        found += parts if any(part.part for part in parts) else [piece]
    return found


def _numerator_apart(characters: Any, glyphs: Glyphs, piece: Piece) -> list[Piece]:
    """Split off the end of a piece if it is higher than the rest, in letters as large."""
    end, size = piece.end, piece.size
    _, _, y = _origin(characters, glyphs.sources[end - 1])
    if piece.turn or glyphs.text[end - 1] in _LARGE or not _RAISED[0] < (y - piece.y) / max(size, 0.1) < _RAISED[1]:
        return [piece]
    # Back to the space before which the letters stand on the line again.
    for space in reversed(list(_SPACES.finditer(glyphs.text, piece.start, end))):
        before, first = space.start(), space.end()
        (_, _, low), (_, _, high) = (_origin(characters, glyphs.sources[at]) for at in (before - 1, first))
        if abs(high - y) > 0.1 * size or abs(_font(characters, glyphs.sources[first])[0] - size) > 0.1 * size:
            break
        if abs(low - piece.y) < 0.1 * size:
            return [_piece(characters, glyphs, piece.start, before), _piece(characters, glyphs, first, end)]
    return [piece]


def _font(characters: Any, at: int) -> tuple[float, bool, bool]:
    """Return the size in points of the letter at `at`, and whether it is bold and monospaced."""
    import pypdfium2.raw as pdfium

    matrix, flags, name = pdfium.FS_MATRIX(), ctypes.c_int(), ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetMatrix(characters, at, matrix)
    pdfium.FPDFText_GetFontInfo(characters, at, name, 128, flags)
    # A font of size 1, drawn through a matrix that enlarges it tenfold, is common.
    size = pdfium.FPDFText_GetFontSize(characters, at) * math.hypot(matrix.c, matrix.d)
    bold, mono = _looks(name.value)
    heavy = pdfium.FPDFText_GetFontWeight(characters, at) >= 600
    return size, bold or heavy, mono or bool(flags.value & _FIXED_PITCH)


@lru_cache(maxsize=512)
def _looks(font: bytes) -> tuple[bool, bool]:
    """Return whether a font is bold and monospaced, by its name."""
    name = font.decode("utf-8", "replace")
    return bool(_BOLD.search(name)), bool(_MONO.search(name))


def _origin(characters: Any, at: int, turn: int | None = None) -> tuple[int, float, float]:
    """Return the quarter turns of a letter, and its position once the page is turned upright."""
    import pypdfium2.raw as pdfium

    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(characters, at, x, y)
    if turn is None:
        # PDFium's angle is clockwise, so text running up the page has 3/4 of a turn.
        turn = round(pdfium.FPDFText_GetCharAngle(characters, at) / (math.pi / 2)) % 4
    upright = ((x.value, y.value), (-y.value, x.value), (-x.value, -y.value), (y.value, -x.value))[turn]
    return turn, *upright


def _rows(pieces: Sequence[Piece]) -> list[Row]:
    """Group pieces side by side into rows: formulas consist of many pieces."""
    rows: list[list[Piece]] = []
    for piece in pieces:
        if rows and _beside(rows[-1][-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [row_of_pieces(row) for row in rows]


def _beside(left: Piece, right: Piece) -> bool:
    """Say whether `right` continues `left`, perhaps raised or lowered."""
    size = max(left.size, right.size)
    if left.part == "over":
        return True
    far = 1.4 if right.part == "over" or left.part == "under" else 0.7
    return left.turn == right.turn and abs(left.y - right.y) < far * size and right.x0 > left.x1 - 0.7 * size


def row_of_pieces(pieces: Sequence[Piece]) -> Row:
    """Return the row of some pieces."""
    main = max(pieces, key=lambda piece: piece.end - piece.start)
    bold = all(piece.bold for piece in pieces)
    mono = all(piece.mono for piece in pieces)
    x1 = max(piece.x1 for piece in pieces)
    return Row(tuple(pieces), pieces[0].x0, x1, main.y, main.size, bold, mono, main.turn)


def _kinds(page: Any) -> set[int]:
    """Return the kinds of the objects drawn on a page."""
    import pypdfium2.raw as pdfium

    count = min(pdfium.FPDFPage_CountObjects(page), 1000)
    return {pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page, at)) for at in range(count)}


def _is_annotated(page: Any) -> bool:
    """Say whether a page has more annotations than links and windows for comments."""
    import pypdfium2.raw as pdfium

    other = {pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP}
    for at in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation) if annotation else pdfium.FPDF_ANNOT_LINK
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind not in other:
            return True
    return False
