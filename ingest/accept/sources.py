"""Finds the sources at paths and URLs: folders are walked in order and without cycles; archives are opened later."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.loaders import FORMATS, TEXT, ZIP, detect, is_supported, readable
from ingest.pictures import PICTURES
from rag import lexicon
from rag.errors import Unreadable

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_TRIES = 3  # at a file that is being written
_NAME_ONE = "Name a file, a folder or a web address."
_HEAD = 4096  # bytes for detecting a format
_INTO_ARCHIVE = re.compile(r"(.+?\.zip)!/(.+)", re.IGNORECASE | re.DOTALL)
# Folders of installed packages within a project.
_EQUIPMENT = frozenset({"node_modules", "bower_components", "site-packages", "venv"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file or URL to ingest."""

    uri: str
    path: Path | None = None  # None for a URL
    size: int = 0
    mtime_ns: int | None = None
    member: str = ""  # the only file to take from an archive


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file in a folder without a supported format."""

    uri: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A target that can't be ingested, with the reason."""

    uri: str
    error: Unreadable


def discover(
    targets: Iterable[str | Path | Found | Missing], *, home: Path | None = None
) -> Iterator[Found | Skipped | Missing]:
    """Yield the sources of each target: a URL, a file, or the files of a folder and its subfolders.

    Hidden files, files of unknown formats and the library's own `home` are left out of folders; a link that leads out
    of its folder is reported. A file named as a target is always tried. A file in an archive is named as in the
    library: `notes.zip!/week 1.md`.
    """
    for target in targets:
        if isinstance(target, Found | Missing):
            yield target  # the caller has located its bytes already, or knows that they can't be had
            continue
        whole, member = _parted(target)
        if is_url(whole):
            yield Found(str(whole), member=member)
            continue
        if not str(whole).strip():  # a script's unset variable, not the current folder
            yield Missing("", Unreadable("A path is empty.", remedy=_NAME_ONE))
            continue
        path = absolute(whole)
        if path.is_dir():
            yield from _folder(path, home)
        else:
            item = _file(path)
            yield replace(item, member=member) if isinstance(item, Found) else item


def absolute(path: str | Path) -> Path:
    """Return an absolute path, the same for a file however it is reached: "../x" from its sibling is "x".

    >>> absolute("/notes/../notes/week 1.md").as_posix().endswith("/notes/week 1.md")
    True
    """
    path = Path(path).expanduser().absolute()
    plain = Path(os.path.normpath(path))
    if plain == path or not path.exists():  # opening the path raises the error
        return plain
    # After a link to a folder, ".." is the parent of the link's target.
    return plain if plain.exists() and plain.samefile(path) else path.resolve()


def is_url(target: str | Path | Found | Missing) -> bool:
    """Say whether a target is a URL rather than a path."""
    return isinstance(target, str) and _SCHEME.match(target) is not None


def is_left_out(name: str) -> bool:
    """Say whether a file or folder of this name is left out: hidden, half written, or no course material."""
    return name.startswith((".", "__", "~$")) or name in _EQUIPMENT


def is_readable(name: str, head: bytes) -> bool:
    """Say whether a file found in a folder has a supported format.

    The first bytes show a PDF without a suffix; a text file needs a known suffix or name.
    """
    if is_supported(name):
        return True
    kind = detect(name, head)
    return kind == ZIP or (kind in FORMATS and kind != TEXT and kind not in PICTURES)


def read(path: Path) -> bytes:
    """Return a file's bytes; raises Unreadable with the reason, also if the file is being written."""
    try:
        for _ in range(_TRIES):
            with path.open("rb") as file:
                before = os.fstat(file.fileno())
                data = file.read()
                after = os.fstat(file.fileno())
            if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size):
                return data
    except OSError as exc:
        raise _unreadable(path, exc) from exc
    message = f"{uri_of(path)} changes while it is read."
    raise Unreadable(message, remedy="Ingest it again when the program that writes it has finished.")


