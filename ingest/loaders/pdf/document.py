"""Loads a PDF: reads its pages with PDFium, and writes text, blocks and alignment in one step."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import quiet, ranges
from ingest.loaders.pdf.blocks import groups_of, largest_heading, outline_by_page, style_of
from ingest.loaders.pdf.columns import in_reading_order
from ingest.loaders.pdf.footnotes import footnotes_last
from ingest.loaders.pdf.glyphs import named_glyphs, with_names
from ingest.loaders.pdf.rows import PageRows, read_rows
from ingest.loaders.pdf.running import without_running
from ingest.loaders.pdf.scans import HOW_TO, doubtful_pages, note_of, read_scans
from ingest.loaders.pdf.text import AlignedText, words_of, write_page
from ingest.loaders.scan import Scan
from ingest.ocr import INSTALL, Recogniser, recogniser
from ingest.parse.progress import report_page
from ingest.pdfium import LOCK, opened
from rag.errors import Damaged, NoText
from rag.types import Block, BlockKind, Document, Page, Quality

# pypdf reads pages on which PDFium finds drawings but no letters. It is some thirty times slower.
MOST_SECOND_OPINIONS = 40
LARGEST_SECOND_OPINION = 50_000_000  # bytes of the file


@dataclass(frozen=True, slots=True)
class _Outside:
    """A PDF's properties beside its pages."""

    title: str
    labels: tuple[str | None, ...]
    outline: dict[int, dict[str, int]]  # page index -> title -> level


def load(
    data: bytes,
    *,
    name: str,
    url: str | None = None,
    recogniser: Callable[[], Recogniser | None] = recogniser,
    read: Sequence[PageRows | None] | None = None,
) -> Document:
    """Load a PDF. Each page's alignment has offsets of the document's text.

    `recogniser` returns the OCR for pages without text, or None if none is installed; `read` is the result of
    `read_pages` for all pages.
    """
    try:
        with opened(data, name=name) as pdf:
            outside = _outside(pdf)
        pages = list(read_pages(data, range(len(outside.labels)), name=name) if read is None else read)
    except Damaged as error:
        return _document_of_spare(data, name, error)
    doubtful = [at for at, page in enumerate(pages) if page is None or page.doubtful]
    spare = _spare_pages(data, doubtful) if doubtful else {}
    asked = [at for at in doubtful_pages(pages) if not spare.get(at)]
    scans = read_scans(data, pages, asked, recogniser)
    for at, scan in (scans or {}).items():
        pages[at] = scan.rows
    document = _document(pages, outside, spare, scans or {}, name)
    if document is None:
        raise _no_text(pages, name, recognised=scans is not None)
    missing = (HOW_TO,) if scans is None and document.quality.images else ()
    return replace(document, notes=document.notes + missing)


def count_pages(data: bytes, *, name: str) -> int:
    """Return the number of pages of a PDF; raises a SourceError if it can't be opened."""
    with opened(data, name=name) as pdf:
        return len(pdf)


def read_pages(data: bytes, wanted: range, *, name: str) -> list[PageRows | None]:
    """Read the pages at the indexes `wanted` independently; None for a page that PDFium can't read.

    Relations between pages, such as heading sizes and running heads, are left to `load`.
    """
    pages: list[PageRows | None] = []
    with opened(data, name=name) as pdf:
        for number, index in enumerate(wanted, start=1):
            report_page(number, len(wanted))
            pages.append(_rows_or_nothing(pdf, index))
    unknown = {at: page.drawn for at, page in zip(wanted, pages, strict=True) if page and page.drawn.text}
    names = named_glyphs(data, unknown) if unknown else {}
    return [page and with_names(page, names.get(at, {})) for at, page in zip(wanted, pages, strict=True)]


def _document(
    pages: Sequence[PageRows | None], outside: _Outside, spare: dict[int, str], scans: Mapping[int, Scan], name: str
) -> Document | None:
    """Build a document from read pages (None for an unreadable one); None if there is no text."""
    read = [page or PageRows() for page in pages]
    # A scan's lines are in reading order since their recognition.
    read = [page if at in scans else in_reading_order(page) for at, page in enumerate(read)]
    text, blocks, spans = _write(read, outside, spare)
    if not text.strip():
        return None
    for at, scan in scans.items():
        spans[at] = scan.placed(spans[at])
    title = outside.title or largest_heading(read[0]) or PurePath(name).stem
    quality = _quality(pages, spare, scans)
    return Document(text, title, detect_language(text), tuple(blocks), tuple(spans), _notes(quality), quality)


def document_of_scans(scans: Sequence[Scan], name: str) -> Document | None:
    """Build a document from recognised pictures; None if there is no text."""
    read = {at: scan for at, scan in enumerate(scans) if scan.boxes}
    outside = _Outside("", (None,) * len(scans), {})
    return _document([scan.rows for scan in scans], outside, {}, read, name)


def _no_text(pages: Sequence[PageRows | None], name: str, *, recognised: bool) -> NoText:
    """Return the error for a PDF without text, with the reason."""
    if all(page is not None and page.blank for page in pages):
        return NoText(f"{name} has no text: nothing is drawn on its pages.", remedy="Check that it is the right file.")
    its_pages = "its page is probably a scanned picture"
    if len(pages) > 1:
        its_pages = f"its {len(pages)} pages are probably scanned pictures"
    if not recognised:
        return NoText(f"{name} has no text: {its_pages}.", remedy=f"To have it recognised, install that: {INSTALL}")
    return NoText(
        f"{name} has no text: none was recognised on its {'pages' if len(pages) > 1 else 'page'} either.",
        remedy="Check that it is the right file; scan it anew if its letters are small or blurred.",
    )


