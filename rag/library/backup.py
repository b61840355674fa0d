"""A whole home in one file, made while it is in use, and put back into an empty home.

The file is a zip archive: the catalog as SQLite's own backup gives it, the originals, settings, and the vectors as
arrays, since they cost the most time. Models stay out: they are large, and can be had again.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.errors import HomeError, InputError
from rag.library.database import now
from rag.library.home import Home
from rag.library.library import Library
from rag.library.migrate import STEPS
from rag.platform.disk import new_file, require_space

_MANIFEST = "studyhall.json"
_CATALOG = "library.db"
_SETTINGS = ("studyhall.toml", "presets.toml", "models/remote.toml")
_ORIGINAL = re.compile(r"files/[0-9a-f]{2}/([0-9a-f]{64})(\.json)?")
_VECTORS = re.compile(r"vectors/(\d+)-(\w+)-\d+\.npz")
_VECTORS_PER_PART = 5000
_BLOCK = 1 << 20  # bytes copied at a time
_ANOTHER = "Give a file that `studyhall backup` has written."


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    file: str
    documents: int
    vectors: int
    size: int  # bytes


def back_up(library: Library, file: Path, *, with_vectors: bool = True, replace: bool = False) -> Backup:
    """Write a backup to `file`, which appears as a whole or not at all.

    Raises InputError for a file that is there already, unless it may be replaced, and HomeError.
    """
    with (
        new_file(file, replace=replace) as temporary,
        library.originals.pinned(),
        tempfile.TemporaryDirectory(dir=file.parent) as scratch,
    ):
        catalog = Path(scratch) / _CATALOG
        library.database.copy(catalog)
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            documents = _write_catalog(archive, catalog)
            for path in sorted(library.home.files.glob("*/*")):
                if _ORIGINAL.fullmatch(name := f"files/{path.parent.name}/{path.name}"):
                    archive.write(path, name)
            for name in _SETTINGS:
                if (library.home.folder / name).is_file():
                    archive.write(library.home.folder / name, name)
            vectors = _write_vectors(archive, library) if with_vectors else 0
    return Backup(str(file), documents, vectors, file.stat().st_size)


def restore(file: Path, home: Home) -> int:
    """Put a backup into a home without documents; return the number of originals. Vectors come with `restore_vectors`.

    Raises InputError for another file or a home that holds something, HomeError if it can't be written.
    """
    if home.database.is_file() and not _is_empty(home.database):
        message = f"The home {home.folder} has documents already."
        raise InputError(message, remedy="Choose an empty one with --home, or move this one away.")
    count = 0
    with _opened(file) as archive:
        require_space(home.folder, sum(entry.file_size for entry in archive.infolist()))
        try:
            for entry in archive.infolist():
                if match := _ORIGINAL.fullmatch(entry.filename):
                    _extract(archive, entry, home.folder / entry.filename, "" if match[2] else match[1])
                    count += not match[2]
                elif entry.filename in _SETTINGS and not (home.folder / entry.filename).exists():
                    _extract(archive, entry, home.folder / entry.filename)
            # The catalog comes last: with it, all that it names is there.
            fresh = home.database.with_name(f"{_CATALOG}.restored")
            _extract(archive, archive.getinfo(_CATALOG), fresh)
            _forget_vectors(fresh, file)
            _remove_database(home.database)
            fresh.replace(home.database)
        except OSError as exc:
            message = f"The backup can't be put into {home.folder}: {exc.strerror or exc}."
            raise HomeError(message, remedy="Free some space, or choose another home with --home.") from exc
    return count


def restore_vectors(file: Path, library: Library) -> int:
    """Add the vectors of a backup that the present embedder made; the next ingestion makes the others anew."""
    import numpy as np

    added = 0
    with _opened(file) as archive:
        for entry in archive.infolist():
            match = _VECTORS.fullmatch(entry.filename)
            if match and match[2] == library.fingerprint:
                part = np.load(io.BytesIO(archive.read(entry)), allow_pickle=False)
                document_id = str(part["document"])
                library.vectors.add(int(match[1]), document_id, [str(key) for key in part["chunks"]], part["vectors"])
                added += len(part["chunks"])
    return added


def _write_catalog(archive: zipfile.ZipFile, catalog: Path) -> int:
    with closing(sqlite3.connect(catalog)) as db:
        documents = int(db.execute("SELECT count(*) FROM documents").fetchone()[0])
        schema = int(db.execute("PRAGMA user_version").fetchone()[0])
    manifest = {"kind": "backup", "schema": schema, "documents": documents, "made": now()}
    archive.writestr(_MANIFEST, json.dumps(manifest))
    archive.write(catalog, _CATALOG, zipfile.ZIP_DEFLATED)
    return documents


def _write_vectors(archive: zipfile.ZipFile, library: Library) -> int:
    """Write the vectors of each document that has them all, in the index of the present embedder."""
    import numpy as np

    count = 0
    for number, (collection_id, document_id, fingerprint) in enumerate(library.embedding_state.all()):
        if fingerprint != library.fingerprint:
            continue
        keys = [key for key, _ in library.catalog.chunks.keys(document_id)]
        for start in range(0, len(keys), _VECTORS_PER_PART):
            found = library.vectors.vectors(collection_id, keys[start : start + _VECTORS_PER_PART])
            if not found:
                continue
            packed = io.BytesIO()
            stacked = np.stack([np.asarray(vector, dtype=np.float32) for vector in found.values()])
            np.savez(packed, document=np.array(document_id), chunks=np.array(list(found)), vectors=stacked)
            archive.writestr(f"vectors/{collection_id}-{fingerprint}-{number}{start}.npz", packed.getvalue())
            count += len(found)
    return count


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup; raises InputError for another file, a damaged one, or one of a newer Studyhall."""
    try:
        with zipfile.ZipFile(file) as archive:
            if _MANIFEST not in archive.namelist():
                message = f"{file} is no backup of a home."
                raise InputError(message, remedy=f"{_ANOTHER} For a collection: `studyhall collections import`.")
            manifest = json.loads(archive.read(_MANIFEST))
            if manifest["kind"] != "backup":
                message = f"{file} is no backup of a home."
                raise InputError(message, remedy=_ANOTHER)
            if int(manifest["schema"]) > len(STEPS):
                message = f"{file} was written by a newer Studyhall."
                raise InputError(message, remedy="Update Studyhall, then try again.")
            yield archive
    except FileNotFoundError as exc:
        message = f"There is no file {file}."
        raise InputError(message, remedy=_ANOTHER) from exc
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as exc:
        message = f"{file} is no backup, or a damaged one: {exc}."
        raise InputError(message, remedy=_ANOTHER) from exc


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, sha256: str = "") -> None:
    """Write a file of the archive as a whole or not at all; raises InputError if it has another hash."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary, digest = target.with_name(f"{target.name}.part"), hashlib.sha256()
    with archive.open(entry) as packed, temporary.open("wb") as file:
        while block := packed.read(_BLOCK):
            digest.update(block)
            file.write(block)
    if sha256 and digest.hexdigest() != sha256:
        temporary.unlink()
        message = f"The backup is damaged: {entry.filename} is not what it was."
        raise InputError(message, remedy="Use another backup.")
    temporary.replace(target)


def _forget_vectors(database: Path, file: Path) -> None:
    """Take out of a catalog which documents have vectors: none of those is there yet. Raises InputError."""
    try:
        with closing(sqlite3.connect(database)) as db:
            if db.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                message = "the catalog in it is damaged"
                raise sqlite3.DatabaseError(message)
            db.execute("DELETE FROM vectors")
            db.commit()
    except sqlite3.Error as exc:
        message = f"{file} can't be used: {exc}."
        raise InputError(message, remedy="Use another backup.") from exc


def _is_empty(database: Path) -> bool:
    try:
        with closing(sqlite3.connect(database)) as db:
            held = db.execute("SELECT EXISTS (SELECT 1 FROM documents) OR EXISTS (SELECT 1 FROM jobs)").fetchone()
    except sqlite3.Error:
        return False
    return not held[0]


def _remove_database(database: Path) -> None:
    for path in (database, *(database.with_name(f"{database.name}{part}") for part in ("-wal", "-shm"))):
        path.unlink(missing_ok=True)
