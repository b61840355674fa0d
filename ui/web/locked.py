"""Files that wait for their password: which there are, and their originals, to be ingested once it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.accept.sources import Found
from rag.texts import say
from ui.hall import Studyhall
from ui.web.documents import key, source_name

EACH = ""  # the choice that means all of them


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file that was added and can't be read without its password."""

    key: str
    name: str
    collection: str
    kept: tuple[Found, ...]


def locked_files(hall: Studyhall) -> list[LockedFile]:
    """Return the files that wait for their password; their locked originals are kept."""
    return [
        LockedFile(
            key(info), source_name(info.source), info.collection, tuple(hall.kept(info.document_id, info.collection))
        )
        for info in hall.documents()
        if info.needs_password
    ]


def choices(found: Sequence[LockedFile]) -> list[tuple[str, str]]:
    """Return the choices, as (label, key): all files, where there are several, and each."""
    each = [(item.name, item.key) for item in found]
    return [(say("All {number} of them", number=len(found)), EACH), *each] if len(found) > 1 else each


def selected(found: Sequence[LockedFile], which: str) -> dict[str, list[Found]]:
    """Return the originals of the chosen files, by collection."""
    wanted: dict[str, list[Found]] = {}
    for item in found:
        if which in {EACH, item.key}:
            wanted.setdefault(item.collection, []).extend(item.kept)
    return wanted
