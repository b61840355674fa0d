"""The documents panel: batches in progress, the list of documents, and the details of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from urllib.parse import quote

from ingest import quality
from ingest.loaders import FORMATS, page_word
from ingest.loaders.building import ranges
from ingest.report import Status
from rag.errors import StudyhallError
from rag.texts import DAY, counted, decimal, many, moment, say, sayable, whole
from rag.types import Document, DocumentInfo, DocumentState
from ui.hall import Studyhall
from ui.render.words import describe_estimate, describe_pace, describe_pages
from ui.web.batches import Batch, BatchFile, Step, is_web_address
from ui.web.markup import hidden, safe, text

_STATES = {
    DocumentState.QUEUED: (
        sayable("waiting"),
        sayable("Accepted, but not read yet: it is read with the next files."),
    ),
    DocumentState.PARSED: (
        sayable("indexing"),
        sayable("Found by its words already; by its meaning once it is embedded."),
    ),
    DocumentState.READY: (sayable("ready"), sayable("Found by words and by meaning.")),
    DocumentState.FAILED: (sayable("failed"), sayable("It could not be read.")),
}
_STEPS = {
    Step.QUEUED: sayable("queued"),
    Step.READING: sayable("reading"),
    Step.INDEXING: sayable("embedding"),
    Step.DONE: sayable("done"),
    Step.FAILED: sayable("failed"),
}
_LISTED = 500  # documents drawn at once
_SHOWN = 200  # lines of progress drawn at once


@dataclass(frozen=True, slots=True)
class Listing:
    """What the list shows: a collection, and the document that is opened in it."""

    collection: str | None = None  # None: all of them
    opened: str = ""  # key of a document
    removing: bool = False  # and it is asked whether to remove it
    words: str = ""  # of the titles and names that are listed


def key(info: DocumentInfo) -> str:
    """Return the key of a document in links: with collection and path, since the same content can be in several."""
    return ":".join([info.document_id, quote(info.collection, safe=""), quote(info.source, safe="")])


def document_of(hall: Studyhall, named: str) -> DocumentInfo | None:
    """Return the document that a key stands for, None when it is there no more."""
    return next((info for info in hall.documents() if key(info) == named), None)


def after_click(hall: Studyhall, listing: Listing, action: str) -> Listing:
    """Return the listing as it is after a click: ``open:KEY``, ``close``, ``ask-remove``, ``keep`` or ``remove``."""
    verb, _, named = action.partition(":")
    closed = replace(listing, opened="", removing=False)
    if verb == "open":
        return replace(closed, opened="" if named == listing.opened else named)
    if verb in {"ask-remove", "keep"}:
        return replace(listing, removing=verb == "ask-remove")
    if verb == "remove" and listing.removing and (info := document_of(hall, listing.opened)):
        hall.remove(info.source, collection=info.collection)
    return closed


# ---- the list


def list_html(hall: Studyhall, listing: Listing) -> str:
    """Return the list of documents, with the opened one's details under its line."""
    listed = [info for info in hall.documents() if listing.collection in {None, info.collection}]
    listed = [info for info in listed if _is_named_so(info, listing.words)]
    if not listed and listing.words.strip():
        return safe(f'<p class="nothing">{say("No document is called so.")}</p>')
    if not listed:
        return safe(f'<p class="nothing">{say("No documents here yet. Drop some files above.")}</p>')
    lines = [_line(hall, info, listing) for info in listed[:_LISTED]]
    more = len(listed) - _LISTED
    told = say("… and {number} more. Choose a collection to see fewer.", number=whole(more))
    rest = safe(f'<p class="nothing">{told}</p>') if more > 0 else ""
    return "\n\n".join([safe(_summary(listed)), _outdated_html(hall, listing), *lines, rest])


def _is_named_so(info: DocumentInfo, words: str) -> bool:
    named = f"{info.title} {source_name(info.source)}".casefold()
    return all(word in named for word in words.casefold().split())


def _outdated_html(hall: Studyhall, listing: Listing) -> str:
    """Return a line about documents that would be read better now, with the button that does it; empty without any."""
    count = len(hall.outdated(listing.collection))
    if not count:
        return ""
    documents = counted(count, "document")
    told = (
        say("{documents} was read by an older version of Studyhall.", documents=documents)
        if count == 1
        else say("{documents} were read by an older version of Studyhall.", documents=documents)
    )
    says = say("Read again")
    button = f'<button type="button" class="act" id="docs-read-again" value="docs:read-again">{says}</button>'
    return safe(f'<div class="outdated"><p>{told}</p><div class="buttons">{button}</div></div>')


