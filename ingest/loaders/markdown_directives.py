"""Lines of a Markdown file that only say how it is to be set: fences of named blocks, and LaTeX's gaps and sizes.

    ::: notes                    :::{admonition} Mind the gap
    The proof is short.          It is wide.
    :::                          :::

What such a block holds stays, and its title too; the lines around it are no text.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_FENCE = re.compile(r"[ \t]*:{3,}[ \t]*(?P<name>\{[^{}\n]*\}|[\w.-]+(?:\{[^{}\n]*\})?)?(?P<rest>.*)")
_TITLE = re.compile(r"\btitle=(?:\"([^\"]*)\"|'([^']*)')")
_LAYOUT = re.compile(
    r"[ \t]*(?:\\(?:bigskip|medskip|smallskip|pause|newpage|clearpage|pagebreak|vfill|hfill|centering|noindent|tiny"
    r"|scriptsize|footnotesize|small|normalsize|large|Large|LARGE|huge|Huge|[vh]space\*?\{[^{}\n]*\})[ \t]*)+"
)


def without_directives(text: str, kept: Collection[int]) -> str:
    r"""Return a text with an empty line in the place of each directive; the lines numbered in `kept` stay.

    Only fences that are closed count: a line of colons alone may be anything.

    >>> without_directives("::: tip\nTry it.\n:::\n\\bigskip\nMore.", ())
    '\nTry it.\n\n\nMore.'
    """
    lines = text.split("\n")
    opened: list[int] = []
    titles: dict[int, str] = {}
    for number, line in enumerate(lines):
        if number in kept:
            continue
        if _LAYOUT.fullmatch(line):
            titles[number] = ""
        elif (fence := _FENCE.fullmatch(line)) and (fence["name"] or not fence["rest"].strip(": \t")):
            if fence["name"]:
                opened.append(number)
            elif opened:
                start = opened.pop()
                titles |= {number: "", start: _title(lines[start])}
    return "\n".join(titles.get(number, line) for number, line in enumerate(lines))


def _title(line: str) -> str:
    """Return what an opening fence says beside its name.

    >>> [_title(line) for line in ("::: warning Mind this", ":::tip[Try it]", "::: {.note title='Why'}", "::: notes")]
    ['Mind this', 'Try it', 'Why', '']
    """
    fence = _FENCE.fullmatch(line)
    assert fence
    if said := _TITLE.search(fence["name"] or ""):
        return said[1] or said[2] or ""
    return fence["rest"].strip(" \t:").removeprefix("[").removesuffix("]")
