"""Comments of Markdown and reStructuredText: their reader doesn't see them, so they are not read."""

from __future__ import annotations

import re
from collections.abc import Collection

_HTML = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
# A link definition that nothing refers to: [//]: # (like this)
_DEFINITION = re.compile(
    r"^ {0,3}\[(?://|comment|_)[^\]]*\]: *(?:#|<>) *[(\"'].*[)\"'][ \t]*$\n?", re.MULTILINE | re.IGNORECASE
)
# What begins a directive, a footnote, a target or a substitution; all else behind two dots is a comment.
_MARKUP = re.compile(r"\.\. +(?:\[|_|\||[\w:.+-]+::)|__ ")


def without_markdown_comments(text: str, as_they_are: Collection[int]) -> str:
    r"""Return a Markdown text without its comments; lines of code, named by their numbers from 0, keep theirs.

    >>> without_markdown_comments("A <!-- b --> c `<!-- d -->`\n\n[//]: # (e)\nf", ())
    'A  c `<!-- d -->`\n\nf'
    """
    if "<!--" not in text and "]:" not in text:
        return text
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    code = [(starts[line], starts[line + 1]) for line in as_they_are] + [found.span() for found in _CODE.finditer(text)]
    hidden = [found.span() for pattern in (_HTML, _DEFINITION) for found in pattern.finditer(text)]
    for start, end in sorted(hidden, reverse=True):
        if not any(first <= start < last for first, last in code):
            text = text[:start] + text[end:]
    return text


def without_rst_comments(text: str) -> str:
    r"""Return a reStructuredText without its comments: two dots, and what is indented below them.

    >>> without_rst_comments("Shown.\n\n.. hidden\n   too\n\n.. note:: Shown.\n")
    'Shown.\n\n.. note:: Shown.\n'
    """
    kept: list[str] = []
    indent: int | None = None  # of the comment that goes on
    for line in text.split("\n"):
        stripped = line.lstrip()
        deep = len(line) - len(stripped)
        if indent is not None and stripped and deep <= indent:
            indent = None
        if indent is None and (stripped == ".." or stripped.startswith(".. ")) and not _MARKUP.match(stripped):
            indent = deep
            continue
        if indent is None:
            kept.append(line)
        elif not stripped and (not kept or kept[-1].strip()):
            kept.append("")
    return "\n".join(kept)
