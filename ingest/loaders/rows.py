"""Turns rows of cells into blocks: tables end at empty rows, and long ones are cut with their header repeated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest.loaders.building import TextBuilder, row_of
from rag.types import BlockKind

GROUP = 700  # characters of a block: the embedder's input
LONGEST_HEADER = GROUP // 2  # characters; a longer one leaves no room for its rows, and is not repeated
LONGEST_NAME = 60  # characters of a column's name; a longer text is a value

Cells = list[str]


def add_rows(builder: TextBuilder, rows: Iterable[Cells], *, page: int | None = None) -> None:
    """Add rows as tables.

    A row with a single text above a table is its caption and stands alone; empty outer columns are dropped.
    """
    for table in _tables(rows):
        first = next((at for at, row in enumerate(table) if sum(map(bool, row)) > 1), len(table))
        if first < len(table):
            for row in table[:first]:
                builder.add(" ".join(filter(None, row)), page=page)
        for group in _groups(table[first:] or table):
            builder.add("\n".join(group), BlockKind.TABLE, page=page)


def _tables(rows: Iterable[Cells]) -> Iterator[list[Cells]]:
    """Yield runs of rows between empty ones."""
    run: list[Cells] = []
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            run.append(cells)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _groups(table: list[Cells]) -> Iterator[list[str]]:
    """Yield the lines of a table in groups, each beginning with the header, if there is one."""
    left = min(next(at for at, cell in enumerate(row) if cell) for row in table)
    right = max(map(len, table))
    lines = [row_of(row[left:] + [""] * (right - len(row))).strip() for row in table]
    header = lines[0] if _is_header(table) and len(lines[0]) <= LONGEST_HEADER else ""
    group = [header] if header else []
    length = len(header)
    for line in lines[1:] if header else lines:
        if length + len(line) > GROUP and len(group) > bool(header):
            yield group
            group, length = [header] if header else [], len(header)
        group.append(line)
        length += len(line) + 1
    yield group


def _is_header(table: list[Cells]) -> bool:
    """Say whether the first row names the columns: short, distinct words above at least two rows."""
    names = [cell for cell in table[0] if cell]
    return (
        len(table) > 2
        and len(names) > 1
        and len(set(names)) == len(names)
        and len(names) >= max(map(len, table)) / 2
        and all(len(name) <= LONGEST_NAME and any(map(str.isalpha, name)) for name in names)
    )
