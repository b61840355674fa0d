"""Decodes glyphs that have no Unicode but a name in their font: "ff", "six.oldstyle", "r.sc".

Some programs write such fonts with a broken map to Unicode (`/ToUnicode`), and "different" reads "di?erent". In an
internal copy of the file, the map gives each of these glyphs a letter of its own from the private use area. One
letter per glyph keeps the copy's characters in the order of the file's, so that a private letter's meaning replaces
the undecoded character.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from ingest.loaders.building import quiet
from ingest.loaders.pdf.letters import Glyphs
from ingest.loaders.pdf.rows import HYPHEN, NO_GLYPHS, REPLACEMENT, PageRows, read_drawn
from ingest.loaders.pdf.update import with_streams
from ingest.loaders.scripts import lowered, raised
from ingest.pdfium import opened, text_page
from rag.errors import SourceError

if TYPE_CHECKING:
    from pypdf import PdfReader

LARGEST = 50_000_000  # bytes of the file
PROBED = 12  # pages with undecoded glyphs whose fonts are examined first
_PRIVATE = range(0xE000, 0xF900)
_RANGE = re.compile(rb"<(\w+)>\s*<(\w+)>\s*(?:<(\w*)>|\[([^\]]*)\])")
_NO_LETTERS = "\x00\ufffd\ufffe\uffff"
_HYPHENS = frozenset("-\u00ad" + HYPHEN)
# Names in TeX's symbol fonts that are missing in Adobe's list.
_TEX_NAMES = {
    "shortrightarrow": "→",
    "shortleftarrow": "←",
    "lscript": "ℓ",
    "precedesequal": "⪯",
    "followsequal": "⪰",
    "asteriskmath": "∗",
    "angbracketleft": "⟨",
    "angbracketright": "⟩",
    "emptyset": "∅",
    "square": "□",
    "barex": "|",
    "vextendsingle": "|",
    "vextenddouble": "‖",
}
_LARGE = re.compile(r"(paren|bracket|brace|floor|ceiling|angbracket)(left|right)bigg?\d*", re.IGNORECASE)
_BRACKETS = {"paren": "()", "bracket": "[]", "brace": "{}", "floor": "⌊⌋", "ceiling": "⌈⌉", "angbracket": "⟨⟩"}
_WHITE = frozenset(" \r\n\t\xa0")
_NO_WHITE = dict.fromkeys(map(ord, _WHITE))


def named_glyphs(data: bytes, unknown: Mapping[int, Glyphs]) -> dict[int, dict[int, str]]:
    """Return the meanings of undecoded characters, by page (from 0) and PDFium's index.

    `unknown` holds the pages with undecoded characters, as drawn.
    """
    copy, meanings = _copy_with_private_letters(data, sorted(unknown))
    if not meanings:
        return {}
    found: dict[int, dict[int, str]] = {}
    try:
        with opened(copy, name="the copy") as pdf:
            for index, glyphs in unknown.items():
                # Whatever goes wrong on a page costs the names of its glyphs only.
                with suppress(Exception), text_page(pdf, index) as (_, characters):
                    found[index] = _named(glyphs, read_drawn(characters), meanings)
    except SourceError:
        return {}
    return found


def _named(page: Glyphs, copy: Glyphs, meanings: Mapping[str, str]) -> dict[int, str]:
    """Compare the characters of a page and of its copy in order, as far as they agree.

    White space is left out: PDFium inserts it depending on the letters, some of which differ. If a page gives its
    glyphs' text itself (`/ActualText`), the page has letters and the copy a private one.
    """
    text, sources = _without_white(page)
    letters, known = copy.text.translate(_NO_WHITE), re.compile(f"[^{''.join(meanings)}]+")
    found: dict[int, str] = {}
    at = place = 0
    while place < len(letters):
        # Nearly all decoded characters are equal in both.
        if (same := known.match(letters, place)) and text.startswith(same.group(), at):
            at += same.end() - place
            place = same.end()
            continue
        letter = letters[place]
        meaning = meanings.get(letter, "")
        here = text[at : at + max(len(meaning), 1)]
        if meaning and here[:1] == REPLACEMENT:
            found[sources[at]] = meaning
            at += 1
        elif here == letter or here.casefold() == (meaning or letter).casefold() or {here, letter} <= _HYPHENS:
            at += len(here)
        else:
            break
        place += 1
    return found


def _without_white(glyphs: Glyphs) -> tuple[str, list[int]]:
    """Return the characters other than white space, and their indexes."""
    kept = [at for at, letter in enumerate(glyphs.text) if letter not in _WHITE]
    return glyphs.text.translate(_NO_WHITE), [glyphs.sources[at] for at in kept]


def with_names(page: PageRows, names: Mapping[int, str]) -> PageRows:
    """Replace named glyphs by their meaning; the letters of one glyph share its position.

    The page as drawn is only needed until then.
    """
    if not names:
        return replace(page, drawn=NO_GLYPHS) if page.drawn.text else page
    sources = page.glyphs.sources
    written = {source: _as_script(name, page.glyphs.sides.get(source, 0)) for source, name in names.items()}
    parts = [
        written.get(source, letter) if letter == REPLACEMENT else letter
        for letter, source in zip(page.glyphs.text, sources, strict=True)
    ]
    moved = [0, *accumulate(map(len, parts))]  # new offset of each old character
    glyphs = Glyphs("".join(parts), [source for part, source in zip(parts, sources, strict=True) for _ in part])
    rows = (
        replace(row, pieces=tuple(replace(at, start=moved[at.start], end=moved[at.end]) for at in row.pieces))
        for row in page.rows
    )
    return replace(page, glyphs=glyphs, rows=tuple(rows), drawn=NO_GLYPHS)


def _as_script(name: str, side: int) -> str:
    return (lowered(name), name, raised(name))[side + 1]


def _copy_with_private_letters(data: bytes, pages: Sequence[int]) -> tuple[bytes, dict[str, str]]:
    """Return a copy of the file with maps to private letters, and the letters' meanings."""
    if len(data) > LARGEST:
        return data, {}
    import pypdf

    with quiet("pypdf"):
        try:
            reader = pypdf.PdfReader(io.BytesIO(data))
            if not any(_broken_codes(font) for index in pages[:PROBED] for font in _fonts(reader.pages[index])):
                return data, {}
            maps, meanings = _maps_to_private_letters(reader, pages)
            return with_streams(data, reader, maps), meanings
        except Exception:  # noqa: BLE001  # pypdf raises any exception on odd files; no glyph is named then
            return data, {}


