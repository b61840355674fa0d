"""The models that can be pulled by a short name, read from ``data/models/catalogue.toml``; and a file on the hub."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path, PurePosixPath

from rag.errors import CatalogueError, InputError, NotFound
from rag.platform.data import shipped

THINKING = ("", "template", "prompt", "asked")
_TYPES: dict[object, type] = {"str": str, "int": int, "bool": bool}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REVISION = re.compile(r"[0-9a-f]{40}")  # a commit: a branch moves, and its files with it
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_NAMED = re.compile(r"(?P<repository>[^:@]+):(?P<file>.+?\.gguf)(?:@(?P<revision>.+))?", re.IGNORECASE)
_PART = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)
_AS_IN = "unsloth/Qwen3.5-2B-GGUF:Qwen3.5-2B-Q4_K_M.gguf"


@dataclass(frozen=True, slots=True)
class HubFile:
    """A GGUF file on the hub; `bytes` and `sha256` are None where only the server can tell."""

    repository: str  # owner/name
    file: str  # its path in the repository
    revision: str = "main"  # a branch, a tag or a commit
    bytes: int | None = None
    sha256: str | None = None

    def __str__(self) -> str:
        return f"{self.repository}:{self.file}"

    @property
    def name(self) -> str:
        """The name of the file, without the folders of its repository."""
        return PurePosixPath(self.file).name


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model of the catalogue; the data file says what its fields mean. 0 and "" stand for what is not known."""

    name: str  # that a person types
    title: str
    repository: str
    file: str
    bytes: int
    sha256: str
    licence: str
    revision: str = ""
    languages: str = ""
    context: int = 0  # tokens
    thinking: str = ""
    layers: int = 0
    kv_layers: int = 0
    kv_heads: int = 0
    head_length: int = 0
    hidden: int = 0
    vocabulary: int = 0  # tokens
    window: int = 0  # tokens
    local_per_global: int = 0
    global_kv_heads: int = 0
    global_head_length: int = 0
    global_key_is_value: bool = False

    @property
    def hub_file(self) -> HubFile:
        """The file on the hub."""
        return HubFile(self.repository, self.file, self.revision or "main", self.bytes, self.sha256)


@cache
def catalogue() -> tuple[CatalogueEntry, ...]:
    """Return the models of the catalogue, smallest file first; raises CatalogueError if it is missing or wrong."""
    return read_catalogue(shipped("catalogue.toml"))


def read_catalogue(path: Path) -> tuple[CatalogueEntry, ...]:
    """Return the models of a catalogue file, smallest first; raises CatalogueError that names model and field."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        message = f"The catalogue of models {path} can't be read: {exc}."
        raise CatalogueError(message, remedy="Install Studyhall again: the file comes with it.") from exc
    return tuple(sorted((_entry(*item) for item in tables.items()), key=lambda entry: entry.bytes))


def find(name: str) -> CatalogueEntry:
    """Return the model of that name; raises NotFound with the names that are near, or else with all."""
    entries = {entry.name: entry for entry in catalogue()}
    if found := entries.get(name.casefold()):
        return found
    near = get_close_matches(name.casefold(), entries, n=4, cutoff=0.5)
    message = f"The catalogue has no model {name!r}."
    asked = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(entries)}."
    raise NotFound(message, remedy=f"{asked} Any other file can be named as {_AS_IN}.")


def hub_file(named: str) -> HubFile:
    """Return the file that a person named: by the catalogue's name, or as REPOSITORY:FILE, with @REVISION or without.

    >>> hub_file("me/Tiny-GGUF:q4/tiny.gguf@v2")
    HubFile(repository='me/Tiny-GGUF', file='q4/tiny.gguf', revision='v2', bytes=None, sha256=None)

    Raises NotFound for an unknown name, InputError for what names no GGUF file of a repository.
    """
    if ":" not in named and "/" not in named:
        return find(named).hub_file
    parts = _NAMED.fullmatch(named)
    if parts is None:
        message = f"{named!r} names no GGUF file of a repository."
        raise InputError(message, remedy=f"Write REPOSITORY:FILE, as in {_AS_IN}.")
    wanted = HubFile(parts["repository"], parts["file"], parts["revision"] or "main")
    if not _REPOSITORY.fullmatch(wanted.repository) or not _stays_inside(wanted.file):
        message = f"{wanted.repository!r} isn't OWNER/NAME, or {wanted.file!r} no path in a repository."
        raise InputError(message, remedy=f"Write REPOSITORY:FILE, as in {_AS_IN}.")
    if _PART.search(wanted.file):
        message = f"{wanted.name} is one of several files of a model, and only whole ones are pulled."
        raise InputError(message, remedy="Choose a model in one file, or download all parts into one folder yourself.")
    return wanted


def _entry(name: str, table: object) -> CatalogueEntry:
    known = {field.name: field for field in fields(CatalogueEntry) if field.name != "name"}
    if not isinstance(table, Mapping):
        raise _wrong(name, "", "is no table")
    for field in table:
        if field not in known:
            raise _wrong(name, field, "is no field of the catalogue")
    for field, described in known.items():
        if field not in table and described.default is MISSING:
            raise _wrong(name, field, "is missing")
        if field in table and type(table[field]) is not _TYPES[described.type]:
            raise _wrong(name, field, f"is {table[field]!r}, but must be of type {described.type}")
    entry = CatalogueEntry(name=name, **table)
    for field, holds in _rules(entry).items():
        if not holds:
            raise _wrong(name, field, f"can't be {getattr(entry, field)!r}")
    return entry


def _rules(entry: CatalogueEntry) -> dict[str, bool]:
    """Return for each field that could be mistyped whether it can be what it is."""
    return {
        "name": entry.name == entry.name.casefold() and not re.search(r"[\s:/@]", entry.name),
        "repository": bool(_REPOSITORY.fullmatch(entry.repository)),
        "file": entry.file.endswith(".gguf") and _stays_inside(entry.file),
        "bytes": entry.bytes > 0,
        "sha256": bool(_SHA256.fullmatch(entry.sha256)),
        "revision": not entry.revision or bool(_REVISION.fullmatch(entry.revision)),
        "thinking": entry.thinking in THINKING,
        "kv_layers": 0 <= entry.kv_layers <= entry.layers,
    }


def _stays_inside(file: str) -> bool:
    """Say whether a path in a repository is one, on every system: no way up, no drive, nothing hidden."""
    parts = file.split("/")
    return not any(not part or part.startswith(".") or re.search(r'[\\:*?"<>|\x00-\x1f]', part) for part in parts)


def _wrong(model: str, field: str, why: str) -> CatalogueError:
    return CatalogueError(f"The catalogue of models is wrong: {model}{'.' if field else ''}{field} {why}.")
