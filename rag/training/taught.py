"""Derives more examples from existing ones: answers found by a first reader, and questions that look answerable.

The sentence set names the answering sentence, not the words. A reader shown this sentence alone nearly always finds
the words, and its answers teach the next reader to find them in a whole passage (self-training; Sachan and Xing
2018). SQuAD 2.0's unanswerable questions were written by changing a name or a number, or by replacing a word with its
opposite (Rajpurkar et al. 2018, table 1); the same is done here to those of SQuAD 1.1.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from rag.models.reader import Reader
from rag.training.examples import Collected, Example

_SURE = 2.0  # log odds of "answered" from which on a found answer is believed
_LONGEST = 70  # characters of a believed answer
# Kept as a table: one pair a line would be a page.
_OPPOSITES = (
    ("first", "last"), ("largest", "smallest"), ("highest", "lowest"), ("most", "least"), ("more", "less"),
    ("before", "after"), ("north", "south"), ("northern", "southern"), ("east", "west"), ("eastern", "western"),
    ("increase", "decrease"), ("increased", "decreased"), ("began", "ended"), ("begin", "end"), ("early", "late"),
    ("oldest", "youngest"), ("best", "worst"), ("high", "low"), ("higher", "lower"), ("larger", "smaller"),
    ("major", "minor"), ("minimum", "maximum"), ("longest", "shortest"), ("won", "lost"), ("won", "refused"),
    ("accepted", "rejected"), ("allowed", "forbidden"), ("above", "below"), ("inside", "outside"),
    ("included", "excluded"), ("rise", "fall"), ("public", "private"), ("can", "cannot"), ("always", "never"),
    ("supported", "opposed"), ("added", "removed"), ("common", "rare"), ("positive", "negative"),
)  # fmt: skip
_OPPOSITE = dict(_OPPOSITES) | {b: a for a, b in _OPPOSITES}
_NAME = re.compile(r"(?<=\s)[A-Z][\w'-]+(?: (?:of |the )?[A-Z][\w'-]+)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_WORD = re.compile(r"\b[a-z]+\b")


def with_answers(part: Collected, reader: Reader) -> Collected:
    """Return examples with a known sentence, with the reader's answer in it if the reader is sure."""
    return Collected(part.paragraphs, tuple(_answered(example, part, reader) for example in part.examples))


def _answered(example: Example, part: Collected, reader: Reader) -> Example:
    if not example.within or example.answers:
        return example
    first, last = example.within
    sentence = part.paragraphs[example.paragraph].text[first:last]
    said = reader.read(example.question, [("", sentence)])[0]
    if said.answers < _SURE or not 0 < said.end - said.start <= _LONGEST:
        return example
    return replace(example, answers=((first + said.start, first + said.end),))


def look_alikes(part: Collected, seed: int) -> Collected:
    """Return each question changed by one name, number or opposite, so that its passage no longer answers it.

    A question without such a change is left out.
    """
    drawn = random.Random(seed)
    asked: dict[str, tuple[list[str], list[str]]] = {}  # names and numbers asked about, by document
    for example in part.examples:
        names, numbers = asked.setdefault(part.paragraphs[example.paragraph].group, ([], []))
        names += _NAME.findall(example.question)
        numbers += _NUMBER.findall(example.question)
    changed = []
    for example in part.examples:
        paragraph = part.paragraphs[example.paragraph]
        text = paragraph.text.casefold()
        ways = list(_ways(example.question, text, *asked[paragraph.group], drawn))
        if ways:
            changed.append(replace(example, question=drawn.choice(ways), answers=(), within=None, relevant=None))
    return Collected(part.paragraphs, tuple(changed))


def _ways(question: str, text: str, names: list[str], numbers: list[str], drawn: random.Random) -> Iterator[str]:
    for pattern, others in ((_NAME, names), (_NUMBER, numbers)):
        for found in pattern.finditer(question):
            strange = [other for other in others if other.casefold() not in text and other not in question]
            if found[0].casefold() in text and strange:  # a name outside the passage changes nothing
                yield question[: found.start()] + drawn.choice(strange) + question[found.end() :]
    for found in _WORD.finditer(question):
        if found[0] in _OPPOSITE:
            yield question[: found.start()] + _OPPOSITE[found[0]] + question[found.end() :]
