"""HTML: the main content of a web page; if none is found, the whole page, without scripts and menus."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder
from ingest.loaders.markup.html_bytes import decoded
from ingest.loaders.markup.html_content import keep_content
from ingest.loaders.markup.html_page import parsed
from ingest.loaders.markup.html_runs import runs_of
from ingest.loaders.markup.html_shell import notes_on_shell
from ingest.loaders.markup.html_text import add_text
from rag.errors import NoText
from rag.types import Document


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a web page: its main content with headings, lists, tables and code."""
    tree = parsed(decoded(data), name)
    runs = list(runs_of(tree))
    notes = notes_on_shell(tree, runs, name)
    given = keep_content(tree, runs, url)
    builder = TextBuilder()
    add_text(builder, tree)
    if not builder.text:
        msg = f"{name} has no text: the page may be filled in by a script."
        raise NoText(msg, remedy="Save the page from a browser as HTML or PDF and ingest that.")
    title = _title(given, tree, builder) or PurePath(name).stem
    language = _language(tree) or detect_language(builder.text)
    return Document(builder.text, title, language, tuple(builder.blocks), notes=notes)


def add_whole(builder: TextBuilder, data: bytes, name: str, *, page: int | None = None) -> None:
    """Add all visible text of a page that is nothing but content: a chapter of a book, a message."""
    add_text(builder, parsed(decoded(data), name), page, bullets=False)


def _title(given: str, tree: Any, builder: TextBuilder) -> str:
    """Return the page's declared title, else its first heading."""
    return " ".join((given or tree.findtext(".//title") or "").split()) or builder.first_heading


def _language(tree: Any) -> str:
    """Return the page's declared language."""
    root = tree.getroottree().getroot()
    said = (root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip().lower()
    return said[:2] if re.fullmatch(r"[a-z]{2}(?:[-_].*)?", said) else ""
