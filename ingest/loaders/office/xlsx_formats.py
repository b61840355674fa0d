"""Writes a cell's value as its number format shows it: 123 as "0000123" is "0000123", 1.26 as "[h]:mm" is "30:15".

A format has up to four sections, for positive numbers, negative ones, zero and text, each of literal text and
placeholders (ECMA-376, part 1, chapter 18.8.31). It is stored as in American English, and is read so. openpyxl only
knows whether a format is a date's.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from ingest.loaders.office.xlsx_dates import Token, moment

_TOKENS = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<width>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]?'
    r"|(?P<general>General)|(?P<half>AM/PM|A/P)|(?P<date>y+|m+|d+|h+|s+)|(?P<power>e[+-])"
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<slash>/)|(?P<at>@)|(?P<end>;)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)$")
_ELAPSED = re.compile(r"(h+|m+|s+)$", re.IGNORECASE)
_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
    "<=": operator.le,
    ">=": operator.ge,
    "<>": operator.ne,
}
_PADDING = {"0": "0", "?": " "}  # in the place of a digit that a number lacks
_MOST_DIGITS = 400  # of a number; a float has up to 309 before its point


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a format."""

    tokens: tuple[Token, ...] = ()
    condition: tuple[str, float] | None = None
    language: int = 0  # a Windows language code, of the names of months

    def has(self, *kinds: str) -> bool:
        """Say whether some token is of one of the kinds."""
        return any(kind in kinds for kind, _ in self.tokens)

    def holds(self, value: float) -> bool:
        """Say whether the section's condition is met."""
        return self.condition is not None and _COMPARED[self.condition[0]](value, self.condition[1])


_TEXT = Section((("at", "@"),))
_GENERAL = Section((("general", ""),))


def shown(value: float | str, code: str, *, from_1904: bool = False) -> str:
    """Return a value as its format shows it; dates are counted in days from 1900, or from 1904.

    >>> shown(123, "0000000"), shown(1234.5, '#,##0.00 "€"'), shown(1234.5, "[$€-407] #,##0"), shown(0.125, "0.0%")
    ('0000123', '1,234.50 €', '€ 1,235', '12.5%')
    >>> shown(46082, "d. mmm yyyy"), shown(1.2604166666666667, "[h]:mm"), shown(-7, "0;(0)"), shown(0.375, "# ?/?")
    ('1. Mar 2026', '30:15', '(7)', '3/8')
    >>> shown(0.1 + 0.2, "General"), shown(5, ";;;"), shown("x", '0;0;0;"text: "@'), shown(12345, "0.00E+00")
    ('0.3', '', 'text: x', '1.23E+04')
    """
    sections = _sections(code)
    if isinstance(value, bool | str):
        text = str(value).upper() if isinstance(value, bool) else value
        section = _for_texts(sections)
        return text if section is _TEXT else _literals(section.tokens, at=text)
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    section, sign = _for_number(sections, value)
    if section.has("date", "elapsed"):
        written = moment(section.tokens, value, section.language, from_1904=from_1904)
        return general(value) if written is None else written
    return sign + _number(section, abs(value))


def general(value: float) -> str:
    """Write a number without a format: no rounding noise.

    >>> general(1234.5), general(0.1 + 0.2), general(12345678901.0), general(1e-7)
    ('1234.5', '0.3', '12345678901', '1E-07')
    """
    if isinstance(value, int):
        return str(value)
    return (f"{value:.10g}" if abs(value) < 1e10 else f"{value:.15g}").upper()


