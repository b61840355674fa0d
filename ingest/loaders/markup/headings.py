"""The text of headings without their markup, which the canonical text keeps: Markdown, LaTeX, reST."""

from __future__ import annotations

import re

_ADORNMENT = re.compile(r"([^\w\s])\1{2,}[ \t]*")
_SETEXT_LINE = re.compile(r"\n[ \t]*[=-]+[ \t]*$")
_BRACES = re.compile(r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")


def heading_text(source: str) -> str:
    r"""Return a heading on one line, without its markup.

    >>> heading_text("## Sorting"), heading_text("Sorting\n======="), heading_text("\\section{Merge \\emph{sort}}")
    ('Sorting', 'Sorting', 'Merge sort')
    """
    if source.startswith("#"):
        source = markdown_heading(source)
    elif source.startswith("\\") and _BRACES.search(source):
        source = latex_heading(source)
    else:
        lines = source.strip().split("\n")
        source = "\n".join(line for line in lines if not _ADORNMENT.fullmatch(line)) if len(lines) > 1 else source
    return " ".join(source.split())


def markdown_heading(source: str) -> str:
    r"""Return a heading's text without its markup.

    >>> markdown_heading("## Sorting {#sort}"), markdown_heading("Sorting\n=======")
    ('Sorting', 'Sorting')
    """
    line = _SETEXT_LINE.sub("", source).strip().lstrip("#").strip()
    line = re.sub(r"\s*\{[^{}]*\}$", "", re.sub(r"\s+#+$", "", line))
    return re.sub(r"[*`]|\[([^\]]*)\]\([^)]*\)", r"\1", line).strip()


def latex_heading(source: str) -> str:
    r"""Return the content of a LaTeX command's last braces, without the commands in it.

    >>> latex_heading(r"\section[Short]{The class \texttt{List}}")
    'The class List'
    """
    inner = _BRACES.findall(source)[-1]
    inner = re.sub(r"\\label\{[^{}]*\}", "", inner)
    inner = re.sub(r"\\(?:[a-zA-Z]+\*?|[\\,;:! ])[ ]*", lambda match: " " if match[0][1] in "\\,;:! " else "", inner)
    return re.sub(r"[{}$]", "", inner).replace("~", " ").strip()
