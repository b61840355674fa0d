"""Paths and URLs to sources: folders walked in order, nothing followed in circles."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.loaders import FORMATS, TEXT, detect, is_supported
from ingest.pictures import PICTURES
from rag.errors import Unreadable

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_HEAD = 4096  # bytes from which a format is told


@dataclass(frozen=True, slots=True)
class Found:
    """A file or URL to ingest."""

    uri: str
    path: Path | None = None  # None: a URL
    size: int = 0
    mtime_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file in a folder that is of no format Studyhall reads."""

    uri: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A target that can't be ingested, and why."""

    uri: str
    error: Unreadable


def discover(targets: Iterable[str | Path], *, home: Path | None = None) -> Iterator[Found | Skipped | Missing]:
    """Yield what there is at each target: a URL, a file, or the files of a folder and the folders in it.

    Hidden files, what is of no known format, and the `home` that the library lies in are left out of folders; a
    file that is named is always tried.
    """
    for target in targets:
        if is_url(target):
            yield Found(str(target))
            continue
        path = Path(target).expanduser()
        if path.is_dir():
            yield from _folder(path, home)
        else:
            yield _file(path)


def is_url(target: str | Path) -> bool:
    """Say whether a target is an address rather than a path."""
    return isinstance(target, str) and _SCHEME.match(target) is not None


def read(path: Path) -> bytes:
    """Return a file's bytes; raises Unreadable with the reason."""
    try:
        return path.read_bytes()
    except OSError as exc:
        raise _unreadable(path, exc) from exc


def _folder(folder: Path, home: Path | None) -> Iterator[Found | Skipped | Missing]:
    found = False
    unreadable: list[Missing] = []

    def note(exc: OSError) -> None:
        unreadable.append(Missing(str(exc.filename), _unreadable(Path(str(exc.filename)), exc)))

    for root, folders, names in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")) and Path(root, name) != home)
        for name in sorted(names):
            path = Path(root, name)
            if name.startswith((".", "~$")) or not (path.is_file() or path.is_symlink()):
                continue
            item: Found | Skipped | Missing = _file(path)
            if isinstance(item, Found) and not _readable_format(path):
                item = Skipped(item.uri)
            found = found or not isinstance(item, Skipped)
            yield item
    yield from unreadable
    if not found and not unreadable:
        message = f"{folder} holds no documents."
        error = Unreadable(message, remedy="Studyhall reads PDF, HTML, Markdown, text, docx, pptx and pictures.")
        yield Missing(str(folder), error)


def _file(path: Path) -> Found | Missing:
    try:
        status = path.stat()
    except OSError as exc:
        return Missing(str(path), _unreadable(path, exc))
    return Found(str(path.absolute()), path.absolute(), status.st_size, status.st_mtime_ns)


def _readable_format(path: Path) -> bool:
    if is_supported(path):
        return True
    try:
        with path.open("rb") as file:
            kind = detect(path.name, file.read(_HEAD))
            # A PDF without a suffix is one; of all that could be text, only what says so by its name.
            return kind in FORMATS and kind != TEXT and kind not in PICTURES
    except OSError:
        return True  # so that it is tried, and the report says why it failed


def _unreadable(path: Path, exc: OSError) -> Unreadable:
    reason = {
        FileNotFoundError: "there is no such file or folder",
        PermissionError: "you may not read it",
        IsADirectoryError: "it is a folder",
    }.get(type(exc), exc.strerror or str(exc))
    message = f"{path} can't be read: {reason}."
    return Unreadable(message, remedy="Check the path and its permissions, then try again.")
