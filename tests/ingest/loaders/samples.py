"""Small documents of the formats that are containers, made when a test runs."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import openpyxl

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMESPACES = " ".join(
    f'xmlns:{short}="{_OFFICE}{long}:1.0"'
    for short, long in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("style", "style"),
    )
)


def zipped(files: dict[str, str | bytes]) -> bytes:
    """Make a zip container; its files come in the order given."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return file.getvalue()


def workbook(sheets: dict[str, list[list[Any]]], *, title: str = "", hidden: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.title = title
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def odt(body: str, *, styles: str = "", title: str = "", manifest: str = "") -> bytes:
    """Make an OpenDocument text from the XML of its body."""
    content = (
        f"<office:document-content {_NAMESPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    meta = f'<meta xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></meta>'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": content,
            "meta.xml": meta,
            "META-INF/manifest.xml": manifest or "<manifest/>",
        }
    )


def epub(
    chapters: dict[str, str], *, contents: str = "", title: str = "Sorting", extra: dict[str, str] | None = None
) -> bytes:
    """Make a book from the bodies of its chapters; `contents` is the list of links in its navigation."""
    items = "".join(
        f'<item id="c{at}" href="{name}" media-type="application/xhtml+xml"/>' for at, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{at}"/>' for at in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>{title}</dc:title><dc:language>en-GB</dc:language></metadata><manifest>{items}"
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest>'
        f'<spine><itemref idref="nav"/>{spine}</spine></package>'
    )
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>no text</title></head><body>{}</body></html>'
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
            "OEBPS/book.opf": package,
            "OEBPS/nav.xhtml": page.format(f"<nav>{contents}</nav>"),
            **{f"OEBPS/{name}": page.format(body) for name, body in chapters.items()},
            **(extra or {}),
        }
    )


def notebook(*cells: dict[str, Any], **metadata: str) -> bytes:
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def text_cell(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def code_cell(source: str, *outputs: dict[str, Any], count: int | None = None) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": outputs, "execution_count": count}


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}
