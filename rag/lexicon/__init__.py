"""Every list of words, once: one data file a language, checked when it is loaded against what `schema` says it holds.

A language is added by adding its file: who asks without naming a language gets what all languages have together.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from rag.lexicon.schema import FRAGMENTS, LANGUAGE, SCHEMA, Entry, Section

_FOLDER = Path(__file__).parent
_NAMED = re.compile(r"\{([a-z_]+)\}")  # another entry, or what the code puts in; "{1,4}" is a regular expression's
_PARTED = re.compile(r",\s+|\n")
_NEVER = "(?!)"  # matches nothing


class LexiconError(ValueError):
    """A data file of a language that isn't as the schema says."""


@dataclass(frozen=True, slots=True)
class Language:
    """What a data file holds: of each section its entries, lists as their items."""

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


def words(name: str, language: str | None = None) -> frozenset[str]:
    """Return a list of single words, of one language or of all; empty for a language without a file.

    >>> "the" in words("stop", "en"), "der" in words("stop", "en"), "der" in words("stop")
    (True, False, True)
    """
    detects = SCHEMA[name].detects
    return frozenset(
        word for one in _languages(language) if detects or not one.detection_only for word in one.words[name]
    )


def either(name: str, language: str | None = None, **put_in: str) -> str:
    """Return one pattern for any of the phrases of an entry, of one language or of all, to be put into a pattern.

    >>> either("the")
    '(?:the|der|die|das)'
    """
    found = phrases(name, language, **put_in)
    return f"(?:{'|'.join(found)})" if found else _NEVER


def any_of(*names: str, language: str | None = None) -> str:
    """Return one pattern for any word of some lists.

    >>> any_of("compound_links")
    '(?:en|er|es|e|n|s)'
    """
    return one_of(*(word for name in names for word in words(name, language)))


def one_of(*found: str) -> str:
    """Return one pattern for any of some words, the longest first."""
    ordered = sorted(set(found), key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(map(re.escape, ordered))})" if found else _NEVER


def phrases(name: str, language: str | None = None, **put_in: str) -> tuple[str, ...]:
    """Return the phrases of an entry one by one, the languages in their order."""
    detects = SCHEMA[name].detects
    chosen = [one for one in _languages(language) if detects or not one.detection_only]
    return tuple(piece for one in chosen for piece in _filled(one, name, put_in))


def table(name: str) -> dict[str, tuple[str, ...]]:
    """Return what is called how, by the key of a table, in all languages together.

    >>> table("months")["3"]
    ('march', 'mar', 'märz')
    """
    return {
        key: tuple(dict.fromkeys(word for one in _languages(None) for word in one.tables[name].get(key, ())))
        for key in SCHEMA[name].keys
    }


def keys(name: str) -> dict[str, str]:
    """Return a table the other way round: what each word of it means.

    >>> keys("months")["märz"]
    '3'
    """
    return {word: key for key, said in table(name).items() for word in said}


def text(name: str, language: str) -> str:
    """Return a sentence that is said to people or models in a language; in English where there is none.

    >>> text("refusal", "de"), text("refusal", "fr")
    ('Das steht nicht in den Dokumenten.', "The documents don't say.")
    """
    return read(language if language in LANGUAGES else "en").texts[name]


def texts(name: str) -> tuple[str, ...]:
    """Return a sentence in all languages."""
    return tuple(one.texts[name] for one in _languages(None))


def detected(name: str) -> tuple[str, ...]:
    """Return a list of words or phrases of all languages that documents may be in, those for detection only as well.

    >>> detected("heading_style")[:2]
    ('heading', 'überschrift')
    """
    sections = [read(code).words | read(code).phrases for code in DETECTED]
    return tuple(dict.fromkeys(one for section in sections for one in section[name]))


def has_capital_nouns(language: str) -> bool:
    """Say whether nouns are written large in a language."""
    return language in LANGUAGES and read(language).capital_nouns


def _languages(language: str | None) -> list[Language]:
    """Return a language, or all that aren't for detection only; none for one without a file."""
    chosen = LANGUAGES if language is None else [language]
    return [read(code) for code in chosen if code in DETECTED]


def _filled(language: Language, name: str, put_in: dict[str, str]) -> list[str]:
    """Return the phrases of an entry with those put in that they name."""

    def put(found: re.Match[str]) -> str:
        if found[1] in put_in:
            return put_in[found[1]]
        return f"(?:{'|'.join(_filled(language, found[1], put_in)) or _NEVER})"

    if name in language.words:
        return [one_of(*language.words[name])]
    pieces = language.phrases[name] if name in language.phrases else language.fragments[name]
    return [_NAMED.sub(put, piece) for piece in pieces]


# ---- loading