def _summary(listed: list[DocumentInfo]) -> str:
    pages = sum(info.pages for info in listed)
    states = Counter(info.state for info in listed)
    parts = [counted(len(listed), "document")] + ([counted(pages, "page")] if pages else [])
    if states[DocumentState.FAILED]:
        parts.append(say("{number} could not be read", number=whole(states[DocumentState.FAILED])))
    return f'<p class="summary">{" · ".join(parts)}</p>'


def _line(hall: Studyhall, info: DocumentInfo, listing: Listing) -> str:
    named = key(info)
    is_open = named == listing.opened
    state, says = _STATES[info.state]
    measures = [_format(info), _extent(info), counted(info.chunks, "passage") if info.chunks else "", _day(info.added)]
    details = _details(hall, info, removing=listing.removing) if is_open else ""
    failed = (
        f'<span class="reason">{text(reason(info.error, info.source))}</span>' if info.error and not is_open else ""
    )
    opened = say("Close the details of") if is_open else say("Details of")
    pick = (
        f'<button type="button" class="pick" value="{text(named)}" title="{text(say("Select"))}">'
        f"{hidden(say('Select {title}', title=info.title))}</button>"
    )
    return safe(
        f'<section class="document{" opened" if is_open else ""}">{pick}'
        f'<a class="act document-line" id="doc-{text(named)}" '
        f'href="#docs:open:{text(named)}"><span class="document-name">{hidden(opened)} {text(info.title)}</span>'
        f'<span class="state {state}" title="{text(say(says))}">{say(state)}</span>'
        f'<span class="measures"><span class="collection">{text(info.collection)}</span> · '
        f"{text(' · '.join(filter(None, measures)))}</span>{failed}</a>{details}</section>"
    )


# ---- the details of one


def _details(hall: Studyhall, info: DocumentInfo, *, removing: bool) -> str:
    facts = [
        (say("Source"), source_name(info.source)),
        (say("Language"), info.language),
        (say("Size"), _size(info.size)),
    ]
    if info.error:
        body = f'<p class="failure">{text(reason(info.error, info.source))}</p>'
    else:
        document = _whole(hall, info)
        facts += [(say("Pages with text"), _coverage(document))] if document and document.pages else []
        facts += [(say("Characters"), whole(info.characters))]
        facts += [(f"{name[0].upper()}{name[1:]}", value) for name, value in _report(info)]
        body = "".join(f'<p class="note">{text(note)}</p>' for note in info.notes)
    table = "".join(f"<dt>{name}</dt><dd>{text(value)}</dd>" for name, value in facts if value)
    return f'<div class="details">{body}<dl>{table}</dl>{_buttons(info, removing=removing)}</div>'


def _buttons(info: DocumentInfo, *, removing: bool) -> str:
    if removing:
        return (
            f'<div class="confirm" role="alert"><p>{text(_removal(info))}</p>'
            '<div class="buttons"><button type="button" class="act danger" id="docs-remove" value="docs:remove">'
            f'{say("Remove it")}</button><button type="button" class="act" id="docs-keep" value="docs:keep">'
            f"{say('Keep it')}</button></div></div>"
        )
    readable = info.state in {DocumentState.PARSED, DocumentState.READY}
    reading = (
        f'<button type="button" class="act" id="docs-ask" value="ask:about">{say("Ask about it")}</button>'
        f'<button type="button" class="act" id="docs-read" value="view:document">{say("Open it")}</button>'
    )
    return (
        f'<div class="buttons">{reading if readable else ""}'
        f'<button type="button" class="act" id="docs-ask-remove" value="docs:ask-remove">'
        f"{say('Remove …')}</button></div>"
    )


def _removal(info: DocumentInfo) -> str:
    return say(
        "Remove “{title}” from {collection}? Your own copy of the file stays where it is.",
        title=info.title,
        collection=info.collection,
    )


def _whole(hall: Studyhall, info: DocumentInfo) -> Document | None:
    try:
        return hall.document(info.document_id)
    except StudyhallError:  # removed meanwhile, or only queued
        return None


def _report(info: DocumentInfo) -> list[tuple[str, str]]:
    return quality.facts(info.quality, page=page_word(info.source)) if info.quality else []


def _coverage(document: Document) -> str:
    empty = [page.number for page in document.pages if not document.text[page.start : page.end].strip()]
    total = len(document.pages)
    if not empty:
        return say("all {total}", total=total) if total > 1 else "1"
    without = ranges(empty).replace("-", "–")
    return say("{number} of {total}; none on {without}", number=total - len(empty), total=total, without=without)


# ---- batches in progress


def progress_html(batches: Sequence[Batch]) -> str:
    """Return how far batches have come, a line per file."""
    return "\n\n".join(_batch_html(batch) for batch in batches)


