"""Plain text: line ends become line feeds, empty lines separate the paragraphs."""

from __future__ import annotations

import re
from pathlib import PurePath

from ingest.language import detect_language
from ingest.loaders.plain.comments import without_comments
from ingest.loaders.plain.decoding import decode
from rag.errors import Unsupported
from rag.types import Block, BlockKind, Document

PARAGRAPH = re.compile(r"\S(?:.*\S)?(?:[^\S\n]*\n[^\S\n]*\S(?:.*\S)?)*")
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
LONGEST_TITLE = 100  # characters


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a text file; empty lines separate its paragraphs."""
    text = without_comments(decoded(data, name), name)
    blocks = tuple(Block(*match.span(), BlockKind.PARAGRAPH) for match in PARAGRAPH.finditer(text))
    return Document(text, title_of(text, name), detect_language(text), blocks)


def decoded(data: bytes, name: str) -> str:
    """Return the text of a file in any encoding, with line feeds and without NULs."""
    return plain(decode(data).text, name)


def plain(text: str, name: str) -> str:
    """Return a text with line feeds and without NULs; raises Unsupported for binary data."""
    controls = len(_CONTROLS.findall(text[:20_000]))
    if controls > 0.02 * min(len(text), 20_000) + 2:
        msg = f"{name} is no text: it holds binary data."
        raise Unsupported(
            msg,
            remedy="Check the file, or give it its proper suffix.",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def title_of(text: str, name: str) -> str:
    """Return the first line as the title if it looks like one, else the file's name."""
    first, _, rest = text.lstrip().partition("\n")
    looks_like_one = len(first) <= LONGEST_TITLE and not first.rstrip().endswith((".", ",", ";", ":"))
    if looks_like_one and sum(map(str.isalpha, first)) > 3 and rest.startswith(("\n", "=", "-", "~", "#", "*")):
        return first.strip()
    return PurePath(name).stem
