"""Overwrites freed memory, so that no memory of this process reaches a file by accident.

Chroma writes unfilled buffers to disk (hnswlib's, room for future vectors), and memory from an allocator holds its
former content: in one run of the tests, a password that had been typed in. With glibc's ``M_PERTURB`` memory is
filled at allocation and when it is freed. Other allocators have no such switch, or, as macOS's, do so by themselves.
"""

from __future__ import annotations

import ctypes
import sys

_M_PERTURB = -6  # malloc.h
_FILLING = 0xFF  # freed memory holds this byte; new memory its complement, zero


def overwrite_freed() -> bool:
    """Make the allocator overwrite memory from now on; return whether it can."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl's does nothing
    return mallopt is not None and bool(mallopt(_M_PERTURB, _FILLING))
