"""Settings are data: read from ``studyhall.toml`` in the home and ``STUDYHALL_*`` variables, checked once.

Nothing is loaded and no folder is made here.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from rag.errors import SettingsError

SETTINGS_FILE = "studyhall.toml"
_ADDRESS = re.compile(r"https?://[^\s/?#@]+[^\s?#@]*")
# (name, lowest value, highest value)
_RANGES: tuple[tuple[str, float, float], ...] = (
    ("candidates", 1, 1000),
    ("dense_weight", 0, 1),
    ("reranked", 1, 1000),
    ("reranker_weight", 0, 1),
    ("dense_weight_foreign", 0, 1),
    ("dense_weight_across", 0, 1),
    ("document_weight", 0, 10),
    ("passage_tokens", 100, 200_000),
    ("refuse_below", 0, 1),
    ("supported_from", 0, 1),
    ("context_tokens", 256, 1_000_000),
    ("answer_tokens", 16, 32_768),
    ("prompt_seconds", 0.1, 3600),
    ("temperature", 0, 2),
    ("gpu_layers", -2, 10_000),
    ("threads", 0, 1024),
    ("unload_after_minutes", 0, 100_000),
    ("server_seconds", 1, 86_400),
    ("port", 0, 65_535),
    ("upload_mb", 1, 100_000),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, with their units. Each is also an environment variable: `port` is ``STUDYHALL_PORT``."""

    # Embedding. After a change all documents are embedded anew in the background; until then the old index answers.
    embedder: str = ""  # folder or name of a sentence-transformers model on this computer; empty: our own
    query_prefix: str = ""  # before an embedded question, such as "query: "; empty: the model's default
    document_prefix: str = ""  # before a chunk, such as "passage: "; empty: the model's default
    embedder_languages: str = ""  # its training languages, separated by spaces; "*": all; empty: as it says, or "en"
    quantisation: str = "int8"  # of the weights of an embedder that doesn't come along: int8 or fp32

    # Retrieval
    candidates: int = 50  # chunks from each of dense and lexical search
    dense_weight: float = 0.5  # share of dense search in the fusion, 0 to 1; the rest is lexical
    reranker: str = "reader"  # "reader": the bundled one; "none"; or a cross-encoder's folder or name
    reranked: int = 16  # best fused hits that the reranker reads
    reranker_weight: float = 0.3  # share of the reranker in the score of those hits, 0 to 1
    dense_weight_foreign: float = 0.2  # dense_weight in a language that the embedder doesn't know
    dense_weight_across: float = 0.8  # dense_weight where question and document differ in language
    document_weight: float = 0.5  # weight of the match with a document's name, title and cover, beside its text's 1
    passage_tokens: int = 2500  # most tokens of passages: where quotes are sought, and in the prompts of an overview

    # Refusal and support
    refuse_below: float = 0.5  # confidence below which nothing is quoted, 0 to 1; below half of it no model is asked
    supported_from: float = 0.5  # score from which a sentence of an answer counts as supported, 0 to 1

    # Language model
    # GGUF file, file name in the home's models folder, a name of `models add`, or provider:name; empty: quotes
    model: str = ""
    context_tokens: int = 8192  # most tokens of prompt and answer together
    answer_tokens: int = 512  # most tokens of an answer
    prompt_seconds: float = 15.0  # seconds that reading an overview's prompt should take on this machine
    preset: str = ""  # manner of the answers: tutor, examiner, simple, or one of the home's presets.toml
    temperature: float = 0.0  # 0: always the most probable token
    seed: int = 7  # of the sampling at a temperature above 0
    gpu_layers: int = -2  # layers on the GPU; -1: all of them, -2: as many as fit
    threads: int = 0  # 0: one per core
    unload_after_minutes: float = 0.0  # without an answer, until the model's memory is freed; 0: never
    server_seconds: float = 120.0  # of silence, until an answer of a model on another server has failed
    hub: str = "https://huggingface.co"  # where `models pull` downloads from, such as a mirror; also HF_ENDPOINT

    language: str = ""  # of the page and the terminal: en or de; empty: the browser's, the terminal's

    # The browser page
    host: str = "127.0.0.1"
    port: int = 7861
    upload_mb: int = 500  # largest file for upload

    def __post_init__(self) -> None:
        """Check every value against its range."""
        if self.quantisation not in {"int8", "fp32"}:
            message = f"quantisation is {self.quantisation!r}, but must be int8 or fp32."
            raise SettingsError(message)
        if self.language not in {"", "en", "de"}:
            message = f"language is {self.language!r}, but must be en or de."
            raise SettingsError(message, remedy=f"Change it in {SETTINGS_FILE} or STUDYHALL_LANGUAGE.")
        if not _ADDRESS.fullmatch(self.hub):
            message = f"hub is {self.hub!r}, but must be an address such as https://huggingface.co."
            raise SettingsError(message, remedy=f"Change it in {SETTINGS_FILE} or STUDYHALL_HUB.")
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                message = f"{name} is {value}, but must be between {low} and {high}."
                raise SettingsError(message, remedy=f"Change it in {SETTINGS_FILE} or STUDYHALL_{name.upper()}.")


