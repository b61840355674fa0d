"""Guesses the encoding of a text by how well each reading of its bytes makes words.

Of a reading the letters beyond ASCII are judged: they are those of one language, capitals begin words, signs stand
beside words. In "Gr”áe" a quotation mark stands in a word, so it was no Windows-1252.
"""

from __future__ import annotations

import re
from collections import Counter

from ingest.language import detect_language
from ingest.loaders.plain.alphabets import ALPHABETS, BROAD, OF_LANGUAGE, frequent, usualness

USUAL = "cp1252"
_SAMPLE = 8_000  # bytes of lines from the beginning, and from the middle
_LONGEST_LINE = 2_000  # bytes of a sampled line
_CLEARLY = 0.04  # by which a reading must be better than the usual one
_SURE = 0.99
_LEAST = 0.6
_FEWEST = 2  # letters by which another script is recognised
_LAST_LATIN = "\u036f"
_LEAST_COHERENT = 0.4  # of a guess by charset_normalizer, from letters' frequencies

_HALVES = frozenset("`[]{}|^~@\\")
_REPEATED = re.compile(r"([^\x00-\x7f])\1{2,}")
_BEYOND = re.compile(r"[^\x00-\x7f]")
_HIGH = re.compile(rb"[\x80-\xff]")
_GAP = re.compile(rb"[\x00-\x2f]")  # bytes that are no part of a letter in any encoding
_TYPOGRAPHIC = frozenset("–—‚„…“”‘’«»‹›•§°€£©®™±×÷·µ¶²³½¼¾†‡‰¿¡¥¢\xa0\xad")
_WITHIN = frozenset("’–—…·\xa0\xad")  # signs that may stand between letters
_NEVER_BEHIND = frozenset("§„‚£¢¥¿¡¶‰±×÷")  # a letter
_NEVER_BEFORE = frozenset("†‡‰")  # a letter
_CAPITAL_WITHIN = 0.92  # the worth of a capital behind another one
_RARE = 0.5  # the worth of a rare letter of a script in which encodings swap rare and frequent ones
_AT_SIGN = 0.7  # the worth of a letter beside a sign that may be half a letter of East Asia
_DRAWN = 0.7  # the worth of a line of a drawn table


def guess(data: bytes, usual: str = USUAL) -> str:
    """Return the encoding of a text that is no UTF-8; the usual one unless another is clearly better.

    >>> guess("Der größte Kran".encode("cp850")), guess("Der größte Kran".encode("latin-1"))
    ('cp850', 'cp1252')
    """
    part = sample(data)
    expected = fitness(part, usual)
    words = part.decode("ascii", "replace").replace("\ufffd", " ")
    alphabet = OF_LANGUAGE.get(detect_language(words), "")
    if expected >= _SURE:
        return _of_language(part, alphabet, usual) if alphabet else usual
    fits = {usual: expected} | {encoding: fitness(part, encoding) for encoding in (*ALPHABETS, *BROAD)}
    most = max(fits.values())
    if most >= _LEAST and most > expected + _CLEARLY:
        return _likeliest(part, [encoding for encoding, fit in fits.items() if fit >= most - _CLEARLY], fits, alphabet)
    return usual if expected >= _LEAST else _by_frequency(part) or usual


def _of_language(part: bytes, alphabet: str, usual: str) -> str:
    """Return the encoding of a text whose words are in a language of Central Europe, but not all of its letters.

    The usual reading of Hungarian looks like Portuguese.
    """
    others = [name for name, alphabets in ALPHABETS.items() if alphabet in alphabets]
    fits = {encoding: _fitness_of_words(part.decode(encoding, "replace"), (alphabet,)) for encoding in (usual, *others)}
    best = max(fits, key=lambda encoding: fits[encoding])
    return best if fits[best] >= _SURE and fits[best] > fits[usual] + _CLEARLY else usual


def _likeliest(part: bytes, encodings: list[str], fits: dict[str, float], alphabet: str) -> str:
    """Return the encoding, of those that fit equally well, whose letters are those of the language of the words."""
    if not alphabet or any(encoding in BROAD for encoding in encodings):
        return max(encodings, key=lambda encoding: fits[encoding])
    of_language = {encoding: _fitness_of_words(part.decode(encoding, "replace"), (alphabet,)) for encoding in encodings}
    return max(encodings, key=lambda encoding: (of_language[encoding], fits[encoding]))


