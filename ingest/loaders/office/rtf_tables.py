r"""Keeps the rows of Rich Text tables together, and those of a table within a table apart.

striprtf ends a line at each paragraph, also within a cell, and runs the rows of an inner table together. Private-use
characters, written before it reads the file, carry these ends through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.loaders.building import row_of

_CELL, _ROW, _LINE = "\ue110", "\ue111", "\ue112"  # the ends of an inner cell and row, and of a line within a cell
_STEP = re.compile(
    r"\{(?:\\\*)?\\nesttableprops(?P<props>(?:[^{}]|\{[^{}]*\})*)\}"
    r"|\\(?P<word>pard|intbl|nestcell|nestrow|par|line)(?![a-z])[ ]?"
    r"|\\(?P<escaped>[^a-z])",
    re.DOTALL,
)


def marked(letter: str) -> str:
    """Return the command for a private-use character; its group keeps it from changing what follows."""
    return f"{{\\uc0\\u{ord(letter)} }}"


def with_ends(source: str) -> str:
    """Return Rich Text with marks for the ends of inner cells, rows and lines."""
    if "\\intbl" not in source and "\\nestcell" not in source:
        return source
    parts, at, within = list[str](), 0, False
    for step in _STEP.finditer(source):
        mark = None
        match step["word"]:
            case "pard":
                within = False
            case "intbl":
                within = True
            case "nestcell":
                mark = _CELL
            case "nestrow":
                mark = _ROW
            case "par" | "line" if within:
                mark = _LINE
            case None if step["props"] and "\\nestrow" in step["props"]:
                mark = _ROW
        if mark:
            parts += [source[at : step.start()], marked(mark)]
            at = step.end()
    return "".join((*parts, source[at:]))


def rows_of(line: str) -> Iterator[str]:
    r"""Yield the rows of a line that is a row of a table; an inner table's rows follow what stands before it.

    >>> list(rows_of("A1|Mon\ue110Logic\ue110\ue111Tue\ue110Sets\ue110\ue111|free|"))
    ['A1', 'Mon | Logic', 'Tue | Sets', 'free']
    """
    outer = list[str]()
    for cell in line.removesuffix("|").split("|"):
        *inner, rest = cell.split(_ROW)
        for row in inner:
            yield from _row(outer)
            outer = []
            yield from _row(row.removesuffix(_CELL).split(_CELL))
        # Before and after an inner table, a cell is mostly empty.
        if not inner or rest.strip(f" {_LINE}"):
            outer.append(rest)
    yield from _row(outer)


def lines_of(text: str) -> str:
    """Return a text that is no row with its lines as they were."""
    return re.sub(f"[{_CELL}{_ROW}{_LINE}]", "\n", text)


def _row(cells: list[str]) -> Iterator[str]:
    cells = [re.sub(f"[{_CELL}{_LINE}]", " ", cell) for cell in cells]
    if any(cell.strip() for cell in cells):
        yield row_of(cells)
