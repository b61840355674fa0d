"""What the elements of a web page are: those that begin a line, those that nobody reads, tables of data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
LISTS = frozenset({"ul", "ol", "dl", "menu", "dir"})
NOT_READ = frozenset(
    (
        "script style noscript template svg head nav iframe button select textarea datalist audio video canvas "
        "noframes rp"
    ).split()
)
CODE = frozenset({"pre", "xmp", "listing", "plaintext"})
FLOW = (
    HEADINGS
    | LISTS
    | CODE
    | frozenset(
        (
            "address article aside blockquote body caption center dd details dialog div dt fieldset figcaption figure "
            "footer form header hgroup hr html legend li main nav p search section summary "
            "table tbody td tfoot th thead tr"
        ).split()
    )
)
_PRESSED = HEADINGS | {"summary"}  # a button that is a heading opens what is below it, and its text is that heading's
LONGEST_CELL = 800  # characters; a cell with more is no cell of a table of data
_SPACE = re.compile(r"\s+")


def is_read(element: Any) -> bool:
    """Say whether the text of an element counts."""
    if element.tag == "button":
        return any(outer.tag in _PRESSED for outer in element.iterancestors())
    return element.tag not in NOT_READ


def walked(tree: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield (event, node, walk) for what is read in a tree: events are start, end, comment and pi."""
    from lxml import etree

    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start" and not is_read(node):
            walk.skip_subtree()
        else:
            yield event, node, walk


def line_of(element: Any, *, without: str = "") -> str:
    """Return an element's text on one line: a space between blocks, none between parts of a word.

    The elements named `without` are left out.
    """
    parts = [element.text or ""]
    for event, node, walk in walked(element):
        if node is element:
            continue
        if event == "start":
            left_out = node.tag == without
            if left_out:
                walk.skip_subtree()
            parts.append(" " if node.tag in FLOW or node.tag == "br" else "")
            parts.append("" if left_out else node.text or "")
        else:
            parts.append(" " if event == "end" and node.tag in FLOW else "")
            parts.append(node.tail or "")
    return spaced("".join(parts)).strip()


def spaced(text: str | None) -> str:
    """Replace each run of white space by one space."""
    return _SPACE.sub(" ", text or "")


def is_data(table: Any) -> bool:
    """Say whether a table holds data; old pages put their parts side by side with tables."""
    if table.get("role") in ("presentation", "none"):
        return False
    cells = [cell for row in rows_of(table) for cell in cells_of(row)]
    if not cells or any(map(_is_part_of_page, cells)):
        return False
    return len(cells) > 1 or table.find(".//table") is None


def rows_of(table: Any) -> list[Any]:
    """Return the rows of a table, without those of tables in it; the foot is last, as it is shown."""
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
    return sorted(rows, key=lambda row: row.getparent().tag == "tfoot")


def cells_of(row: Any) -> list[Any]:
    """Return the cells of a row, without those of tables in it."""
    return [cell for cell in row.iter("td", "th") if next(cell.iterancestors("tr"), None) is row]


def _is_part_of_page(cell: Any) -> bool:
    """Say whether a cell holds more than a cell of data does: long text, or a heading with what is said below it."""
    length = 0
    for text in cell.itertext():
        length += len(text)
        if length > LONGEST_CELL:
            return True
    headed = next(cell.iter(*HEADINGS), None)
    return headed is not None and len(line_of(cell)) > len(line_of(headed))
