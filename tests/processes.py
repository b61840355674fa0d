"""The processes of this machine, as Linux tells of them in ``/proc``."""

from __future__ import annotations

from pathlib import Path


def children(parent: int) -> list[int]:
    """Return the process ids of a process's children."""
    folders = [folder for folder in Path("/proc").iterdir() if folder.name.isdecimal()]
    return [int(folder.name) for folder in folders if _parent(folder) == parent]


def _parent(folder: Path) -> int:
    try:
        # The name, in brackets, may hold anything; state and parent come behind it.
        return int((folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):  # it has ended meanwhile
        return 0
