"""A data file of the lexicon is read and checked against the schema."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from rag.lexicon.schema import FRAGMENTS, LANGUAGE, SCHEMA, Entry, FileSection

NEVER = "(?!)"  # a pattern that matches nothing
_NAMED = re.compile(r"\{([a-z_]+)\}")  # another entry, or a gap that the code fills; "{1,4}" is a quantifier
_PARTED = re.compile(r",\s+|\n")


class LexiconError(ValueError):
    """A data file that breaks the schema."""


@dataclass(frozen=True, slots=True)
class Language:
    """The parsed data file of a language: the entries of each section, with lists as their items."""

    code: str
    stemmer: str
    letters: str
    capital_nouns: bool
    detection_only: bool
    words: dict[str, tuple[str, ...]]
    phrases: dict[str, tuple[str, ...]]
    tables: dict[str, dict[str, tuple[str, ...]]]
    texts: dict[str, str]
    fragments: dict[str, tuple[str, ...]]


def with_put_in(language: Language, name: str, put_in: dict[str, str]) -> list[str]:
    """Return the phrases of an entry with their `{names}` replaced: by `put_in`, or by other entries."""

    def put(found: re.Match[str]) -> str:
        if found[1] in put_in:
            return put_in[found[1]]
        return f"(?:{'|'.join(with_put_in(language, found[1], put_in)) or NEVER})"

    if name in language.words:
        return [re.escape(word) for word in sorted(language.words[name], key=len, reverse=True)]
    pieces = language.phrases[name] if name in language.phrases else language.fragments[name]
    return [_NAMED.sub(put, piece) for piece in pieces]


def load(path: Path, *, check_patterns: bool = True) -> Language:
    """Return the language of a data file; raises LexiconError, with file and entry, where it breaks the schema."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        message = f"{path.name}: {error}"
        raise LexiconError(message) from error
    about, fragments = data.pop("language", {}), data.pop(FRAGMENTS, {})
    _require(
        path,
        "language",
        set(about) <= LANGUAGE.keys() and {"code", "stemmer"} <= set(about),
        "has other fields than the schema",
    )
    for field, value in about.items():
        _require(path, f"language.{field}", isinstance(value, LANGUAGE[field]), "has the wrong type")
    _require(path, "language.code", about["code"] == path.stem, "isn't the name of the file")
    detection_only = about.get("detection_only", False)
    wanted = {name: entry for name, entry in SCHEMA.items() if entry.detects or not detection_only}
    found = {name: section for section, entries in data.items() for name in entries}
    for name in wanted.keys() - found.keys():
        _require(path, f"{wanted[name].section}.{name}", holds=False, message="is missing")
    parsed: dict[str, dict[str, Any]] = {section: {} for section in FileSection}
    parsed[FRAGMENTS] = {
        name: _parsed(path, name, Entry(FileSection.PHRASES, FRAGMENTS), value) for name, value in fragments.items()
    }
    for name, section in found.items():
        known = name in wanted and wanted[name].section == section
        _require(path, f"{section}.{name}", known, "is in no schema")
        parsed[section][name] = _parsed(path, name, wanted[name], data[section][name])
    language = Language(
        about["code"], about["stemmer"], about.get("letters", ""), about.get("capital_nouns", False), detection_only,
        **parsed,
    )  # fmt: skip
    _check_names(path, language)
    if check_patterns:
        _check_patterns(path, language)
    return language


def _parsed(path: Path, name: str, entry: Entry, value: object) -> object:
    where = f"{entry.section}.{name}"
    if entry.section is FileSection.TABLES:
        _require(path, where, isinstance(value, dict), "is no table")
        assert isinstance(value, dict)
        for key, listed in value.items():
            _require(path, f"{where}.{key}", key in entry.keys, f"is none of {', '.join(entry.keys)}")
            _require(path, f"{where}.{key}", isinstance(listed, str), "is no text")
        return {key: _listed(listed) for key, listed in value.items()}
    if entry.section is FileSection.PHRASES and isinstance(value, list):
        _require(path, where, all(isinstance(piece, str) for piece in value), "has something else than texts")
        return tuple(value)
    _require(path, where, isinstance(value, str), "is no text")
    assert isinstance(value, str)
    if entry.section is FileSection.WORDS:
        return tuple(value.split())
    if entry.section is FileSection.PHRASES:
        return _listed(value)
    named = {field for _, field, _, _ in Formatter().parse(value) if field}
    _require(path, where, named == set(entry.put_in), f"has other gaps than {sorted(entry.put_in)}")
    return value


def _listed(value: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in _PARTED.split(value.strip()) if part.strip())


def _check_names(path: Path, language: Language) -> None:
    """Raise LexiconError for a phrase with a `{name}` that doesn't exist."""
    known = language.words.keys() | language.phrases.keys() | language.fragments.keys()
    gaps = {gap for entry in SCHEMA.values() for gap in entry.put_in}
    for section, entries in ((FileSection.PHRASES, language.phrases), (FRAGMENTS, language.fragments)):
        for name, pieces in entries.items():
            unknown = {used for piece in pieces for used in _NAMED.findall(piece)} - known
            unknown -= set(SCHEMA[name].put_in) if section is FileSection.PHRASES else gaps
            _require(path, f"{section}.{name}", not unknown, f"names {', '.join(unknown)}, which there isn't")


def _check_patterns(path: Path, language: Language) -> None:
    """Raise LexiconError for a phrase or table item that is no valid regular expression."""
    found = [
        (f"phrases.{name}", piece)
        for name in language.phrases
        for piece in with_put_in(language, name, dict.fromkeys(SCHEMA[name].put_in, r"\S+"))
    ]
    found += [
        (f"tables.{name}.{key}", piece)
        for name, table in language.tables.items()
        for key, pieces in table.items()
        for piece in pieces
    ]
    for where, piece in found:
        try:
            re.compile(piece)
        except re.error as error:
            message = f"{path.name}: {where}: {piece!r} is no regular expression: {error}"
            raise LexiconError(message) from error


def _require(path: Path, where: str, holds: bool, message: str) -> None:
    if not holds:
        error = f"{path.name}: {where} {message}."
        raise LexiconError(error)
