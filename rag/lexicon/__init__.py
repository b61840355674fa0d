"""The lexicon: all word lists, in one data file per language, which is checked against `schema` when loaded.

A language is added by adding its file: a look-up without a language covers all of them.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from rag.lexicon.files import NEVER, Language, load, with_put_in
from rag.lexicon.schema import SCHEMA

_FOLDER = Path(__file__).parent
# English first: it decides where two languages share a phrase, and for text of unknown language.
DETECTED = tuple(sorted((path.stem for path in _FOLDER.glob("??.toml")), key=lambda code: (code != "en", code)))


def words(name: str, language: str | None = None) -> frozenset[str]:
    """Return a list of single words, for one language or all; empty for a language without a file.

    >>> "the" in words("stop", "en"), "der" in words("stop", "en"), "der" in words("stop")
    (True, False, True)
    """
    detects = SCHEMA[name].detects
    return frozenset(
        word for one in _languages(language) if detects or not one.detection_only for word in one.words[name]
    )


@cache
def common_words() -> frozenset[str]:
    """Return common English words of four letters and more, in small letters.

    They are the whole words of BERT's uncased vocabulary (Apache-2.0), which was made of the most frequent ones.
    """
    return frozenset((_FOLDER / "common.en.txt").read_text(encoding="ascii").split())


def is_common(word: str) -> bool:
    """Say whether a word is a common English one: such a word is spelt correctly, and says little about a subject.

    >>> is_common("Splitting"), is_common("spliting"), is_common("Vektorraum")
    (True, False, False)
    """
    return word.casefold() in common_words()


def either(name: str, language: str | None = None, **put_in: str) -> str:
    """Return one pattern that matches any phrase of an entry, for one language or all; `put_in` fills the gaps.

    >>> either("the")
    '(?:the|der|die|das)'
    """
    found = phrases(name, language, **put_in)
    return f"(?:{'|'.join(found)})" if found else NEVER


def any_of(*names: str, language: str | None = None) -> str:
    """Return one pattern that matches any word of some lists.

    >>> any_of("compound_links")
    '(?:en|er|es|e|n|s)'
    """
    return one_of(*(word for name in names for word in words(name, language)))


def one_of(*found: str) -> str:
    """Return one pattern that matches any of some words, the longest first."""
    ordered = sorted(set(found), key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(map(re.escape, ordered))})" if found else NEVER


def phrases(name: str, language: str | None = None, **put_in: str) -> tuple[str, ...]:
    """Return the phrases of an entry as separate patterns, in the order of the languages; `put_in` fills the gaps."""
    detects = SCHEMA[name].detects
    chosen = [one for one in _languages(language) if detects or not one.detection_only]
    return tuple(piece for one in chosen for piece in with_put_in(one, name, put_in))


def table(name: str) -> dict[str, tuple[str, ...]]:
    """Return a table: the words or patterns for each key, in all languages together.

    >>> table("months")["3"]
    ('march', 'mar', 'märz')
    """
    return {
        key: tuple(dict.fromkeys(word for one in _languages(None) for word in one.tables[name].get(key, ())))
        for key in SCHEMA[name].keys
    }


def keys(name: str) -> dict[str, str]:
    """Return a table inverted: the key of each word.

    >>> keys("months")["märz"]
    '3'
    """
    return {word: key for key, said in table(name).items() for word in said}


def text(name: str, language: str) -> str:
    """Return a text for people or models in a language; in English for languages without texts.

    >>> text("refusal", "de"), text("refusal", "fr")
    ('Das steht nicht in den Dokumenten.', "The documents don't say.")
    """
    return read(language if language in LANGUAGES else "en").texts[name]


def detected(name: str) -> tuple[str, ...]:
    """Return a list of words or phrases in all languages of documents, including those for detection only.

    >>> detected("heading_style")[:2]
    ('heading', 'überschrift')
    """
    sections = [read(code).words | read(code).phrases for code in DETECTED]
    return tuple(dict.fromkeys(one for section in sections for one in section[name]))


def has_capital_nouns(language: str) -> bool:
    """Say whether a language capitalises nouns."""
    return language in LANGUAGES and read(language).capital_nouns


@cache
def read(code: str) -> Language:
    """Return a language as in its data file; raises LexiconError where the file breaks the schema.

    The patterns are not compiled here: a thousand of them cost 80 ms at each start, and a test checks them.
    """
    return load(_FOLDER / f"{code}.toml", check_patterns=False)


def _languages(language: str | None) -> list[Language]:
    """Return one language, or all that aren't for detection only; none for a language without a file."""
    chosen = LANGUAGES if language is None else [language]
    return [read(code) for code in chosen if code in DETECTED]


LANGUAGES = tuple(code for code in DETECTED if not read(code).detection_only)
