"""The encoding of a text that is not UTF-8: what the file says itself, else a guess by the letters it gives.

charset-normalizer alone took 15 of 33 short texts that nothing was tuned on for what they were not (French for Polish,
DOS for Windows, Japanese for Korean); this takes 3. The shape of the letters is asked first: kana, Hangul, small
Cyrillic or Greek letters, and for Latin letters whether they stand within words. The library decides what that leaves
open: between the Chinese encodings, and between Greek and Cyrillic.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

USUAL = "cp1252"
_SAMPLE = 60_000  # bytes of a long text that are looked at, from its beginning and its middle
_DECLARED = re.compile(
    rb"(?:^[^\n]*\n){0,2}?[^\n]*?(?:coding[:=]\s*|charset[= ]+[\"']?)([\w.-]+)"
    rb"|\\usepackage\[(\w+)\]\{inputenc\}"
)
_TEX = {
    "latin1": "latin-1",
    "latin2": "iso8859-2",
    "latin9": "iso8859-15",
    "ansinew": "cp1252",
    "applemac": "mac_roman",
}
_DENSE = 0.4  # share of bytes beyond ASCII among the letters, from which a script isn't Latin
_CYRILLIC = ("cp1251", "koi8_r", "cp866", "iso8859_5")
_GREEK = ("cp1253", "iso8859_7")
_JAPANESE = ("cp932", "euc_jp")
_CHINESE = ("gb18030", "big5")
# In this order where they read alike; the first is usual, and has to be clearly worse to lose.
_LATIN = (USUAL, "cp1250", "iso8859_2", "cp850", "mac_roman")
_GOOD, _BETTER = 0.85, 0.1  # share of letters in words that is good enough, and by how much another must be better
_CENTRAL = frozenset({"cs", "hr", "hu", "pl", "ro", "sk", "sl"})
_NAMES = {
    "cp1250": "Windows-1250", "cp1251": "Windows-1251", "cp1252": "Windows-1252", "cp1253": "Windows-1253",
    "cp850": "DOS (code page 850)", "cp866": "DOS (code page 866)", "cp932": "Shift-JIS", "cp949": "EUC-KR",
    "big5": "Big5", "euc_jp": "EUC-JP", "gb18030": "GB18030", "iso8859_2": "ISO 8859-2", "iso8859_5": "ISO 8859-5",
    "iso8859_7": "ISO 8859-7", "koi8_r": "KOI8-R", "mac_roman": "Mac Roman",
}  # fmt: skip


def decode(data: bytes) -> str:
    """Return the text of a file in whatever encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for encoding, place in (("utf-16-le", 1), ("utf-16-be", 0)):  # without a byte order mark, as some editors write it
        if data[place:2000:2].count(0) > 400:
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(declared(data) or guessed(_sample(data)), "replace")