def sample(data: bytes) -> bytes:
    """Return lines with bytes beyond ASCII, from the beginning and from the middle of a text."""
    middle = len(data) // 2
    parts = _lines(data, 0)
    if len(data) > 2 * _SAMPLE and (gap := _GAP.search(data, middle)):
        parts += _lines(data, gap.end())
    return b"\n".join(parts)


def _lines(data: bytes, at: int) -> list[bytes]:
    lines, size = list[bytes](), 0
    while size < _SAMPLE and (high := _HIGH.search(data, at)):
        start = max(data.rfind(b"\n", at, high.start()) + 1, at)
        if high.start() - start > _LONGEST_LINE:  # from a gap before it, so that no letter is halved
            start = max(data.rfind(b" ", start, high.start()) + 1, start)
        end = data.find(b"\n", high.start(), start + _LONGEST_LINE)
        end = min(start + _LONGEST_LINE, len(data)) if end < 0 else end
        lines.append(data[start:end])
        size += end - start
        at = end
    return lines


def fitness(data: bytes, encoding: str) -> float:
    """Return how well a text reads in an encoding, from 0 to 1."""
    text = data.decode(encoding, "replace")
    if encoding in BROAD:
        text = _REPEATED.sub(lambda match: "\ufffd" * len(match[0]), text)  # a drawn line
        letters = Counter(_BEYOND.findall(text))
        total = sum(usualness(letter, encoding) * count for letter, count in letters.items())
        if letters.total() < _FEWEST:
            return 0.0
        kanji_only = encoding == "euc_jp" and not any("\u3041" <= letter <= "\u30fe" for letter in letters)
        return total / max(letters.total(), 1) * (0.8 if kanji_only else 1.0)
    return _fitness_of_words(text, ALPHABETS.get(encoding, ()))


def _fitness_of_words(text: str, alphabets: tuple[str, ...]) -> float:
    """Return the worth of signs, and of letters in the alphabet that fits best."""
    letters, signs, count = Counter[tuple[str, float]](), 0.0, 0
    for match in _BEYOND.finditer(text):
        at = match.start()
        sign, before, after = match[0], text[at - 1 : at], text[at + 1 : at + 2]
        count += 1
        if sign.isalpha() or "\u0e30" <= sign <= "\u0e4e":
            if (worth := _worth_of_letter(sign, before, after)) > 0:
                letters[sign.lower(), worth] += 1
        else:
            signs += _worth_of_sign(sign, before, after)
    if alphabets and alphabets[0][:1] > _LAST_LATIN and letters.total() < _FEWEST:
        return 0.0
    known = (sum(worth * n for (letter, worth), n in letters.items() if letter in known) for known in alphabets)
    return (max(known, default=0.0) + signs) / max(count, 1)


def _worth_of_letter(letter: str, before: str, after: str) -> float:
    """Return the worth of a letter between two characters: 0 where a word isn't written so."""
    if (letter.isupper() and before.islower()) or before == letter == after:  # the latter is a drawn line
        return 0.0
    around = [one for one in (before, after) if one.isalpha()]
    if letter > _LAST_LATIN:
        if any(map(str.isascii, around)):
            return 0.0  # letters of two scripts in one word
        worth = 1.0 if letter.lower() in frequent() else _RARE
    else:
        if len(around) == 2 and not any(map(str.isascii, around)):
            return 0.0  # words are rarely written with marked letters alone
        worth = _AT_SIGN if not _HALVES.isdisjoint((before, after)) else 1.0
    return worth * (_CAPITAL_WITHIN if letter.isupper() and before.isalpha() else 1.0)


def _worth_of_sign(sign: str, before: str, after: str) -> float:
    if "\u2500" <= sign <= "\u259f":  # lines of a drawn table
        return 0.0 if before.isalpha() or after.isalpha() else _DRAWN
    if sign not in _TYPOGRAPHIC:
        return 0.0 if before.isalpha() or after.isalpha() or not sign.isprintable() else 0.3
    if (sign in _NEVER_BEHIND and before.isalpha()) or (sign in _NEVER_BEFORE and after.isalpha()):
        return 0.0
    if before.isalpha() and after.isalpha() and sign not in _WITHIN:
        return 0.0
    return 0.5 if before in _TYPOGRAPHIC or after in _TYPOGRAPHIC else 1.0


def _by_frequency(data: bytes) -> str:
    """Return the encoding that charset_normalizer finds by the frequency of letters; empty if it is unsure."""
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return best.encoding if best is not None and best.coherence >= _LEAST_COHERENT else ""
