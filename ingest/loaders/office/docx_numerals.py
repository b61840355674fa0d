"""The numerals of Word's lists and headings in the formats of ECMA-376, part 1, chapter 17.18.59; others are digits."""

from __future__ import annotations

import re

from ingest.loaders.numerals import numeral

_PLAIN = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"
_IDEOGRAPHS = "〇一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_COUNTED = frozenset(
    "chineseCounting chineseCountingThousand japaneseCounting taiwaneseCounting taiwaneseCountingThousand "
    "koreanCounting".split()
)
_DIGIT_BY_DIGIT = frozenset(("ideographDigital", "japaneseDigitalTen", "taiwaneseDigital", "koreanDigital2"))
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_FULL_WIDTHS = ("decimalFullWidth", "decimalFullWidth2")
_PADDED = re.compile(r"0+(?=[1-9])")


def shown_number(number: int, kind: str, custom: str = "") -> str:
    """Return a number as Word shows it; `custom` is the beginning of a counting of its own, "001, 002, 003, ...".

    >>> shown_number(4, "upperRoman"), shown_number(4, "decimalZero"), shown_number(12, "chineseCounting")
    ('IV', '04', '十二')
    >>> shown_number(4, "decimalEnclosedCircle"), shown_number(4, "custom", "001, 002"), shown_number(4, "ordinal")
    ('④', '004', '4')
    """
    if kind in _PLAIN:
        return numeral(number, _PLAIN[kind])
    if kind == "none":
        return ""
    if kind == "decimalZero":
        return f"{number:02}"
    if kind == "custom" and (zeros := _PADDED.match(custom)):
        return f"{number:0{len(zeros[0]) + 1}}"
    if kind == "numberInDash":
        return f"- {number} -"
    if kind in _FULL_WIDTHS:
        return str(number).translate(_FULL_WIDTH)
    return _sign(number, kind) or str(number)


def _sign(number: int, kind: str) -> str:
    """Return a number in signs of its own; empty if it has none."""
    if kind.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    if kind == "decimalEnclosedParen" and 0 < number <= 20:
        return chr(0x2474 + number - 1)
    if kind == "decimalEnclosedFullstop" and 0 < number <= 20:
        return chr(0x2488 + number - 1)
    if kind in ("russianLower", "russianUpper") and 0 < number <= len(_RUSSIAN):
        return _RUSSIAN[number - 1].upper() if kind == "russianUpper" else _RUSSIAN[number - 1]
    if kind in _DIGIT_BY_DIGIT:
        return "".join(_IDEOGRAPHS[int(digit)] for digit in str(abs(number)))
    return _counted(number) if kind in _COUNTED and 0 < number < 10_000 else ""


def _counted(number: int) -> str:
    """Write a number as it is spoken in Chinese and Japanese.

    >>> _counted(12), _counted(20), _counted(105)
    ('十二', '二十', '一百〇五')
    """
    written, gap = "", False
    digits = str(number)
    for at, digit in enumerate(digits):
        if digit == "0":
            gap = True
            continue
        written += ("〇" if gap and written else "") + _IDEOGRAPHS[int(digit)] + _PLACES[len(digits) - at - 1]
        gap = False
    return written.removeprefix("一") if 10 <= number < 20 else written
