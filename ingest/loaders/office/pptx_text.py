"""The words of a shape, in PowerPoint's language of drawings, which Excel uses too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.loaders.office.math import MATH, formula
from ingest.loaders.scripts import lowered, raised

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FORMULA = f"{MATH}oMath"


def lines_of(body: Any) -> str:
    """Return the paragraphs of a shape's text as lines, inner items indented."""
    lines = []
    for paragraph in body.iterfind(f"{A}p"):
        if text := paragraph_of(paragraph).strip():
            properties = paragraph.find(f"{A}pPr")
            level = "" if properties is None else properties.get("lvl") or ""
            lines.append("  " * (int(level) if level.isdigit() else 0) + text)
    return "\n".join(lines)


def paragraph_of(paragraph: Any) -> str:
    """Return a paragraph's text, with its formulas, which adjoining words may not touch."""
    pieces: list[str] = []
    for part in paragraph:
        if not isinstance(part.tag, str):
            continue
        if formulas := " ".join(formula(piece) for piece in part.iter(_FORMULA)):
            before = "".join(pieces)
            pieces.append(f" {formulas}" if before and not before[-1].isspace() else formulas)
        elif text := _run(part):
            touches = pieces and part.getprevious() is not None and _is_formula(part.getprevious())
            pieces.append(f" {text}" if touches and text[0].isalnum() else text)
    return "".join(pieces)


def _is_formula(part: Any) -> bool:
    return next(part.iter(_FORMULA), None) is not None


def _run(run: Any) -> str:
    """Return the text of a paragraph's run, raised or lowered as displayed."""
    if run.tag == f"{A}br":
        return "\n"
    text = run.findtext(f"{A}t") or ""
    properties = run.find(f"{A}rPr")
    rise = "" if properties is None else (properties.get("baseline") or "").rstrip("%")
    if not text.strip() or rise in ("", "0"):
        return str(text)
    return lowered(text) if rise.startswith("-") else raised(text)


def is_hidden(shape: Any) -> bool:
    """Say whether a shape, as an element, is switched off in the list of shapes."""
    named = next((one for part in shape for one in part if _name(one) == "cNvPr"), None)
    return named is not None and named.get("hidden") in ("1", "true")


def alternatives(parent: Any) -> Iterator[Any]:
    """Yield the elements within another; of alternative contents, the first, which is the one for new programs."""
    for child in parent:
        if child.tag != f"{MC}AlternateContent":
            yield child
            continue
        chosen = child.find(f"{MC}Choice")
        chosen = child.find(f"{MC}Fallback") if chosen is None else chosen
        yield from () if chosen is None else alternatives(chosen)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
