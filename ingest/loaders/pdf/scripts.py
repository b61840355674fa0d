"""Writes superscripts and subscripts of a PDF: smaller than the letter before, beside it, above or below its line.

PDFium gives a raised "2" after "n" as "n2", or on a line of its own if it is high. The size is read for every
character outside long words; the position only for those smaller than the character before.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from ingest.loaders.pdf.letters import Edit, Glyphs, edited
from ingest.loaders.scripts import UNKNOWN, lowered, raised, term
from rag import lexicon

_SMALLER = (0.4, 0.86)  # times the size of a script's base letter
_HIGHER, _LOWER = (0.15, 0.75), (-0.6, -0.06)  # sizes between the base lines
_NESTED, _STEP = 0.86, 0.1  # of a script on a script: times its size, and sizes above or below it
_TALL = 3  # times the distance from a letter is allowed from a bracket's centre
_NEAR = (-0.5, 0.3)  # sizes from a letter to its script
_SUMS = frozenset("∑∏∐⋃⋂⋁⋀")
_LIMIT = -2.2  # sizes from a sum's end to a limit above or below its centre
_SPACE = 0.8  # sizes from a word to a small fraction
_APART = 0.15  # sizes from which a space follows a script
_LONGEST = 12  # characters
# Tokens whose size is read once: long words, in which no script is searched, and small words, most of a page.
_SMALL = lexicon.any_of("prose")
_TOKEN = re.compile(
    rf"[^\W\d_A-ZÄÖÜ]{{5,}}|(?<=[A-ZÄÖÜ])[a-zäöüß]{{4,}}|\b{_SMALL}\b"
    r"|(?P<mark>[.,;:!?\"“”’'-]+)|\S"
)
_MARK = 3  # digits of a footnote's number
_MARKS_OVER = "".join(map(chr, (*range(0x300, 0x370), *range(0x20D0, 0x20F1))))
_BASES = frozenset(")]}|′∑∏∫⋃⋂⨁√∞∂∇>⟩⌋⌉")
_RELATIONS = frozenset("≈∼~≃≅≡≤≥⊑⪯⪰→")
_NOTED = frozenset('.,;:!?”“"’»')  # after these, a raised number is a footnote's


@dataclass(frozen=True, slots=True)
class _Place:
    """A character's position, in points."""

    at: int
    size: float
    x: float
    y: float
    right: float
    middle: float  # between top and bottom
    is_large: bool  # perhaps; then its centre counts, as large brackets hang from their origin

    def above(self, base: _Place) -> float:
        """Return the height above a letter's line, in sizes of the letter."""
        return (self.middle - base.middle if base.is_large else self.y - base.y) / base.size


def _side(place: _Place, base: _Place) -> int:
    """Say whether a small character is raised (1), lowered (-1) or neither (0)."""
    above = place.above(base) / (_TALL if base.is_large and abs(place.above(base)) > _HIGHER[1] else 1)
    return (_HIGHER[0] < above < _HIGHER[1]) - (_LOWER[0] < above < _LOWER[1])


def _are_stacked(base: _Place, scripts: Sequence[_Place]) -> bool:
    """Say whether some scripts are right above others."""
    return any(_side(left, base) != _side(right, base) and right.x < left.right for left, right in pairwise(scripts))


def _is_ornament(letter: str) -> bool:
    return unicodedata.category(letter) == "So" and letter not in UNKNOWN


def _goes_on(base: _Place, script: _Place, following: _Place) -> bool:
    """Say whether a line continues after a script."""
    near = 0.5 if base.is_large else 0.1
    like = abs(following.size / base.size - 1) < 0.1 and abs(following.above(base)) < near
    return like and -0.3 < (following.x - script.right) / base.size < 1


def with_scripts(characters: Any, glyphs: Glyphs) -> Glyphs:
    """Return a page's characters with scripts written as such; `characters` is PDFium's text page."""
    page = _Page(characters, glyphs)
    written = edited(glyphs, page.edits())
    return replace(written, sides=page.sides) if page.sides else written


