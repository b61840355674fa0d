"""Normalises letters to NFC, each aligned with the page.

A PDF draws an accent and a letter over each other, in either order: TeX's older fonts give "f¨ur", and "̸=" for
"≠". The boxes on the page show which letter an accent belongs to.

"f" "¨" "u" "r"    ->  text "für"    sources 0, 2, 3      a composed letter stands where its base letter does
"ﬁ" "n"            ->  text "fin"    sources 0, 0, 1      the letters of a ligature have one place
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_COMBINING = {
    "\u00a8": "\u0308",
    "\u00b4": "\u0301",
    "\u02c6": "\u0302",
    "\u02c7": "\u030c",
    "\u02d8": "\u0306",
    "\u02d9": "\u0307",
    "\u02da": "\u030a",
    "\u02dc": "\u0303",
    "\u02dd": "\u030b",
    "\u00b8": "\u0327",
    "`": "\u0300",
}
_MARKS = "\u0300-\u036f\u20d0-\u20dc\u20e1\u20e5-\u20f0"
_SOFT_HYPHEN = "\u00ad"
_ODD = re.compile(rf"[{''.join(_COMBINING)}{_MARKS}{_SOFT_HYPHEN}\ufb00-\ufb06]")
# The last alternative is for letters that NFC writes as several wherever they stand: U+0344, U+0958, U+FB2A.
_CLUSTER = re.compile(rf"[^\s{_MARKS}][{_MARKS}]+|[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|[^\x00-\xff]")
_THINNEST = 0.05  # points
BOXED = -2  # the source of all letters of a page's first box; -3 of its second, and so on


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A page's characters, and for each its index in PDFium."""

    text: str
    sources: Sequence[int]  # a range if nothing is skipped or outside the basic plane; negative for letters in a box
    sides: Mapping[int, int] = field(default_factory=dict)  # of undecoded scripts, by source: 1 raised, -1 lowered


@dataclass(frozen=True, slots=True)
class Edit:
    """``text[start:end]`` becomes `written`, whose letters are at `sources`."""

    start: int
    end: int
    written: str
    sources: tuple[int, ...]


def repaired(characters: Any, glyphs: Glyphs) -> Glyphs:
    """Return a page's characters in NFC; `characters` is PDFium's text page."""
    if _ODD.search(glyphs.text):
        glyphs = edited(glyphs, _apart_edits(characters, glyphs))
    if unicodedata.is_normalized("NFC", glyphs.text):
        return glyphs
    glyphs = _with_plain_letters(glyphs)
    return edited(glyphs, _cluster_edits(glyphs))


def _with_plain_letters(glyphs: Glyphs) -> Glyphs:
    """Replace letters that Unicode has twice by the preferred one: the Ohm sign becomes an Omega."""
    preferred = {ord(letter): unicodedata.normalize("NFC", letter) for letter in set(glyphs.text)}
    one_for_one = {old: new for old, new in preferred.items() if len(new) == 1}
    return Glyphs(glyphs.text.translate(one_for_one), glyphs.sources)


def edited(glyphs: Glyphs, edits: Iterable[Edit]) -> Glyphs:
    """Apply the edits, which are in order."""
    parts, sources, at = [], list[int](), 0
    for edit in edits:
        if edit.start < at:  # two accents on one letter: the second stays as it is
            continue
        parts += [glyphs.text[at : edit.start], edit.written]
        sources += [*glyphs.sources[at : edit.start], *edit.sources]
        at = edit.end
    if not parts:
        return glyphs
    text = "".join((*parts, glyphs.text[at:]))
    sources += glyphs.sources[at:]
    same = sources == list(range(len(sources)))
    return Glyphs(text, range(len(sources)) if same else sources)


def _cluster_edits(glyphs: Glyphs) -> Iterator[Edit]:
    """Compose letters with the combining marks after them."""
    for match in _CLUSTER.finditer(glyphs.text):
        written = unicodedata.normalize("NFC", match.group())
        if written != match.group():
            yield Edit(
                match.start(), match.end(), written, _spread(glyphs.sources[match.start() : match.end()], written)
            )