def load_settings(home: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of `home`: defaults, then its file, then the environment.

    Raises SettingsError for a name or value that can't be used.
    """
    path = home / SETTINGS_FILE
    # The variable by which other programs find a mirror counts where no setting of ours names one.
    mirror = environ.get("HF_ENDPOINT", "")
    values: dict[str, object] = {"hub": mirror} if _ADDRESS.fullmatch(mirror) else {}
    if path.is_file():
        try:
            values |= tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows editors write a byte order mark
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
            message = f"{path} is not valid TOML: {exc}."
            raise SettingsError(message, remedy="Correct or remove it.") from exc
    known = {field.name: field.type for field in fields(Settings)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        message = f"{path} has a setting {unknown[0]!r} that doesn't exist."
        raise SettingsError(message, remedy=f"There are: {', '.join(known)}.")
    for name in known:
        variable = f"STUDYHALL_{name.upper()}"
        if variable in environ:
            values[name] = environ[variable]
    return changed(Settings(), values)


def changed(settings: Settings, values: Mapping[str, object]) -> Settings:
    """Return settings with some values changed; text is converted to each setting's type.

    Raises SettingsError for a name or value that can't be used.
    """
    known = {field.name: field.type for field in fields(Settings)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        message = f"There is no setting {unknown[0]!r}."
        raise SettingsError(message, remedy=f"There are: {', '.join(known)}.")
    return replace(settings, **{name: _convert(name, known[name], value) for name, value in values.items()})  # type: ignore[arg-type]  # checked by _convert


def save_setting(home: Path, name: str, value: str | float) -> None:
    """Write one setting into the home's ``studyhall.toml``, leaving the other lines and comments as they are.

    The setting "model" with the value "qwen.gguf" becomes the line ``model = "qwen.gguf"``. Raises SettingsError when
    the file can't be written.
    """
    path = home / SETTINGS_FILE
    lines = path.read_text(encoding="utf-8-sig").removesuffix("\n").split("\n") if path.is_file() else []
    # A JSON string is a TOML basic string, except for the one control character that JSON doesn't escape.
    line = f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")
    kept = [old for old in lines if old.partition("=")[0].strip().strip("\"'") != name]
    temporary = path.with_suffix(".new")
    try:
        home.mkdir(parents=True, exist_ok=True)
        _write(temporary, path, [*kept, line])
    except OSError as exc:
        message = f"{path} can't be written: {exc.strerror or exc}."
        raise SettingsError(message, remedy="Check the folder's permissions, or choose another --home.") from exc


def _write(temporary: Path, path: Path, lines: list[str]) -> None:
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    temporary.replace(path)


def _convert(name: str, kind: object, value: object) -> object:
    converter = {"int": int, "float": float, "str": str}[str(kind)]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        message = f"{name} is {value!r}, but must be one value of type {kind}."
        raise SettingsError(message)
    if converter is int and isinstance(value, float) and not value.is_integer():
        message = f"{name} is {value}, but must be a whole number."
        raise SettingsError(message)
    try:
        return converter(value)
    except ValueError as exc:
        message = f"{name} is {value!r}, which is no {kind}."
        raise SettingsError(message, remedy=f"Change it in {SETTINGS_FILE} or STUDYHALL_{name.upper()}.") from exc
