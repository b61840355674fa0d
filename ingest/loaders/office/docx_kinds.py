"""What a Word file's paragraph is, by its style, its outline level and its numbering."""

from __future__ import annotations

import re
from typing import Any

from ingest.loaders.office.docx_letters import text_of
from ingest.loaders.office.docx_lists import Mark
from ingest.loaders.office.docx_styles import Styles
from ingest.loaders.office.docx_xml import W, value
from ingest.loaders.office.math import MATH
from rag import lexicon
from rag.types import BlockKind

_HEADING = re.compile(rf"{lexicon.one_of(*lexicon.detected('heading_style'))} ?([1-9])$", re.IGNORECASE)


def kind_of_paragraph(paragraph: Any, styles: Styles, mark: Mark | None) -> tuple[BlockKind, int]:
    """Return a paragraph's kind and level, by its style, outline level and numbering."""
    properties = paragraph.find(f"{W}pPr")
    style = value(properties, "pStyle")
    name, level = styles.name(style), styles.outline_level(style)
    if outline := value(properties, "outlineLvl"):
        level = int(outline) + 1 if outline.isdigit() and int(outline) < 9 else 0
    if heading := _HEADING.match(name) or _HEADING.match(style):
        level = int(heading.group(1))
    if level or name == "Title":
        return BlockKind.HEADING, min(max(level, 1), 6)
    return _kind_by_name(name.casefold(), paragraph, mark), 0


def _kind_by_name(name: str, paragraph: Any, mark: Mark | None) -> BlockKind:
    """Return the kind of a paragraph that is no heading."""
    if name in ("caption", "beschriftung"):
        return BlockKind.CAPTION
    if "code" in name or "preformatted" in name:
        return BlockKind.CODE
    has_point = paragraph.find(f"{W}pPr/{W}numPr") is not None or (mark is not None and bool(mark.shown))
    if "list" in name or (has_point and not (mark and mark.worded)):
        return BlockKind.LIST
    return BlockKind.FORMULA if _is_formula(paragraph) else BlockKind.PARAGRAPH


def _is_formula(paragraph: Any) -> bool:
    """Say whether a paragraph holds a formula and no words."""
    return paragraph.find(f".//{MATH}oMath") is not None and not any(
        text_of(text).strip() for text in paragraph.iter(f"{W}t")
    )
