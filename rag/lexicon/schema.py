"""The schema of a language's data file, read from ``schema.toml``: every entry with its section and its purpose."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class FileSection(StrEnum):
    """A part of a data file."""

    WORDS = "words"
    PHRASES = "phrases"
    TABLES = "tables"
    TEXTS = "texts"


# The section of a file for parts that several of its phrases share; their names are free.
FRAGMENTS = "fragments"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: its section and purpose, and the keys of a table or the gaps that the code fills."""

    section: FileSection
    purpose: str
    keys: tuple[str, ...] = ()
    put_in: tuple[str, ...] = ()
    detects: bool = False  # files for detection only have it too, for documents in their languages


# The fields of a language, with their types.
LANGUAGE = {
    "code": str,  # ISO 639-1, the name of the file
    "stemmer": str,  # name of the Snowball stemmer
    "letters": str,  # letters that indicate the language
    "capital_nouns": bool,  # whether nouns are capitalised
    "detection_only": bool,  # the language is only recognised: no question is analysed in it
}


def _read(path: Path) -> dict[str, Entry]:
    """Return the entries of the schema by their names."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: Entry(
            FileSection(told["section"]),
            told["purpose"],
            tuple(told.get("keys", "").split()),
            tuple(told.get("gaps", "").split()),
            told.get("detects", False),
        )
        for name, told in entries.items()
    }


SCHEMA = _read(Path(__file__).with_name("schema.toml"))
