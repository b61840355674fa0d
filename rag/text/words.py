"""Text is split into words for lexical search: folded, without stop words, stemmed per language.

The stemmers are Snowball's (Porter), through PyStemmer.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from rag import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable

    import Stemmer

_WORD = re.compile(r"[^\W_]+")  # FTS5 splits words at "_" too
_SPELT = re.compile(r"[^\W\d_]{2,}")
# A footnote number is no part of the word.
_NOTE = re.compile(r"(?<=[^\W\d_]{3})(?<!sin)(?<!cos)(?<!tan)(?<!log)(?<!exp)(?<!det)[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_POWER = re.compile(r"(?<=\w)\^[({]?(?=\w)|(?<=\b[^\W\d_])_[({]?(?=[^\W_]{1,2}\b)")

# The language for stemming text of unknown language.
UNTOLD = "en"

# Stemmers for languages without a lexicon file.
_SNOWBALL = {"sv": "swedish", "da": "danish", "no": "norwegian", "fi": "finnish", "ru": "russian"}


def words(text: str) -> list[str]:
    """Return the words of `text`, folded: compatibility characters replaced (NFKC), lower case.

    Powers and indices are part of their letter in any notation; footnote numbers are left out.

    >>> words("The 𝑛-gram ﬁle"), words("n², n^2 and n^{2}"), words("an index¹²")
    (['the', 'n', 'gram', 'file'], ['n2', 'n2', 'and', 'n2'], ['an', 'index'])
    """
    plain = unicodedata.normalize("NFKC", _NOTE.sub(" ", text))
    return _WORD.findall(_POWER.sub("", plain).casefold())


def stems(text: str, language: str) -> list[str]:
    """Return the stems of the words of `text`, without the stop words of the language.

    >>> stems("the indexes were compressed", "en")
    ['index', 'compress']
    """
    stop = lexicon.words("stop", language)
    return [stem(word, language) for word in words(text) if word not in stop]


def query_stems(question: str, languages: Iterable[str]) -> list[tuple[str, ...]]:
    """Return a group for each content word of a question: its stems in each of the `languages`.

    Stop words of any of the languages are left out, unless the question has no other words: "who is who".

    >>> query_stems("Kompression of indexes", ["de", "en"])
    [('kompression', 'kompress'), ('index',)]
    """
    wanted = sorted(set(languages) or {"en"})
    found = list(dict.fromkeys(words(question)))
    stop = frozenset().union(*(lexicon.words("stop", language) for language in wanted))
    content = [word for word in found if word not in stop] or found
    groups = [tuple(dict.fromkeys(stem(word, language) for language in wanted)) for word in content]
    return list(dict.fromkeys(groups))


def stem(word: str, language: str) -> str:
    """Return the stem of a folded word; the word itself in a language without a stemmer.

    The German stemmer treats ae, oe and ue as umlauts.

    >>> stem("schlüssel", "de"), stem("schluessel", "de")
    ('schlussel', 'schlussel')
    """
    stemmer = _stemmer(language)
    return word if stemmer is None else str(stemmer.stemWord(word))


@cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    name = lexicon.read(language).stemmer if language in lexicon.DETECTED else _SNOWBALL.get(language)
    if name is None:
        return None
    import Stemmer

    return Stemmer.Stemmer(name)


def fold(word: str) -> str:
    """Return a word without diacritics, as the tokenizer of the lexical index stores it."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words_as_written(text: str) -> list[str]:
    """Return the words of a text as written, of at least two letters.

    >>> words_as_written("Was ist der A*-Algorithmus?")
    ['Was', 'ist', 'der', 'Algorithmus']
    """
    return _SPELT.findall(text)
