"""Decodes the bytes of texts, all in one place: UTF-8 first, then what the file says of itself, then a guess."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass

from ingest.loaders.plain.guessing import USUAL, guess

_HEAD = 10_000  # bytes in which a text may say its encoding: a LaTeX preamble is that long
# Python and Emacs, Vim, XML, HTML and CSS, LaTeX, TeX editors.
_SAID = re.compile(
    rb"\A(?:[^\n]*\n)?[^\n]*?coding[:=][ \t]*([-\w.]+)|\n:encoding:[ \t]*([-\w.]+)"
    rb"|<\?xml[^>]{0,80}\bencoding\s*=\s*[\"']([-\w.:]+)"
    rb"|<meta[^>]{0,200}\bcharset\s*=\s*[\"']?\s*([-\w.:]+)"
    rb"|\A@charset\s+\"([-\w.]+)"
    rb"|\\usepackage\s*\[\s*([-\w]+)\s*\]\s*\{inputenc\}|\\inputencoding\s*\{([-\w]+)\}"
    rb"|%\s*!\s*TEX\s+encoding\s*=\s*([-\w. ]{2,30})",
    re.IGNORECASE,
)
# What is written under these names is more than they say, or Python doesn't know them.
_MEANT = {
    "iso8859_1": "cp1252",
    "ansinew": "cp1252",
    "isolatin": "cp1252",
    "isolatin1": "cp1252",
    "applemac": "mac_roman",
    "x_mac_roman": "mac_roman",
    "macosroman": "mac_roman",
    "cp437de": "cp437",
    "utf8x": "utf_8",
    "utf_8_sig": "utf_8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x_gbk": "gb18030",
    "shift_jis": "cp932",
    "x_sjis": "cp932",
    "windows_31j": "cp932",
    "euc_kr": "cp949",
    "ks_c_5601_1987": "cp949",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "windows_874": "cp874",
    "iso_8859_8_i": "iso8859_8",
}
# Codecs that make no text of a foreign file's bytes, or take very long about it.
_NO_TEXT = frozenset(("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "utf_7"))
_SEVEN_BITS = ("iso2022_jp", "iso2022_kr", "hz")  # these look like ASCII
_MOST_BROKEN = 0.01  # of a text's letters, of which a declared encoding makes none
_ENOUGH = 4  # letters in UTF-8, and as many for each byte that is none
# Python's stand-ins for bytes that are no UTF-8.
_ESCAPED = re.compile("[\udc80-\udcff]")
_CUT_OFF = re.compile("[\udcc2-\udcf4][\udc80-\udcbf]{0,2}\\Z")
_NAMES = {
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250 (Central Europe)",
    "iso8859_2": "ISO-8859-2 (Central Europe)",
    "iso8859_15": "ISO-8859-15 (Western Europe)",
    "cp850": "code page 850 (DOS)",
    "cp437": "code page 437 (DOS)",
    "cp852": "code page 852 (DOS, Central Europe)",
    "cp866": "code page 866 (DOS, Cyrillic)",
    "mac_roman": "Mac Roman",
    "mac_cyrillic": "Mac Cyrillic",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "koi8_u": "KOI8-U (Cyrillic)",
    "iso8859_5": "ISO-8859-5 (Cyrillic)",
    "iso8859_7": "ISO-8859-7 (Greek)",
    "gb18030": "GB18030 (Chinese)",
    "big5hkscs": "Big5 (Chinese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and what its reader should know about how it was decoded; empty if nothing was assumed."""

    text: str
    note: str = ""


def decode(data: bytes, *, said: str | None = None) -> Decoded:
    """Decode a text; `said` is the encoding that its carrier declares, such as a mail.

    >>> decode("Лекция о сортировке слиянием".encode("cp1251")).text
    'Лекция о сортировке слиянием'
    """
    mark = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    if mark:
        return Decoded(data.decode(mark, "replace"))
    declared = known(said) or _declared(data[:_HEAD])
    if seven := declared if declared in _SEVEN_BITS else "iso2022_jp_2" if b"\x1b$" in data[:_HEAD] else "":
        with suppress(UnicodeDecodeError):
            return Decoded(data.decode(seven))
    if encoding := wide(data):
        return Decoded(data.decode(encoding, "replace"), _note(encoding))
    with suppress(UnicodeDecodeError):
        return Decoded(data.decode("utf-8-sig"))
    if (mostly := _mostly_utf8(data)) is not None:
        return mostly
    if declared and declared not in ("utf_8", "ascii") and _fits(data, declared):
        return Decoded(_decoded(data, declared))
    encoding = guess(data)
    return Decoded(_decoded(data, encoding), _note(encoding))


