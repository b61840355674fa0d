"""The home folder: its layout, and the lock by which one process at a time owns it.

Chroma would let in two processes and answer wrongly, so the lock is ours.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from rag.errors import HomeError, HomeInUse

PATIENCE_S = 1.5  # to wait for a busy home: a short command may be about to finish


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of a home, written beside the lock for the next command to read."""

    pid: int
    version: str
    port: int | None = None  # of the server that takes commands, if the owner is a server
    token: str | None = None


def default_home() -> Path:
    """Return ``STUDYHALL_HOME``, or the platform's user data folder."""
    named = os.environ.get("STUDYHALL_HOME")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("studyhall", appauthor=False))


def cache_folder() -> Path:
    """Return ``STUDYHALL_CACHE``, or the platform's cache folder, for files that can be made again: exported models."""
    named = os.environ.get("STUDYHALL_CACHE")
    return Path(named).expanduser() if named else Path(platformdirs.user_cache_dir("studyhall", appauthor=False))


class Home:
    """A home folder, created if missing and owned by this process until `release`.

    Raises HomeInUse if another process owns the folder, HomeError if the folder can't be used.
    """

    def __init__(self, folder: Path, *, version: str = "", patience_s: float = PATIENCE_S) -> None:
        self.folder = folder
        self.database = folder / "library.db"  # SQLite's file
        self.vectors = folder / "chroma"
        self.files = folder / "files"  # the originals, each named by its sha256
        self.models = folder / "models"  # where GGUF files are looked up by name
        self.uploads = folder / "uploads"  # from the browser page
        self.version = version
        try:
            is_new = not folder.exists()
            for part in (folder, self.files, self.models):
                part.mkdir(parents=True, exist_ok=True)
            if is_new:  # a folder that somebody made keeps the permissions they gave it
                folder.chmod(0o700)
            self._lock = FileLock(folder / "lock", thread_local=False)  # a server may be closed from another thread
            self._lock.acquire(timeout=patience_s)
        except Timeout as exc:
            raise _in_use(folder) from exc
        except OSError as exc:
            message = f"The home {folder} can't be used: {exc.strerror or exc}."
            raise HomeError(message, remedy="Choose another one with --home, or set STUDYHALL_HOME.") from exc
        self.announce()

    def announce(self, *, port: int | None = None, token: str | None = None) -> None:
        """Record the owner of the home; a server adds its port and token, so that commands can be passed to it."""
        path = self.folder / "owner.json"
        try:
            # The token opens the home, so only its owner may read it. The mode is set while the file is still empty.
            path.unlink(missing_ok=True)
            path.touch(mode=0o600)
            path.write_text(json.dumps(asdict(Owner(os.getpid(), self.version, port, token))), encoding="utf-8")
        except OSError as exc:
            message = f"The home {self.folder} can't be written to: {exc.strerror or exc}."
            raise HomeError(message, remedy="Free some space, or choose another one with --home.") from exc

    def release(self) -> None:
        """Release the lock."""
        if self._lock.is_locked:
            (self.folder / "owner.json").unlink(missing_ok=True)
            self._lock.release()


def read_owner(folder: Path) -> Owner | None:
    """Return the recorded owner, or None if there is none or the record can't be read."""
    try:
        return Owner(**json.loads((folder / "owner.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _in_use(folder: Path) -> HomeInUse:
    owner = read_owner(folder)
    who = f"process {owner.pid}" if owner else "another process"
    message = f"The home {folder} is in use by {who}."
    if owner and owner.port:
        message = f"{message[:-1]}, whose page is at http://127.0.0.1:{owner.port}/."
    return HomeInUse(message, remedy="Wait until it has finished, stop it, or choose another home with --home.")
