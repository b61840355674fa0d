"""A document's text as it is read: its blocks around a span, and the span marked wherever it goes through them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.types import Block, BlockKind, Document
from ui.web.markup import marked_up, text

SECTION = 2800  # characters of a document without pages that are shown at once
_SECTION_MIN = 900  # a heading begins a new section once there is this much
_ELEMENTS = {BlockKind.HEADING: "h3", BlockKind.CODE: "pre", BlockKind.FORMULA: "pre", BlockKind.LIST: "div"}
_HEADING_MARK = re.compile(r"#{1,6}[ \t]+")
_FENCE = re.compile(r"^(?:```|~~~).*(?:\n|\Z)", re.MULTILINE)
_RULE_ROW = re.compile(r"\s*\|?[\s:|+-]*-[\s:|+-]*")
_CELL = re.compile(r"(?:\\\||[^|\n])+")


@dataclass(frozen=True, slots=True)
class Marked:
    """A document with a span that is marked; empty when `start` equals `end`."""

    document: Document
    start: int
    end: int
    markdown: bool = False  # the text has Markdown's marks, which are shown as what they mean

    def piece(self, start: int, end: int, show: Callable[[str], str] = text) -> str:
        """Return ``text[start:end]`` as HTML, with as much of the span marked as lies in it."""
        inner, outer = min(max(self.start, start), end), max(min(self.end, end), start)
        before, inside, after = (
            show(self.document.text[a:b]) for a, b in ((start, inner), (inner, outer), (outer, end))
        )
        return f"{before}<mark>{inside}</mark>{after}" if inner < outer else show(self.document.text[start:end])


def sections(document: Document) -> list[list[Block]]:
    """Return a document without pages in sections of a screen or two; headings begin one where that fits."""
    found: list[list[Block]] = []
    length = 0
    for block in document.blocks or (Block(0, len(document.text), BlockKind.PARAGRAPH),):
        size = block.end - block.start
        begins = block.kind is BlockKind.HEADING and block.level <= 2 and length >= _SECTION_MIN
        if not found or begins or length + size > SECTION:
            found.append([])
            length = 0
        found[-1].append(block)
        length += size
    return found


def trail(document: Document, shown: Sequence[Block]) -> list[str]:
    """Return the headings above the shown blocks, from the chapter down, without the document's title."""
    path: list[Block] = []
    for block in document.blocks:
        if not shown or block.start >= shown[0].start:
            break
        if block.kind is BlockKind.HEADING:
            path = [*(above for above in path if above.level < block.level), block]
    if shown and shown[0].kind is BlockKind.HEADING:
        path = [above for above in path if above.level < shown[0].level]
    names = [" ".join(document.text[block.start : block.end].lstrip("# ").split()) for block in path]
    return [name for name in names if name != document.title]


def block_html(marked: Marked, block: Block) -> str:
    """Return a block as HTML."""
    if block.kind is BlockKind.TABLE and "|" in marked.document.text[block.start : block.end]:
        return _table(marked, block)
    element = _ELEMENTS.get(block.kind, "p")
    flowing = " flowing" if marked.markdown and element == "p" else ""
    inner = "".join(marked.piece(*span, _show(marked, block)) for span in _shown(marked, block))
    return f'<{element} class="{block.kind.value}{flowing}">{inner}</{element}>'


def _shown(marked: Marked, block: Block) -> Iterator[tuple[int, int]]:
    """Yield the shown spans of a block: all of it, without the marks of Markdown around it."""
    start, end = block.start, block.end
    whole = marked.document.text[start:end]
    if marked.markdown and block.kind is BlockKind.HEADING and (marks := _HEADING_MARK.match(whole)):
        start += marks.end()
    if not (marked.markdown and block.kind is BlockKind.CODE):
        yield start, end
        return
    at = 0
    for fence in _FENCE.finditer(whole):
        yield start + at, start + fence.start()
        at = fence.end()
    yield start + at, end


def _show(marked: Marked, block: Block) -> Callable[[str], str]:
    verbatim_kinds = {BlockKind.CODE, BlockKind.FORMULA}
    return _inline if marked.markdown and block.kind not in verbatim_kinds else text


def _inline(source: str) -> str:
    """Return Markdown's bold, emphasis, code and formulas as HTML; the white space around stays."""
    lead, tail = source[: len(source) - len(source.lstrip())], source[len(source.rstrip()) :]
    if not source.strip():
        return text(source)
    lines = "\n".join(" ".join(line.split()) for line in source.strip().splitlines())
    return f"{text(lead)}{marked_up(lines)}{text(tail)}"


def _table(marked: Marked, block: Block) -> str:
    """Return rows with bars between their cells as a table; the words stay the document's own."""
    rows: list[str] = []
    at = block.start
    for line in marked.document.text[block.start : block.end].splitlines(keepends=True):
        if line.strip() and not _RULE_ROW.fullmatch(line.strip()):
            rows.append(_row(marked, at, line, "td" if rows else "th"))
        at += len(line)
    return f'<div class="table"><table><tbody>{"".join(rows)}</tbody></table></div>'


def _row(marked: Marked, at: int, line: str, element: str) -> str:
    inner = line.strip().strip("|")
    offset = at + line.index(inner)
    cells = "".join(
        f"<{element}>{marked.piece(offset + cell.start(), offset + cell.end(), _show_cell(marked))}</{element}>"
        for cell in _CELL.finditer(inner)
    )
    return f"<tr>{cells}</tr>"


def _show_cell(marked: Marked) -> Callable[[str], str]:
    return _inline if marked.markdown else text
