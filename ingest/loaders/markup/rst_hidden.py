"""Removes from reStructuredText what its reader doesn't see: comments, and directives that say how to print."""

from __future__ import annotations

import re

_EXPLICIT = re.compile(r"(?P<margin>[ \t]*)\.\.(?:[ \t]+(?P<rest>.*)|[ \t]*)")
# A link's target, a footnote, a substitution, a directive.
_NO_COMMENT = re.compile(r"_|\[|\||[\w.+:-]+[ \t]?::")
_UNSEEN = re.compile(r"(?:meta|index|highlight|default-role|role|tabularcolumns)[ \t]?::")
_LITERAL = re.compile(r"(?:code|code-block|sourcecode|parsed-literal|literalinclude|prompt|math|raw|highlight)[ \t]?::")


def without_hidden(text: str) -> str:
    r"""Return a text with an empty line for each comment; code keeps its own.

    >>> without_hidden(".. remember this\n   and that\n\nSay::\n\n   .. code\n")
    '\n\nSay::\n\n   .. code\n'
    """
    if ".." not in text:
        return text
    lines, shown, at = text.split("\n"), list[str](), 0
    while at < len(lines):
        explicit = _EXPLICIT.fullmatch(lines[at])
        rest = explicit["rest"] or "" if explicit else ""
        end = at + 1
        if explicit and _is_comment(rest):
            end = _end_of_block(lines, at, len(explicit["margin"]))
            shown.append("")
        elif _LITERAL.match(rest) or (not explicit and lines[at].rstrip().endswith("::")):
            end = _end_of_block(lines, at, len(lines[at]) - len(lines[at].lstrip()))
            shown += lines[at:end]
        else:
            shown.append(lines[at])
        at = end
    return "\n".join(shown)


def _is_comment(rest: str) -> bool:
    return not _NO_COMMENT.match(rest) or _UNSEEN.match(rest) is not None


def _end_of_block(lines: list[str], at: int, margin: int) -> int:
    """Return the line after the block indented below a line; two points before an empty line hide nothing."""
    if lines[at].strip() == ".." and (at + 1 == len(lines) or not lines[at + 1].strip()):
        return at + 1
    end = last = at + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > margin):
        end += 1
        last = end if lines[end - 1].strip() else last
    return last
