"""Converts between rows of ``library.db`` and the records of the program."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import Any

from rag.library.database import now
from rag.types import (
    Alignment,
    AlignmentRun,
    Block,
    BlockKind,
    Chunk,
    Document,
    DocumentInfo,
    DocumentState,
    Page,
    Quality,
    RunKind,
    Source,
)

Values = dict[str, object]


def as_info(row: sqlite3.Row) -> DocumentInfo:
    """Return the entry of a document in a collection."""
    ready = row["state"] == "parsed" and row["embedded"]
    return DocumentInfo(
        document_id=row["id"],
        source=row["uri"],
        title=row["title"],
        state=DocumentState.READY if ready else DocumentState(row["state"]),
        collection=row["collection"],
        pages=row["pages"],
        chunks=row["chunks"],
        added=row["added"],
        media_type=row["media_type"],
        language=row["language"],
        size=row["size"],
        characters=row["characters"],
        notes=tuple(json.loads(row["notes"])),
        error=row["error"],
        quality=as_quality(row["quality"]),
        needs_password=bool(row["needs_password"]),
        reading=row["reading"],
    )


def as_queued(row: sqlite3.Row) -> DocumentInfo:
    """Return the entry of an accepted, not yet parsed document."""
    title = row["source"].rpartition("/")[2]
    return DocumentInfo(**dict(row), title=title, state=DocumentState.QUEUED, pages=0, chunks=0)


def as_quality(packed: str) -> Quality | None:
    """Return the reading quality of a document, or None if it is unknown."""
    if not packed:
        return None
    values: dict[str, Any] = json.loads(packed)
    pages = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return Quality(**(values | pages))


def as_chunk(row: sqlite3.Row, text: str) -> Chunk:
    """Return a chunk, cut out of its document's text."""
    return Chunk(
        id=row["id"],
        document_id=row["document_id"],
        ordinal=row["ordinal"],
        start=row["start"],
        end=row["end"],
        text=text[row["start"] : row["end"]],
        headings=tuple(json.loads(row["headings"])),
        page=row["page"],
        page_end=row["page_end"],
        page_label=row["page_label"],
    )


def as_page(row: sqlite3.Row) -> Page:
    """Return a page with its alignment."""
    boxes = tuple((x0, y0, x1, y1) for x0, y0, x1, y1 in json.loads(row["boxes"]))
    return Page(row["number"], row["start"], row["end"], row["label"], _unpacked(row["alignment"]), boxes)


def as_blocks(packed: str) -> tuple[Block, ...]:
    """Return a document's blocks."""
    return tuple(
        Block(start, end, BlockKind(kind), level, page) for start, end, kind, level, page in json.loads(packed)
    )


def document_row(document_id: str, source: Source, document: Document) -> Values:
    """Return the row of a parsed document."""
    blocks = [[block.start, block.end, block.kind, block.level, block.page] for block in document.blocks]
    return _document_row(document_id, source) | {
        "title": document.title,
        "language": document.language,
        "text": document.text,
        "blocks": json.dumps(blocks),
        "notes": json.dumps(document.notes),
        "quality": json.dumps(asdict(document.quality)),
        "reading": document.reading,
    }


def failure_row(document_id: str, source: Source, title: str, error: str, *, needs_password: bool) -> Values:
    """Return the row of a document that can't be parsed."""
    return _document_row(document_id, source) | {
        "title": " ".join(title.split()),
        "state": "failed",
        "error": error,
        "needs_password": needs_password,
    }


def page_row(document_id: str, page: Page) -> Values:
    """Return the row of a page with its alignment."""
    return {
        "document_id": document_id,
        "number": page.number,
        "start": page.start,
        "end": page.end,
        "label": page.label,
        "alignment": _packed(page.alignment),
        "boxes": json.dumps(page.boxes, separators=(",", ":")),
    }


def chunk_row(chunk: Chunk, stems: str) -> Values:
    """Return the row of a chunk: its span in the document's text, and its stems."""
    row = asdict(chunk) | {"headings": json.dumps(chunk.headings, ensure_ascii=False), "stems": stems}
    del row["text"]
    return row


def _document_row(document_id: str, source: Source) -> Values:
    return {
        "id": document_id,
        "sha256": source.sha256,
        "media_type": source.media_type,
        "size": source.size,
        "title": "",
        "language": "",
        "text": "",
        "blocks": "[]",
        "notes": "[]",
        "state": "parsed",
        "error": None,
        "added": now(),
        "quality": "",
        "needs_password": False,
        "reading": 0,
    }


def _packed(alignment: Alignment) -> str:
    return json.dumps([list(asdict(run).values()) for run in alignment.runs], separators=(",", ":"))


def _unpacked(packed: str) -> Alignment:
    return Alignment(
        tuple(AlignmentRun(start, source, length, RunKind(kind)) for start, source, length, kind in json.loads(packed))
    )