def _maps_to_private_letters(
    reader: PdfReader, pages: Sequence[int]
) -> tuple[dict[tuple[int, int], bytes], dict[str, str]]:
    """Assign a private letter to each undecoded glyph in the fonts of some pages.

    Return the new maps, by number and generation of their streams, and the letters' meanings.
    """
    maps: dict[tuple[int, int], bytes] = {}
    letters: dict[str, str] = {}
    for font in (font for index in pages for font in _fonts(reader.pages[index])):
        stream = font.raw_get("/ToUnicode")
        if (stream.idnum, stream.generation) in maps:
            continue
        codes = _decoded_codes(stream.get_object().get_data())
        for code, meaning in _broken_codes(font).items():
            if meaning in letters or len(letters) < len(_PRIVATE):
                codes[code] = letters.setdefault(meaning, chr(_PRIVATE[len(letters) % len(_PRIVATE)]))
        maps[stream.idnum, stream.generation] = _cmap(codes)
    return maps, {letter: meaning for meaning, letter in letters.items()}


def _fonts(page: Any) -> Iterator[Any]:
    """Yield the fonts of a page with both a map to Unicode and glyph names."""
    for entry in (page.get("/Resources") or {}).get("/Font", {}).values():
        font = entry.get_object()
        encoding = font.get("/Encoding")
        encoding = encoding.get_object() if encoding is not None else None
        if "/ToUnicode" in font and isinstance(encoding, dict) and "/Differences" in encoding:
            yield font


