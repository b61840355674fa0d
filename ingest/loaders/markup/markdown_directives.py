r"""Removes layout directives from Markdown: fences of named blocks, LaTeX's spacing and sizes, classes.

    ::: notes                    :::{admonition} Mind the gap
    The proof is short.          It is wide.
    :::                          :::

A block's content stays, and its title too; the fence lines are no text. The same holds within a line: in
"[this]{.notes}" the word is text, and "`\newline`{=tex}" is not (both are Pandoc's).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import groupby

_FENCE = re.compile(r"[ \t]*:{3,}[ \t]*(?P<name>\{[^{}\n]*\}|[\w.-]+(?:\{[^{}\n]*\})?)?(?P<rest>.*)")
_TITLE = re.compile(r"\btitle=(?:\"([^\"]*)\"|'([^']*)')")
_LAYOUT = re.compile(
    r"[ \t]*(?:\\(?:bigskip|medskip|smallskip|pause|newpage|clearpage|pagebreak|vfill|hfill|centering|noindent|tiny"
    r"|scriptsize|footnotesize|small|normalsize|large|Large|LARGE|huge|Huge|[vh]space\*?\{[^{}\n]*\})[ \t]*)+"
)


def without_directives(text: str, kept: Collection[int]) -> str:
    r"""Return a text with an empty line for each directive; the lines numbered in `kept` stay.

    Only closed fences count: a line of colons alone may be anything.

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


# Formulas and code are matched first, and stay.
_INLINE = re.compile(
    r"`+[^`\n]+`+\{=\w+\}|(?P<kept>\$[^$\n]+\$|`+[^`\n]+`+|\\\\)"
    r"|\[(?P<said>(?:[^\[\]\n]|\[[^\[\]\n]*\](?:\([^()\n]*\))?|\n(?=[^\n]))*)\]\{(?:[.#]|[\w-]+=)[^{}]{0,200}\}|\\(?P<escaped>[<>=~@&\"'/%])"
)
_NESTED = 3  # depth of nested classes
_RAW_LINE = re.compile(r"[ \t]*\n[ \t]*`[^`\n]+`\{=\w+\}(?=[ \t]*(?:\n|$))")  # an empty line would end a paragraph


def without_marks(text: str, kept: Collection[int]) -> str:
    r"""Return a text without inline layout; the lines numbered in `kept` stay.

    >>> without_marks(r"A [small]{.notes} tree =\> `\newline`{=tex} `x \> y`", ())
    'A small tree =>  `x \\> y`'
    """
    parts = [
        (is_kept, list(lines)) for is_kept, lines in groupby(enumerate(text.split("\n")), lambda one: one[0] in kept)
    ]
    return "\n".join(
        part if is_kept else _without(_RAW_LINE.sub("", part))
        for is_kept, part in ((is_kept, "\n".join(line for _, line in lines)) for is_kept, lines in parts)
    )


def _without(text: str) -> str:
    for _ in range(_NESTED):
        before, text = text, _INLINE.sub(_said, text)
        if text == before:
            break
    return text


def _said(found: re.Match[str]) -> str:
    return found["kept"] or found["said"] or found["escaped"] or ""


def _title(line: str) -> str:
    """Return an opening fence's title.

    >>> [_title(line) for line in ("::: warning Mind this", ":::tip[Try it]", "::: {.note title='Why'}", "::: notes")]
    ['Mind this', 'Try it', 'Why', '']
    """
    fence = _FENCE.fullmatch(line)
    assert fence
    if said := _TITLE.search(fence["name"] or ""):
        return said[1] or said[2] or ""
    return fence["rest"].strip(" \t:").removeprefix("[").removesuffix("]")