def _write(pages: Sequence[PageRows], outside: _Outside, spare: dict[int, str]) -> tuple[str, list[Block], list[Page]]:
    """Write the pages in order, each with its blocks and its alignment."""
    style, words = style_of(pages), words_of(page.glyphs.text for page in pages)
    text, blocks, spans = AlignedText(), list[Block](), list[Page]()
    pages = [footnotes_last(page, style) for page in without_running(pages, style, outside.outline)]
    last = max((at for at, page in enumerate(pages) if page.rows or spare.get(at)), default=-1)
    for at, page in enumerate(pages):
        start = text.length
        if page.rows:
            groups = groups_of(page, style, outside.outline.get(at, {}))
            blocks += write_page(text, page, groups, at + 1, words)
        elif spare.get(at):
            text.insert(spare[at])
            blocks.append(Block(start, text.length, BlockKind.PARAGRAPH, 0, at + 1))
        if text.length > start and at < last:
            text.insert("\n\n")
        spans.append(Page(at + 1, start, text.length, outside.labels[at], text.alignment()))
    return "".join(text.parts), blocks, spans


def _rows_or_nothing(pdf: Any, index: int) -> PageRows | None:
    """Return a page's rows, or None if PDFium can't read the page: others may be fine."""
    import pypdfium2

    try:
        return read_rows(pdf, index)
    except pypdfium2.PdfiumError:
        return None


def _outside(pdf: Any) -> _Outside:
    """Return title, page labels and outline."""
    with LOCK:
        labels = tuple(pdf.get_page_label(index) or None for index in range(len(pdf)))
        with quiet("pypdfium2"):
            entries = list(_outline(pdf))
        return _Outside(_sensible_title(pdf.get_metadata_value("Title")), labels, outline_by_page(entries))


def _outline(pdf: Any) -> Iterator[tuple[int, str, int]]:
    """Yield (page index, title, level) of the outline's entries that lead to a page."""
    for bookmark in pdf.get_toc():
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        if page is not None and page >= 0:
            yield page, bookmark.get_title(), min(bookmark.level + 1, 6)


def _sensible_title(title: str) -> str:
    """Return a title from the metadata, or an empty one if it only names a program or a file."""
    title = " ".join("".join(letter if letter.isprintable() else " " for letter in title).split())
    lower = title.casefold()
    file_name = re.search(r"\.[a-z0-9]{2,8}$", lower) is not None and " " not in lower.rpartition(".")[2]
    made_up = lower.startswith(("microsoft word", "microsoft powerpoint", "untitled", "unbenannt", "slide 1"))
    return "" if made_up or file_name or sum(map(str.isalpha, title)) < 3 else title


def _spare_pages(data: bytes, wanted: Sequence[int] | None = None) -> dict[int, str]:
    """Return pypdf's text of the pages (all by default) on which PDFium found none."""
    import pypdf

    found: dict[int, str] = {}
    if len(data) > LARGEST_SECOND_OPINION:
        return found
    with quiet("pypdf"):
        try:
            reader = pypdf.PdfReader(io.BytesIO(data))
            for at in (range(len(reader.pages)) if wanted is None else wanted)[:MOST_SECOND_OPINIONS]:
                found[at] = ""
                found[at] = _printable(reader.pages[at].extract_text())
        except Exception:  # noqa: BLE001  # pypdf raises any exception on a broken file; earlier pages count
            return found
    return found


def _printable(text: str) -> str:
    """Return the printable text; a page of undecoded glyphs is no better than an empty one."""
    kept = "".join(letter for letter in text if letter.isprintable() or letter == "\n").strip()
    return kept if sum(map(str.isalnum, kept)) > len(kept) // 3 else ""


def _document_of_spare(data: bytes, name: str, error: Damaged) -> Document:
    """Build a document from pypdf's text of a file that PDFium can't open."""
    pages = _spare_pages(data)
    if not pages and b"%%EOF" in data[-2048:]:
        msg = f"{name} is a PDF without pages, or damaged."
        raise Damaged(msg, remedy=error.remedy) from error
    if not any(pages.values()):
        raise error
    outside = _Outside("", (None,) * len(pages), {})
    text, blocks, spans = _write([PageRows()] * len(pages), outside, pages)
    note = "the file is damaged: its text was recovered, but its pages can't be shown"
    return Document(text, PurePath(name).stem, detect_language(text), tuple(blocks), tuple(spans), (note,))


def _quality(pages: Sequence[PageRows | None], spare: Mapping[int, str], scans: Mapping[int, Scan]) -> Quality:
    """Return the pages that were recognised, show something without text or can't be read; empty pages are fine."""
    silent = [at + 1 for at, page in enumerate(pages) if page and not (page.rows or page.blank or spare.get(at))]
    unreadable = [at + 1 for at, page in enumerate(pages) if page is None and not spare.get(at)]
    by_ocr = [at + 1 for at in sorted(scans)]
    return Quality(images=tuple(silent), by_ocr=tuple(by_ocr), unreadable=tuple(unreadable))


def _notes(quality: Quality) -> tuple[str, ...]:
    notes = [note_of(quality.by_ocr)] if quality.by_ocr else []
    if quality.images:
        are = "are images" if len(quality.images) > 1 else "is an image"
        notes.append(f"{_named(quality.images)} {are} without text")
    if quality.unreadable:
        notes.append(f"{_named(quality.unreadable)} can't be read")
    return tuple(notes)


def _named(numbers: Sequence[int]) -> str:
    return f"page{'s' if len(numbers) > 1 else ''} {ranges(numbers)}"
