"""Removes the comments of plain-text formats that are read as they are: AsciiDoc and Org."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath

# A function tells what ends the block that a line begins, and whether the block is a comment.
_Begun = tuple[str, bool] | None
_LISTING = re.compile(r"-{4,}|\.{4,}|\+{4,}|`{3,}")
_ORG_BLOCK = re.compile(r"#\+begin_(src|example|export|comment)\b", re.IGNORECASE)


def without_comments(text: str, name: str) -> str:
    r"""Return a text without its comments, as the suffix of its name tells them.

    >>> without_comments("= Tides\n// ask Ada\nHigh at six.", "tides.adoc")
    '= Tides\nHigh at six.'
    """
    match PurePath(name).suffix.lower():
        case ".adoc":
            return "\n".join(_shown(text, _asciidoc, re.compile(r"//(?!/).*")))
        case ".org":
            return "\n".join(_shown(text, _org, re.compile(r"\s*#(?:\s.*)?")))
        case _:
            return text


def _shown(text: str, begun: Callable[[str], _Begun], comment: re.Pattern[str]) -> Iterator[str]:
    """Yield the lines of a text that are shown; a block that never ends is none."""
    lines = text.split("\n")
    last = {line.strip().lower(): at for at, line in enumerate(lines)}
    until, hidden = "", False
    for at, line in enumerate(lines):
        word = line.strip().lower()
        if until:
            if not hidden:
                yield line
            until = "" if word == until else until
        elif (block := begun(word)) and last.get(block[0], -1) > at:
            until, hidden = block
            if not hidden:
                yield line
        elif not comment.fullmatch(line):
            yield line


def _asciidoc(word: str) -> _Begun:
    if len(word) > 3 and not word.strip("/"):
        return word, True
    return (word, False) if _LISTING.fullmatch(word) else None


def _org(word: str) -> _Begun:
    block = _ORG_BLOCK.match(word)
    return (f"#+end_{block[1]}", block[1] == "comment") if block else None
