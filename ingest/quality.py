"""Measures how completely a document was read, and puts the result into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.loaders.building import ranges
from ingest.loaders.rows import GROUP
from rag.texts import decimal, many, say, whole
from rag.types import BlockKind, Chunk, Document, Quality


def measured(document: Document, chunks: Sequence[Chunk]) -> Quality:
    """Return the loader's account of a document, completed by counts over its blocks and chunks."""
    empty = tuple(page.number for page in document.pages if not document.text[page.start : page.end].strip())
    return replace(
        document.quality,
        without_text=empty,
        tables=_tables(document),
        coverage=coverage(document.text, chunks),
    )


def _tables(document: Document) -> int:
    """Count the tables. A long table was cut into several blocks, which repeat its header or have as many columns."""
    count, before = 0, ""
    for block in document.blocks:
        text = document.text[block.start : block.end] if block.kind is BlockKind.TABLE else ""
        header, header_before = (one.partition("\n")[0] for one in (text, before))
        goes_on = len(before) > GROUP / 2 and header.count(" | ") == header_before.count(" | ")
        count += bool(text) and header != header_before and not goes_on
        before = text
    return count


def coverage(text: str, chunks: Sequence[Chunk]) -> float:
    """Return the share of a text that lies in some chunk, 0 to 1, without counting white space."""
    whole = _weight(text)
    missing = at = 0
    for chunk in sorted(chunks, key=lambda chunk: chunk.start):
        missing += _weight(text[at : chunk.start])
        at = max(at, chunk.end)
    missing += _weight(text[at:])
    return 1 - missing / whole if whole else 1.0


def coverage_says(share: float) -> str:
    """Return a share in per cent; only a full share is shown as 100 %.

    >>> coverage_says(1.0), coverage_says(0.99999), coverage_says(0.5)
    ('100 %', '99.9 %', '50.0 %')
    """
    return "100 %" if share >= 1 else f"{decimal(min(int(share * 1000), 999) / 10)} %"


def facts(quality: Quality, *, page: str = "page") -> list[tuple[str, str]]:
    """Return the (name, value) pairs of a document's reading quality that are worth showing.

    >>> facts(Quality(without_text=(2, 12, 13), images=(12, 13), tables=4))
    [('images', 'pages 12-13, without text'), ('empty', 'page 2'), ('tables', '4'), ('coverage', '100 %')]
    """
    images = named(quality.images, page)
    without_text = say("{pages}, without text", pages=images)
    empty = [number for number in quality.without_text if number not in {*quality.images, *quality.unreadable}]
    rows = [
        (say("read by OCR"), named(quality.by_ocr, page)),
        (say("images"), without_text if images else ""),
        (say("empty"), named(empty, page)),
        (say("can't be read"), named(quality.unreadable, page)),
        (many(2, "table"), whole(quality.tables) if quality.tables else ""),
    ]
    return [*(row for row in rows if row[1]), (say("coverage"), coverage_says(quality.coverage))]


def named(numbers: Sequence[int], page: str = "page") -> str:
    """Return page numbers in words; empty if there are none.

    >>> named((3,)), named((3, 4, 9))
    ('page 3', 'pages 3-4, 9')
    """
    return f"{many(len(numbers), page)} {ranges(numbers)}" if numbers else ""


def _weight(text: str) -> int:
    return sum(map(len, text.split()))
