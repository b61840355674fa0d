"""Finds texts of the same meaning in English and German: in translated question sets, and in two editions of a book."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from rag.text.sentences import sentence_spans

_CODE = re.compile(r"\[\[|\[source|image::|-{4,}$|\.{4,}$|\$ |\+$|={2,6} ")
_SHARED = 0.15  # least share of the lines of two chapters' code that they have in common
_SHORTEST = 30  # characters
_LEAST, _MOST = 0.6, 2.2  # a German text is so many times as long as its English twin


def question_twins(english: Sequence[Any], german: Sequence[Any]) -> Iterator[tuple[bool, str, str]]:
    """Yield (is a question, English text, German text) of a question set in SQuAD's format and its translation."""
    for one, other in zip(english, german, strict=True):
        title = str(one.get("title", "")).replace("_", " ")
        for left, right in zip(one["paragraphs"], other["paragraphs"], strict=True):
            yield False, f"{title}\n{left['context']}", f"{title}\n{right['context']}"
            yield False, left["context"], right["context"]
            for asked, again in zip(left["qas"], right["qas"], strict=True):
                yield True, asked["question"], again["question"]
            sentences = [_sentences(text["context"]) for text in (left, right)]
            if len(sentences[0]) == len(sentences[1]):
                yield from ((False, *pair) for pair in zip(*sentences, strict=True) if _alike_in_length(*pair))


def book_twins(english: Sequence[str], german: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield lines of prose that stand in the same place of two editions, between the same pieces of code.

    Both editions have one sentence per line. Code, anchors and pictures aren't translated: chapters that share them
    belong together, and so do the lines between them if they are equally many.
    """
    fixed = [frozenset(filter(None, map(_fixed, chapter.splitlines()))) for chapter in german]
    for chapter in english:
        own = frozenset(filter(None, map(_fixed, chapter.splitlines())))
        shared = [len(own & other) / max(len(own | other), 1) for other in fixed]
        best = max(range(len(german)), key=shared.__getitem__)
        if shared[best] > _SHARED:
            yield from _line_twins(_lines(chapter), _lines(german[best]))


def _line_twins(left: list[str], right: list[str]) -> Iterator[tuple[str, str]]:
    kinds = [[_fixed(line) or "prose" for line in lines] for lines in (left, right)]
    matcher = SequenceMatcher(None, kinds[0], kinds[1], autojunk=False)
    anchors = [(-1, -1)]
    for first, second, size in matcher.get_matching_blocks():
        anchors += [(first + at, second + at) for at in range(size) if kinds[0][first + at] != "prose"]
    anchors.append((len(left), len(right)))
    for (before, begin), (after, end) in pairwise(anchors):
        inner, other = left[before + 1 : after], right[begin + 1 : end]
        if len(inner) == len(other) and all(kind == "prose" for kind in kinds[0][before + 1 : after]):
            yield from (pair for pair in zip(inner, other, strict=True) if _alike_in_length(*pair))


def _fixed(line: str) -> str:
    """Return a line that isn't translated; empty if it is prose."""
    line = line.strip()
    if line.startswith("=="):  # a heading is translated, but its level stays
        return line.partition(" ")[0]
    return line if _CODE.match(line) else ""


def _lines(chapter: str) -> list[str]:
    return [line.strip() for line in chapter.splitlines() if line.strip()]


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def _alike_in_length(english: str, german: str) -> bool:
    return len(english) > _SHORTEST and _LEAST < len(german) / len(english) < _MOST
