"""Writes the days that a workbook counts as dates and times: 46082.5 as "yyyy-mm-dd hh:mm" is "2026-03-01 12:00"."""

from __future__ import annotations

import datetime
import locale
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from rag.texts import moment as named
from rag.texts import speaking

Token = tuple[str, str]  # (kind, text), as ("date", "yyyy") or ("text", " o'clock")
_LAST_DAY = 2_958_465  # 31 December 9999
_NO_LEAP_DAY = 60  # 29 February 1900, which never was, is counted


def moment(tokens: Sequence[Token], value: float, language: int = 0, *, from_1904: bool = False) -> str | None:
    """Return a date, a time or a duration; None where the number is neither.

    >>> moment([("date", "d"), ("text", "."), ("date", "m"), ("text", ".")], 46082)
    '1.3.'
    >>> moment([("elapsed", "h"), ("text", ":"), ("date", "mm")], 1.2604166666666667)
    '30:15'
    """
    is_duration = any(kind == "elapsed" for kind, _ in tokens)
    if (value < 0 and not is_duration) or abs(value) > _LAST_DAY:
        return None
    places = _places(tokens)
    # A time is rounded to the seconds displayed, and then cut: 9:29:59.9999 is 9:30.
    unit = Decimal(1).scaleb(-places)
    seconds = (Decimal(f"{abs(value):.15g}") * 86400).quantize(unit, ROUND_HALF_UP)
    words = _names(language)
    twelve = any(kind == "half" for kind, _ in tokens)
    day = _day(int(seconds // 86400), from_1904=from_1904)
    written = []
    for at, (kind, text) in enumerate(tokens):
        if kind == "elapsed":
            per = {"h": 3600, "m": 60, "s": 1}[text[0]]
            written.append(f"{int(seconds // per):0{len(text)}}")
        elif kind == "half":
            written.append(("AM", "PM")[seconds % 86400 >= 43200][: len(text.partition("/")[0])])
        elif kind == "digit":  # fractions of a second
            first = at - sum(1 for _ in _run(tokens, at))
            written.append(f"{seconds % 1:f}".partition(".")[2][at - first - 1 :][:1])
        elif kind != "date":
            written.append(text)
        elif text[0] in "hs" or _is_minute(tokens, at):
            written.append(_of_time(text, int(seconds % 86400), twelve=twelve))
        else:
            written.append(_of_day(text, day, words))
    return ("-" if value < 0 and seconds else "") + "".join(written)


def _run(tokens: Sequence[Token], at: int) -> Sequence[Token]:
    """Return the digits up to and with the one at `at`."""
    start = at
    while start and tokens[start - 1][0] == "digit":
        start -= 1
    return tokens[start : at + 1]


def _places(tokens: Sequence[Token]) -> int:
    """Return the places of a second's fraction: 2 for "ss.00"."""
    return max((len(_run(tokens, at)) for at, (kind, _) in enumerate(tokens) if kind == "digit"), default=0)


def _is_minute(tokens: Sequence[Token], at: int) -> bool:
    """Say whether an "m" means minutes: behind hours, or before seconds."""
    if tokens[at][1] not in ("m", "mm"):
        return False
    timed = ("date", "elapsed")
    before = next((text for kind, text in reversed(tokens[:at]) if kind in timed), "")
    after = next((text for kind, text in tokens[at + 1 :] if kind in timed), "")
    return before.startswith("h") or after.startswith("s")


def _of_time(text: str, seconds: int, *, twelve: bool) -> str:
    """Write the hour, minute or second of a day."""
    hour = seconds // 3600
    hour = (hour % 12 or 12) if twelve else hour
    number = {"h": hour, "m": seconds // 60 % 60, "s": seconds % 60}[text[0]]
    return f"{number:0{min(len(text), 2)}}"


def _of_day(text: str, day: tuple[int, int, int, int], words: tuple[dict[int, str], ...]) -> str:
    """Write the year, month or day of a date."""
    year, month, number, weekday = day
    if text[0] == "y":
        return f"{year:04}" if len(text) > 2 else f"{year % 100:02}"
    short_month, long_month, short_day, long_day = words
    if text[0] == "m":
        names = {3: short_month[month], 4: long_month[month], 5: long_month[month][:1]}
        return names.get(len(text), f"{month:0{min(len(text), 2)}}" if len(text) < 3 else long_month[month])
    names = {3: short_day[weekday]}
    return names.get(len(text), f"{number:0{len(text)}}" if len(text) < 3 else long_day[weekday])


def _day(days: int, *, from_1904: bool) -> tuple[int, int, int, int]:
    """Return year, month, day and weekday of a number of days.

    >>> _day(46082, from_1904=False), _day(60, from_1904=False), _day(0, from_1904=False)
    ((2026, 3, 1, 6), (1900, 2, 29, 2), (1900, 1, 0, 5))
    """
    if from_1904:
        date = datetime.date(1904, 1, 1) + datetime.timedelta(min(days, _LAST_DAY - 1462))
    elif days in (0, _NO_LEAP_DAY):
        return (1900, 1, 0, 5) if days == 0 else (1900, 2, 29, 2)
    else:
        date = datetime.date(1899, 12, 30 + (days < _NO_LEAP_DAY)) + datetime.timedelta(min(days, _LAST_DAY))
    return date.year, date.month, date.day, date.weekday()


@lru_cache(maxsize=20)
def _names(language: int) -> tuple[dict[int, str], ...]:
    """Return the names of months and weekdays, short and long, in the language of a Windows code, or in English."""
    code = locale.windows_locale.get(language, "en").partition("_")[0]
    with speaking("en"), speaking(code):  # one that isn't spoken changes nothing
        months = {month: datetime.datetime(2024, month, 1) for month in range(1, 13)}
        days = {day.weekday(): day for day in (datetime.datetime(2024, 1, number) for number in range(1, 8))}
        return (
            *({at: named(when, pattern) for at, when in months.items()} for pattern in ("LLL", "LLLL")),
            *({at: named(when, pattern) for at, when in days.items()} for pattern in ("ccc", "cccc")),
        )
