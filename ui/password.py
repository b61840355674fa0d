"""The password of the page, for a server that others on the network can reach: kept as a hash in the home."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.platform.disk import new_file
from rag.texts import say

FILE = "password.json"
SHORTEST = 10  # characters
_N, _R, _P = 2**15, 8, 3  # of scrypt (RFC 7914), as OWASP advises: 32 MB, and a quarter of a second
_MEMORY = 128 * _N * _R * 2  # bytes it may take


class PagePassword:
    """The password of a home's page, if one was set."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE

    @property
    def mark(self) -> str:
        """What changes with the password; empty where none is set."""
        return str(self._read().get("salt", ""))

    def set(self, password: str) -> None:
        """Keep a password's hash. Raises InputError for a short one, HomeError if it can't be written."""
        if len(password) < SHORTEST:
            message = say("The password has fewer than {number} characters.", number=SHORTEST)
            raise InputError(message, remedy=say("Take a longer one: some words in a row are easy to remember."))
        salt = secrets.token_bytes(16)
        kept = {"scrypt": [_N, _R, _P], "salt": salt.hex(), "hash": _hashed(password, salt, _N, _R, _P).hex()}
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with new_file(self._path, replace=True) as temporary:
            temporary.unlink(missing_ok=True)
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(kept, file)

    def remove(self) -> None:
        """Forget the password."""
        self._path.unlink(missing_ok=True)

    def is_right(self, password: str) -> bool:
        """Say whether a password is the one that was set; it takes a quarter of a second."""
        kept = self._read()
        if not kept:
            return False
        hashed = _hashed(password, bytes.fromhex(kept["salt"]), *kept["scrypt"])
        return secrets.compare_digest(hashed, bytes.fromhex(kept["hash"]))

    def _read(self) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as exc:
            message = f"{self._path} can't be read: {exc}."
            raise InputError(message, remedy="Set the password again with `studyhall password`.") from exc
        return kept


def _hashed(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY)
