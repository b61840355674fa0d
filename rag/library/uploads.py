"""The uploads folder: where the browser's files land for a moment, and the names that they are known by."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote, unquote

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
    strays = []
    for path in sorted(uploads.rglob("*")) if uploads.is_dir() else []:
        if path.is_file() and time.time() - path.stat().st_mtime > _SETTLED_S:
            first = path.relative_to(uploads).parts[0]
            arrived = first == incoming(uploads).name
            uri = uploads / folder_name("main") / path.name if arrived else path
            strays.append(Orphan(str(path), path.stat().st_size, str(uri), "main" if arrived else unquote(first)))
    return strays
