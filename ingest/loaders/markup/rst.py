"""reStructuredText: the text is the file's own; the blocks are found by its lines.

docutils would build a tree without positions in the file, and would have to be kept from reading the
included files.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from ingest.language import detect_language
from ingest.loaders.markup.headings import heading_text
from ingest.loaders.markup.markdown import trimmed
from ingest.loaders.markup.rst_hidden import without_hidden
from ingest.loaders.plain.text import decoded
from rag.types import Block, BlockKind, Document

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}")
_ITEM = re.compile(r"(?:[-*+•]|(?:\d+|[a-zA-Z]|#)[.)]|\((?:\d+|[a-zA-Z]|#)\))(?: |$)")
_TABLE = re.compile(r"\+[-=]+\+|={2,}(?: +={2,})+$")
_DIRECTIVE = re.compile(r"\.\. ([\w-]+)::")
_DIRECTIVES = {
    BlockKind.CODE: "code-block code sourcecode parsed-literal literalinclude prompt",
    BlockKind.FORMULA: "math",
    BlockKind.TABLE: "table list-table csv-table",
}
_KINDS = {name: kind for kind, names in _DIRECTIVES.items() for name in names.split()}


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a reStructuredText file, without its comments."""
    text = without_hidden(decoded(data, name))
    blocks = tuple(blocks_of(text))
    first = next((text[block.start : block.end] for block in blocks if block.kind is BlockKind.HEADING), "")
    return Document(text, heading_text(first) or PurePath(name).stem, detect_language(text), blocks)


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of a text: ordered, disjoint, covering all but white space."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    starts[-1] = len(text)
    styles: list[str] = []  # of adornment, in order of appearance, which is their level
    blocks: list[Block] = []
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        end, kind, style = _block_at(lines, at)
        if style and style not in styles:
            styles.append(style)
        blocks += trimmed(text, starts[at], starts[end], kind, min(styles.index(style) + 1, 6) if style else 0)
        at = end
    return blocks


def _block_at(lines: list[str], at: int) -> tuple[int, BlockKind, str]:
    """Return (line after the last, kind, style of adornment) of the block that begins at a line."""
    line = lines[at]
    if style := _heading_style(lines, at):
        return at + (3 if len(style) == 2 else 2), BlockKind.HEADING, style
    if directive := _DIRECTIVE.match(line):
        kind = _KINDS.get(directive[1], BlockKind.PARAGRAPH)
        # The content of other directives is ordinary text: notes, figures, theorems.
        end = _indented(lines, at) if kind is not BlockKind.PARAGRAPH else _options(lines, at)
        return end, kind, ""
    if line.startswith(".. "):  # a comment, a footnote, a link's target
        return _indented(lines, at), BlockKind.PARAGRAPH, ""
    if _TABLE.match(line):
        return _table(lines, at), BlockKind.TABLE, ""
    if _ITEM.match(line.lstrip()):
        return _list(lines, at), BlockKind.LIST, ""
    if _is_literal(lines, at):
        return _literal(lines, at), BlockKind.CODE, ""
    end = at + 1
    while end < len(lines) and lines[end].strip() and not lines[end - 1].endswith("::"):
        end += 1
    return end, BlockKind.PARAGRAPH, ""


def _heading_style(lines: list[str], at: int) -> str:
    """Return a heading's adornment character, doubled if there is a line above too; empty if there is no heading."""
    here, below, third = (lines[at + step].rstrip() if at + step < len(lines) else "" for step in range(3))
    if _ADORNMENT.fullmatch(here):
        return here[0] * 2 if below and here[0] == third[:1] and _ADORNMENT.fullmatch(third) else ""
    if here.startswith(" ") or not _ADORNMENT.fullmatch(below) or len(below) < min(len(here), 4):
        return ""
    return below[0]


def _indented(lines: list[str], at: int) -> int:
    """Return the line after the indented block below a line."""
    margin = len(lines[at]) - len(lines[at].lstrip())
    end = last = at + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > margin):
        end += 1
        last = end if lines[end - 1].strip() else last
    return last


def _options(lines: list[str], at: int) -> int:
    """Return the line after a directive's first lines."""
    end = at + 1
    while end < len(lines) and lines[end].startswith(" ") and lines[end].strip():
        end += 1
    return end


def _table(lines: list[str], at: int) -> int:
    """Return the line after a table: a grid ends at an empty line, columns under "=" at their last rule."""
    end = next((step for step in range(at + 1, len(lines)) if not lines[step].strip()), len(lines))
    if lines[at].startswith("="):
        rules = [step for step in range(at + 1, len(lines)) if lines[step].startswith("==")][:2]
        end = max(end, rules[-1] + 1) if len(rules) == 2 and rules[-1] - at < 200 else end
    return end


def _list(lines: list[str], at: int) -> int:
    """Return the line after successive items."""
    end = _indented(lines, at)
    while True:
        following = next((step for step in range(end, len(lines)) if lines[step].strip()), len(lines))
        if following == len(lines) or following > end + 1 or not _ITEM.match(lines[following].lstrip()):
            return end
        end = _indented(lines, following)


def _is_literal(lines: list[str], at: int) -> bool:
    """Say whether a line is indented below a paragraph that ends with two colons, or shows a Python session."""
    if lines[at].lstrip().startswith(">>> "):
        return True
    if not lines[at].startswith((" ", "\t")):
        return False
    above = next((lines[step].rstrip() for step in range(at - 1, -1, -1) if lines[step].strip()), "")
    return above.endswith("::")


def _literal(lines: list[str], at: int) -> int:
    """Return the line after a literal block; a Python session ends at an empty line."""
    if not lines[at].startswith((" ", "\t")):
        return next((step for step in range(at, len(lines)) if not lines[step].strip()), len(lines))
    end = last = at + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith((" ", "\t"))):
        end += 1
        last = end if lines[end - 1].strip() else last
    return last
