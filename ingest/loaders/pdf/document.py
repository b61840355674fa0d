"""Loads a PDF: reads its pages with PDFium, and writes text, blocks and alignment in one step."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import quiet
from ingest.loaders.pdf.blocks import groups_of, largest_heading, outline_by_page, style_of
from ingest.loaders.pdf.columns import in_reading_order
from ingest.loaders.pdf.footnotes import footnotes_last
from ingest.loaders.pdf.glyphs import named_glyphs, with_names
from ingest.loaders.pdf.notes import notes_of, quality_of
from ingest.loaders.pdf.placing import with_annotations
from ingest.loaders.pdf.rows import PageRows, read_rows
from ingest.loaders.pdf.running import without_running
from ingest.loaders.pdf.scans import HOW_TO, doubtful_pages, read_scans
from ingest.loaders.pdf.spare import spare_pages
from ingest.loaders.pdf.text import AlignedText, words_of, write_page
from ingest.loaders.scan import Scan
from ingest.ocr import INSTALL, Recogniser, recogniser
from ingest.parse.progress import report_page
from ingest.pdfium import LOCK, opened
from rag.errors import Damaged, NoText
from rag.types import Block, BlockKind, Document, Page

logger = logging.getLogger(__name__)


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
    spare = spare_pages(data, doubtful) if doubtful else {}
    asked = [at for at in doubtful_pages(pages) if not spare.get(at)]
    scans = read_scans(data, pages, asked, recogniser)
    for at, scan in (scans or {}).items():
        before = pages[at]
        # The picture that was recognised shows the fields, but comments stand beside it.
        comments = tuple((comment, -1) for comment, _ in before.comments) if before else ()
        pages[at] = replace(scan.rows, comments=comments)
    document = _document(pages, outside, spare, scans or {}, name)
    if document is None:
        raise _no_text(pages, name, recognised=scans is not None)
    missing = (HOW_TO,) if scans is None and (document.quality.images or document.quality.unreadable) else ()
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
    with opened(data, name=name, forms=True) as pdf:
        for number, index in enumerate(wanted, start=1):
            report_page(number, len(wanted))
            pages.append(_rows_or_nothing(pdf, index))
    unknown = {at: page.drawn for at, page in zip(wanted, pages, strict=True) if page and page.drawn.text}
    names = named_glyphs(data, unknown) if unknown else {}
    return [page and _tried(with_names, page, names.get(at, {})) for at, page in zip(wanted, pages, strict=True)]


def _document(
    pages: Sequence[PageRows | None], outside: _Outside, spare: dict[int, str], scans: Mapping[int, Scan], name: str
) -> Document | None:
    """Build a document from read pages (None for an unreadable one); None if there is no text."""
    read = [page or PageRows() for page in pages]
    # A scan's lines are in reading order since their recognition.
    read = [page if at in scans else _tried(in_reading_order, page) for at, page in enumerate(read)]
    text, blocks, spans, failed = _write(read, outside, spare)
    if not text.strip():
        return None
    for at, scan in scans.items():
        spans[at] = scan.placed(spans[at])
    title = outside.title or largest_heading(read[0]) or PurePath(name).stem
    quality = quality_of(pages, spare, scans, failed)
    notes = notes_of(quality, pages, spare)
    return Document(text, title, detect_language(text), tuple(blocks), tuple(spans), notes, quality)


def document_of_scans(scans: Sequence[Scan], name: str) -> Document | None:
    """Build a document from recognised pictures; None if there is no text."""
    read = {at: scan for at, scan in enumerate(scans) if scan.boxes}
    outside = _Outside("", (None,) * len(scans), {})
    return _document([scan.rows for scan in scans], outside, {}, read, name)


def _no_text(pages: Sequence[PageRows | None], name: str, *, recognised: bool) -> NoText:
    """Return the error for a PDF without text, with the reason."""
    if all(page is None for page in pages):
        msg = f"{name} has no text: none of its pages can be read."
        return NoText(msg, remedy="Open it in a viewer and print it to a new PDF.")
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


def _write(
    pages: Sequence[PageRows], outside: _Outside, spare: dict[int, str]
) -> tuple[str, list[Block], list[Page], list[int]]:
    """Write the pages in order, each with its blocks and its alignment; return also the indexes of those that fail."""
    style, words = style_of(pages), words_of(page.glyphs.text for page in pages)
    text, blocks, spans, failed = AlignedText(), list[Block](), list[Page](), list[int]()
    with suppress(Exception):
        pages = without_running(pages, style, outside.outline)
    pages = [_tried(footnotes_last, page, style) for page in pages]
    last = max((at for at, page in enumerate(pages) if page.rows or page.comments or spare.get(at)), default=-1)
    for at, page in enumerate(pages):
        start = text.length
        if spare.get(at):
            text.insert(spare[at])
            blocks.append(Block(start, text.length, BlockKind.PARAGRAPH, 0, at + 1))
        if page.rows or page.comments:
            before = text.length
            try:
                text.insert_if("\n\n" if before > start else "")
                blocks += write_page(text, page, groups_of(page, style, outside.outline.get(at, {})), at + 1, words)
            except Exception:  # whatever goes wrong on a page costs that page only
                logger.debug("Page %d can't be written.", at + 1, exc_info=True)
                text.back_to(before)
                failed.append(at)
        if text.length > start and at < last:
            text.insert("\n\n")
        spans.append(Page(at + 1, start, text.length, outside.labels[at], text.alignment(), page.boxes))
    return "".join(text.parts), blocks, spans, failed


def _tried(step: Callable[..., PageRows], page: PageRows, *others: Any) -> PageRows:
    """Return a page after a step that improves it; the page as it was if this fails."""
    try:
        return step(page, *others)
    except Exception:
        logger.debug("%s fails on a page.", step.__name__, exc_info=True)
        return page


def _rows_or_nothing(pdf: Any, index: int) -> PageRows | None:
    """Return a page's rows, or None if the page can't be read: others may be fine."""
    try:
        page = read_rows(pdf, index)
    except Exception:  # whatever goes wrong on a page costs that page only
        logger.debug("Page %d can't be read.", index + 1, exc_info=True)
        return None
    try:
        return with_annotations(pdf, index, page) if page.annotated else page
    except Exception:
        logger.debug("The fields and comments of page %d can't be read.", index + 1, exc_info=True)
        return replace(page, lost=True)


def _outside(pdf: Any) -> _Outside:
    """Return title, page labels and outline."""
    with LOCK:
        labels = tuple(pdf.get_page_label(index) or None for index in range(len(pdf)))
        entries: list[tuple[int, str, int]] = []
        with quiet("pypdfium2"), suppress(Exception):  # a broken outline costs its rest
            entries.extend(_outline(pdf))
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


def _document_of_spare(data: bytes, name: str, error: Damaged) -> Document:
    """Build a document from pypdf's text of a file that PDFium can't open."""
    pages = spare_pages(data)
    if not pages and b"%%EOF" in data[-2048:]:
        msg = f"{name} is a PDF without pages, or damaged."
        raise Damaged(msg, remedy=error.remedy) from error
    if not any(pages.values()):
        raise error
    outside = _Outside("", (None,) * len(pages), {})
    text, blocks, spans, _ = _write([PageRows()] * len(pages), outside, pages)
    note = "the file is damaged: its text was recovered, but its pages can't be shown"
    return Document(text, PurePath(name).stem, detect_language(text), tuple(blocks), tuple(spans), (note,))