def _broken_codes(font: Any) -> dict[int, str]:
    """Return the meaning of each code that a font maps to no letter but names."""
    decoded = _decoded_codes(font["/ToUnicode"].get_object().get_data())
    names = _differences(font["/Encoding"].get_object()["/Differences"])
    broken = {code: name for code, name in names if not decoded.get(code, "").strip(_NO_LETTERS)}
    return {code: meaning for code, name in broken.items() if (meaning := glyph_meaning(name))}


def _differences(entries: Any) -> Iterator[tuple[int, str]]:
    """Yield (code, glyph name); a number sets the code of the names after it.

    >>> list(_differences([33, "/ff", "/six.oldstyle", 65, "/A.c2sc"]))
    [(33, 'ff'), (34, 'six.oldstyle'), (65, 'A.c2sc')]
    """
    code = 0
    for entry in entries:
        if isinstance(entry, int):
            code = int(entry)
        else:
            yield code, str(entry).removeprefix("/")
            code += 1


def glyph_meaning(name: str) -> str:
    """Return the letters of a glyph name, or an empty text.

    A suffix after a full stop is only the form (small capitals, old style figures), and an underscore joins.[1]

    >>> [glyph_meaning(name) for name in ("ff", "six.oldstyle", "T_h", "uni2192", "parenleftBig", "g123")]
    ['ff', '6', 'Th', '→', '(', '']

    [1] https://github.com/adobe-type-tools/agl-specification
    """
    letters = [_letter(part) for part in name.partition(".")[0].split("_")]
    return unicodedata.normalize("NFKC", "".join(letters)) if all(letters) else ""


def _letter(part: str) -> str:
    """Return the letter of one part of a glyph's name."""
    from pypdf._codecs.adobe_glyphs import adobe_glyphs  # Adobe's list of names, in pypdf 5 to 7

    if number := re.fullmatch(r"(?:uni([0-9A-F]{4})|u([0-9A-F]{4,6}))", part):
        code = int(number.group(1) or number.group(2), 16)
        return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else ""
    if large := _LARGE.fullmatch(part):
        return _BRACKETS[large.group(1)][large.group(2) == "right"]
    return _TEX_NAMES.get(part) or str(adobe_glyphs.get(f"/{part}", ""))


def _decoded_codes(cmap: bytes) -> dict[int, str]:
    r"""Return the text of each code in a map to Unicode.

    >>> _decoded_codes(b"1 beginbfchar <21> <00660069> endbfchar 1 beginbfrange <22><23><FFFF> endbfrange")
    {33: 'fi', 34: '\uffff', 35: '\uffff'}
    """
    codes: dict[int, str] = {}
    for section in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(rb"<(\w+)>\s*<(\w*)>", section):
            codes[int(code, 16)] = _utf16(text)
    for section in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, start, listed in _RANGE.findall(section):
            range_of_codes = range(int(first, 16), min(int(last, 16), 255) + 1)
            texts = map(_utf16, re.findall(rb"<(\w*)>", listed)) if listed else _counted_on(_utf16(start))
            codes.update(zip(range_of_codes, texts, strict=False))
    return codes


def _counted_on(text: str) -> Iterator[str]:
    """Yield a text, then the text with its last letter's successor, and so on; non-letters stay."""
    while True:
        yield text
        if text.strip(_NO_LETTERS):
            text = text[:-1] + chr(ord(text[-1]) + 1)


def _utf16(digits: bytes) -> str:
    """Decode the hexadecimal text of a map to Unicode."""
    return bytes.fromhex(digits.decode("ascii").rjust(4, "0")).decode("utf-16-be", "replace")


def _cmap(codes: Mapping[int, str]) -> bytes:
    """Return a map from one-byte codes to text."""
    pairs = [
        f"<{code:02X}> <{text.encode('utf-16-be', 'surrogatepass').hex()}>"
        for code, text in codes.items()
        if code < 256
    ]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Names def /CMapType 2 def",
            "1 begincodespacerange <00> <FF> endcodespacerange",
            f"{len(pairs)} beginbfchar",
            *pairs,
            "endbfchar endcmap end end",
        ]
    ).encode("ascii")
