r"""Removes from Markdown what its reader doesn't see: comments, programs, attributes in braces.

<!-- a comment -->     [//]: # (another one)     ## Sorting {#sec:sort}     [here](a.html){target=_blank}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from itertools import groupby

# Code and formulas within a line are matched first, and stay.
KEPT = (
    r"(?P<kept>(?<!`)(?P<ticks>`+)(?!`)(?:[^`\n]|(?!(?P=ticks)(?!`))`)+(?P=ticks)(?!`)"
    r"|(?<![\\$])\$[^$\n]+\$(?!\$)|\\[\\`<\[$])"
)
_ITEMS = r"(?:[ \t]*+(?:[.#][A-Za-z][\w:.-]*+|[\w:-]++=(?:\"[^\"\n]*+\"|'[^'\n]*+'|[^\s{}\"'=]++))(?=[ \t}]))++[ \t]*\}"
# What isn't shown, and what ends it.
_UNSEEN = tuple(
    (re.compile(rf"{KEPT}|{begins}", re.DOTALL | re.IGNORECASE), ends)
    for begins, ends in (
        (r"<!--(?:-?>|.*?-->)", "-->"),
        (r"<script\b[^<>]*>.*?</script\s*>", "</script"),
        (r"<style\b[^<>]*>.*?</style\s*>", "</style"),
    )
)
_ON_LINE = 200  # characters behind the last end, in which code around it ends
# Definitions of links that lead nowhere, with a remark as their title.
_REMARK = re.compile(
    r"^ {0,3}\[[^\]\n]{1,100}\]:[ \t]*(?:<?#>?|<>|/)[ \t]*"
    r"(?:\((?:[^()\n]|\n(?![ \t]*\n))*\)|\"(?:[^\"\n]|\n(?![ \t]*\n))*\"|'(?:[^'\n]|\n(?![ \t]*\n))*')?[ \t]*$",
    re.MULTILINE,
)
_LABEL = re.compile(r"^\([\w:.-]+\)=[ \t]*$", re.MULTILINE)  # MyST's name of the heading below
# Behind the words of a heading or paragraph, or on a line of their own; braces in formulas begin otherwise.
_AT_END = re.compile(
    rf"(?:^|(?<!:::)(?<![ \t])[ \t]+)\{{(?:(?=[.#])|:){_ITEMS}[ \t]*$|(?<=[^\s#])[ \t]+\{{-\}}[ \t]*$",
    re.MULTILINE | re.ASCII,
)
_LINK = r"\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)?\)|<https?://[^<>\s]+>"
_BEHIND = re.compile(rf"(?:{KEPT}|(?P<link>{_LINK}))(?:\{{:?{_ITEMS})?", re.ASCII)
_NUMBERED_FORMULA = re.compile(r"(?<=\$\$)[ \t]*\{#[\w:.-]+\}[ \t]*$", re.MULTILINE)


def without_hidden(text: str, kept: Callable[[str], Collection[int]]) -> str:
    r"""Return a text without what isn't shown; `kept` tells the numbers of a text's lines of code and formulas.

    >>> without_hidden("# Trees {#t}\n\nA [map](m.html){target=_blank} <!-- new -->of `<!-- it -->`", lambda text: ())
    '# Trees\n\nA [map](m.html) of `<!-- it -->`'
    """
    if "$$" in text:
        text = _NUMBERED_FORMULA.sub("", text)
    if "<" in text:
        text = outside(text, kept(text), _without_unseen)
    if "]:" in text or ")=" in text:
        text = outside(text, kept(text), lambda part: _LABEL.sub("", _REMARK.sub("", part)))
    if "{" in text:
        text = outside(text, kept(text), lambda part: _AT_END.sub("", _BEHIND.sub(_without_attributes, part)))
    return text


def outside(text: str, kept: Collection[int], change: Callable[[str], str]) -> str:
    """Return a text with a change of the lines that aren't kept, successive ones together."""
    parts = groupby(enumerate(text.split("\n")), lambda one: one[0] in kept)
    joined = ((is_kept, "\n".join(line for _, line in lines)) for is_kept, lines in parts)
    return "\n".join(part if is_kept else change(part) for is_kept, part in joined)


def _without_unseen(part: str) -> str:
    """Return a text without comments and programs; one that never ends is text."""
    for pattern, ends in _UNSEEN:
        # Behind the last end nothing is searched for it, so that many beginnings take no time.
        last = part.lower().rfind(ends)
        if last >= 0:
            end = min(last + _ON_LINE, f"{part}\n".find("\n", last))
            part = pattern.sub(lambda match: match["kept"] or "", part[:end]) + part[end:]
    return part


def _without_attributes(match: re.Match[str]) -> str:
    return match["kept"] or match["link"] or ""
