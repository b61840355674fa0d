"""Parts of other formats that a Word file shows as its own (`w:altChunk`): HTML, text, Rich Text, web archives."""

from __future__ import annotations

import io
import zipfile
from email import message_from_bytes
from email.policy import default
from importlib import import_module
from typing import Any

from ingest.loaders.building import TextBuilder
from rag.types import Document

_HTML = ("text/html", "application/xhtml+xml")
_HTML_SUFFIXES = ("html", "htm", "xhtml")
_RTF = ("application/rtf", "text/rtf", "text/richtext")
_ARCHIVE = ("message/rfc822", "multipart/related", "application/x-mimearchive")


def kind_of(part: Any) -> str:
    """Return what an imported part is, by its declared type or, if that is vague, by its content.

    It is "docx", "html", "rtf", "archive", "text", or empty for anything else.
    """
    data, said = part.blob, (part.content_type or "").partition(";")[0].strip().lower()
    start = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if data.startswith(b"PK\x03\x04"):
        return "docx" if _is_word(data) else ""
    if start.startswith(b"{\\rtf") or said in _RTF:
        return "rtf"
    if said in _ARCHIVE or start.lower().startswith((b"mime-version:", b"from: <saved")):
        return "archive"
    suffix = part.partname.rpartition(".")[2].lower()
    begins = start[:100].lower().startswith((b"<!doctype html", b"<html"))
    if begins or said in _HTML or suffix in _HTML_SUFFIXES:
        return "html"
    return "text" if said == "text/plain" or suffix == "txt" else ""


def _is_word(data: bytes) -> bool:
    """Say whether a container is a Word file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            return any(name.startswith("word/") for name in container.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False


def add_imported(builder: TextBuilder, kind: str, data: bytes, name: str) -> None:
    """Add an imported part that isn't a Word file."""
    if kind == "html":
        _add_page(builder, data, name)
    elif kind == "archive":
        _add_archive(builder, data, name)
    else:
        module = "ingest.loaders.office.rtf" if kind == "rtf" else "ingest.loaders.plain.text"
        _add_document(builder, import_module(module).load(data, name=name))


def _add_page(builder: TextBuilder, data: bytes, name: str) -> None:
    """Add a page's whole text: it is nothing but content."""
    from ingest.loaders.markup import html

    if data.strip():
        html.add_whole(builder, data, name)


def _add_archive(builder: TextBuilder, data: bytes, name: str) -> None:
    """Add the page of a web archive (MHT); its pictures aren't read."""
    message: Any = message_from_bytes(data.lstrip(), policy=default)
    for part in message.walk():
        kind = part.get_content_type()
        if kind in _HTML:
            payload = part.get_payload(decode=True) or b""
            _add_page(builder, _in_utf8(payload, part.get_content_charset()), name)
            return
        if kind == "text/plain" and not message.is_multipart():
            module = import_module("ingest.loaders.plain.text")
            _add_document(builder, module.load(part.get_payload(decode=True) or b"", name=name))


def _in_utf8(data: bytes, charset: str | None) -> bytes:
    """Return a page in UTF-8 if its archive says how it is encoded."""
    try:
        return data.decode(charset).encode() if charset else data
    except (LookupError, UnicodeError):
        return data


def _add_document(builder: TextBuilder, document: Document) -> None:
    """Add the blocks of a document."""
    for block in document.blocks:
        builder.add(document.text[block.start : block.end], block.kind, level=block.level)
