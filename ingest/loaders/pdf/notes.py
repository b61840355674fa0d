"""Tells what was not read of a PDF, or not from its own characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.loaders.building import ranges
from ingest.loaders.pdf.rows import PageRows
from ingest.loaders.pdf.scans import note_of
from ingest.loaders.scan import Scan
from rag.types import Quality


def quality_of(
    pages: Sequence[PageRows | None], spare: Mapping[int, str], scans: Mapping[int, Scan], unwritten: Sequence[int]
) -> Quality:
    """Return the pages that were recognised, show something without text or can't be read; empty pages are fine.

    `unwritten` are the indexes of pages that were read and whose text failed afterwards.
    """
    silent = [at + 1 for at, page in enumerate(pages) if page and not (page.is_printed or page.blank or spare.get(at))]
    unreadable = [at + 1 for at, page in enumerate(pages) if at in unwritten or (page is None and not spare.get(at))]
    by_ocr = [at + 1 for at in sorted(scans)]
    return Quality(images=tuple(silent), by_ocr=tuple(by_ocr), unreadable=tuple(unreadable))


def notes_of(quality: Quality, second: Sequence[int] = (), lost: Sequence[int] = ()) -> tuple[str, ...]:
    """Return the notes for people.

    `second` are the numbers of pages with a second opinion's text, `lost` of those without their fields and comments.
    """
    notes = [note_of(quality.by_ocr)] if quality.by_ocr else []
    if quality.images:
        are = "are images" if len(quality.images) > 1 else "is an image"
        notes.append(f"{_named(quality.images)} {are} without text")
    if second:
        were = "were" if len(second) > 1 else "was"
        notes.append(f"{_named(second)} {were} hard to read: the text is there, but can't be marked on the page")
    if lost:
        notes.append(f"the form fields and comments on {_named(lost)} can't be read")
    if quality.unreadable:
        notes.append(f"{_named(quality.unreadable)} can't be read")
    return tuple(notes)


def _named(numbers: Sequence[int]) -> str:
    return f"page{'s' if len(numbers) > 1 else ''} {ranges(numbers)}"