@cache
def read(code: str) -> Language:
    """Return a language as its data file has it."""
    return load(_FOLDER / f"{code}.toml")


def load(path: Path) -> Language:
    """Return the language of a data file; raises LexiconError, naming file and entry, where it breaks the schema."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        message = f"{path.name}: {error}"
        raise LexiconError(message) from error
    about, fragments = data.pop("language", {}), data.pop(FRAGMENTS, {})
    _require(path, "language", set(about) <= LANGUAGE.keys() and {"code", "stemmer"} <= set(about), "wrong fields")
    for field, value in about.items():
        _require(path, f"language.{field}", isinstance(value, LANGUAGE[field]), "has the wrong type")
    _require(path, "language.code", about["code"] == path.stem, "isn't the name of the file")
    detection_only = about.get("detection_only", False)
    wanted = {name: entry for name, entry in SCHEMA.items() if entry.detects or not detection_only}
    found = {name: section for section, entries in data.items() for name in entries}
    for name in wanted.keys() - found.keys():
        _require(path, f"{wanted[name].section}.{name}", holds=False, message="is missing")
    parsed: dict[str, dict[str, Any]] = {section: {} for section in Section}
    parsed[FRAGMENTS] = {
        name: _parsed(path, name, Entry(Section.PHRASES, FRAGMENTS), value) for name, value in fragments.items()
    }
    for name, section in found.items():
        known = name in wanted and wanted[name].section == section
        _require(path, f"{section}.{name}", known, "is in no schema")
        parsed[section][name] = _parsed(path, name, wanted[name], data[section][name])
    language = Language(
        about["code"], about["stemmer"], about.get("letters", ""), about.get("capital_nouns", False), detection_only,
        **parsed,
    )  # fmt: skip
    _check_phrases(path, language)
    return language


def _parsed(path: Path, name: str, entry: Entry, value: object) -> object:
    where = f"{entry.section}.{name}"
    if entry.section is Section.TABLES:
        _require(path, where, isinstance(value, dict), "is no table")
        assert isinstance(value, dict)
        for key, listed in value.items():
            _require(path, f"{where}.{key}", key in entry.keys, f"is none of {', '.join(entry.keys)}")
            _require(path, f"{where}.{key}", isinstance(listed, str), "is no text")
        return {key: _listed(listed) for key, listed in value.items()}
    if entry.section is Section.PHRASES and isinstance(value, list):
        _require(path, where, all(isinstance(piece, str) for piece in value), "has something else than texts")
        return tuple(value)
    _require(path, where, isinstance(value, str), "is no text")
    assert isinstance(value, str)
    if entry.section is Section.WORDS:
        return tuple(value.split())
    if entry.section is Section.PHRASES:
        return _listed(value)
    named = {field for _, field, _, _ in Formatter().parse(value) if field}
    _require(path, where, named == set(entry.put_in), f"has other gaps than {sorted(entry.put_in)}")
    return value


def _listed(value: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in _PARTED.split(value.strip()) if part.strip())


def _check_phrases(path: Path, language: Language) -> None:
    """Raise LexiconError for a phrase that names what there isn't, or is no regular expression."""
    known = language.words.keys() | language.phrases.keys() | language.fragments.keys()
    gaps = {gap for entry in SCHEMA.values() for gap in entry.put_in}
    for section, entries in ((Section.PHRASES, language.phrases), (FRAGMENTS, language.fragments)):
        for name, pieces in entries.items():
            unknown = {used for piece in pieces for used in _NAMED.findall(piece)} - known
            unknown -= set(SCHEMA[name].put_in) if section is Section.PHRASES else gaps
            _require(path, f"{section}.{name}", not unknown, f"names {', '.join(unknown)}, which there isn't")
    for name in language.phrases:
        for piece in _filled(language, name, dict.fromkeys(SCHEMA[name].put_in, r"\S+")):
            _check_pattern(path, f"phrases.{name}", piece)
    for name, table in language.tables.items():
        for key, pieces in table.items():
            for piece in pieces:
                _check_pattern(path, f"tables.{name}.{key}", piece)


def _check_pattern(path: Path, where: str, piece: str) -> None:
    try:
        re.compile(piece)
    except re.error as error:
        message = f"{path.name}: {where}: {piece!r} is no regular expression: {error}"
        raise LexiconError(message) from error


def _require(path: Path, where: str, holds: bool, message: str) -> None:
    if not holds:
        error = f"{path.name}: {where} {message}."
        raise LexiconError(error)


# English first: where two languages share a phrase, and for text whose language can't be told.
DETECTED = tuple(sorted((path.stem for path in _FOLDER.glob("*.toml")), key=lambda code: (code != "en", code)))
LANGUAGES = tuple(code for code in DETECTED if not read(code).detection_only)
