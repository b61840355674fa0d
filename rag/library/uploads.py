"""The uploads folder: where the browser's files land for a moment, and the names that they are known by."""

from __future__ import annotations

import stat
import time
from pathlib import Path
from urllib.parse import quote, unquote

from rag.library.collections import DEFAULT_COLLECTION
from rag.library.originals import Orphan

_LONGEST_NAME = 180  # bytes of a folder's name
_SETTLED_S = 600.0  # an older upload is no longer on its way


def incoming(uploads: Path) -> Path:
    """Return the folder that the browser's uploads land in, beside the collections'."""
    return uploads / ".incoming"


def folder_name(collection: str) -> str:
    """Return a folder's name that no two collections share and every file system takes."""
    return quote(collection, safe=" ")[:_LONGEST_NAME].strip(" .").replace("*", "%2A") or "%20"


def stray_uploads(uploads: Path) -> list[Orphan]:
    """Return the uploads that were never accepted: those of a server that was killed while a browser sent them."""
    found = (_stray(path, uploads) for path in sorted(uploads.rglob("*")))
    return [stray for stray in found if stray is not None]


def _stray(path: Path, uploads: Path) -> Orphan | None:
    try:
        status = path.stat()
    except OSError:  # accepted meanwhile
        return None
    if not stat.S_ISREG(status.st_mode) or time.time() - status.st_mtime < _SETTLED_S:
        return None
    first = path.relative_to(uploads).parts[0]
    if first != incoming(uploads).name:
        return Orphan(str(path), status.st_size, str(path), unquote(first))
    uri = uploads / folder_name(DEFAULT_COLLECTION) / path.name  # which one was meant isn't known
    return Orphan(str(path), status.st_size, str(uri), DEFAULT_COLLECTION)
