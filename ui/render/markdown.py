"""A conversation as Markdown, to keep or to share: each answer with the quotes that it stands on, and their pages.

What comes from documents, models and people is escaped: it can neither make headings nor load a picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from rag.types import Answer, AnswerStatus
from ui.render.plain import place_of
from ui.render.words import without_block

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|!~])")
_MARKER = re.compile(r"\\\[(\d+)\\\]")


def conversation_markdown(title: str, answered: Iterable[tuple[str, Answer]]) -> str:
    """Return a conversation from its (question, answer) pairs."""
    parts = [f"# {plain(title)}"]
    for question, answer in answered:
        parts += [f"## {plain(question)}", *_answer(answer)]
    return "\n\n".join(parts) + "\n"


def plain(told: str) -> str:
    r"""Return text on one line so that Markdown shows it as it is.

    >>> plain("a *b* [c](http://x)\n# d")
    'a \\*b\\* \\[c\\](http://x) \\# d'
    """
    return escape(_SPECIAL.sub(r"\\\1", " ".join(told.split())), quote=False)


def _answer(answer: Answer) -> list[str]:
    if answer.status is AnswerStatus.QUOTED and not answer.about:
        quotes = [
            f"> {plain(without_block(found.quote, found.source))} — {plain(place_of(found))}"
            for found in answer.citations
        ]
        return [*quotes, *_notes(answer)]
    lines = [_with_markers(line) for line in answer.text.splitlines() if line.strip()]
    return ["\n\n".join(lines), *_sources(answer), *_notes(answer)]


def _with_markers(line: str) -> str:
    """Return a line with its markers as they were: [1]."""
    return _MARKER.sub(r"[\1]", plain(line))


def _sources(answer: Answer) -> list[str]:
    listed = [f"- [{found.marker}] {plain(place_of(found))}: “{plain(found.quote)}”" for found in answer.citations]
    return ["\n".join(listed)] if listed else []


def _notes(answer: Answer) -> list[str]:
    return [f"*{plain(note)}*" for note in answer.notes]
