"""Jupyter notebooks: a page per cell; text cells as Markdown, code as code, with its output after it.

A notebook is JSON, and the structure shared by all versions is walked here: nbformat would bring a JSON schema
validator along, and refuse readable notebooks.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, ranges
from ingest.loaders.markup import html
from ingest.loaders.markup.headings import heading_text
from ingest.loaders.markup.markdown import blocks_of, plain_of
from ingest.loaders.plain.text import decoded
from rag.errors import Damaged, NoText, SourceError
from rag.types import BlockKind, Document

LONGEST_OUTPUT = 2000  # characters of a cell's output
MOST_LINES = 40
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NAMELESS = re.compile(r"<[^<>\n]*>")  # placeholder of a picture or object: "<Figure size 432x288 with 1 Axes>"
_EMBEDDED = re.compile(r"!\[([^\]]*)\]\((?:data|attachment):[^)]*\)")  # a picture within the text


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a notebook; page numbers count the cells, and a label is a cell's prompt: "In [3]"."""
    notebook = _parsed(data, name)
    builder = TextBuilder()
    cut: list[int] = []
    try:
        for number, cell in enumerate(_cells(notebook), 1):
            _add_cell(builder, cell, number, cut)
            count = cell.get("execution_count") or cell.get("prompt_number")
            builder.end_page(number, f"In [{count}]" if isinstance(count, int) else None)
        metadata = notebook.get("metadata") or {}
        given = metadata.get("title") or metadata.get("name") or ""
    except (AttributeError, TypeError, ValueError) as error:
        raise _damaged(name, error) from error
    if not builder.text:
        msg = f"{name} has no text: all its cells are empty."
        raise NoText(msg, remedy="Check that it was saved completely.")
    title = " ".join(str(given).split()) or heading_text(builder.first_heading) or PurePath(name).stem
    notes = (f"long outputs shortened in {'cells' if len(cut) > 1 else 'cell'} {ranges(cut)}",) if cut else ()
    text = builder.text
    prose = "\n".join(text[block.start : block.end] for block in builder.blocks if block.kind is not BlockKind.CODE)
    return Document(text, title, detect_language(prose), tuple(builder.blocks), tuple(builder.pages), notes)


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


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells; before 2014 they were in worksheets."""
    if "cells" in notebook:
        return list(notebook["cells"])
    return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]


def _add_cell(builder: TextBuilder, cell: dict[str, Any], number: int, cut: list[int]) -> None:
    """Add a cell's source and then its output."""
    source = _joined(cell.get("source", cell.get("input", "")))
    match cell.get("cell_type"):
        case "code":
            builder.add(source, BlockKind.CODE, page=number)
            for output in cell.get("outputs") or []:
                _add_output(builder, output, number, cut)
        case "heading":
            builder.add(" ".join(source.split()), BlockKind.HEADING, level=int(cell.get("level") or 1), page=number)
        case "markdown":
            source = _EMBEDDED.sub(r"\1", source).replace("\r\n", "\n").replace("\r", "\n")
            source = plain_of(source)
            for block in blocks_of(source):
                builder.add(source[block.start : block.end], block.kind, level=block.level, page=number)
        case _:
            builder.add(source, page=number)


def _add_output(builder: TextBuilder, output: dict[str, Any], number: int, cut: list[int]) -> None:
    """Add a cell's printed text, result or error; pictures are left out, and HTML where there is a text."""
    if output.get("output_type") in ("error", "pyerr"):
        builder.add(f"{output.get('ename')}: {output.get('evalue')}", BlockKind.CODE, page=number)
        return
    found = output.get("data") or output
    said = _joined(output.get("text") or found.get("text/markdown") or found.get("text/plain") or "")
    said = said or _shown(_joined(found.get("text/html")))
    text = _COLOURS.sub("", said).strip("\n")
    if _NAMELESS.fullmatch(text.strip()):
        return
    short = "\n".join(text[:LONGEST_OUTPUT].split("\n")[:MOST_LINES])
    if len(short) < len(text) and cut[-1:] != [number]:
        cut.append(number)
    builder.add(short, BlockKind.CODE, page=number)


def _shown(page: str) -> str:
    """Return the text of an output that is stored as HTML alone, as some tables are."""
    if not page.strip():
        return ""
    builder = TextBuilder()
    with suppress(SourceError):  # nothing but scripts and styles, or broken
        html.add_whole(builder, page.encode(), "The output")
    return builder.text


def _joined(lines: Any) -> str:
    """Return a text stored as one string or as a list of lines."""
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines or "")
