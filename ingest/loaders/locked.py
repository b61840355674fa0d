"""The errors for a file that needs a password, in any format."""

from __future__ import annotations

from rag.errors import Locked


def locked(name: str) -> Locked:
    """Return the error for a file that needs a password."""
    return Locked(
        f"{name} is protected by a password.", remedy="Give it with --password, or in the browser under Documents."
    )


def wrong_password(name: str) -> Locked:
    """Return the error for a wrong password."""
    message = f"{name} is protected by a password, and the one that was given doesn't open it."
    return Locked(message, remedy="Give another one with --password, or in the browser under Documents.")
