"""A question that leans on the conversation becomes one that can be searched for alone."""

from __future__ import annotations

from collections.abc import Sequence

from rag.types import Turn
from rag.words import query_stems, words

_ENOUGH_WORDS = 3  # content words from which a question without pronouns stands alone
_REMEMBERED = 1000  # most characters of the question before
_POINTING = frozenset(
    """it its they them their this that these those he she one ones former latter there
    er sie es ihn ihm ihr ihre ihren sein seine dies diese dieser dieses davon dafür damit darin dazu daran
    dort jene jener jenes erstere letztere""".split()
)


def condense(question: str, history: Sequence[Turn]) -> str:
    """Return what to search for: the question, after the one before it when it points back or says little.

    >>> condense("And how is it computed?", [Turn("What is PageRank?", "A score …")])
    'What is PageRank? And how is it computed?'
    """
    if not history:
        return question
    content = query_stems(question, ["en", "de"])
    points_back = not _POINTING.isdisjoint(words(question))
    if len(content) >= _ENOUGH_WORDS and not points_back:
        return question
    return f"{history[-1].question[:_REMEMBERED]} {question}"
