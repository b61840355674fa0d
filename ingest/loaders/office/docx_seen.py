"""Leaves in a Word file's XML what its reader sees: nothing deleted, hidden, or said twice for old programs.

Paragraphs whose end is deleted or hidden are joined with the next one, and so are large initials.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.loaders.office.docx_styles import Styles
from ingest.loaders.office.docx_xml import MC, W, remove, switch, value
from ingest.loaders.office.math import MATH

_GONE = (f"{W}del", f"{W}moveFrom")
_ROW, _CELL, _RUN, _MATH_RUN = f"{W}tr", f"{W}tc", f"{W}r", f"{MATH}r"
# Deletions of a paragraph's end, a row or a cell stand among its properties.
_PROPERTIES = frozenset(f"{W}{name}" for name in ("rPr", "trPr", "tcPr", "numPr", "pPr"))
_SHOWN = tuple(f"{W}{name}" for name in ("t", "sym", "drawing", "pict", "object"))
_TEXTS = (*_SHOWN, *(f"{W}{name}" for name in ("tab", "br", "cr", "noBreakHyphen")))
_FIELD = f"{W}fldChar"


def leave_seen(body: Any, styles: Styles) -> None:
    """Remove from `body` what its reader doesn't see."""
    _choose(body)
    _drop_deleted(body)
    _drop_hidden(body, styles)
    for text in _instructions(body):
        remove(text)
    for paragraph in list(body.iter(f"{W}p")):
        _join(paragraph, styles)


def _choose(body: Any) -> None:
    """Keep the first of the forms that are meant for different programs."""
    for several in list(body.iter(f"{MC}AlternateContent")):
        for form in several.findall(f"{MC}Choice")[1:]:
            several.remove(form)
        if several.find(f"{MC}Choice") is not None:
            for form in several.findall(f"{MC}Fallback"):
                several.remove(form)


def _drop_deleted(body: Any) -> None:
    """Remove tracked deletions, whole rows and cells too."""
    for gone in list(body.iter(*_GONE)):
        parent = gone.getparent()
        if parent is not None and parent.tag not in _PROPERTIES and not parent.tag.startswith(MATH + "ctrl"):
            parent.remove(gone)
    for row in list(body.iter(_ROW)):
        properties = row.find(f"{W}trPr")
        if properties is not None and (properties.find(f"{W}del") is not None or switch(properties, "hidden")):
            remove(row)
    for cell in list(body.iter(_CELL)):
        if cell.find(f"{W}tcPr/{W}cellDel") is not None:
            remove(cell)


def _drop_hidden(body: Any, styles: Styles) -> None:
    """Remove the runs whose text is hidden; references to comments and notes in them go too."""
    paragraph = None
    for element in list(body.iter(f"{W}p", _RUN, _MATH_RUN)):
        if element.tag == f"{W}p":
            paragraph = element
            continue
        inner = _paragraph_of(element, paragraph)
        if styles.is_hidden(element.find(f"{W}rPr"), inner):
            _empty(element)


def _paragraph_of(run: Any, last: Any) -> Any:
    """Return a run's paragraph, mostly the last one that began."""
    parent = run.getparent()
    return last if parent is last else next(run.iterancestors(f"{W}p"), None)


def _empty(run: Any) -> None:
    """Remove a run's content; its field signs stay, since a field may be hidden in part."""
    for child in list(run):
        if child.tag != _FIELD:
            run.remove(child)


def _instructions(body: Any) -> list[Any]:
    """Return the texts that are part of a field's instruction: in { IF { PAGE } = 1 … } the page isn't shown.

    A field that never ends hides nothing.
    """
    hidden = list[Any]()
    fields = list[list[Any] | None]()  # the texts of each open field's instruction; None once its result began
    for element in body.iter(_FIELD, *_TEXTS):
        sign = element.get(f"{W}fldCharType")
        if element.tag != _FIELD:
            outermost = next((texts for texts in fields if texts is not None), None)
            if outermost is not None:
                outermost.append(element)
        elif sign == "begin":
            fields.append([])
        elif sign in ("separate", "end") and fields:
            hidden += fields[-1] or ()
            fields[-1] = None
            if sign == "end":
                fields.pop()
    return hidden


def _join(paragraph: Any, styles: Styles) -> None:
    """Move a paragraph's content to the beginning of the next one if the reader sees them as one.

    A hidden paragraph without a next one to join remains if it has text.
    """
    properties = paragraph.find(f"{W}pPr")
    if properties is None or not (_is_initial(properties) or _has_no_end(properties, paragraph, styles)):
        return
    following = paragraph.getnext()
    while following is not None and not isinstance(following.tag, str):
        following = following.getnext()
    content = [child for child in paragraph if child is not properties]
    if following is None or following.tag != f"{W}p":
        if next(paragraph.iter(*_SHOWN, f"{MATH}oMath"), None) is None and not _is_last(paragraph):
            remove(paragraph)
        return
    at = 0 if following.find(f"{W}pPr") is None else 1
    for child in reversed(content):
        following.insert(at, child)
    remove(paragraph)


def _is_last(paragraph: Any) -> bool:
    """Say whether a paragraph is all that its cell or body has."""
    parent = paragraph.getparent()
    return parent is None or len(parent.findall(f"{W}p")) == 1


def _is_initial(properties: Any) -> bool:
    """Say whether a paragraph is a large initial of the next one."""
    frame = properties.find(f"{W}framePr")
    return frame is not None and frame.get(f"{W}dropCap") in ("drop", "margin")


def _has_no_end(properties: Any, paragraph: Any, styles: Styles) -> bool:
    """Say whether a paragraph's end is deleted or hidden; a "style separator" ends a heading within its line."""
    end = properties.find(f"{W}rPr")
    if end is not None and any(end.find(gone) is not None for gone in _GONE):
        return True
    is_heading = styles.outline_level(value(properties, "pStyle")) > 0
    return not is_heading and not switch(end, "specVanish") and styles.is_hidden(end, paragraph)


def reference_ids(body: Any, name: str) -> set[str]:
    """Return the ids of the references of a kind that are left."""
    return {reference.get(f"{W}id", "") for reference in body.iter(f"{W}{name}")}


def seen_pieces(element: Any) -> Iterator[Any]:
    """Yield the elements with text, and the paragraphs, in the order of the document."""
    yield from element.iter(f"{W}p", f"{W}commentRangeStart", f"{W}commentRangeEnd", *_TEXTS)
