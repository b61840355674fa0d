"""Checks the free space of a disk before a write that a full disk would break or stall."""

from __future__ import annotations

import shutil
from pathlib import Path

from rag.errors import HomeError

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
