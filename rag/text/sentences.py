"""Text is split into sentences, as spans: the places where English and German text may be cut."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag import lexicon

_ABBREVIATIONS = lexicon.words("abbreviations")
# An end is a stop with its closing quotes or brackets and footnote marks, before white space; an empty line; or a line
# end before a bullet, a number or a heading mark.
_END = re.compile(
    r"""(?<![.!?…])[.!?…]++["'”“»’)\]]*+(?:\[\^?[\w-]{1,12}\]|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})*+(?=\s)"""
    r"""|\n[^\S\n]*\n|\n(?=[^\S\n]*(?:[-*•–▪◦#|]|\d{1,3}[.)]|\(?[a-z]\))\s)"""
)
_BULLET = re.compile(r"[-*•–▪◦]\s")
ITEM = r"(?:[-*•–▪◦]|\(?(?:\d{1,2}|[a-z])[.)])\s"  # the beginning of a list item
_ITEM = re.compile(ITEM)
_APART = re.compile(r"\n[^\S\n]*\n")
_LISTED = 8  # sentences before a list item, among which its introduction is looked for
_AROUND = 400  # characters of the longest sentence shown around another
_WORDED = re.compile(r"[^\W\d_]{2,}")
_MARKED = ("#", "|", "```")  # a heading, a table, code
_WORD_BEFORE = re.compile(r"([^\W\d_]+|\d+)\.*$")
_NEXT = re.compile(r"\s*(\S)")
_REFERENCE = re.compile(rf"{lexicon.either('refers')}s?\.?\s*$")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return the spans of the sentences of ``text[start:end]``, without the white space around them.

    >>> text = "See Fig. 3. It grows, e.g. by 2.5 %. Done"
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['See Fig. 3.', 'It grows, e.g. by 2.5 %.', 'Done']
    """
    stop = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    begun = start
    for match in _END.finditer(text, start, stop):
        if match.group()[0] != "\n" and not _ends_sentence(text, begun, match.start(), match.end(), stop):
            continue
        _append(spans, text, begun, match.end())
        begun = match.end()
    _append(spans, text, begun, stop)
    return spans


def _ends_sentence(text: str, begun: int, dot: int, after: int, stop: int) -> bool:
    follows = _NEXT.match(text, after, stop)
    if follows is None:
        return True
    if follows[1].islower():
        return False
    if text[dot] != ".":
        return True
    before = _WORD_BEFORE.search(text, max(begun, dot - 30), dot)
    if before is None:
        return True
    word = before[1]
    # A single letter is an abbreviation: "z. B.", "A. Turing". A day before a word ends no sentence, "am 3. Mai", but a
    # year does, "in 1998. The".
    if word.isdigit():
        return not (len(word) <= 2 and follows[1].isalpha() and not _REFERENCE.search(text, begun, before.start()))
    return len(word) > 1 and word.casefold() not in _ABBREVIATIONS


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append((start, end))


def is_point(text: str, at: int) -> bool:
    """Say whether a list item begins at an offset.

    >>> is_point("- one", 0), is_point("2. two", 0), is_point("two", 0)
    (True, True, False)
    """
    return _ITEM.match(text, at) is not None


def list_end(text: str, spans: Sequence[tuple[int, int]], limit: int) -> int | None:
    """Return the end of the list that the spans begin with, before `limit`; None without a list.

    An item of a numbered list may have several sentences.
    """
    end, number = None, 1
    for first, last in spans:
        if last > limit:
            break
        if _is_item(text, first, number):
            end, number = last, number + 1
        elif number == 1 and _BULLET.match(text, first):
            end = last
        elif number == 1:
            break
    return end


def _is_item(text: str, at: int, number: int) -> bool:
    return re.compile(rf"\W*(?:{number}|{chr(96 + min(number, 26))})[.)]\s").match(text, at) is not None


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """Return the sentences before and after ``text[start:end]`` in its paragraph, each empty if there is none.

    The sentence before a list item is the introduction of the list.

    >>> around("Tries are trees. They are fast. They need room.", 17, 31)
    ('Tries are trees.', 'They need room.')
    """
    spans = sentence_spans(text)
    earlier = [span for span in spans if span[1] <= start]
    if _ITEM.match(text, start):
        lead = next((span for span in reversed(earlier[-_LISTED:]) if not _ITEM.match(text, span[0])), None)
        return text[slice(*lead)] if lead and text[: lead[1]].endswith(":") else "", ""
    before = [text[first:last] for first, last in earlier[-1:] if not _APART.search(text, last, start)]
    behind = [text[first:last] for first, last in spans if first >= end and not _APART.search(text, end, first)][:1]
    behind = [sentence for sentence in behind if not sentence.endswith(":")]  # it introduces other text
    return next(filter(_worth_telling, before), ""), next(filter(_worth_telling, behind), "")


def _worth_telling(sentence: str) -> bool:
    worded = len(_WORDED.findall(sentence)) > 1  # more than the end sign of a proof
    return worded and len(sentence) <= _AROUND and not _ITEM.match(sentence) and not sentence.startswith(_MARKED)
