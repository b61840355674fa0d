"""A disk of a few megabytes, where the machine lets us mount one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount a disk of so many megabytes; skips the test where that isn't allowed."""
    folder.mkdir()
    call = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(call, capture_output=True, check=False).returncode:
        pytest.skip("A small disk can be mounted by root on Linux only.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, *, leave: int) -> Path:
    """Fill a disk up to `leave` bytes; return the file that does, whose removal frees it again."""
    filling = disk / "filling"
    filling.write_bytes(b"x" * max(shutil.disk_usage(disk).free - leave, 0))
    return filling
