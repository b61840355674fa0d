"""Tells what was not read of a PDF, or not from its own characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.loaders.building import ranges
from ingest.loaders.pdf.rows import PageRows
from ingest.loaders.pdf.scans import is_undecoded, note_of
from ingest.loaders.scan import Scan
from rag.types import Quality


def quality_of(
    pages: Sequence[PageRows | None], spare: Mapping[int, str], scans: Mapping[int, Scan], unwritten: Sequence[int]
) -> Quality:
    """Return the pages that were recognised, show something without text or can't be read; empty pages are fine.

    `unwritten` are the indexes of pages that were read and whose text failed afterwards.
    """
    silent = [at + 1 for at, page in enumerate(pages) if page and not (page.is_printed or page.blank or spare.get(at))]
    broken = {at for at, page in enumerate(pages) if (is_undecoded(page) if page else not spare.get(at))}
    unreadable = [at + 1 for at in sorted({*broken, *unwritten})]
    by_ocr = [at + 1 for at in sorted(scans)]
    return Quality(images=tuple(silent), by_ocr=tuple(by_ocr), unreadable=tuple(unreadable))


def notes_of(quality: Quality, pages: Sequence[PageRows | None], spare: Mapping[int, str]) -> tuple[str, ...]:
    """Return the notes for people; `spare` are second opinions on pages, by index."""
    second = [at + 1 for at, page in enumerate(pages) if page is None and spare.get(at)]
    lost = [at + 1 for at, page in enumerate(pages) if page and page.lost]
    undecoded = [number for number in quality.unreadable if (page := pages[number - 1]) and is_undecoded(page)]
    notes = [note_of(quality.by_ocr)] if quality.by_ocr else []
    if quality.images:
        are = "are images" if len(quality.images) > 1 else "is an image"
        notes.append(f"{_named(quality.images)} {are} without text")
    if second:
        were = "were" if len(second) > 1 else "was"
        notes.append(f"{_named(second)} {were} hard to read: the text is there, but can't be marked on the page")
    if lost:
        notes.append(f"the form fields and comments on {_named(lost)} can't be read")
    if undecoded:
        notes.append(f"the letters of {_named(undecoded)} can't be decoded: what was read there isn't what is shown")
    if broken := [number for number in quality.unreadable if number not in undecoded]:
        notes.append(f"{_named(broken)} can't be read")
    return tuple(notes)


def _named(numbers: Sequence[int]) -> str:
    return f"page{'s' if len(numbers) > 1 else ''} {ranges(numbers)}"
