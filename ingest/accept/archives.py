"""Opens archives: each document in a zip file, and in the zip files within it, is a source of its own.

    lectures.zip!/week 1/slides.pptx
    export.zip!/Part-1.zip!/notes.md

Nothing is written to disk. An archive whose declared size exceeds the limits is refused before it is unpacked, and
no file yields more bytes than it declares.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.accept.sources import is_left_out, is_readable
from ingest.loaders import ZIP, detect
from ingest.loaders.locked import locked, wrong_password
from ingest.loaders.plain.guessing import guess
from rag.errors import Damaged, PasswordNeeded, SourceError, Unsupported

MOST_FILES = 10_000
MOST_UNPACKED = 4_000_000_000  # bytes of an archive with its inner archives
LARGEST_FILE = 1_000_000_000  # bytes, held in memory
MOST_RATIO = 200  # of unpacked to packed size, above LITTLE
LITTLE = 100_000_000  # bytes
DEEPEST = 2  # levels of nesting, with the outermost archive
_HEAD = 4096  # bytes for detecting a format

_UTF8 = 0x800
_UNICODE_PATH = 0x7075  # extra field with a name in UTF-8
_STANDARD = "cp437"  # encoding of names that aren't marked
_LOCKED = 0x1
_AES = 99  # compression method of AES encryption, which zipfile does not support
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its bytes, the error that prevents reading it, or None for an unsupported format."""

    name: str
    content: bytes | SourceError | None


@dataclass(slots=True)
class ArchiveLimits:
    """The remaining limits over nested archives, and their common password."""

    files: int = field(default_factory=lambda: MOST_FILES)
    size: int = field(default_factory=lambda: MOST_UNPACKED)
    depth: int = DEEPEST
    password: str = field(default="", repr=False)


def members(data: bytes, name: str, limits: ArchiveLimits | None = None, *, password: str = "") -> Iterator[Member]:
    """Yield the files of an archive; raises a SourceError if the archive can't be opened at all.

    Hidden files and the by-products of systems and programs are left out, as in folders.
    """
    limits = limits or ArchiveLimits(password=password)
    archive, entries = _opened(data, name)
    _check(entries, data, name, limits)
    _unlock(archive, entries, name, limits.password)
    taken: set[str] = set()
    for entry, real_name in zip(entries, _real_names(entries), strict=True):
        path = _free(cleaned(real_name), taken)
        if path and not any(is_left_out(part) for part in path.split("/")):
            yield from _member(archive, entry, path, name, limits)


def cleaned(path: str) -> str:
    r"""Return a path that can't lead out of the archive.

    >>> cleaned("../../etc/passwd"), cleaned("C:\\Temp\\a.md"), cleaned("./a//b.md")
    ('etc/passwd', 'Temp/a.md', 'a/b.md')
    """
    path = re.sub(r"[\x00-\x1f\x7f]", "", path).replace("\\", "/")
    parts = (part.strip() for part in re.sub(r"^[A-Za-z]:", "", path).split("/"))
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _opened(data: bytes, name: str) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (*_BROKEN, NotImplementedError) as error:
        msg = f"{name} is damaged: it can't be unpacked ({error})."
        raise Damaged(msg, remedy="Get the archive again, or unpack it and ingest the folder.") from error
    named = [entry for entry in archive.infolist() if entry.filename]  # a damaged one may have none
    return archive, [entry for entry in named if not entry.is_dir()]


def _check(entries: list[zipfile.ZipInfo], data: bytes, name: str, limits: ArchiveLimits) -> None:
    """Refuse an archive by its declared sizes, or count them against the limits."""
    size = sum(entry.file_size for entry in entries)
    if size > LITTLE and size > MOST_RATIO * len(data):
        msg = f"{name} unpacks to {size / 1e9:.1f} GB, {size // len(data)} times its size: no course material does."
        raise Unsupported(msg, remedy="If you trust it, unpack it and ingest the folder.")
    if len(entries) > limits.files or size > limits.size:
        msg = f"{name} holds {len(entries)} files of {size / 1e9:.1f} GB, more than Studyhall unpacks."
        raise Unsupported(msg, remedy="Unpack it and ingest the folder.")
    limits.files -= len(entries)
    limits.size -= size


