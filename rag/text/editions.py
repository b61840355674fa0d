"""The date of a document: editions, annual reports and weekly sheets are alike but for their dates."""

from __future__ import annotations

import re
import unicodedata

from rag import lexicon
from rag.text.course_units import units_in
from rag.text.file_names import path_parts, spaced

_MONTHS = {month: int(number) for month, number in lexicon.keys("months").items()}
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DATE = re.compile(
    rf"(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)"
    rf"|({'|'.join(_MONTHS)})\.?\s+(?:\d{{1,2}}{lexicon.any_of('ordinal_ending')}?,?\s+)?((?:19|20)\d\d)"
)


def edition(uri: str, beginning: str) -> str:
    """Return the date of a document as "YYYY-MM" (month 00 for a year alone), or "" if it has none.

    The date is that in its file name, otherwise the last on its cover.

    >>> edition("2022_Q3_AAPL.pdf", ""), edition("report.pdf", "for the period ended April 29, 2023")
    ('2022-09', '2023-04')
    """
    file = "".join(path_parts(uri)[-1:])
    name = spaced(file)
    if day := re.search(r"(?<!\d)((?:19|20)\d\d)-(\d\d)-\d\d(?!\d)", file):
        return f"{day[1]}-{day[2]}"
    if year := _YEAR.search(name):
        quarter = next((unit.number for unit in units_in(name) if unit.kind == "quarter"), 0)
        return f"{year[0]}-{min(3 * quarter, 12):02d}"
    dates = [
        f"{found[1]}-{found[2]}" if found[1] else f"{found[5]}-{_MONTHS[found[4]]:02d}"
        for found in _DATE.finditer(beginning.casefold())
    ]
    return max(dates, default="")


_NEWEST = re.compile(rf"\b{lexicon.either('newest')}\b", re.IGNORECASE)


def years_in(text: str) -> set[str]:
    """Return the years that a text names."""
    return set(_YEAR.findall(text))


def names_newest(text: str) -> bool:
    """Say whether a text asks for the newest edition: "in its most recent report", "im aktuellen Skript"."""
    return _NEWEST.search(unicodedata.normalize("NFC", text)) is not None
