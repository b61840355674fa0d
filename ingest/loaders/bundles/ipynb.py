"""Jupyter notebooks: a page per cell; text cells as Markdown, code as code, with its output after it.

A notebook is JSON, and the structure shared by all versions is walked here: nbformat would bring a JSON schema
validator along, and refuse readable notebooks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, ranges
from ingest.loaders.bundles.ipynb_outputs import add_output, joined
from ingest.loaders.markup.headings import heading_text
from ingest.loaders.markup.markdown import blocks_of, plain_of
from ingest.loaders.plain.text import decoded
from rag.errors import Damaged, NoText, SourceError
from rag.types import BlockKind, Document

_BROKEN = (AttributeError, TypeError, ValueError, LookupError, SourceError)  # on cells of an impossible shape
_EMBEDDED = re.compile(r"!\[([^\]]*)\]\((?:data|attachment):[^)]*\)")  # a picture within the text


@dataclass(slots=True)
class _Left:
    """The numbers of cells that weren't read, or not whole."""

    cut: list[int] = field(default_factory=list)  # with a long output
    broken: list[int] = field(default_factory=list)

    def notes(self) -> Iterator[str]:
        if self.cut:
            yield f"long outputs shortened in {'cells' if len(self.cut) > 1 else 'cell'} {ranges(self.cut)}"
        if self.broken:
            yield f"{'cells' if len(self.broken) > 1 else 'cell'} not read, or in part: {ranges(self.broken)}"


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a notebook; page numbers count the cells, and a label is a cell's prompt: "In [3]"."""
    notebook = _parsed(data, name)
    builder = TextBuilder()
    left = _Left()
    for number, cell in enumerate(_cells(notebook, name), 1):
        try:
            _add_cell(builder, cell, number, left)
        except _BROKEN:  # costs this cell only
            left.broken.append(number)
        count = (cell.get("execution_count") or cell.get("prompt_number")) if isinstance(cell, dict) else None
        builder.end_page(number, f"In [{count}]" if isinstance(count, int) else None)
    metadata = notebook.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    given = metadata.get("title") or metadata.get("name") or ""
    if not builder.text and left.broken:
        raise _damaged(name, "none of its cells is one")
    if not builder.text:
        msg = f"{name} has no text: all its cells are empty."
        raise NoText(msg, remedy="Check that it was saved completely.")
    title = " ".join(str(given).split()) or heading_text(builder.first_heading) or PurePath(name).stem
    text = builder.text
    prose = "\n".join(text[block.start : block.end] for block in builder.blocks if block.kind is not BlockKind.CODE)
    language = detect_language(prose)
    return Document(text, title, language, tuple(builder.blocks), tuple(builder.pages), tuple(left.notes()))


def _parsed(data: bytes, name: str) -> dict[str, Any]:
    try:
        notebook = json.loads(decoded(data, name))
    except (ValueError, RecursionError) as error:
        raise _damaged(name, error) from error
    if not isinstance(notebook, dict) or not ("cells" in notebook or "worksheets" in notebook):
        raise _damaged(name, "it holds no cells")
    return notebook


def _damaged(name: str, why: object) -> Damaged:
    msg = f"{name} is damaged: it can't be read as a notebook ({why})."
    return Damaged(msg, remedy="Open it in Jupyter and save it anew.")


def _cells(notebook: dict[str, Any], name: str) -> list[Any]:
    """Return the cells; before 2014 they were in worksheets."""
    try:
        if "cells" in notebook:
            return list(notebook["cells"])
        return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    except _BROKEN as error:
        raise _damaged(name, error) from error


def _add_cell(builder: TextBuilder, cell: dict[str, Any], number: int, left: _Left) -> None:
    """Add a cell's source and then its output."""
    source = joined(cell.get("source", cell.get("input", "")))
    match cell.get("cell_type"):
        case "code":
            builder.add(source, BlockKind.CODE, page=number)
            for output in cell.get("outputs") or []:
                try:
                    add_output(builder, output, number, left.cut)
                except _BROKEN:
                    left.broken += [number] if left.broken[-1:] != [number] else []
        case "heading":
            level = cell.get("level")
            level = level if isinstance(level, int) and level > 0 else 1
            builder.add(" ".join(source.split()), BlockKind.HEADING, level=level, page=number)
        case "markdown":
            source = _EMBEDDED.sub(r"\1", source).replace("\r\n", "\n").replace("\r", "\n")
            source = plain_of(source)
            for block in blocks_of(source):
                builder.add(source[block.start : block.end], block.kind, level=block.level, page=number)
        case _:
            builder.add(source, page=number)
