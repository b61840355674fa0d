"""Gives back the space of removed vectors: Chroma 1.5 never does.

An index keeps the place of each vector that was ever in it; the folder of a deleted index stays; the SQLite file never
shrinks. So a worn index is copied, and the files are tidied while nobody has them open.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from rag.platform.disk import require_space

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

BYTES_PER_BYTE = 3  # of disk for each byte of a vector: Chroma keeps it in a log first
_COPY = "-copy"  # behind the name of an index that is being written anew
_REMOVED = "removed"  # key of an index's metadata: vectors removed since it was written
_LEAST_REMOVED = 1000  # from which writing an index anew is worth it
_COPIED = 2000  # vectors at a time
_MOST_FREE = 0.5  # share of unused pages from which SQLite's file is written anew


def note_removed(index: Collection, count: int) -> None:
    """Record with an index that so many vectors were removed from it."""
    if count:
        index.modify(metadata={_REMOVED: _removed(index) + count})


def is_worn(index: Collection) -> bool:
    """Say whether more was removed from an index than is left in it."""
    removed = _removed(index)
    return removed >= _LEAST_REMOVED and removed > index.count()


def write_anew(client: ClientAPI, index: Collection, created: Callable[[str], Collection], folder: Path) -> None:
    """Put a copy in the place of an index; `settle` finishes or undoes this after a kill. Raises HomeError."""
    name, keys = index.name, index.get(include=[])["ids"]
    copy = created(f"{name}{_COPY}") if keys else None
    for start in range(0, len(keys) if copy else 0, _COPIED):
        rows = index.get(ids=keys[start : start + _COPIED], include=["embeddings", "metadatas"])
        require_space(folder, BYTES_PER_BYTE * getattr(rows["embeddings"], "nbytes", 0))
        assert copy
        copy.upsert(ids=rows["ids"], embeddings=rows["embeddings"], metadatas=rows["metadatas"])
    client.delete_collection(name)
    if copy:
        copy.modify(name=name)


def settle(client: ClientAPI) -> None:
    """Finish or undo a copy that a kill interrupted: a copy is whole once the index itself is gone."""
    names = {index.name for index in client.list_collections()}
    for copy in [name for name in names if name.endswith(_COPY)]:
        if copy.removesuffix(_COPY) in names:
            client.delete_collection(copy)
        else:
            client.get_collection(copy, embedding_function=None).modify(name=copy.removesuffix(_COPY))


def tidy_files(folder: Path) -> None:
    """Delete the folders of deleted indexes, and shrink the SQLite file where half of it is unused.

    A folder that can't be read is left as it is: opening it gives the reason.
    """
    file = folder / "chroma.sqlite3"
    if not file.is_file():
        return
    with suppress(sqlite3.Error, OSError), closing(sqlite3.connect(file, isolation_level=None, timeout=10)) as db:
        used = {str(row[0]) for row in db.execute("SELECT id FROM segments")}
        for part in folder.iterdir():
            if _is_segment(part) and part.name not in used:
                shutil.rmtree(part, ignore_errors=True)
        pages, free = (int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count"))
        if free > _MOST_FREE * pages:
            db.execute("VACUUM")


def _removed(index: Collection) -> int:
    return int((index.metadata or {}).get(_REMOVED, 0))


def _is_segment(path: Path) -> bool:
    """Say whether a folder is that of an index: Chroma names it by a UUID."""
    try:
        return path.is_dir() and str(UUID(path.name)) == path.name
    except ValueError:
        return False