class _Page:
    def __init__(self, characters: Any, glyphs: Glyphs) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium, self._characters = pdfium, characters
        self._text, self._sources = glyphs.text, glyphs.sources
        self.sides: dict[int, int] = {}  # of undecoded characters, by PDFium's index
        self._matrix, self._x, self._y = pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
        self._box = tuple(ctypes.c_double() for _ in range(4))

    def edits(self) -> Iterator[Edit]:
        """Yield the edits in order."""
        done = 0
        for (first, before), (start, _) in pairwise(self._runs()):
            if first >= done and (mark := self._mark(first, before, start)):
                yield mark
                done = before
                continue
            near = self._text[max(before - 4, 0) : before]
            marked = before - len(near) + (len(near.rstrip(_MARKS_OVER)) or len(near))  # "x⃗" bears the letter's script
            if before <= done or not self._may_bear(self._text[marked - 1], self._text[start]):
                continue
            base = self._place(marked - 1)
            scripts = list(self._scripts(base, start)) if base else []
            edit = self._edit(base, before, scripts) if base and scripts and not self._is_logo(base.at) else None
            if edit:
                done = edit.end
                yield edit

    def _mark(self, start: int, end: int, behind: int) -> Edit | None:
        """Return the edit of a footnote's raised number, which precedes its base word."""
        at_once = end == behind and (start == 0 or self._text[start - 1] in "\r\n")
        digits = self._text[start:end]
        if not (at_once and end - start <= _MARK and all(one.isdecimal() or one in UNKNOWN for one in digits)):
            return None
        base, mark = self._place(behind), self._place(end - 1)
        if not base or not mark or not _SMALLER[0] < mark.size / base.size < _SMALLER[1] or _side(mark, base) != 1:
            return None
        made = raised(digits)
        if len(made) != len(digits):  # digits of another script have no raised form
            return None
        sources = self._sources[start:end]
        self.sides |= {source: 1 for one, source in zip(digits, sources, strict=True) if one in UNKNOWN}
        return Edit(start, end, made, tuple(sources))

    def _is_logo(self, at: int) -> bool:
        return "".join(self._text[at : at + 12].split()).upper().startswith("LATEX")

    def _runs(self) -> list[tuple[int, int]]:
        """Return runs of one size, as (start, end), without white space around them."""
        size_of, matrix_of = self._pdfium.FPDFText_GetFontSize, self._pdfium.FPDFText_GetMatrix
        characters, sources, matrix = self._characters, self._sources, self._matrix
        runs: list[tuple[int, int]] = []
        size = last = -1.0
        for token in _TOKEN.finditer(self._text):
            start, end = token.span()
            if token.lastgroup is None or not runs:  # no punctuation, whose size is that of the word before
                source = sources[start]
                matrix_of(characters, source, matrix)
                scale = math.hypot(matrix.c, matrix.d) if matrix.c else matrix.d
                size = round(size_of(characters, source) * scale, 2)
            if size == last:
                runs[-1] = (runs[-1][0], end)
            else:
                runs.append((start, end))
            last = size
        return runs

    @staticmethod
    def _may_bear(base: str, script: str) -> bool:
        if base in _NOTED:
            return script.isdigit() or script in UNKNOWN
        return base.isalnum() or base in _BASES or base in _RELATIONS or base in UNKNOWN

    def _scripts(self, base: _Place, start: int) -> Iterator[_Place]:
        """Yield the scripts of the letter at `base`, from `start` on; none if they are too many."""
        found: list[_Place] = []
        right = base.right
        farthest = _SPACE
        nearest = _LIMIT if self._text[base.at] in _SUMS else _NEAR[0]
        for at in range(start, min(start + 2 * _LONGEST, len(self._text))):
            if self._text[at].isspace():
                continue
            place = self._place(at)
            if place is None or not _SMALLER[0] < place.size / base.size < _SMALLER[1] or not _side(place, base):
                break
            # A script below or above another begins again beside the letter.
            after = base.right if found and _side(place, base) != _side(found[-1], base) else right
            if not any(nearest < (place.x - left) / base.size < farthest for left in (right, after)):
                break
            farthest = _NEAR[1]
            found.append(place)
            right = place.right
        if len(found) <= _LONGEST:
            yield from found

    def _edit(self, base: _Place, after: int, scripts: Sequence[_Place]) -> Edit | None:
        """Return the edit from `after` on, behind a letter and its combining marks."""
        gap = (scripts[0].x - base.right) / base.size
        stacked = _are_stacked(base, scripts)
        if stacked and base.is_large and self._text[base.at] not in _SUMS:
            return None
        # Raised and lowered beside a letter are power and index; at a distance they are a fraction.
        if stacked and gap > _APART and self._text[scripts[0].at].isalnum():
            spaced = gap > _NEAR[1] or " " in self._text[base.at : scripts[0].at]
            written, sources = self._fraction(base, scripts, spaced=spaced)
        elif gap > _NEAR[1]:
            return None
        else:
            written, sources = self._power(base, scripts)
            apart = " " in self._text[base.at : scripts[0].at]  # perhaps only smaller text
            if written[0] in "^_" and (apart or all(_is_ornament(letter) for letter in written[1:].strip("()"))):
                return None
        end = scripts[-1].at + 1
        rest = self._text[end : end + 3]
        breaks = len(rest) - len(rest.lstrip("\r\n"))
        following = self._place(end + breaks) if breaks else None
        if following and _goes_on(base, scripts[-1], following):
            if following.x - scripts[-1].right > _APART * base.size:
                written, sources = f"{written} ", [*sources, self._sources[end]]
            end += breaks
        return Edit(after, end, written, tuple(sources))

    def _fraction(self, base: _Place, scripts: Sequence[_Place], *, spaced: bool) -> tuple[str, list[int]]:
        """Write stacked small numbers in one line, with the source of each character."""
        written, sources = "", list[int]()
        for text, own in self._parts(base, scripts):
            before = "/" if written else " " * spaced
            made = before + term(text)
            opening = len(before) + made.endswith(")")
            written += made
            sources += [own[0]] * opening + own + [own[-1]] * (len(made) - opening - len(own))
        return written, sources

    def _power(self, base: _Place, scripts: Sequence[_Place]) -> tuple[str, list[int]]:
        """Write powers and indices after their letter, with the source of each character."""
        written, sources = "", list[int]()
        sides = [side for side, _ in groupby(scripts, key=lambda place: _side(place, base))]
        for side, (text, own) in zip(sides, self._parts(base, scripts), strict=True):
            made = raised(text) if side > 0 else lowered(text)
            signs = min(len(made) - len(text), 2)  # "^" or "^("
            if not signs:
                self.sides |= {at: side for letter, at in zip(text, own, strict=True) if letter in UNKNOWN}
            written += made
            sources += [own[0]] * signs + own + [own[-1]] * (len(made) - signs - len(own))
        return written, sources

    def _parts(self, base: _Place, scripts: Sequence[_Place]) -> Iterator[tuple[str, list[int]]]:
        """Yield the scripts of one side of the line, then of the other, with their sources."""
        for _, group in groupby(scripts, key=lambda place: _side(place, base)):
            places = list(group)
            written = "".join(self._nested(place, places[0]) for place in places)
            yield written, [self._sources[place.at] for place in places]

    def _nested(self, place: _Place, script: _Place) -> str:
        """Return a character of a script, raised or lowered if its base is another: the 1 of pᵉ¹ is e's index."""
        letter, above = self._text[place.at], place.above(script)
        if place.size > _NESTED * script.size or abs(above) < _STEP:
            return letter
        written = raised(letter) if above > 0 else lowered(letter)
        return written if len(written) == 1 else letter

    def _place(self, at: int) -> _Place | None:
        """Return a character's position, or None if it is turned or not drawn."""
        if at >= len(self._text):
            return None
        source = self._sources[at]
        scale = self._scale(source)
        if not scale or abs(self._matrix.b) > abs(self._matrix.a) / 10:
            return None
        left, right, bottom, top = self._box
        self._pdfium.FPDFText_GetCharBox(self._characters, source, left, right, bottom, top)
        self._pdfium.FPDFText_GetCharOrigin(self._characters, source, self._x, self._y)
        size = self._pdfium.FPDFText_GetFontSize(self._characters, source) * scale
        if size <= 0 or right.value <= left.value:
            return None
        middle, letter = (bottom.value + top.value) / 2, self._text[at]
        large = letter in _BASES or letter in UNKNOWN
        return _Place(at, size, self._x.value, self._y.value, right.value, middle, large)

    def _scale(self, source: int) -> float:
        self._pdfium.FPDFText_GetMatrix(self._characters, source, self._matrix)
        return math.hypot(self._matrix.c, self._matrix.d)
