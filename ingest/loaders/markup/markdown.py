"""Markdown: the text is the file's own; markdown-it finds the blocks.

Text in no block of markdown-it's (a link definition, a stray directive) becomes a paragraph, so that nothing is
lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from ingest.language import detect_language
from ingest.loaders.markup.headings import markdown_heading
from ingest.loaders.markup.markdown_directives import without_directives, without_marks
from ingest.loaders.markup.markdown_hidden import without_hidden
from ingest.loaders.markup.markdown_notes import with_numbers
from ingest.loaders.plain.text import decoded
from rag.errors import NoText
from rag.types import Block, BlockKind, Document

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_VALUE = re.compile(r"^(title|lang|language):[ \t]*(.+?)[ \t]*$", re.MULTILINE | re.IGNORECASE)

_KINDS = {
    "heading_open": BlockKind.HEADING,
    "paragraph_open": BlockKind.PARAGRAPH,
    "bullet_list_open": BlockKind.LIST,
    "ordered_list_open": BlockKind.LIST,
    "table_open": BlockKind.TABLE,
    "fence": BlockKind.CODE,
    "code_block": BlockKind.CODE,
    "math_block": BlockKind.FORMULA,
}

_AS_IT_IS = frozenset({"fence", "code_block", "math_block"})


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a Markdown file; its text is the file's after the front matter, without lines that are only layout."""
    whole = decoded(data, name)
    front = _FRONT_MATTER.match(whole)
    text = plain_of(whole[front.end() :] if front else whole)
    if not text.strip():
        msg = f"{name} has no text, only front matter."
        raise NoText(msg, remedy="Check that it was saved completely.")
    values = {key.lower(): value.strip("'\"") for key, value in _FRONT_VALUE.findall(front.group() if front else "")}
    blocks = tuple(blocks_of(text))
    title = values.get("title") or _first_heading(text, blocks) or PurePath(name).stem
    language = (values.get("lang") or values.get("language") or "")[:2].lower() or detect_language(text)
    return Document(text, title, language, blocks)


def plain_of(text: str) -> str:
    """Return a Markdown text without what isn't shown, its notes numbered; code and formulas stay as they are."""
    text = without_hidden(text, _as_they_are)
    if "[^" in text or "^[" in text:
        text = with_numbers(text, _as_they_are(text))
    if ":::" not in text and "\\" not in text and "]{" not in text:
        return text
    text = without_directives(text, _as_they_are(text))
    return without_marks(text, _as_they_are(text))


def _as_they_are(text: str) -> set[int]:
    """Return the line numbers of code and formulas."""
    spans = (token.map for token in _parser().parse(text) if token.map and token.type in _AS_IT_IS)
    return {line for first, last in spans for line in range(first, last)}


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of a Markdown text: ordered, disjoint, covering all but white space."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    starts[-1] = len(text)
    blocks: list[Block] = []
    at = 0
    for first, last, kind, level in _spans(text):
        start, end = starts[first], starts[min(last, len(starts) - 1)]
        blocks += trimmed(text, at, start, BlockKind.PARAGRAPH, 0)  # text in no block
        blocks += trimmed(text, max(start, at), end, kind, level)
        at = max(at, end)
    return blocks + trimmed(text, at, len(text), BlockKind.PARAGRAPH, 0)


def _first_heading(text: str, blocks: tuple[Block, ...]) -> str:
    """Return the first heading of the highest level among the first few blocks."""
    headings = [block for block in blocks[:10] if block.kind is BlockKind.HEADING]
    if not headings:
        return ""
    first = min(headings, key=lambda block: block.level)
    return markdown_heading(text[first.start : first.end])


def trimmed(text: str, start: int, end: int, kind: BlockKind, level: int) -> list[Block]:
    """Return a block without white space around it, or none if it is empty."""
    piece = text[start:end]
    if not piece.strip():
        return []
    left = len(piece) - len(piece.lstrip())
    # A code block keeps the indentation of its first line.
    if kind is BlockKind.CODE:
        left = piece.rfind("\n", 0, left) + 1
    return [Block(start + left, start + len(piece.rstrip()), kind, level)]


def _spans(text: str) -> Iterator[tuple[int, int, BlockKind, int]]:
    """Yield (first line, line after the last, kind, level) of the outermost blocks."""
    depth = 0
    for token in _parser().parse(text):
        kind = _KINDS.get(token.type)
        # Quotes and the like are entered: their content forms the blocks.
        if kind and token.map and depth == 0:
            yield token.map[0], token.map[1], kind, int(token.tag[1]) if kind is BlockKind.HEADING else 0
        if kind and token.nesting == 1:
            depth += 1
        elif token.nesting == -1 and f"{token.type.removesuffix('_close')}_open" in _KINDS:
            depth -= 1


@cache
def _parser() -> MarkdownIt:
    """Build the parser once: CommonMark with tables, and formulas between lines of $$."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table").disable("inline")
    parser.block.ruler.before("fence", "math_block", _math_block, {"alt": ["paragraph", "reference", "blockquote"]})
    return parser


def _math_block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Take the lines from one that begins with $$ to one that ends with it: a line "= x" in between is no heading."""
    opening = _line(state, first)
    if not opening.startswith("$$") or state.is_code_block(first):
        return False
    end = first
    if len(opening) < 4 or not opening.endswith("$$"):
        end = next((at for at in range(first + 1, last) if _line(state, at).endswith("$$")), -1)
        if end < 0:
            return False
    if not silent:
        state.line = end + 1
        token = state.push("math_block", "math", 0)
        token.map = [first, end + 1]
    return True


def _line(state: StateBlock, at: int) -> str:
    """Return a line of the source without white space around it."""
    return state.src[state.bMarks[at] + state.tShift[at] : state.eMarks[at]].strip()
