"""The text of a Word file's paragraph: links, formulas, symbols, boxes to tick, readings of characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest.loaders.office.docx_symbols import in_font, symbol
from ingest.loaders.office.docx_xml import W, switch, value
from ingest.loaders.office.math import MATH, formula
from ingest.loaders.scripts import lowered, raised

NUMBER = "number"  # attribute of a reference to a note: its number as displayed
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_SKIPPED = {f"{W}{name}" for name in ("instrText", "delInstrText", "delText", "pPr", "rPr", "sdtPr", "txbxContent")}
_SIDES = {"superscript": raised, "subscript": lowered}
_BREAKS = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
    f"{W}softHyphen": "",
}
_BOXES = {True: "☒", False: "☐"}


def paragraph_text(element: Any) -> str:
    """Return the text of a paragraph, without its text boxes; tabs become spaces."""
    return re.sub(r"[ \t]+", " ", letters(element))


def letters(element: Any) -> str:
    """Return the text within an element, with its white space."""
    return "".join(_letters(element))


def text_of(element: Any) -> str:
    """Return the text of an element, without what isn't text in it, as an entity that the file doesn't define."""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _letters(element: Any) -> Iterator[str]:
    """Yield the pieces of text within an element."""
    for child in element:
        if child.tag == f"{W}t":
            yield in_font(text_of(child), element)
        elif child.tag == f"{MATH}oMath":
            before = child.getprevious()
            # Adjoining formulas need a space between them.
            yield f"{' ' if before is not None and before.tag == child.tag else ''}{formula(child)}"
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag == f"{W}r" and (side := value(child.find(f"{W}rPr"), "vertAlign")):
            yield _SIDES.get(side, str)(letters(child))
        elif child.get(NUMBER):
            yield f"[{child.get(NUMBER)}]"
        elif child.tag in _WRITTEN:
            yield _WRITTEN[child.tag](child)
        elif child.tag not in _SKIPPED:
            yield from _letters(child)


def _ruby(element: Any) -> str:
    """Return characters with their reading, which is printed above them, in brackets."""
    base, reading = (element.find(f"{W}{name}") for name in ("rubyBase", "rt"))
    said = "" if reading is None else letters(reading).strip()
    return ("" if base is None else letters(base)) + (f"({said})" if said else "")


def _control(element: Any) -> str:
    """Return the content of a control; a box to tick without content is drawn."""
    content = element.find(f"{W}sdtContent")
    text = "" if content is None else letters(content)
    box = element.find(f"{W}sdtPr/{_W14}checkbox")
    if box is None or text.strip():
        return text
    ticked = box.find(f"{_W14}checked")
    return _BOXES[ticked is not None and ticked.get(f"{_W14}val") in ("1", "true", "on")]


def _form_field(element: Any) -> str:
    """Return what a form's field shows that has no result in the text: a box to tick, or the chosen entry."""
    box = element.find(f"{W}ffData/{W}checkBox")
    if box is not None:
        said = switch(box, "checked")
        return _BOXES[bool(switch(box, "default") if said is None else said)]
    chosen = element.find(f"{W}ffData/{W}ddList")
    if chosen is None:
        return ""
    entries = [entry.get(f"{W}val") or "" for entry in chosen.iter(f"{W}listEntry")]
    at = value(chosen, "result") or value(chosen, "default") or "0"
    return entries[int(at)] if at.isdigit() and int(at) < len(entries) else ""


_WRITTEN = {f"{W}sym": symbol, f"{W}ruby": _ruby, f"{W}sdt": _control, f"{W}fldChar": _form_field}
