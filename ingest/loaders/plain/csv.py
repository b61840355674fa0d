"""Tables of values (.csv, .tsv): the delimiter is detected, and each group of rows repeats the header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import PurePath

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder
from ingest.loaders.plain.text import decoded
from ingest.loaders.rows import add_rows
from rag.errors import NoText
from rag.types import Document

_SAID = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)
SAMPLE = 20_000  # characters for detecting the delimiter
DELIMITERS = ",;\t|"
LONGEST_FIELD = 10_000_000  # characters


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a table of values; it has no pages."""
    text = decoded(data, name)
    said = _SAID.match(text)  # Excel's declaration of the delimiter
    text = text[said.end() :] if said else text
    delimiter = said[1] if said else _delimiter(text)
    builder = TextBuilder()
    try:
        add_rows(builder, _rows(text, delimiter))
    except csv.Error:  # misplaced quotes: the lines are split at the delimiters only
        builder = TextBuilder()
        add_rows(builder, (line.split(delimiter) for line in text.split("\n")))
    if not builder.text:
        msg = f"{name} has only empty cells."
        raise NoText(msg, remedy="Check that it was exported completely.")
    return Document(builder.text, PurePath(name).stem, detect_language(builder.text), tuple(builder.blocks))


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield from csv.reader(io.StringIO(text), delimiter=delimiter)
    finally:
        csv.field_size_limit(before)


def _delimiter(text: str) -> str:
    r"""Return the delimiter that splits most lines into equally many cells, respecting quotes.

    csv.Sniffer accepts any regular character, even letters and spaces.

    >>> _delimiter("a;b\n1,5;2\n")
    ';'
    """
    lines = [line for line in text[:SAMPLE].split("\n")[:50] if line.strip()]
    if len(text) > SAMPLE and len(lines) > 1:
        lines.pop()  # truncated
    return max(DELIMITERS, key=lambda sign: _regularity(lines, sign))


def _regularity(lines: list[str], sign: str) -> tuple[bool, int, int]:
    """Return a delimiter's fitness: whether quotes are well placed, number of rows of the usual length, this length."""
    counts: list[int] = []
    reader = csv.reader(lines, delimiter=sign, strict=True)
    clean = True
    try:
        counts.extend(len(row) - 1 for row in reader if len(row) > 1)
    except csv.Error:
        clean = False
    usual = max(set(counts), key=counts.count, default=0)
    return clean and usual > 0, counts.count(usual), usual