def _spread(sources: Sequence[int], written: str) -> tuple[int, ...]:
    """Return a source for each letter written in place of some characters; the first is the base letter's.

    NFC writes U+0344 as two marks, so there may be more letters than characters.

    >>> _spread([4, 5, 6], "é"), _spread([4, 5, 6], "x\u0323\u0301"), _spread([4, 5], "x\u0308\u0301")
    ((4,), (4, 5, 6), (4, 4, 5))
    """
    base, *marks = sources
    kept = marks[max(len(marks) - len(written) + 1, 0) :] if len(written) > 1 else []
    return (*(base,) * (len(written) - len(kept)), *kept)


def _apart_edits(characters: Any, glyphs: Glyphs) -> Iterator[Edit]:
    """Yield the edits that attach accents, expand ligatures, and settle soft hyphens."""
    text = glyphs.text
    for at in (match.start() for match in _ODD.finditer(text)):
        source = glyphs.sources[at]
        if "\ufb00" <= text[at] <= "\ufb06":
            written = unicodedata.normalize("NFKC", text[at])
            yield Edit(at, at + 1, written, (source,) * len(written))
        elif text[at] == _SOFT_HYPHEN:
            yield from _soft_hyphen(characters, glyphs, at)
        elif edit := _accent(characters, glyphs, at):
            yield edit


def _soft_hyphen(characters: Any, glyphs: Glyphs, at: int) -> Iterator[Edit]:
    """Drop a soft hyphen without width within a line; a drawn one is a visible hyphen."""
    if at + 1 == len(glyphs.text) or glyphs.text[at + 1] in "\r\n":
        return  # at a line's end it may divide a word
    drawn = edges(characters, glyphs.sources[at]) is not None
    yield Edit(at, at + 1, "-" if drawn else "", (glyphs.sources[at],) if drawn else ())


def _accent(characters: Any, glyphs: Glyphs, at: int) -> Edit | None:
    """Compose an accent with the letter under it, or at least move it after this letter."""
    text, sources = glyphs.text, glyphs.sources
    mark = _COMBINING.get(text[at], text[at])
    # TeX puts accents on a dotless i, which Unicode composes with the ordinary one.
    if at + 1 < len(text) and _over(characters, sources[at], text[at + 1], sources[at + 1]):
        written = unicodedata.normalize("NFC", text[at + 1].replace("ı", "i") + mark)
        if len(written) == 1:
            return Edit(at, at + 2, written, (sources[at + 1],))
        if mark == text[at]:
            return Edit(at, at + 2, written, _spread((sources[at + 1], sources[at]), written))
    elif mark != text[at] and at and _over(characters, sources[at], text[at - 1], sources[at - 1]):
        written = unicodedata.normalize("NFC", text[at - 1].replace("ı", "i") + mark)
        if len(written) == 1:
            return Edit(at - 1, at + 1, written, (sources[at - 1],))
    return None


def _over(characters: Any, mark: int, letter: str, base: int) -> bool:
    """Say whether an accent's centre is over or under the centre of a letter or sign."""
    if not (letter.isalpha() or unicodedata.category(letter) == "Sm"):
        return False
    its, of_base = edges(characters, mark), edges(characters, base)
    if its is None or of_base is None:
        return False
    return abs(sum(its) - sum(of_base)) / 2 < 0.35 * (of_base[1] - of_base[0])


def edges(characters: Any, at: int) -> tuple[float, float] | None:
    """Return a character's start and end on its line in points, or None if nothing is drawn."""
    left, right, _, _ = _box(characters, at)
    return (left, right) if right - left > _THINNEST else None


def height(characters: Any, at: int) -> float:
    """Return the height of a character's centre in points, from the bottom of the page."""
    _, _, bottom, top = _box(characters, at)
    return (bottom + top) / 2


def _box(characters: Any, at: int) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top of a character, in points."""
    import pypdfium2.raw as pdfium

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(characters, at, left, right, bottom, top)
    return left.value, right.value, bottom.value, top.value
