"""The data that comes with Studyhall: in the installed package, or in the repository."""

from __future__ import annotations

from pathlib import Path

_ROOM = Path(__file__).resolve().parents[1]


def shipped(name: str) -> Path:
    """Return the path of a file or folder of ``data/models``, which may be missing from a damaged installation."""
    packed = _ROOM / "_data" / name
    return packed if packed.exists() else _ROOM.parent / "data" / "models" / name
