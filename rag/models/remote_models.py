"""The models on other servers that a home knows by a name of its own, kept in ``models/remote.toml``.

    [campus]
    url = "https://llm.example.edu/v1"
    model = "qwen3-32b"
    key_from = "CAMPUS_KEY"

A key stays where it is, in the environment: the file holds the name of its variable.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from rag.errors import HomeError, InputError, SettingsError
from rag.models import packaged
from rag.models.catalogue import catalogue
from rag.models.remote import RemoteModel, is_address, is_remote, of_provider

REMOTE_FILE = "remote.toml"
_FIELDS = ("url", "model", "key_from")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")  # keys have small letters or hyphens: none passes for a name
_ENDPOINT = "/chat/completions"


class RemoteModels:
    """The models of one ``remote.toml``, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / REMOTE_FILE

    def all(self) -> dict[str, RemoteModel]:
        """Return the models by name; raises SettingsError for a file that can't be used."""
        try:
            tables = tomllib.loads(self._path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
            message = f"{self._path} can't be read: {exc}."
            raise SettingsError(message, remedy="Correct or remove it.") from exc
        return {name: self._model(name, table) for name, table in sorted(tables.items())}

    def check(self, model: RemoteModel) -> RemoteModel:
        """Return a model as it can be added, its url without what is too much; raises InputError."""
        files = {path.stem for path in self._folder.glob("*.gguf")}
        if model.name in {packaged.NAME, *files, *(entry.name for entry in catalogue())}:
            message = f"{model.name} is the name of a GGUF file."
            raise InputError(message, remedy="Choose another name.")
        return _checked(replace(model, url=model.url.rstrip("/").removesuffix(_ENDPOINT)))

    def add(self, model: RemoteModel) -> None:
        """Keep a model, in place of another of its name; raises InputError, SettingsError or HomeError."""
        self._write([*({**self.all(), model.name: self.check(model)}).values()])

    def remove(self, name: str) -> None:
        """Forget a model, if it is there; raises SettingsError or HomeError."""
        self._write([model for model in self.all().values() if model.name != name])

    def _model(self, name: str, table: object) -> RemoteModel:
        well = isinstance(table, Mapping) and set(table) <= {*_FIELDS}
        if not isinstance(table, Mapping) or not well or not all(isinstance(value, str) for value in table.values()):
            message = f"{self._path} can't be used: {name} must have url, model and, if any, key_from, as texts."
            raise SettingsError(message, remedy="Correct it.")
        try:
            return _checked(RemoteModel(name, **table))
        except (InputError, TypeError) as exc:
            message = f"{self._path} can't be used: {name} is wrong: {exc}"
            raise SettingsError(message, remedy="Correct it.") from exc

    def _write(self, models: Iterable[RemoteModel]) -> None:
        temporary = self._path.with_suffix(".new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary.write_text("\n".join(_table(model) for model in models), encoding="utf-8")
            temporary.replace(self._path)
        except OSError as exc:
            message = f"{self._path} can't be written: {exc.strerror or exc}."
            raise HomeError(message, remedy="Check the folder's permissions, or choose another --home.") from exc


def find_remote(name: str, folder: Path) -> RemoteModel | None:
    """Return the model on another server that a name means; None for a file.

    Raises SettingsError for a damaged ``remote.toml``, ModelError for a provider's address that is none.
    """
    if is_remote(name):
        return of_provider(name)
    return RemoteModels(folder).all().get(name) if _is_name(name) else None


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and not name.casefold().endswith(".gguf") and name != "none"


def _checked(model: RemoteModel) -> RemoteModel:
    if not _is_name(model.name):
        message = f"{model.name!r} can't be a name."
        raise InputError(message, remedy="Use letters, digits, and . _ - between them; not .gguf at the end, not none.")
    if not is_address(model.url):
        message = f"The url of {model.name} is no address of a server."  # it isn't shown: a password may stand in it
        raise InputError(message, remedy="Write it as http://127.0.0.1:8080/v1, without user and password.")
    if model.key_from and not _VARIABLE.fullmatch(model.key_from):
        message = "That is no name of an environment variable."  # it isn't shown: it may be the key itself
        raise InputError(message, remedy="Give the name, in capitals, never the key: --key-from CAMPUS_KEY")
    if not model.model.isprintable():
        message = f"{model.model!r} can't be the name of a model."
        raise InputError(message, remedy="Write it as the server's list of models does.")
    return model


def _table(model: RemoteModel) -> str:
    """Return a model as a table of TOML; a JSON string of printable text is a TOML string."""
    lines = [f"{field} = {json.dumps(getattr(model, field), ensure_ascii=False)}\n" for field in _FIELDS]
    return f'["{model.name}"]\n{"".join(lines)}'
