"""The page beside the answer: a cited page as a picture with the quote marked, or its text around the quote."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.loaders import MARKDOWN, PDF, page_word
from ingest.pages import Box, PagePicture, render
from ingest.pictures import PICTURES
from rag.errors import NotFound, StudyhallError
from rag.texts import many, say
from rag.types import Block, BlockKind, Citation, Document, DocumentInfo, Page, Passage
from ui.hall import Studyhall
from ui.web.markup import hidden, safe, text
from ui.web.sheet import Marked, block_html, sections, trail

_DRAWN = {PDF, *PICTURES}  # the others are shown as text
ZOOMS = (100, 140, 200, 280)  # per cent of the panel's width
_PIXELS = 1100  # width of a page's picture at 100 per cent: sharp on most screens


@dataclass(frozen=True, slots=True)
class View:
    """What the viewer shows: a page (or part) of a document, and the span that is marked."""

    document_id: str
    number: int = 1  # of the page, or of the part in documents without pages
    start: int = 0
    end: int = 0  # equal to start: nothing is marked
    zoom: int = 0  # index into ZOOMS


def view_of(hall: Studyhall, found: Citation | Passage) -> View:
    """Return the view of the page that a citation or a passage begins on."""
    if found.page is not None:
        return View(found.document_id, found.page, found.start, found.end)
    pieces = sections(hall.document(found.document_id))
    number = next((at for at, piece in enumerate(pieces, start=1) if found.start < piece[-1].end), len(pieces))
    return View(found.document_id, number, found.start, found.end)


def after_button(view: View, action: str) -> View | None:
    """Return the view after a button: previous, next, closer, wider; None for close."""
    if action == "previous":
        return replace(view, number=max(view.number - 1, 1))
    if action == "next":
        return replace(view, number=view.number + 1)
    if action == "closer":
        return replace(view, zoom=min(view.zoom + 1, len(ZOOMS) - 1))
    if action == "wider":
        return replace(view, zoom=max(view.zoom - 1, 0))
    return None


def viewer_html(hall: Studyhall, view: View | None) -> str:
    """Return the panel: a head with its buttons, and the page under it, each a block of its own."""
    if view is None:
        return ""
    try:
        info = hall.document_info(view.document_id)
        if info.media_type in _DRAWN and info.pages and (original := hall.original(info.document_id)):
            view = replace(view, number=min(view.number, info.pages))
            page = hall.page(info.document_id, view.number)
            return f"{_head(info, view, info.pages, page, drawn=True)}\n\n{_picture(info, view, page, original, hall)}"
        document = hall.document(info.document_id)
        total = info.pages or len(sections(document))
        view = replace(view, number=min(view.number, max(total, 1)))
        page = document.pages[view.number - 1] if document.pages else None
        return f"{_head(info, view, total, page)}\n\n{_sheet(info, view, document, page)}"
    except NotFound:
        return _apology(say("This document was removed."), say("Its pages can't be shown any more."))
    except StudyhallError as exc:
        return _apology(exc.what, exc.remedy)


# ---- the head


def _head(info: DocumentInfo, view: View, total: int, page: Page | None, *, drawn: bool = False) -> str:
    label = _label(info, page)
    kind = many(1, page_word(info.source) if info.pages else "part")
    place = say("{Page} {number} of {total}", Page=f"{kind[0].upper()}{kind[1:]}", number=view.number, total=total)
    place = f"{place}{label}" if total > 1 or info.pages else ""
    turning = (
        _button("previous", say("Previous {page}", page=kind), "‹", off=view.number <= 1)
        + _button("next", say("Next {page}", page=kind), "›", off=view.number >= total)
        if total > 1
        else ""
    )
    zooming = (
        _button("wider", say("Zoom out"), "−", off=view.zoom == 0)
        + _button("closer", say("Zoom in"), "+", off=view.zoom == len(ZOOMS) - 1)
        if drawn
        else ""
    )
    return safe(
        f'<header class="viewer-head"><div class="viewer-title"><h2 title="{text(info.source)}">{text(info.title)}</h2>'
        f'<p role="status">{text(place)}</p></div><div class="viewer-buttons">{turning}{zooming}'
        f"{_button('close', say('Close the page'), '×')}</div></header>"
    )


def _label(info: DocumentInfo, page: Page | None) -> str:
    """Return the label of a page beside its number: "printed as iv" on paper, else the sheet's or chapter's name."""
    if page is None or not page.label or page.label == str(page.number):
        return ""
    return say(", printed as {label}", label=page.label) if info.media_type in _DRAWN else f": {page.label}"


def _button(action: str, says: str, sign: str, *, off: bool = False) -> str:
    disabled = " disabled" if off else ""
    return (
        f'<button type="button" class="act" id="view-{action}" value="view:{action}" title="{says}"{disabled}>'
        f"{hidden(says)}{sign}</button>"
    )


def _apology(what: str, remedy: str) -> str:
    close = _button("close", say("Close the page"), "×")
    return safe(
        f'<header class="viewer-head"><div class="viewer-title"><h2>{text(what)}</h2></div>'
        f'<div class="viewer-buttons">{close}</div></header><p class="viewer-note">{text(remedy)}</p>'
    )


# ---- the page


def _sheet(info: DocumentInfo, view: View, document: Document, page: Page | None) -> str:
    shown = _on_page(document, page) if page else sections(document)[view.number - 1]
    marked = Marked(document, view.start, view.end, markdown=info.media_type == MARKDOWN)
    names = " › ".join(text(name) for name in trail(document, shown))
    above = f'<p class="trail">{names}</p>' if names else ""
    return safe(f'<div class="sheet" tabindex="0">{above}{"".join(block_html(marked, block) for block in shown)}</div>')


def _on_page(document: Document, page: Page) -> list[Block]:
    """Return the blocks of a page; the page as one block when a block goes on from the page before."""
    shown = [block for block in document.blocks if page.start <= block.start and block.end <= page.end]
    whole = sum(block.end - block.start for block in shown) >= (page.end - page.start) // 2
    return shown if whole else [Block(page.start, page.end, BlockKind.PARAGRAPH)]


def _picture(info: DocumentInfo, view: View, page: Page | None, original: Path, hall: Studyhall) -> str:
    """Draw the page, and lay the boxes of the quote over it, so that they can be scrolled to and are announced."""
    if page is None:
        message = say("{title} has no page {number}.", title=info.title, number=view.number)
        raise NotFound(message)
    spans = [(view.start, view.end)] if _overlaps(page, view) else []
    zoom = ZOOMS[view.zoom]
    words = hall.text(info.document_id, page.start, page.end)
    picture = render(original, page, spans, width=_PIXELS * zoom // 100)
    boxes = "".join(
        f'<span class="page-box" style="left:{box.x0 / picture.width:.4%};top:{box.y0 / picture.height:.4%};'
        f'width:{(box.x1 - box.x0) / picture.width:.4%};height:{(box.y1 - box.y0) / picture.height:.4%}"></span>'
        for box in picture.boxes
    )
    data = base64.b64encode(picture.png).decode()
    says = say("Page {number} of {title}", number=view.number, title=info.title)
    says += say(", with the quoted words marked") if boxes else ""
    return safe(
        f'<div class="sheet drawn" tabindex="0"><div class="page zoom-{zoom}">'
        f'<img src="data:image/png;base64,{data}" width="{picture.width}" height="{picture.height}" alt="{text(says)}">'
        f"{boxes}{_text_layer(picture, page, words)}</div></div>"
    )


def _text_layer(picture: PagePicture, page: Page, words: str) -> str:
    """Return the words of a page over its picture, unseen: to be selected, copied, searched and read aloud.

    `words` is the text of the page. A word that is divided at the end of a line stands whole at its beginning.
    """
    spans: list[tuple[Box, str]] = []
    read = page.start
    for line in picture.lines:
        at, end = max(line.start, read) - page.start, line.end - page.start
        while at < end < len(words) and words[end - 1].isalnum() and words[end].isalnum():
            end += 1
        read = max(read, page.start + end)
        if line.upright and (said := " ".join(words[at:end].split())):
            spans.append((line.box, said))
    return "".join(
        f'<span class="page-line" style="left:{box.x0 / picture.width:.3%};top:{box.y0 / picture.height:.3%};'
        f'width:{(box.x1 - box.x0) / picture.width:.3%};height:{(box.y1 - box.y0) / picture.height:.3%}">'
        f"<span>{text(said)}</span></span>"
        for box, said in spans
    )


def _overlaps(page: Page, view: View) -> bool:
    return view.end > view.start and view.start < page.end and view.end > page.start