def in_utf8(data: bytes, *, said: str | None = None) -> tuple[bytes, tuple[str, ...]]:
    """Return a text's bytes in UTF-8, and a note if its encoding was assumed."""
    found = decode(data, said=said)
    return found.text.encode("utf-8", "replace"), (found.note,) if found.note else ()


def known(name: str | None) -> str:
    """Return Python's name of a declared encoding; empty if there is none such.

    >>> known("latin1"), known("ISO-8859-2"), known("x-unknown"), known("rot13")
    ('cp1252', 'iso8859_2', '', '')
    """
    name = re.sub(r"[-. ]", "_", (name or "").strip().lower())
    try:
        found = codecs.lookup(_MEANT.get(name, name)).name.replace("-", "_")
        "".encode(found)  # refuses codecs that make no bytes of a text
    except (LookupError, ValueError):
        return ""
    return "" if found in _NO_TEXT else _MEANT.get(found, found)


def wide(data: bytes) -> str:
    """Return which UTF-16 a text without a byte order mark is in; empty if it isn't.

    >>> wide("Größe".encode("utf-16-le")), wide("数据 结构".encode("utf-16-be")), wide(b"Size")
    ('utf-16-le', 'utf-16-be', '')
    """
    head = data[:4096]
    low, high = head[::2].count(0), head[1::2].count(0)
    if low == high:
        return ""
    encoding = "utf-16-be" if low > high else "utf-16-le"
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head[: len(head) // 2 * 2])
    except UnicodeDecodeError:
        return ""
    if min(low, high) > max(low, high) / 10 or any(letter < " " and letter not in "\t\n\f\r\0" for letter in text):
        return ""
    usual = sum(map(_is_usual, text))
    return encoding if usual >= 0.7 * len(text) else ""


def _is_usual(letter: str) -> bool:
    """Say whether a letter is one of texts, and not two bytes of something else."""
    if " " <= letter < "\u0700" or "\u2010" <= letter < "\u2300" or "\u3000" <= letter < "\u3130" or letter in "\t\n\r":
        return letter.isprintable() or letter.isspace()
    for encoding, first, last in (("gb2312", 0xB0, 0xD7), ("shift_jis", 0x88, 0x98), ("euc_kr", 0xB0, 0xC8)):
        if first <= letter.encode(encoding, "ignore")[:1].ljust(1)[0] <= last:
            return True
    return False


def _declared(head: bytes) -> str:
    """Return the encoding that a text says it is in."""
    for found in _SAID.finditer(head):
        name = next(filter(None, found.groups())).decode("ascii", "ignore")
        # A text that can be searched for its own word isn't in UTF-16, whatever it says.
        if (encoding := known(name)) and not encoding.startswith(("utf_16", "utf_32")):
            return encoding
    return ""


def _mostly_utf8(data: bytes) -> Decoded | None:
    """Decode UTF-8 with a few other bytes in it, as files have that were put together or cut."""
    text = _CUT_OFF.sub("", data.decode("utf-8-sig", "surrogateescape"))
    broken = len(_ESCAPED.findall(text))
    whole = sum(1 for letter in text if letter > "\x7f") - broken
    if whole < _ENOUGH or broken > whole / _ENOUGH:
        return None
    text = _ESCAPED.sub(lambda match: _decoded(bytes([ord(match[0]) - 0xDC00]), USUAL), text)
    said = "1 byte was" if broken == 1 else f"{broken:,} bytes were"
    return Decoded(text, f"{said} no UTF-8, unlike the rest, and read as {_NAMES[USUAL]}" if broken else "")


def _fits(data: bytes, encoding: str) -> bool:
    text = data.decode(encoding, "replace")
    return text.count("\ufffd") <= _MOST_BROKEN * sum(1 for letter in text if letter > "\x7f") + 1


def _decoded(data: bytes, encoding: str) -> str:
    """Decode without an error: bytes that mean nothing in Windows-1252 stay what they are in Latin-1."""
    if encoding != USUAL:
        return data.decode(encoding, "replace")
    try:
        return data.decode(USUAL)
    except UnicodeDecodeError:
        return data.decode(USUAL, "surrogateescape").translate({0xDC00 + byte: byte for byte in range(0x80, 0x100)})


def _note(encoding: str) -> str:
    name = _NAMES.get(encoding, encoding.upper().replace("_", "-"))
    return f"read as {name}, which was guessed: the file doesn't say how its letters are encoded"
