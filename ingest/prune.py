"""Finds the documents whose files have left their folder.

A folder that can't be read, or without any document, prunes nothing: a drive that isn't mounted must not empty a
library.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ingest.accept.sources import Found, Missing, Skipped, absolute, is_url

_IN_ARCHIVE = "!/"  # between an archive's path and the path of a file in it


def gone(
    targets: Iterable[str | Path | Found | Missing], found: Sequence[Found | Skipped | Missing], held: Iterable[str]
) -> list[str]:
    """Return the `held` paths in a folder among the `targets` that were not found there.

    If /course was searched and contains 1.md, and 1.md and 2.md are held, the result is /course/2.md. Documents in
    other folders stay.
    """
    missing = {item.uri for item in found if isinstance(item, Missing)}
    seen = {item.uri for item in found if not isinstance(item, Missing)} | missing
    paths = [target for target in targets if not (isinstance(target, Found | Missing) or is_url(target))]
    folders = [absolute(path) for path in paths if str(path).strip()]
    # A folder that could not be read may still hold all its files.
    whole = [folder for folder in folders if folder.is_dir() and str(folder) not in missing]
    return [
        uri
        for uri in held
        if not is_url(uri)
        and uri.partition(_IN_ARCHIVE)[0] not in seen
        and any(folder in Path(uri).parents for folder in whole)
    ]
