"""Opening the home for a command: here, or through the server that owns it."""

from __future__ import annotations

from pathlib import Path

from rag.library.home import default_home, read_owner
from ui.hall import Studyhall


def open_hall() -> Studyhall:
    """Open the home; hand over to the server when one owns it. Raises HomeInUse when something else does."""
    folder = default_home().absolute()
    owner = read_owner(folder)
    if owner is not None and owner.port is not None:
        from ui.service.remote import RemoteHall

        remote = RemoteHall(owner)
        if remote.answers():
            return remote
    return Studyhall.open(folder)


def absolute_model(name: str | None) -> str | None:
    """Return a model's name so that it means the same in another process: a file's path made absolute."""
    if name and Path(name).expanduser().is_file():
        return str(Path(name).expanduser().absolute())
    return name
