"""Checks that the process may use the memory that its libraries need: some end the process where they get none."""

from __future__ import annotations

from rag.errors import HomeError

_LEAST = 1_000_000_000  # bytes of address space for embedder, reader and Chroma


def require_memory() -> None:
    """Raise HomeError if a limit of this process's address space (``ulimit -v``) is too low."""
    try:
        import resource
    except ImportError:
        return  # Windows
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < _LEAST:
        message = f"The memory of this program is limited to {limit / 1e6:,.0f} MB; it needs {_LEAST / 1e6:,.0f} MB."
        raise HomeError(message, remedy="Raise the limit (`ulimit -v unlimited`), then run the command again.")
