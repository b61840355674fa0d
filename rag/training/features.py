"""Turns examples into token ids with targets, in the form of the chunks that the reader will see."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.training.examples import Example, Paragraph

if TYPE_CHECKING:
    from tokenizers import Tokenizer

QUESTION_TOKENS = 64  # maximum of a question
PAIR_TOKENS = 288  # of question and passage with their three special tokens: a chunk and a question of 31
_TITLED = 0.75  # share of the passages with their title before them
_CUT = 0.2  # share of the passages that begin in the middle, as chunks do


@dataclass(frozen=True, slots=True)
class Feature:
    """One pair as the model's input, with its targets as token positions; position 0 is "no answer here"."""

    ids: list[int]
    question_tokens: int  # with [CLS] and the first [SEP]: the start of the passage
    starts: tuple[int, ...]  # possible first tokens of an answer; empty if not learnt
    ends: tuple[int, ...]
    relevant: bool | None
    pair: int  # the same number for the same question


def context_line(title: str, text: str) -> tuple[str, int]:
    r"""Return the reader's input for a passage, and the start of the text in it.

    >>> context_line("Kenya", "The capital is Nairobi.")
    ('Kenya\nThe capital is Nairobi.', 6)
    """
    return (f"{title}\n{text}", len(title) + 1) if title else (text, 0)


def feature(
    example: Example, paragraph: Paragraph, tokenizer: Tokenizer, drawn: random.Random, *, pair: int
) -> Feature | None:
    """Return an example as a feature, or None if its answer doesn't fit; `drawn` chooses its form."""
    about = example.paragraph == paragraph.id  # else it is a negative: another question's passage
    spans = (example.answers or ((example.within,) if example.within else ())) if about else ()
    text, by = paragraph.text, 0
    if drawn.random() < _CUT:
        by = _cut(text, min((start for start, _ in spans), default=len(text) // 2), drawn)
    read, offset = context_line(paragraph.title if drawn.random() < _TITLED else "", text[by:])
    question = tokenizer.encode(example.question, add_special_tokens=False).ids[:QUESTION_TOKENS]
    passage = tokenizer.encode(read, add_special_tokens=False)
    room = PAIR_TOKENS - 3 - len(question)
    cls, sep = tokenizer.encode("").ids
    ids = [cls, *question, sep, *passage.ids[:room], sep]
    begin = len(question) + 2
    shifted = [(start - by + offset, end - by + offset) for start, end in spans]
    at = _positions(passage.offsets[:room], shifted, weak=not example.answers)
    if spans and not at:
        return None
    starts = tuple(begin + start for start, _ in at)
    ends = tuple(begin + end for _, end in at)
    relevant = example.relevant if about else False
    if not spans and (not about or relevant is not True):
        starts = ends = (0,)
    return Feature(ids, begin, starts, ends, relevant, pair)


def _positions(
    offsets: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]], *, weak: bool
) -> list[tuple[int, int]]:
    """Return first and last token of each span; in a weak span, every token may be first or last."""
    found = []
    for start, end in spans:
        inside = [number for number, (a, b) in enumerate(offsets) if a < end and b > start]
        if not inside or offsets[inside[-1]][1] < min(end, offsets[-1][1]) or offsets[-1][1] < end:
            continue
        found += [(number, number) for number in inside] if weak else [(inside[0], inside[-1])]
    return found


def _cut(text: str, before: int, drawn: random.Random) -> int:
    """Return a random start of a word before `before`."""
    at = drawn.randrange(max(before, 1))
    while 0 < at < before and not text[at - 1].isspace():
        at += 1
    return min(at, before)
