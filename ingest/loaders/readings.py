"""The number of each format's reading. It rises when files of the format are read differently from then on.

A document knows the reading that it comes from, so that those of an older one can be found and read again.
``tests/ingest/loaders/test_readings.py`` notices a change that was forgotten here.
"""

from __future__ import annotations

from ingest.loaders import CSV

_FIRST = 1
_NUMBERS = {CSV: 2}  # headers of wide tables are no longer repeated; texts have a limit


def reading_of(media_type: str) -> int:
    """Return the number of the present reading of a format."""
    return _NUMBERS.get(media_type, _FIRST)
