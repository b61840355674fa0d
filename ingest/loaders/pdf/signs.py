"""Decodes signs of TeX's mathematical fonts without names in the PDF: "v 2 C" is "v ∈ C".

A font without a table of its characters is read by its codes, and TeX's fonts of signs have codes of their own (OMS for
relations and arrows, OMX for large brackets and sums: Knuth, Computer Modern Typefaces, 1986). Which font a character
is drawn in is read only if it looks like one of these codes, since reading the font costs as much as reading a letter.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

_OMS = dict(enumerate("−·×∗÷⋄±∓⊕⊖⊗⊘⊙◯∘•≍≡⊆⊇≤≥⪯⪰∼≈⊂⊃≪≫≺≻←→↑↓↔↗↘≃⇐⇒⇑⇓⇔↖↙∝′∞∈∋△▽\u0338↦∀∃¬∅ℜℑ⊤⊥ℵ")) | dict(
    enumerate("∪∩⊎∧∨⊢⊣⌊⌋⌈⌉{}⟨⟩|∥↕⇕\\≀√∐∇∫⊔⊓⊑⊒§†‡", 0x5B)
)
_BRACKETS = "()[]⌊⌋⌈⌉{}⟨⟩|∥/\\"
_OMX = (
    dict(enumerate(_BRACKETS))
    | dict(enumerate("()" + _BRACKETS[:12] + "/\\", 0x10))
    | dict(enumerate(_BRACKETS[:12] + "/\\/\\", 0x20))
    | dict.fromkeys(range(0x30, 0x44), " ")  # pieces of larger brackets
    | dict(enumerate("⟨⟩⊔⊔∮∮⊙⊙⊕⊕⊗⊗∑∏∫⋃⋂⊎⋀⋁∑∏∫⋃⋂⊎⋀⋁∐∐", 0x44))
    | dict(enumerate("[]⌊⌋⌈⌉{}√√√√√", 0x68))
    | dict.fromkeys(range(0x7A, 0x7E), " ")  # pieces of horizontal braces
)
# One system's programs name these codes by the system's own alphabet: seen in books set in Math Design.
_OMS_RENAMED = {"\uf8ff": "≤", "⇤": "∗", "⇥": "×", "⇡": "≈", "⇧": "⊕"}
_OMX_RENAMED = {"®": "{", "´": "}", "⇢": "{", "⇥": "[", "⇤": "]", "\uf8ff": "["}
_OML_RENAMED = {"⇥": "Θ", "↵": "α", "⇡": "π", "⌃": "Σ", "⌦": "Ω"}
_NAMED = "{|}"  # also in Math Design
_CONTROLS = "\x00-\x09\x0b\x0c\x0e-\x1f"
_MSA_RENAMED = {"É": "□"}  # the end of a proof
_CODES = re.compile(
    rf"[É{_CONTROLS}\uf8ff⇤⇥⇡⇧⇢↵⌃⌦®´{{|}}]|hh|ii|(?<![^\W\d_])h|i(?![^\W\d_])"
    # a sum's limits follow it, and a root may be any of four letters
    r"|(?<![^\W\d_])[P-Z](?=[^\W\d_]{0,2}(?![^\W\d_]))|(?<![^\W\d_])[pqrsz](?![^\W\d_])|(?<!\d)[01267]{1,2}(?!\d)"
)
# Examined only on a page whose fonts are Math Design's.
_MORE_CODES = re.compile(r"[ !)\[\\]|(?<![^\W\d_])[b-e]|[b-e](?![^\W\d_])")
_RELATIONS = re.compile(r"CMSY\d|-Symbol-")
_LETTERS = re.compile(r"-MathItalic-")
_MORE_SIGNS = re.compile(r"SymbolA-")
_LARGE = re.compile(r"CMEX\d|-Extension-")
_NAME, _FLAGS = ctypes.create_string_buffer(128), ctypes.c_int()  # used under PDFium's lock
_NAMELESS = "MathDesign"  # fonts whose codes PDFium reports without an error


def with_signs(characters: Any, units: str) -> str:
    """Return a page's units, one per character of PDFium's, with codes replaced by their signs."""
    written = list(units)
    nameless = False
    for at in _places(_CODES, units):
        name = _font(characters, at)
        written[at] = _sign(characters, at, units[at], name)
        nameless = nameless or (_NAMELESS in name and written[at] != units[at])
    for at in _places(_MORE_CODES, units) if nameless else ():
        if units[at] == " " and _is_between_words(characters, at):
            continue
        name = _font(characters, at)
        if _NAMELESS in name and _RELATIONS.search(name) and not _is_between_words(characters, at):
            written[at] = _OMS.get(ord(units[at]), units[at])
    return "".join(written)


def sign_of_code(characters: Any, at: int, code: int) -> str | None:
    """Return the sign of a code in a font of signs; None for any other font."""
    font = _font(characters, at)
    table = _OMS if _RELATIONS.search(font) else _OMX if _LARGE.search(font) else {}
    return table.get(code)


def _places(pattern: re.Pattern[str], units: str) -> Iterable[int]:
    return (at for match in pattern.finditer(units) for at in range(match.start(), match.end()))


def _sign(characters: Any, at: int, unit: str, font: str) -> str:
    """Return the sign of a character in a font of signs; the character itself in another font or with a known name."""
    import pypdfium2.raw as pdfium

    if _NAMELESS in font and _LETTERS.search(font):
        return _OML_RENAMED.get(unit, unit)
    if _NAMELESS in font and _MORE_SIGNS.search(font):
        return _MSA_RENAMED.get(unit, unit)
    relations, large = _RELATIONS.search(font), _LARGE.search(font)
    if not (relations or large):
        return unit
    if _NAMELESS in font:
        if unit < " " or (relations and unit in _NAMED):  # several signs in one, or the character itself
            return unit
        renamed = _OMS_RENAMED if relations else _OMX_RENAMED
        return renamed.get(unit) or (_OMS if relations else _OMX).get(ord(unit), unit)
    if unit != "\x00" and pdfium.FPDFText_HasUnicodeMapError(characters, at) != 1:
        return unit
    return (_OMS if relations else _OMX).get(ord(unit), unit)


def _is_between_words(characters: Any, at: int) -> bool:
    """Say whether PDFium generated a character, as it does with spaces."""
    import pypdfium2.raw as pdfium

    return bool(pdfium.FPDFText_IsGenerated(characters, at) == 1)


def _font(characters: Any, at: int) -> str:
    import pypdfium2.raw as pdfium

    # Without a font, or with too long a name, the buffer still holds another font's name.
    length = pdfium.FPDFText_GetFontInfo(characters, at, _NAME, len(_NAME), _FLAGS)
    return _read(_NAME.value) if 0 < length <= len(_NAME) else ""


@lru_cache(maxsize=512)
def _read(name: bytes) -> str:
    return name.decode("utf-8", "replace")