def _unlock(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], name: str, password: str) -> None:
    """Try the password on an encrypted file; the archive's other files use the same one."""
    protected = [entry for entry in entries if entry.flag_bits & _LOCKED]
    if not protected:
        return
    if any(entry.compress_type == _AES for entry in protected):
        msg = f"{name} is protected by a password, in a way that Studyhall can't open."
        raise PasswordNeeded(msg, remedy="Unpack it with the password and ingest the folder.")
    if not password:
        raise locked(name)
    archive.setpassword(password.encode())
    try:
        # The smallest file is the cheapest trial.
        with archive.open(min(protected, key=lambda entry: entry.file_size)) as file:
            file.read()
    except (RuntimeError, *_BROKEN) as error:  # one in 256 wrong passwords fails only at the unpacked bytes
        raise wrong_password(name) from error


def _member(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, name: str, limits: ArchiveLimits
) -> Iterator[Member]:
    """Yield a file, or the files of an inner archive."""
    try:
        content = _content(archive, entry, f"{name}!/{path}")
        if content is None or detect(path, content) != ZIP:
            yield Member(path, content)
            return
        if limits.depth <= 1:
            msg = f"{name}!/{path} lies too deep: an archive in an archive in an archive."
            raise Unsupported(msg, remedy="Unpack it and ingest the folder.")
        limits.depth -= 1
        try:
            for inner in members(content, f"{name}!/{path}", limits):
                yield Member(f"{path}!/{inner.name}", inner.content)
        finally:
            limits.depth += 1
    except SourceError as error:
        yield Member(path, error)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes | None:
    """Return the bytes of a file, or None if its first bytes show an unsupported format."""
    try:
        with archive.open(entry) as file:
            head = file.read(_HEAD)
            if not is_readable(name, head):
                return None
            if entry.file_size > LARGEST_FILE:
                msg = f"{name} is {entry.file_size / 1e9:.1f} GB large, more than Studyhall reads."
                raise Unsupported(msg, remedy="Divide it.")
            return head + file.read()
    except _BROKEN as error:
        msg = f"{name} is damaged: it can't be unpacked ({error})."
        raise Damaged(msg, remedy="Get the archive again.") from error
    except (NotImplementedError, RuntimeError) as error:
        msg = f"{name} is packed in a way that can't be unpacked here ({error})."
        raise Unsupported(msg, remedy="Unpack the archive and ingest the folder.") from error


def _real_names(entries: list[zipfile.ZipInfo]) -> list[str]:
    """Return the files' names.

    By the standard a name is in code page 437 or marked as UTF-8. In practice the other names are in the packing
    system's code page or in UTF-8, all of them in the same one.
    """
    unmarked = [_raw(entry.filename) for entry in entries if not entry.flag_bits & _UTF8]
    together = b"\n".join(unmarked)
    try:
        together.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = guess(together, usual=_STANDARD)
    return [_real_name(entry, encoding) for entry in entries]


def _real_name(entry: zipfile.ZipInfo, encoding: str) -> str:
    """Return a file's name: in UTF-8 if it is marked so or written a second time, or else in the guessed encoding."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    raw = _raw(entry.filename)
    return _second_name(entry.extra, raw) or raw.decode(encoding, "replace")


def _raw(name: str) -> bytes:
    """Return the bytes of a name that zipfile has decoded by the standard."""
    return name.encode(_STANDARD, "replace")


def _second_name(extra: bytes, raw: bytes) -> str:
    """Return the UTF-8 name that programs of Info-ZIP write beside the first one; empty if it names another file."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field_, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and field_[:1] == b"\x01" and field_[1:5] == struct.pack("<L", zlib.crc32(raw)):
            return field_[5:].decode("utf-8", "ignore")
    return ""


def _free(path: str, taken: set[str]) -> str:
    """Return the path, numbered if the archive has this name already."""
    free, number = path, 1
    while free in taken:
        number += 1
        stem, dot, suffix = path.rpartition(".")
        free = f"{stem} ({number}){dot}{suffix}" if dot else f"{path} ({number})"
    taken.add(free)
    return free
