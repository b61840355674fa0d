"""A question that leans on the conversation becomes one that can be searched for alone.

A language model says it in a sentence; without one, or when what it says is no such question, the question before
is put in front.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Turn
from rag.words import STOP_WORDS, stem, words

_REMEMBERED = 1000  # most characters of the question before
_LONGEST = 300  # characters of a question that a model made
_FOREIGN = 0.34  # share of its words that nobody has said
_MARKER = re.compile(r"\[\d+\]")
_POINTING = frozenset(
    """it its they them their this that these those he she one ones former latter
    er sie es ihn ihm ihr ihre ihren sein seine dies diese dieser dieses davon dafür damit darin dazu daran
    dort jene jener jenes erstere letztere""".split()
)
# "Which heuristics are there", "Welche gibt es": these words point nowhere.
_EMPTY = re.compile(r"\b(?:gibt es|es gibt|is it true|there (?:is|are)|(?:is|are) there)\b", re.IGNORECASE)
_GOES_ON = re.compile(r"(?:and|but|so|or|also|what about|how about|und|aber|oder|auch)\b", re.IGNORECASE)


def accepted(said: str, question: str, history: Sequence[Turn]) -> str | None:
    """Return the question that a model made of one that leans on a conversation; None when it is no such question.

    It is one line, no longer than a question, without citation marks, of the conversation's own words, and it has
    some that the question lacked: an answer, a refusal or a remark has others.

    >>> turn = Turn("What is PageRank?", "A score of pages [1].")
    >>> accepted("How is PageRank computed?", "How is it computed?", [turn])
    'How is PageRank computed?'
    >>> accepted("It is computed by power iteration.", "How is it computed?", [turn]) is None
    True
    """
    line = " ".join(next(iter(said.strip().splitlines()), "").strip("\"'“”„ *").split())
    if not line or len(line) > _LONGEST or _MARKER.search(line):
        return None
    own, before = _content(question), _content(" ".join(f"{turn.question} {turn.answer}" for turn in history))
    content = _content(line)
    foreign = content - own - before
    if not (content & before) - own or len(foreign) > _FOREIGN * len(content):
        return None
    return line


def _content(text: str) -> set[str]:
    """Return the words of a text that carry it, each stemmed for both languages: "trees" and "tree" are one."""
    return {
        stem(stem(word, "en"), "de") for word in words(text) if not any(word in stop for stop in STOP_WORDS.values())
    }


def condense(question: str, history: Sequence[Turn]) -> str:
    """Return what to search for: the question, after the one before it when it points back to that.

    >>> condense("And how is it computed?", [Turn("What is PageRank?", "A score …")])
    'What is PageRank? And how is it computed?'
    """
    if not history or not leans(question):
        return question
    return f"{history[-1].question[:_REMEMBERED]} {question}"


def leans(question: str) -> bool:
    """Say whether a question goes on from the one before: "And …", a pronoun, or no content."""
    if _GOES_ON.match(question.strip()):
        return True
    said = words(_EMPTY.sub(" ", question))
    content = [word for word in said if not any(word in stop for stop in STOP_WORDS.values())]
    return not content or not _POINTING.isdisjoint(said)
