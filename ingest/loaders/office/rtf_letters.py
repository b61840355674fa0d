"""Tells which encoding a Rich Text file's letters beyond ASCII are in, also where striprtf doesn't know it."""

from __future__ import annotations

import re

from ingest.loaders.plain.decoding import known
from ingest.loaders.plain.guessing import guess

_PAGE = re.compile(r"\\ansicpg(-?\d{0,10})[ ]?")
_WRITTEN = re.compile(r"(?:\\'[0-9a-fA-F]{2})+")
_RAW = re.compile("[\x80-\xff]")
# Code pages of Windows that Python knows by another name.
_PAGES = {
    "1361": "johab",
    "10000": "mac_roman",
    "10001": "cp932",
    "10002": "big5hkscs",
    "10003": "cp949",
    "10006": "mac_greek",
    "10007": "mac_cyrillic",
    "10008": "gb18030",
    "10029": "mac_latin2",
    "10081": "mac_turkish",
    "20866": "koi8_r",
    "21866": "koi8_u",
    "28591": "cp1252",
    "28592": "iso8859_2",
    "51932": "euc_jp",
    "54936": "gb18030",
    "65001": "utf_8",
}
_SYSTEMS = (("\\mac", "mac_roman"), ("\\pca", "cp850"), ("\\pc", "cp437"))
# Numbers of character sets for which striprtf names codecs that don't exist, and those of nearly the same letters.
_CHARSETS = {"78": "128", "79": "136", "80": "129", "82": "177", "85": "134", "86": "238", "87": "84", "88": "222"}
_CHARSETS |= {"89": "238", "130": "129"}
_CHARSET = re.compile(rf"\\fcharset({'|'.join(_CHARSETS)})(?![0-9])")


def with_letters(source: str) -> tuple[str, str]:
    """Return Rich Text that striprtf can decode, and the encoding for it."""
    if "\\bin" not in source:  # whose length counts the bytes as they are
        source = _RAW.sub(lambda match: f"\\'{ord(match[0]):02x}", source)
    source = _CHARSET.sub(lambda match: f"\\fcharset{_CHARSETS[match[1]]}", source)
    page = _PAGE.search(source)
    if page and known(f"cp{page[1]}"):
        return source, "cp1252"  # striprtf reads the code page itself
    if page:
        encoding = _PAGES.get(page[1]) or _guessed(source)
        return _PAGE.sub("", source), encoding
    return source, next((said for system, said in _SYSTEMS if re.search(rf"\{system}\b", source[:200])), "cp1252")


def _guessed(source: str) -> str:
    """Guess the encoding by all letters beyond ASCII, with the words around them."""
    plain = re.sub(r"\\(?!')[a-z]+-?\d*[ ]?|[{}]", "", source)
    data = _WRITTEN.sub(lambda match: bytes.fromhex(match[0].replace("\\'", "")).decode("latin-1"), plain)
    return guess(data.encode("latin-1", "replace"))
