"""Writes that a full disk can't break: free space is checked before, and a file appears as a whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rag.errors import HomeError, InputError

RESERVE = 8_000_000  # bytes that stay free: SQLite and Chroma write journals beside what they are given


def require_space(folder: Path, size: int = 0) -> None:
    """Raise HomeError if the disk of `folder` has no room for `size` bytes and the reserve.

    Where the free space can't be told, the write is tried.
    """
    there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    try:
        free = shutil.disk_usage(there).free
    except OSError:
        return
    if free < size + RESERVE:
        needed = (size + RESERVE) / 1e6
        message = f"The disk of {folder} is full: {free / 1e6:.1f} MB are free, and {needed:.1f} MB are needed."
        raise HomeError(message, remedy="Free some space; what was accepted is kept, and goes on then.")


@contextmanager
def new_file(file: Path, *, replace: bool) -> Iterator[Path]:
    """Yield the path of a temporary file beside `file`, which takes its place at the end of the context.

    Raises InputError for a file that is there already, unless it may be replaced, and HomeError if it can't be written.
    """
    if file.exists() and not replace:
        message = f"There is a file {file} already."
        raise InputError(message, remedy="Choose another name, or replace it with --force.")
    temporary = file.with_name(f".{file.name}.part")
    try:
        yield temporary
        temporary.replace(file)
    except OSError as exc:
        message = f"{file} can't be written: {exc.strerror or exc}."
        raise HomeError(message, remedy="Free some space, or choose another place.") from exc
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
