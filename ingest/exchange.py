"""A collection as one portable file: its originals with their names and tags, and its vectors.

Whoever imports it reads the originals again, so that the file may come from another version, or from anybody: nothing
that was parsed elsewhere is believed. Vectors are taken over where the same version would make the same ones.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.accept.acceptor import document_id_of, source_of
from rag.errors import InputError, StudyhallError
from rag.library.library import Library
from rag.library.queue import Job
from rag.platform.disk import new_file
from rag.types import DocumentInfo

_MANIFEST = "collection.json"
_ANOTHER = "Give a file that `studyhall collections export` has written."
_LARGEST = 1_000_000_000  # bytes of one original, held in memory
_MOST_MANIFEST = 50_000_000  # bytes
_HASH = re.compile(r"[0-9a-f]{64}")


def export_collection(library: Library, name: str, file: Path, version: str, *, replace: bool = False) -> int:
    """Write a collection into `file`, which appears as a whole or not at all; return the number of documents.

    Raises NotFound for an unknown collection, InputError for a file that is there already, unless it may be replaced,
    HomeError if the file can't be written.
    """
    number = library.catalog.collections.number(name)
    library.profiles.refresh()
    profiles = library.profiles.all(name)
    entries: list[dict[str, Any]] = []
    with (
        new_file(file, replace=replace) as temporary,
        library.originals.pinned(),
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive,
    ):
        for info in library.catalog.documents.all(name):
            original = library.original(info.document_id)
            if original is None:
                continue
            if f"files/{original.name}" not in archive.namelist():
                archive.write(original, f"files/{original.name}")
                _write_vectors(archive, library, number, info)
            tags = profiles[info.document_id].tags if info.document_id in profiles else ()
            entries.append({"uri": info.source, "sha256": original.name, "tags": list(tags)})
        manifest = {"kind": "collection", "name": name, "version": version, "embedder": library.fingerprint}
        archive.writestr(_MANIFEST, json.dumps(manifest | {"documents": entries}))
    return len(entries)


@dataclass(frozen=True, slots=True)
class Imported:
    """What was accepted of a file: the collection's name, the jobs, and the tags of each."""

    collection: str
    jobs: tuple[Job, ...]
    tags: tuple[tuple[str, ...], ...]

    def give_tags(self, library: Library) -> None:
        """Tag the documents that the jobs became; one that couldn't be read gets none."""
        for job, tags in zip(self.jobs, self.tags, strict=True):
            if tags and library.catalog.documents.is_parsed(job.document_id):
                library.profiles.tag(job.document_id, tags)


def import_collection(library: Library, file: Path, name: str, version: str) -> Imported:
    """Accept what a file holds into the queue.

    Raises InputError for another file or a damaged one, HomeError if it can't be stored.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            if _MANIFEST not in archive.namelist():
                message = f"{file} is no exported collection."
                raise InputError(message, remedy=f"{_ANOTHER} For a backup: `studyhall restore`.")
            with archive.open(_MANIFEST) as packed:
                manifest = json.loads(packed.read(_MOST_MANIFEST))
            collection = name or str(manifest["name"])
            same = (manifest["version"], manifest["embedder"]) == (version, library.fingerprint)
            for entry in manifest["documents"]:  # of a damaged file nothing is taken
                _job(archive, entry, collection)
            collection_id = library.catalog.collections.create(collection)
            jobs, tags = [], []
            for entry in manifest["documents"]:
                job, data = _job(archive, entry, collection)
                library.accept(collection_id, job.document_id, job.source, data)
                if same:
                    _read_vectors(archive, library, collection_id, job)
                jobs.append(job)
                tags.append(tuple(str(tag) for tag in entry["tags"]))
    except FileNotFoundError as exc:
        message = f"There is no file {file}."
        raise InputError(message, remedy=_ANOTHER) from exc
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, OSError) as exc:
        message = f"{file} is no exported collection, or a damaged one: {exc}."
        raise InputError(message, remedy=_ANOTHER) from exc
    return Imported(collection, tuple(jobs), tuple(tags))


def _job(archive: zipfile.ZipFile, entry: dict[str, Any], collection: str) -> tuple[Job, bytes]:
    uri, sha256 = str(entry["uri"]), str(entry["sha256"])
    if not _HASH.fullmatch(sha256) or archive.getinfo(f"files/{sha256}").file_size > _LARGEST:
        message = f"{uri} is too large, or not named as it should be"
        raise ValueError(message)
    data = archive.read(f"files/{sha256}")
    if hashlib.sha256(data).hexdigest() != sha256:
        message = f"{uri} is not what it was"
        raise ValueError(message)
    source = source_of(uri, data)
    return Job(collection, document_id_of(source), source), data


def _write_vectors(archive: zipfile.ZipFile, library: Library, number: int, info: DocumentInfo) -> None:
    import numpy as np

    keys = [key for key, _ in library.catalog.chunks.keys(info.document_id)]
    found = library.vectors.vectors(number, keys) if keys else {}
    if len(found) == len(keys) > 0:
        packed = io.BytesIO()
        stacked = np.stack([np.asarray(found[key], dtype=np.float32) for key in keys])
        np.savez(packed, chunks=np.array(keys), vectors=stacked)
        archive.writestr(f"vectors/{info.document_id}.npz", packed.getvalue())


def _read_vectors(archive: zipfile.ZipFile, library: Library, number: int, job: Job) -> None:
    """Take over the vectors of a document; without them, or with wrong ones, they are made anew."""
    import numpy as np

    with suppress(KeyError, ValueError, EOFError, StudyhallError):
        packed = archive.read(f"vectors/{job.document_id}.npz")
        part = np.load(io.BytesIO(packed), allow_pickle=False)
        keys, vectors = [str(key) for key in part["chunks"]], part["vectors"]
        if np.isfinite(vectors).all() and not library.vectors.present(number, keys):
            library.vectors.add(number, job.document_id, keys, vectors)
