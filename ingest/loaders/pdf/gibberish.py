"""Tells pages whose characters are codes rather than text, because a font has no map to Unicode or a wrong one.

A reader sees words; the file says "WKH TXLFN EURZQ IRA", "!"#$ %&'(" or letters of the private use area. Every
language in Latin letters has many vowels; formulas, code and tables of numbers have words that we know among them. A
page that is neither is doubtful enough to be recognised as a picture, or to be named.
"""

from __future__ import annotations

import re
import string
import unicodedata

from rag import lexicon

_REPLACEMENT = "\ufffd"
_UNDECODED = re.compile(f"[{_REPLACEMENT}\ue000-\uf8ff]")
_MOST_UNDECODED = 0.3  # share of the characters
_FEWEST = 120  # letters or signs that can be judged
_VOWELS = "aeiouyæøœı"
_LATIN = string.ascii_lowercase + "æøœı"
_FEWEST_VOWELS = 0.26  # share of the Latin letters; no language has less than .33
_MOST_SIGNS = 0.4  # share of the characters
_DIFFERENT = 2  # signs of a word of signs
_MANY = 10  # different signs of a page
_MOST_KNOWN = 0.04  # share of common words; codes that look like words by chance
_WORD = re.compile(r"[^\W\d_]{2,}")
_REPEATED = re.compile(r"(.)\1+")  # leaders, lines to write on
_SIGNS = frozenset(string.punctuation)
_RUN = re.compile(rf"[\d{re.escape(string.punctuation)}]{{3,}}")
_STOP = lexicon.words("stop")


def is_gibberish(text: str) -> bool:
    """Say whether a page's characters are no text.

    >>> is_gibberish("WKH TXLFN EURZQ IRA MXPSV RYHU WKH ODCB GRJ " * 5), is_gibberish("The quick brown fox. " * 9)
    (True, False)
    """
    dense = "".join(text.split())
    odd = len(_UNDECODED.findall(dense))
    if odd > _MOST_UNDECODED * len(dense):
        return True
    return (_lacks_vowels(dense) or _is_of_signs(text)) and _known(text) < _MOST_KNOWN


def _lacks_vowels(dense: str) -> bool:
    """Say whether there are too few vowels among the Latin letters for any language."""
    plain = unicodedata.normalize("NFD", dense).casefold()
    vowels = _count(plain, _VOWELS)
    letters = _count(plain, _LATIN)
    # Numbers and formulas need no vowels: most of the page must be such letters.
    return letters >= max(_FEWEST, len(dense) / 2) and vowels < _FEWEST_VOWELS * letters


def _is_of_signs(text: str) -> bool:
    """Say whether most characters are in words of signs: formulas and code have their signs between letters.

    >>> _is_of_signs("5)& -*45, .&3(& /#+ " * 40), _is_of_signs("f(x) = [a_i * b_j] / {c_k}; " * 40)
    (True, False)
    """
    if _count(text, string.punctuation) < _FEWEST:
        return False
    runs = [run for run in _RUN.findall(_REPEATED.sub(r"\1", text)) if len(_SIGNS & set(run)) >= _DIFFERENT]
    characters = sum(not letter.isspace() for letter in text)
    # Sums of money have words of signs too, but always the same few.
    return len(_SIGNS & set("".join(runs))) >= _MANY and sum(map(len, runs)) > _MOST_SIGNS * characters


def _count(text: str, letters: str) -> int:
    return sum(text.count(letter) for letter in letters)


def _known(text: str) -> float:
    """Return the share of words that are common in a language we know."""
    words = [word.casefold() for word in _WORD.findall(text)]
    return sum(word in _STOP or lexicon.is_common(word) for word in words) / len(words) if words else 0.0