@lru_cache(maxsize=500)
def _sections(code: str) -> tuple[Section, ...]:
    """Return the sections of a format."""
    if not code:
        return (_GENERAL,)
    parts: list[list[Token]] = [[]]
    conditions: dict[int, tuple[str, float]] = {}
    languages: dict[int, int] = {}
    for match in _TOKENS.finditer(code):
        kind, text = match.lastgroup or "other", match[match.lastgroup or 0]
        if kind == "end":
            parts.append([])
        elif kind == "bracket":
            at = len(parts) - 1
            if condition := _CONDITION.match(text):
                conditions[at] = (condition[1], float(condition[2]))
            elif _ELAPSED.match(text):
                parts[at].append(("elapsed", text.lower()))
            elif text.startswith("$"):  # a currency, a language, or both: [$€-407], [$-407]
                currency, _, language = text[1:].partition("-")
                languages[at] = int(language, 16) & 0xFFFF if re.fullmatch(r"[0-9A-Fa-f]{1,8}", language) else 0
                parts[at].append(("text", currency))
        else:
            parts[-1].append(_token(kind, text))
    return tuple(
        Section(tuple(tokens), conditions.get(at), languages.get(at, 0)) for at, tokens in enumerate(parts[:4])
    )


def _token(kind: str, text: str) -> Token:
    """Return a token, by what it shows: a width is that of a letter, and a fill has none here."""
    if kind in ("quoted", "escaped", "other"):
        return "text", text
    if kind in ("width", "fill"):
        return "text", " " if kind == "width" else ""
    return kind, text.lower() if kind == "date" else text


def _for_texts(sections: Sequence[Section]) -> Section:
    """Return the section for texts: the fourth, or the last if it has a place for them."""
    return sections[-1] if len(sections) == 4 or sections[-1].has("at") else _TEXT


def _for_number(sections: Sequence[Section], value: float) -> tuple[Section, str]:
    """Return the section for a number, and its sign if the section doesn't write it."""
    if sections[-1].has("at"):
        sections = sections[:-1] or (_GENERAL,)
    sign = "-" if value < 0 else ""
    if any(section.condition for section in sections):
        chosen = next((section for section in sections if section.holds(value)), None)
        if chosen is not None and chosen.condition is not None:
            below_zero = chosen.condition[0] in ("<", "<=") and chosen.condition[1] <= 0
            return chosen, "" if below_zero else sign
        return next((section for section in reversed(sections) if section.condition is None), _GENERAL), sign
    if value < 0 and len(sections) > 1:
        return sections[1], ""
    return (sections[2] if value == 0 and len(sections) > 2 else sections[0]), sign


def _literals(tokens: Sequence[Token], *, at: str = "", number: str = "") -> str:
    """Return the literal text of tokens, with a text or a number in its place."""
    places = {"at": at, "general": number}
    return "".join(places.get(kind, text) for kind, text in tokens)


def _number(section: Section, value: float) -> str:
    """Write a number that isn't negative."""
    tokens = section.tokens
    digits = [at for at, (kind, _) in enumerate(tokens) if kind == "digit"]
    if not digits:
        return _literals(tokens, number=general(value))
    with localcontext() as context:
        context.prec = _MOST_DIGITS
        exact = Decimal(f"{value:.15g}" if isinstance(value, float) else value)
        exact *= Decimal(100) ** sum(kind == "percent" for kind, _ in tokens)
        if any(kind == "slash" and digits[0] < at for at, (kind, _) in enumerate(tokens)):
            return _fraction(tokens, digits, exact)
        power = next((at for at, (kind, _) in enumerate(tokens) if kind == "power" and at > digits[0]), None)
        return _fixed(tokens, exact) if power is None else _scientific(tokens, power, exact)


def _fixed(tokens: Sequence[Token], exact: Decimal) -> str:
    """Write a number with the places that its format has before and behind the point."""
    point = next((at for at, (kind, _) in enumerate(tokens) if kind == "point"), len(tokens))
    whole, behind = list(tokens[:point]), tokens[point + 1 :]
    last = max((at for at, (kind, _) in enumerate(whole) if kind == "digit"), default=-1)
    first = next((at for at, (kind, _) in enumerate(whole) if kind == "digit"), 0)
    is_grouped = any(kind == "comma" for kind, _ in whole[first:last])
    thousands = sum(kind == "comma" for kind, _ in (*whole[last + 1 :], *behind)) if last >= 0 else 0
    places = sum(kind == "digit" for kind, _ in behind)
    rounded = (exact / Decimal(1000) ** thousands).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    before, _, after = f"{rounded:f}".partition(".")
    kept = [token for at, token in enumerate(whole) if token[0] != "comma" or at < first]
    written = _filled(kept, before.lstrip("0"), is_grouped=is_grouped)
    return written if point == len(tokens) else f"{written}.{_decimals(behind, after)}"


