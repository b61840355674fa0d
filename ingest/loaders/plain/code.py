"""Source code: the text is the file's own, with a block per top-level definition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from ingest.loaders.plain.text import decoded
from rag.types import Block, BlockKind, Document

LONGEST = 60  # lines of a block; a longer one is cut at its empty lines too
_PARAGRAPH = re.compile(r"[^\S\n]*\S.*(?:\n[^\S\n]*\S.*)*")
# Lines at the margin that belong to the block above: the end of a body.
_GOES_ON = re.compile(r"[ \t]|[)\]}]|(?:end|else|elif|except|finally|catch|done|fi|esac)\b")


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a source file, verbatim; its title is its name, and it has no language."""
    text = decoded(data, name)
    blocks = tuple(Block(start, end, BlockKind.CODE) for start, end in definitions(text))
    return Document(text, PurePath(name).name, "", blocks)


def definitions(text: str) -> Iterator[tuple[int, int]]:
    r"""Yield the spans of the paragraphs; those indented below a paragraph are joined to it.

    >>> list(definitions("import os\n\ndef f():\n    a = 1\n\n    return a\n"))
    [(0, 9), (11, 43)]
    """
    open_start = open_end = -1
    for match in _PARAGRAPH.finditer(text):
        start, end = match.start(), match.start() + len(match.group().rstrip())
        whole = text.count("\n", open_start, end) if open_start >= 0 else 0
        if open_start >= 0 and _GOES_ON.match(text, start) and whole < LONGEST:
            open_end = end
            continue
        if open_start >= 0:
            yield open_start, open_end
        open_start, open_end = start, end
    if open_start >= 0:
        yield open_start, open_end
