"""A question that leans on the conversation becomes one that can be searched for alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Turn
from rag.words import STOP_WORDS, words

_REMEMBERED = 1000  # most characters of the question before
_POINTING = frozenset(
    """it its they them their this that these those he she one ones former latter
    er sie es ihn ihm ihr ihre ihren sein seine dies diese dieser dieses davon dafür damit darin dazu daran
    dort jene jener jenes erstere letztere""".split()
)
# "Which heuristics are there", "Welche gibt es": these words point nowhere.
_EMPTY = re.compile(r"\b(?:gibt es|es gibt|is it true|there (?:is|are)|(?:is|are) there)\b", re.IGNORECASE)
_GOES_ON = re.compile(r"(?:and|but|so|or|also|what about|how about|und|aber|oder|auch)\b", re.IGNORECASE)


def condense(question: str, history: Sequence[Turn]) -> str:
    """Return what to search for: the question, after the one before it when it points back to that.

    >>> condense("And how is it computed?", [Turn("What is PageRank?", "A score …")])
    'What is PageRank? And how is it computed?'
    """
    if not history or not _leans(question):
        return question
    return f"{history[-1].question[:_REMEMBERED]} {question}"


def _leans(question: str) -> bool:
    """Say whether a question goes on from the one before: "And …", a pronoun, or no content."""
    if _GOES_ON.match(question.strip()):
        return True
    said = words(_EMPTY.sub(" ", question))
    content = [word for word in said if not any(word in stop for stop in STOP_WORDS.values())]
    return not content or not _POINTING.isdisjoint(said)
