"""The outputs of a notebook's cells: printed text, results, tables in HTML, errors; pictures are left out."""

from __future__ import annotations

import re
from typing import Any

from ingest.loaders.building import TextBuilder
from ingest.loaders.markup import html
from rag.types import BlockKind

LONGEST_OUTPUT = 2000  # characters of a cell's output
MOST_LINES = 40
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# What stands for a picture or object: "<Figure size 432x288 with 1 Axes>", "<IPython.core.display.HTML object>".
_NAMELESS = re.compile(r"<[^<>\n]*>")


def add_output(builder: TextBuilder, output: dict[str, Any], number: int, cut: list[int]) -> None:
    """Add a cell's printed text, result or error; add the cell's number to `cut` if it is too long."""
    if output.get("output_type") in ("error", "pyerr"):
        builder.add(_error(output), BlockKind.CODE, page=number)
        return
    found = output.get("data") or output
    said = joined(output.get("text") or found.get("text/markdown") or found.get("text/plain") or "")
    text = _COLOURS.sub("", said).strip("\n")
    if _NAMELESS.fullmatch(text.strip()):
        text = ""
    page = joined(found.get("text/html") or output.get("html") or "")
    if page and not text.strip():
        _add_page(builder, page, number, cut)
        return
    text = text or joined(found.get("text/latex") or "")
    short = "\n".join(text[:LONGEST_OUTPUT].split("\n")[:MOST_LINES])
    if len(short) < len(text):
        _note(cut, number)
    builder.add(short, BlockKind.CODE, page=number)


def _add_page(builder: TextBuilder, page: str, number: int, cut: list[int]) -> None:
    """Add an output that is only there as HTML, as the tables of pandas may be."""
    whole = TextBuilder()
    html.add_whole(whole, page.encode("utf-8", "replace"), "an output", page=number)
    room, lines = LONGEST_OUTPUT, MOST_LINES
    for block in whole.blocks:
        text = whole.text[block.start : block.end]
        short = "\n".join(text[:room].split("\n")[:lines])
        builder.add(short, block.kind, level=block.level, page=number)
        room, lines = room - len(short), lines - short.count("\n") - 1
        if len(short) < len(text):
            _note(cut, number)
            return


def _error(output: dict[str, Any]) -> str:
    """Return an error's last line, as its traceback ends."""
    if output.get("ename"):
        return f"{output['ename']}: {output.get('evalue') or ''}".rstrip(": ")
    traceback = output.get("traceback")
    lines = [line for part in traceback or () for line in _COLOURS.sub("", str(part)).split("\n") if line.strip()]
    return lines[-1].strip() if lines else joined(output.get("evalue"))


def _note(cut: list[int], number: int) -> None:
    if cut[-1:] != [number]:
        cut.append(number)


def joined(lines: Any) -> str:
    """Return a text stored as one string or as a list of lines."""
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines or "")
