"""Opening the home for a command: here, or through the server that owns it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rag.library.home import default_home, read_owner
from rag.models.remote_models import find_remote
from ui.hall import Studyhall
from ui.render.console import one_line


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


def chosen_model(name: str | None) -> str | None:
    """Return the model of one command as `absolute_model` does; say on stderr what leaves this computer for it.

    `models use` has asked about the model of the settings; one that is named in the line or in the environment gets
    this sentence instead.
    """
    home = default_home().absolute()
    named = name if name is not None else os.environ.get("STUDYHALL_MODEL", "")
    remote = find_remote(named, home / "models") if named else None
    if remote and remote.warning:
        sys.stderr.write(f"{one_line(remote.warning)}\n")
    return absolute_model(name)


def missing_catalog(count: int) -> str:
    """Return what is said of a home that has files and no documents: its catalog was lost."""
    return (
        f"There are no documents, but {count} files that belonged to some. `studyhall docs recover` ingests them again."
    )