def uri_of(path: Path) -> str:
    r"""Return the name under which a path is stored and shown; bytes that are no text are percent-encoded.

    >>> uri_of(Path(os.fsdecode(b"/notes/week\xff.md")))
    '/notes/week%FF.md'
    """
    return re.sub("[\ud800-\udfff]", lambda half: f"%{ord(half[0]) & 0xFF:02X}", str(path))


def _folder(folder: Path, home: Path | None) -> Iterator[Found | Skipped | Missing]:
    found = False
    unreadable: list[Missing] = []

    def note(exc: OSError) -> None:
        path = Path(str(exc.filename))
        unreadable.append(Missing(uri_of(path), _unreadable(path, exc)))

    real = folder.resolve()
    for root, folders, names in os.walk(folder, onerror=note):
        links = [Path(root, name) for name in sorted({*folders, *names}) if not is_left_out(name)]
        unreadable += [Missing(uri_of(path), _outside(path)) for path in links if _leads_out(path, real)]
        # In place, because os.walk descends into the folders left in the list.
        folders[:] = sorted(
            name
            for name in folders
            if not is_left_out(name) and not _is_of_page(name, names) and Path(root, name) != home
        )
        for name in sorted(names):
            path = Path(root, name)
            if name.startswith((".", "~$")) or not (path.is_file() or path.is_symlink()) or _leads_out(path, real):
                continue
            item: Found | Skipped | Missing = _file(path)
            if isinstance(item, Found) and not _readable_format(path):
                item = Skipped(item.uri)
            found = found or not isinstance(item, Skipped)
            yield item
    yield from unreadable
    if not found and not unreadable:
        message = f"{uri_of(folder)} holds no documents."
        error = Unreadable(message, remedy=f"Studyhall reads {readable()}, also from zip archives.")
        yield Missing(uri_of(folder), error)


def _leads_out(path: Path, folder: Path) -> bool:
    """Say whether a path is a link to something outside of a folder, which was not named and may be anything."""
    if not path.is_symlink():
        return False
    try:
        return not path.resolve().is_relative_to(folder)
    except (OSError, RuntimeError):  # RuntimeError: a link to itself, before Python 3.13
        return False  # opening it gives the reason


def _outside(path: Path) -> Unreadable:
    message = f"{uri_of(path)} is a link that leads out of its folder."
    return Unreadable(message, remedy="Name the file or folder that it leads to, if you want it.")


def _parted(target: str | Path) -> tuple[str | Path, str]:
    """Split the name of a file in an archive into the archive and the file."""
    match = _INTO_ARCHIVE.fullmatch(str(target))
    return (match[1], match[2]) if match and not Path(target).exists() else (target, "")


def _is_of_page(folder: str, names: list[str]) -> bool:
    """Say whether a folder holds the scripts and pictures of a web page that a browser saved beside it."""
    stem = re.sub(rf"[-_]{lexicon.any_of('saved_files')}$", "", folder)
    return stem != folder and any(f"{stem}{suffix}" in names for suffix in (".html", ".htm"))


def _file(path: Path) -> Found | Missing:
    try:
        status = path.stat()
    except OSError as exc:
        return Missing(uri_of(path), _unreadable(path, exc))
    if not stat.S_ISREG(status.st_mode):  # reading a pipe would wait for a writer
        error = Unreadable(f"{uri_of(path)} is no file.", remedy=_NAME_ONE)
        return Missing(uri_of(path), error)
    return Found(uri_of(path), path, status.st_size, status.st_mtime_ns)


def _readable_format(path: Path) -> bool:
    if is_supported(path):
        return True
    try:
        with path.open("rb") as file:
            return is_readable(path.name, file.read(_HEAD))
    except OSError:
        return True  # the file is tried, and the report gives the reason


def _unreadable(path: Path, exc: OSError) -> Unreadable:
    reason = {
        FileNotFoundError: "there is no such file or folder",
        PermissionError: "you may not read it",
        IsADirectoryError: "it is a folder",
    }.get(type(exc), exc.strerror or str(exc))
    message = f"{uri_of(path)} can't be read: {reason}."
    return Unreadable(message, remedy="Check the path and its permissions, then try again.")
