"""What is freed is overwritten: no memory of this process may reach a file by accident.

Chroma writes buffers to disk that it has not filled (hnswlib's, room for vectors to come), and what an allocator
hands out holds what was there before: in one run of the tests a password that had been typed in. With glibc's
``M_PERTURB`` memory is filled when it is handed out and when it is given back. Other allocators have no such switch,
or, as macOS's, do so by themselves.
"""

from __future__ import annotations

import ctypes
import sys

_M_PERTURB = -6  # malloc.h
_FILLING = 0xFF  # freed memory holds this byte; fresh memory its complement, zero


def overwrite_freed() -> bool:
    """Let the allocator overwrite memory from now on; say whether it can."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none that does anything
    return mallopt is not None and bool(mallopt(_M_PERTURB, _FILLING))