def _batch_html(batch: Batch) -> str:
    lines = "".join(_progress_line(item) for item in list(batch.items.values())[:_SHOWN])
    more = len(batch.items) - _SHOWN
    rest = f'<li class="more">{say("… and {number} more", number=whole(more))}</li>' if more > 0 else ""
    error = f'<p class="failure">{text(batch.error)}</p>' if batch.error else ""
    role = ' role="status"' if batch.ended else ""
    return safe(
        f'<section class="progress"{role}><p class="progress-head">{text(_headline(batch))}</p>{_outlook(batch)}'
        f"{_bar(batch)}{error}"
        f"<ul>{lines}{rest}</ul></section>"
    )


def _headline(batch: Batch) -> str:
    if batch.resumes:
        return say("Going on with what was left unfinished")
    failed, done = batch.count(Step.FAILED), batch.count(Step.DONE)
    if not batch.ended:
        begun = batch.total or len(batch.items)
        if not begun:
            return say("Starting …")
        far = {"number": whole(done + failed), "files": counted(begun, "file")}
        return say("Adding to {collection}: {number} of {files} done", collection=batch.collection, **far)
    parts = [say("{files} ready", files=counted(done, "file"))] if done else []
    parts += [say("{number} could not be added", number=whole(failed))] if failed else []
    parts += [say("{number} of other formats left out", number=whole(batch.left_out))] if batch.left_out else []
    return f"{', '.join(parts) or say('Nothing was added')}."


def _outlook(batch: Batch) -> str:
    """Return the estimate of a batch, and its pace."""
    if batch.ended:
        return ""
    pace = [describe_pages(batch.pace), describe_pace(batch.pace)] if batch.pace else []
    says = [describe_estimate(batch.estimate) if batch.estimate else "", " · ".join(filter(None, pace))]
    return "".join(f'<p class="outlook">{text(line)}</p>' for line in says if line)


def _bar(batch: Batch) -> str:
    if batch.ended or not batch.to_embed:
        return ""
    far = say("Embedding passage {number} of {total}", number=whole(batch.embedded), total=whole(batch.to_embed))
    return (
        f'<div class="busy"><span>{far}</span>'
        f'<progress max="{batch.to_embed}" value="{batch.embedded}"></progress></div>'
    )


def _progress_line(item: BatchFile) -> str:
    report = item.report
    says = say(_STEPS[item.step])
    if report and report.status is Status.UNCHANGED:
        says = say("unchanged")
    elif report and report.status is Status.UPDATED:
        says = say("updated")
    elif item.page and item.step is Step.READING:
        kind = many(1, page_word(item.page.source))
        says = say("{Page} {number} of {total}", Page=kind, number=item.page.page, total=item.page.total)
    notes = list(report.notes) if report else []
    if report and report.error:
        notes = [reason(report.error, report.source)]
    notes_html = "".join(f'<span class="reason">{text(note)}</span>' for note in notes)
    return (
        f'<li class="{item.step.value}"><span class="name">{text(item.name)}</span>'
        f'<span class="state {item.step.value}">{says}</span>{notes_html}</li>'
    )


# ---- words


def reason(error: str, source: str) -> str:
    """Return an error with the file's name instead of the path that the upload had for a moment.

    >>> reason("/home/me/uploads/main/a.pdf is damaged.", "/home/me/uploads/main/a.pdf")
    'a.pdf is damaged.'
    """
    return error.replace(source, source_name(source))


def source_name(source: str) -> str:
    """Return where a document came from: a web address, or a file's name."""
    return source if is_web_address(source) else PurePath(source.replace("\\", "/")).name


def _format(info: DocumentInfo) -> str:
    return FORMATS[info.media_type][1] if info.media_type in FORMATS else info.media_type


def _extent(info: DocumentInfo) -> str:
    if not info.pages:
        return ""
    return counted(info.pages, page_word(info.source))


def _day(added: str) -> str:
    return say("added {day}", day=named) if (named := day(added)) else ""


def day(told: str, pattern: str = DAY) -> str:
    """Return the day of a moment in ISO 8601, here, or what `pattern` shows of it; empty for anything else.

    >>> day("2026-11-30T12:00:00+00:00"), day("")
    ('30 Nov 2026', '')
    """
    try:
        return moment(datetime.fromisoformat(told).astimezone(), pattern)
    except ValueError:
        return ""


def _size(size: int) -> str:
    if size < 1024:
        return counted(size, "byte") if size else ""
    return f"{decimal(size / 1024, 0)} kB" if size < 1024**2 else f"{decimal(size / 1024**2)} MB"
