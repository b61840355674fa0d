"""Signs of TeX's mathematical fonts that a PDF doesn't name: "v 2 C" is "v ∈ C".

A font without a table of its characters is read by its codes, and TeX's fonts of signs have codes of their own (OMS for
relations and arrows, OMX for large brackets and sums: Knuth, Computer Modern Typefaces, 1986). Which font a character
is drawn in is asked only where it looks like one of these codes, since asking costs as much as reading a letter.
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
    | dict.fromkeys(range(0x30, 0x44), " ")  # the pieces of still larger ones
    | dict(enumerate("⟨⟩⊔⊔∮∮⊙⊙⊕⊕⊗⊗∑∏∫⋃⋂⊎⋀⋁∑∏∫⋃⋂⊎⋀⋁∐∐", 0x44))
    | dict(enumerate("[]⌊⌋⌈⌉{}√√√√√", 0x68))
    | dict.fromkeys(range(0x7A, 0x7E), " ")  # and of braces that lie
)
# A program of one system gives codes that it can't name those of its own alphabet: seen in books set in Math Design.
_OMS_RENAMED = {"\uf8ff": "≤", "⇤": "∗", "⇥": "×", "⇡": "≈", "⇧": "⊕"}
_OMX_RENAMED = {"®": "{", "´": "}", "⇢": "{", "⇥": "[", "⇤": "]", "\uf8ff": "["}
_OML_RENAMED = {"⇥": "Θ", "↵": "α", "⇡": "π", "⌃": "Σ", "⌦": "Ω"}
_NAMED = "{|}"  # even there
_CONTROLS = "\x00-\x09\x0b\x0c\x0e-\x1f"
_MSA_RENAMED = {"É": "□"}  # the end of a proof
_CODES = re.compile(
    rf"[É{_CONTROLS}\uf8ff⇤⇥⇡⇧⇢↵⌃⌦®´{{|}}]|hh|ii|(?<![^\W\d_])h|i(?![^\W\d_])"
    # a sum has its limits behind it, and a root may be any of four letters
    r"|(?<![^\W\d_])[P-Z](?=[^\W\d_]{0,2}(?![^\W\d_]))|(?<![^\W\d_])[pqrsz](?![^\W\d_])|(?<!\d)[01267]{1,2}(?!\d)"
)
# Looked at only on a page whose fonts have codes for names.
_MORE_CODES = re.compile(r"[ !)\[\\]|(?<![^\W\d_])[b-e]|[b-e](?![^\W\d_])")
_RELATIONS = re.compile(r"CMSY\d|-Symbol-")
_LETTERS = re.compile(r"-MathItalic-")
_MORE_SIGNS = re.compile(r"SymbolA-")
_LARGE = re.compile(r"CMEX\d|-Extension-")
_NAME, _FLAGS = ctypes.create_string_buffer(128), ctypes.c_int()  # filled while the lock on PDFium is held
_NAMELESS = "MathDesign"  # fonts whose codes come without a word of warning


def with_signs(characters: Any, units: str) -> str:
    """Return a page's units, one for each of PDFium's characters, with the signs that codes stand for."""
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
    """Return the sign that a font of signs has for a code; None in any other font."""
    font = _font(characters, at)
    table = _OMS if _RELATIONS.search(font) else _OMX if _LARGE.search(font) else {}
    return table.get(code)


def _places(pattern: re.Pattern[str], units: str) -> Iterable[int]:
    return (at for match in pattern.finditer(units) for at in range(match.start(), match.end()))


def _sign(characters: Any, at: int, unit: str, font: str) -> str:
    """Return what a character of a font of signs is; itself in any other font, or where its name is known."""
    import pypdfium2.raw as pdfium

    if _NAMELESS in font and _LETTERS.search(font):
        return _OML_RENAMED.get(unit, unit)
    if _NAMELESS in font and _MORE_SIGNS.search(font):
        return _MSA_RENAMED.get(unit, unit)
    relations, large = _RELATIONS.search(font), _LARGE.search(font)
    if not (relations or large):
        return unit
    if _NAMELESS in font:
        if unit < " " or (relations and unit in _NAMED):  # several signs in one; or what it says
            return unit
        renamed = _OMS_RENAMED if relations else _OMX_RENAMED
        return renamed.get(unit) or (_OMS if relations else _OMX).get(ord(unit), unit)
    if unit != "\x00" and pdfium.FPDFText_HasUnicodeMapError(characters, at) != 1:
        return unit
    return (_OMS if relations else _OMX).get(ord(unit), unit)


def _is_between_words(characters: Any, at: int) -> bool:
    """Say whether PDFium put a character in itself, as it does with spaces."""
    import pypdfium2.raw as pdfium

    return bool(pdfium.FPDFText_IsGenerated(characters, at) == 1)


def _font(characters: Any, at: int) -> str:
    import pypdfium2.raw as pdfium

    # It writes nothing where there is no font, or a name too long: what is in the buffer is another's then.
    length = pdfium.FPDFText_GetFontInfo(characters, at, _NAME, len(_NAME), _FLAGS)
    return _read(_NAME.value) if 0 < length <= len(_NAME) else ""


@lru_cache(maxsize=512)
def _read(name: bytes) -> str:
    return name.decode("utf-8", "replace")