def _filled(tokens: Sequence[Token], digits: str, *, is_grouped: bool) -> str:
    """Put digits into their places, from the right; the first place takes all that are left."""
    first = next((at for at, (kind, _) in enumerate(tokens) if kind == "digit"), -1)
    left, count, out = list(digits), 0, list[str]()
    for at in reversed(range(len(tokens))):
        kind, text = tokens[at]
        if kind != "digit":
            out.append(text)
            continue
        for _ in range(max(1, len(left)) if at == first else 1):
            digit = left.pop() if left else _PADDING.get(text, "")
            if is_grouped and count and count % 3 == 0 and digit.strip():
                out.append(",")
            out.append(digit)
            count += 1
    if first < 0:
        out.append(digits)
    return "".join(reversed(out))


def _decimals(tokens: Sequence[Token], digits: str) -> str:
    """Put digits into the places behind the point; those of "#" are dropped while they are zero."""
    places = [text for kind, text in tokens if kind == "digit"]
    written = list(digits)
    for at in reversed(range(len(places))):
        if written[at] != "0" or places[at] == "0":
            break
        written[at] = _PADDING.get(places[at], "")
    left = iter(written)
    return "".join(next(left) if kind == "digit" else "" if kind == "comma" else text for kind, text in tokens)


def _scientific(tokens: Sequence[Token], power: int, exact: Decimal) -> str:
    """Write a number with an exponent, which is a multiple of the places before the point."""
    mantissa, behind = tokens[:power], tokens[power + 1 :]
    point = next((at for at, (kind, _) in enumerate(mantissa) if kind == "point"), power)
    step = max(1, sum(kind == "digit" for kind, _ in mantissa[:point]))
    places = sum(kind == "digit" for kind, _ in mantissa[point:])
    exponent = exact.adjusted() // step * step if exact else 0
    if exact.scaleb(-exponent).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) >= 10**step:
        exponent += step  # 9.99 is rounded to 10.0
    sign = "-" if exponent < 0 else "+" if tokens[power][1].endswith("+") else ""
    digits = _filled(behind, str(abs(exponent)) if exponent else "", is_grouped=False)
    return f"{_fixed(mantissa, exact.scaleb(-exponent))}E{sign}{digits}"


def _fraction(tokens: Sequence[Token], digits: Sequence[int], exact: Decimal) -> str:
    """Write a number as a fraction, with a whole part if the format has a place for it."""
    slash = next(at for at, (kind, _) in enumerate(tokens) if kind == "slash" and at > digits[0])
    end = slash + 1
    while end < len(tokens) and (tokens[end][0] == "digit" or tokens[end][1].isdigit()):
        end += 1
    below = "".join(text for _, text in tokens[slash + 1 : end])
    given = int(below) if below.isdigit() and int(below) else 0  # a fixed denominator: "# ?/8"
    before = [at for at in digits if at < slash]
    mixed = any(later - earlier > 1 for earlier, later in pairwise(before))
    whole, rest = divmod(Fraction(exact), 1) if mixed else (0, Fraction(exact))
    if given:
        above, below_it = round(rest * given), given
    else:
        nearest = rest.limit_denominator(10 ** max(1, min(len(below), 7)) - 1)
        above, below_it = nearest.numerator, nearest.denominator
    if mixed and above == below_it:
        whole, above = whole + 1, 0
    part = f"{above}/{below_it}" if above or not mixed else ""
    written = " ".join(filter(None, (str(whole) if whole or not part else "", part)))
    return _literals(tokens[: digits[0]]) + written + _literals(tokens[end:])
