"""Rows of ``library.db`` to the nouns that travel, and back."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import Any

from rag.types import Alignment, Chunk, DocumentInfo, DocumentState, Page, Quality, Run, RunKind


def as_info(row: sqlite3.Row) -> DocumentInfo:
    """Return the line of a document in a collection."""
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
    )


def as_quality(packed: str) -> Quality | None:
    """Return how completely a document was read; None where nothing is known of it."""
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
    return Page(row["number"], row["start"], row["end"], row["label"], unpack(row["alignment"]), boxes)


def pack(alignment: Alignment) -> str:
    """Return an alignment as it is stored."""
    return json.dumps([list(asdict(run).values()) for run in alignment.runs], separators=(",", ":"))


def unpack(packed: str) -> Alignment:
    """Return a stored alignment."""
    return Alignment(
        tuple(Run(start, source, length, RunKind(kind)) for start, source, length, kind in json.loads(packed))
    )