def assumed(data: bytes) -> str:
    """Return the name of the encoding that `decode` guesses, for people; empty if the file tells it or it's usual."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:2000].count(0) > 400:
        return ""
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        found = "" if declared(data) else guessed(_sample(data))
        return "" if found in {"", USUAL} else _NAMES[found]
    return ""


def declared(data: bytes) -> str:
    r"""Return the encoding that a text names in its first lines, if it is one: in a comment, or for LaTeX.

    >>> declared(b"# -*- coding: latin-1 -*-"), declared(rb"\\usepackage[ansinew]{inputenc}"), declared(b"plain")
    ('iso8859-1', 'cp1252', '')
    """
    found = _DECLARED.match(data[:4000]) or re.search(rb"()\\usepackage\[(\w+)\]\{inputenc\}", data[:20_000])
    told = (found[1] or found[2] or b"").decode("ascii", "replace") if found else ""
    try:
        name = codecs.lookup(_TEX.get(told, told)).name if told else ""
        return name if name and data[:_SAMPLE].decode(name, "ignore") and not name.startswith("utf") else ""
    except (LookupError, ValueError):
        return ""


@lru_cache(maxsize=8)
def guessed(data: bytes) -> str:
    """Return the most probable encoding of a text that is neither ASCII nor UTF-8.

    >>> guessed("Größe".encode("cp1252")), guessed("Größe".encode("cp850")), guessed("Лекция 3".encode("koi8_r"))
    ('cp1252', 'cp850', 'koi8_r')
    """
    beyond = sum(byte >= 0x80 for byte in data)
    letters = beyond + sum(chr(byte).isalpha() for byte in data if byte < 0x80)
    return (_of_another_script(data) if beyond > _DENSE * letters else "") or _of_latin_letters(data)


def _of_another_script(data: bytes) -> str:
    """Return the encoding in which a text is Japanese, Korean, Cyrillic, Greek or Chinese; empty for none."""
    shapes: tuple[tuple[tuple[str, ...], Callable[[str], bool], float], ...] = (
        (_JAPANESE, lambda letter: "\u3041" <= letter <= "\u30ff", 0.15),
        (("cp949",), lambda letter: "\uac00" <= letter <= "\ud7a3", 0.9),
        (_CYRILLIC, lambda letter: "а" <= letter <= "я", 0.6),
        (_GREEK, lambda letter: "ά" <= letter <= "ώ", 0.6),
    )
    found = []
    for encodings, is_typical, least in shapes:
        shares = {encoding: _share(data, encoding, is_typical) for encoding in encodings}
        best = max(encodings, key=shares.__getitem__)
        found += [best] if shares[best] >= least else []
    if found and found[0] not in _CYRILLIC:
        return found[0]
    # Small Greek letters have the places of small Cyrillic ones, and the two Chinese encodings each other's.
    return _by_library(data, tuple(found)) if len(found) != 1 else found[0]


def _share(data: bytes, encoding: str, is_typical: Callable[[str], bool]) -> float:
    """Return the share of typical letters among those beyond ASCII; what can't be decoded counts against it."""
    beyond = [letter for letter in data.decode(encoding, "replace") if letter > "\x7f"]
    return sum(map(is_typical, beyond)) / max(len(beyond), 1)


def _by_library(data: bytes, encodings: tuple[str, ...]) -> str:
    """Return which of some encodings it is, or else which Chinese one; empty for none."""
    from charset_normalizer import from_bytes

    among = list(encodings or _CHINESE)
    found = from_bytes(data[:20_000], cp_isolation=among).best()
    return found.encoding if found and found.encoding in among else "".join(encodings[:1])


def _of_latin_letters(data: bytes) -> str:
    scores = {encoding: _in_words(data.decode(encoding, "replace")) for encoding in _LATIN}
    best = max(_LATIN, key=lambda encoding: scores[encoding])
    if scores[USUAL] < _GOOD and scores[best] > scores[USUAL] + _BETTER:
        return best
    return _central(data) if scores["cp1250"] >= scores[USUAL] else USUAL


def _central(data: bytes) -> str:
    """Return Windows-1250 if that makes a text one of Central Europe's languages: its letters have the same places."""
    from ingest.language import detect_language

    text = data.decode("cp1250", "replace")
    special = sum(letter in "ěřůčďňťőűłąęśźżć" for letter in text.lower())
    return "cp1250" if special > 2 and detect_language(text) in _CENTRAL else USUAL


def _in_words(text: str) -> float:
    """Return the share of the letters beyond ASCII that stand where they may: small ones beside small ones in words.

    >>> _in_words("Größe"), _in_words("Gr”áe"), _in_words("FŠhre")
    (1.0, 0.5, 0.0)
    """
    placed = [_may_stand(*around) for around in _around(text)]
    return sum(placed) / max(len(placed), 1)


def _around(text: str) -> Iterator[tuple[str, str, str]]:
    padded = f" {text} "
    for at, letter in enumerate(padded):
        if letter > "\x7f":
            yield padded[at - 1], letter, padded[at + 1]


def _may_stand(before: str, letter: str, after: str) -> bool:
    if letter == "\ufffd":
        return False
    if letter.isalpha():
        return not (letter.isupper() and (before.islower() or (before.isalpha() and after.islower())))
    return not (before.isalpha() and after.isalpha()) or letter in "’‑\xad"


def _sample(data: bytes) -> bytes:
    """Return a text, or of a long one the lines at its beginning and in its middle that aren't ASCII."""
    if len(data) <= _SAMPLE:
        return data
    middle = len(data) // 2
    parts = data[: _SAMPLE // 2], data[middle : middle + _SAMPLE // 2]
    lines = [line for part in parts for line in part.split(b"\n")[1:-1] if not line.isascii()]
    return b"\n".join(lines) or next((line for line in data.split(b"\n") if not line.isascii()), b"")[:_SAMPLE]
