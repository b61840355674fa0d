"""The letters by which an encoding is recognised: those beyond ASCII that a language's words are written with."""

from __future__ import annotations

from functools import cache

_GERMAN, _FRENCH, _SPANISH, _ITALIAN = "äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúüªº", "àèéìîòóùªº"
# Two languages stand side by side in dictionaries and bibliographies.
_WEST = (
    _GERMAN + _FRENCH,
    _GERMAN + _SPANISH,
    _GERMAN + _ITALIAN,
    _FRENCH + _SPANISH,
    _FRENCH + _ITALIAN,
    "áâãàçéêíóôõúüªº",
    "æøåéöäü",
    "áðéíóúýþæö",
    "éëïèöü",
    "àçèéíïòóúü",
)
_CENTRAL = (
    _GERMAN,
    "ąćęłńóśźż",
    "áčďéěíňóřšťúůýž",
    "áäčďéíĺľňóôŕšťúýž",
    "áéíóöőúüű",
    "čćđšž",
    "ăâîșțşţ",
)
_TURKISH = ("çğıöşüâî",)
_BALTIC = ("āčēģīķļņšūž", "ąčęėįšųūž", "õäöüšž")
_CYRILLIC = (
    "абвгдежзийклмнопрстуфхцчшщъыьэюяё",
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "абвгдежзијклмнопрстуфхцчшђљњћџ",
    "абвгдежзійклмнопрстуўфхцчшыьэюяё",
)
_GREEK = ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",)
_HEBREW = ("".join(map(chr, range(0x5D0, 0x5EB))),)
_ARABIC = ("".join(map(chr, range(0x620, 0x653))) + "پچژگکیے،؟؛",)
_THAI = ("".join(map(chr, range(0xE01, 0xE5C))),)

# By the language that a text's other words are in.
OF_LANGUAGE = {
    "de": _GERMAN,
    "fr": _FRENCH,
    "es": _SPANISH,
    "it": _ITALIAN,
    "pt": _WEST[5],
    "da": _WEST[6],
    "nb": _WEST[6],
    "no": _WEST[6],
    "sv": _WEST[6],
    "fi": _WEST[6],
    "nl": _WEST[8],
    "pl": _CENTRAL[1],
    "cs": _CENTRAL[2],
    "sk": _CENTRAL[3],
    "hu": _CENTRAL[4],
    "hr": _CENTRAL[5],
    "sl": _CENTRAL[5],
    "ro": _CENTRAL[6],
    "tr": _TURKISH[0],
    "lv": _BALTIC[0],
    "lt": _BALTIC[1],
    "et": _BALTIC[2],
}

# In the order in which they win where two read the same.
ALPHABETS = {
    "cp1252": _WEST,
    "iso8859_15": _WEST,
    "cp850": _WEST,
    "cp437": _WEST,
    "mac_roman": _WEST,
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp852": _CENTRAL,
    "cp1254": _TURKISH,
    "cp1257": _BALTIC,
    "cp1251": _CYRILLIC,
    "koi8_r": _CYRILLIC,
    "koi8_u": _CYRILLIC,
    "cp866": _CYRILLIC,
    "iso8859_5": _CYRILLIC,
    "mac_cyrillic": _CYRILLIC,
    "cp1253": _GREEK,
    "iso8859_7": _GREEK,
    "cp1255": _HEBREW,
    "cp1256": _ARABIC,
    "cp874": _THAI,
}
_FREQUENT = 14  # letters of a script: three of four in a text
BROAD = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949")  # encodings of two bytes a letter


def usualness(letter: str, encoding: str) -> float:
    """Return how usual a letter of East Asia is in texts of an encoding, from 0 to 1.

    Each standard has its usual letters in rows of their own, so that a text read with another one's code consists of
    rare letters. Texts of Japan hold kana, those of Korea no Chinese letters.

    >>> usualness("数", "gb18030"), usualness("鋏", "gb18030"), usualness("の", "gb18030")
    (0.85, 0.0, 0.0)
    """
    if letter in _SIGNS_OF_EAST or "\uff01" <= letter <= "\uff5e":
        return 0.9
    if encoding == "cp949":
        return _hangul(letter)
    if "\u3041" <= letter <= "\u30fe":
        return 1.0 if encoding in ("cp932", "euc_jp") else 0.0
    standard, first, last = _USUAL[encoding]
    try:
        code = letter.encode(standard)
    except UnicodeEncodeError:
        return 0.0
    if len(code) != 2 or not "\u4e00" <= letter <= "\u9fff":
        return 0.0
    if first <= code[0] <= last:
        return 1.0 if letter in _most_frequent("Chinese") else 0.85
    return 0.3


_SIGNS_OF_EAST = frozenset("、。〈〉《》「」『』【】〔〕・〜ー…—“”‘’·\u3000")
_USUAL = {
    "gb18030": ("gb2312", 0xB0, 0xD7),
    "big5hkscs": ("big5", 0xA4, 0xC6),
    "cp932": ("shift_jis", 0x88, 0x98),
    "euc_jp": ("euc_jp", 0xB0, 0xCF),
}


def _hangul(letter: str) -> float:
    if not "\uac00" <= letter <= "\ud7a3":
        return 0.0
    try:
        letter.encode("euc_kr")
    except UnicodeEncodeError:
        return 0.3  # a syllable that is hardly used
    return 1.0 if letter in _most_frequent("Korean") else 0.83


@cache
def frequent() -> frozenset[str]:
    """Return the frequent letters of scripts in which encodings swap these with rare ones."""
    languages = ("Russian", "Ukrainian", "Bulgarian", "Serbian", "Greek", "Hebrew", "Arabic", "Farsi", "Thai")
    return frozenset(letter for language in languages for letter in _in_order(language)[:_FREQUENT])


@cache
def _most_frequent(language: str) -> frozenset[str]:
    return frozenset(_in_order(language))


def _in_order(language: str) -> list[str]:
    from charset_normalizer.constant import FREQUENCIES

    return FREQUENCIES[language]
