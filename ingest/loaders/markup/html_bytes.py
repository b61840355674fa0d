"""Decodes a web page: as its bytes say, else as the page declares, else as they look."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from ingest.loaders.plain.guessing import guess

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARED = re.compile(rb"<(?:\?xml|meta)\b[^>]*?\b(?:encoding|charset)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_SAMPLE = 60_000  # bytes that are looked at for a guess
_HEAD = 4096  # bytes in which an encoding is declared; browsers look in the first 1024
# Browsers take these for the larger encodings that pages use under their names.
_LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_NO_PAGES = re.compile(r"utf-(?:7|16|32)|.*escape|idna|punycode|mbcs|oem|undefined|charmap")
_SEVEN_BITS = re.compile(r"iso2022|hz")  # other letters written in ASCII ones
_MOST_WRONG = 0.1  # of the letters that aren't ASCII: a page with a few broken bytes keeps its encoding
_MOST_NULS = 0.3  # of every second byte


def decoded(data: bytes) -> str:
    r"""Return a page as text, whatever encoding it declares; NULs are left out.

    UTF-8 comes before what is declared, because no other text is valid UTF-8 by chance.

    >>> decoded(b'<meta charset="iso-8859-1">\xc3\xbc')[-1], decoded(b'<meta charset="no-such">\xfc')[-1]
    ('ü', 'ü')
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace").replace("\x00", "")
    return next(filter(None, _readings(data)), "").replace("\x00", "")


def _readings(data: bytes) -> Iterator[str]:
    """Yield the page in the encodings that it may have, the likeliest first; empty in one that doesn't fit."""
    declared = _declared(data)
    if wide := _wide(data):
        yield data.decode(wide, "replace")
    if _SEVEN_BITS.match(declared):
        yield _tried(data, declared)
    yield _tried(data, "utf-8")
    if declared:
        yield _tried(data, declared)
        yield _tried(data, declared, most_wrong=_MOST_WRONG)
    yield _tried(data, "utf-8", most_wrong=_MOST_WRONG)
    yield data.decode(guess(data[:_SAMPLE]), "replace")


def _declared(data: bytes) -> str:
    """Return Python's name of the declared encoding; empty for an unknown one and for one that no page has."""
    said = _DECLARED.search(data[:_HEAD])
    try:
        name = codecs.lookup(said[1].decode("ascii", "ignore")).name if said else ""
    except (LookupError, ValueError):
        return ""
    return "" if _NO_PAGES.fullmatch(name) else _LARGER.get(name, name)


def _wide(data: bytes) -> str:
    """Return the UTF-16 of a page without a byte order mark, whose ASCII letters have a NUL each."""
    head = data[:_HEAD]
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[start::2].count(0) > _MOST_NULS * len(head) / 2 and head[1 - start :: 2].count(0) == 0:
            return name
    return ""


def _tried(data: bytes, encoding: str, most_wrong: float = 0) -> str:
    """Return the text in an encoding if it fits, except for a share of the letters that aren't ASCII."""
    try:
        text = data.decode(encoding, "replace" if most_wrong else "strict")
    except (LookupError, ValueError):  # LookupError: an encoding of bytes, such as base64
        return ""
    return text if not most_wrong or text.count("\ufffd") <= most_wrong * sum(map(_is_foreign, text)) else ""


def _is_foreign(letter: str) -> bool:
    return letter > "\x7f"
