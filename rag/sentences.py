"""Sentences as spans: where English and German text may be cut without hurting its meaning."""

from __future__ import annotations

import re

# Words that end with a full stop without ending a sentence, folded.
_ABBREVIATIONS = frozenset(
    """abb abs al allg approx art aufl bd bsp bspw bzw ca cf ch chap co def dept dr ed eds eg eq eqs etc ev evtl
    ex exp fig figs ggf hrsg ie inc inkl insb jr kap lemma lt max min mr mrs ms no nos nr op p pp prof resp s sec
    sect sog st tab thm u usw vgl vol vs z zb""".split()
)
# An end: a stop with its closing quotes or brackets and the white space after it, an empty line, or a line
# end before a bullet, a number or a heading mark.
_END = re.compile(
    r"""(?<![.!?…])[.!?…]++["'”“»’)\]]*+(?=\s)"""
    r"""|\n[^\S\n]*\n|\n(?=[^\S\n]*(?:[-*•–▪◦#|]|\d{1,3}[.)]|\(?[a-z]\))\s)"""
)
_WORD_BEFORE = re.compile(r"([^\W\d_]+|\d+)\.*$")
_NEXT = re.compile(r"\s*(\S)")
_REFERENCE = re.compile(r"(?:Fig|Abb|Eq|Tab|Sec|Ch|Kap|Satz|Lemma|Theorem|Section|Chapter|Figure|Table|Step)s?\.?\s*$")


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
    # "z. B." and "A. Turing": a single letter is an abbreviation. "am 3. Mai": so is a day before a word,
    # while "in 1998. The" is not.
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
