"""The numerals of list items: 2, b, IV."""

from __future__ import annotations

_VALUES = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
_ROMAN = list(zip(_VALUES, "m cm d cd c xc l xl x ix v iv i".split(), strict=True))
_MOST_LETTERS = 4  # "dddd" is the last point that has letters


def numeral(number: int, kind: str) -> str:
    """Return a numeral; `kind` is "a", "A", "i" or "I", anything else gives digits.

    >>> numeral(2, "a"), numeral(28, "A"), numeral(4, "I"), numeral(7, "1")
    ('b', 'BB', 'IV', '7')
    """
    written = str(number)
    if kind in ("a", "A") and 0 < number <= 26 * _MOST_LETTERS:
        written = chr(ord("a") + (number - 1) % 26) * (1 + (number - 1) // 26)
    elif kind in ("i", "I") and 0 < number < 4000:
        written = ""
        for value, signs in _ROMAN:
            written += signs * (number // value)
            number %= value
    return written.upper() if kind in ("A", "I") else written
