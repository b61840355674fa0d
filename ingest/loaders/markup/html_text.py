"""Writes what is left of a web page as blocks: headings, paragraphs, lists, tables and code, in the page's order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.loaders.building import TextBuilder, row_of
from ingest.loaders.markup.html_elements import (
    CODE,
    FLOW,
    HEADINGS,
    LISTS,
    cells_of,
    is_data,
    line_of,
    rows_of,
    spaced,
    walked,
)
from ingest.loaders.markup.html_numbers import Marks
from rag.types import BlockKind

_LINE_END = re.compile(r" *\n *")
_BLOCKS = FLOW - {"html", "body"}
_PARTS = HEADINGS | LISTS | CODE | {"p", "table", "blockquote"}  # what a heading can't hold, if it was closed


def add_text(builder: TextBuilder, tree: Any, page: int | None = None, *, bullets: bool = True) -> None:
    """Add the text of a tree, a block per element that begins a new line; a list is one block.

    Without `bullets`, only the points of numbered lists are marked.
    """
    writer = _Writer(builder, page, bullets)
    for event, node, walk in walked(tree):
        if event == "start":
            if writer.begin(node):
                walk.skip_subtree()
        elif event == "end":
            writer.end(node)
        if event != "start" and node is not tree:
            writer.say(node.tail)
    writer.flush()


@dataclass(slots=True)
class _List:
    """An open list, or a point that holds a part of the page with headings, in which no line belongs to the list."""

    owner: Any
    marks: Marks | None
    mark: str = ""  # of the point that has begun, until its first line
    term: str = ""  # whose description is to come
    naming: bool = False  # within a term


@dataclass(slots=True)
class _Writer:
    """Collects the text between elements that begin a line, and adds it as a block of the right kind."""

    builder: TextBuilder
    page: int | None
    bullets: bool
    parts: list[str] = field(default_factory=list)
    around: list[Any] = field(default_factory=list)  # the open elements that begin a line
    lists: list[_List] = field(default_factory=list)  # open
    fresh: bool = True  # the next line of a list begins a block

    @property
    def open_list(self) -> _List | None:
        """The list that a line would belong to."""
        return self.lists[-1] if self.lists and self.lists[-1].marks else None

    def say(self, text: str | None) -> None:
        """Add text within a line."""
        self.parts.append(spaced(text))

    def begin(self, node: Any) -> bool:
        """Begin an element; True if it is written as a whole."""
        if node.tag == "br":
            self.parts.append("\n")
            return False
        if node.tag in _BLOCKS:
            self.flush()
            if self._write_whole(node):
                return True
            self.around.append(node)
            self._begin_point(node)
        self.say(node.text)
        return False

    def end(self, node: Any) -> None:
        """End an element."""
        if node.tag not in _BLOCKS:
            return
        self.flush()
        if self.around and self.around[-1] is node:
            self.around.pop()
        if self.lists and self.lists[-1].owner is node:
            self._settle_term()
            self.lists.pop()
        if self.lists and node.tag == "dt":
            self.lists[-1].naming = False

    def flush(self) -> None:
        """Add what was said since the last line."""
        text = _LINE_END.sub("\n", re.sub(" +", " ", "".join(self.parts))).strip()
        self.parts.clear()
        if not text:
            return
        if self.around and self.around[-1].tag in HEADINGS:
            self._add_heading(spaced(text), int(self.around[-1].tag[1]))
        elif (open_list := self.open_list) is not None:
            self._add_point(open_list, spaced(text))
        else:
            for paragraph in re.split(r"\n{2,}", text):
                self.builder.add(paragraph, page=self.page)

    def _write_whole(self, node: Any) -> bool:
        """Write a heading, a table of data or code."""
        level = _level(node)
        if level and next(node.iterdescendants(*_PARTS), None) is None:
            self._add_heading(line_of(node), level)
        elif node.tag in CODE:
            self._settle_term()
            self.builder.add(_code(node), BlockKind.CODE, page=self.page)
        elif node.tag == "table" and is_data(node):
            self._settle_term()
            for caption in node.iterchildren("caption"):
                self.builder.add(line_of(caption), page=self.page)
            self.builder.add("\n".join(_lines(node)), BlockKind.TABLE, page=self.page)
        else:
            return False
        return True

    def _add_heading(self, text: str, level: int) -> None:
        self.builder.add(text, BlockKind.HEADING, level=level, page=self.page)

    def _begin_point(self, node: Any) -> None:
        """Open a list or one of its points."""
        if node.tag in LISTS:
            self._settle_term()
            self.fresh = self.fresh or self.open_list is None
            self.lists.append(_List(node, Marks.of(node, bullets=self.bullets)))
        elif node.tag in ("li", "dd", "dt") and (open_list := self.open_list) is not None and open_list.marks:
            open_list.naming = node.tag == "dt"
            if open_list.naming:
                self._settle_term()
            open_list.mark = open_list.marks.next(node)
            if not open_list.naming and next(node.iterdescendants(*HEADINGS), None) is not None:
                self._settle_term()
                self.lists.append(_List(node, None))

    def _add_point(self, open_list: _List, text: str) -> None:
        """Add a line of a list: the first of a point with its mark, a term before its description."""
        if open_list.naming:
            open_list.term = f"{open_list.term} {text}".strip()
            return
        term = f"{open_list.term.rstrip(': ')}: " if open_list.term else ""
        self._add_line(open_list.mark or "  " * self.bullets, f"{term}{text}")
        open_list.mark = open_list.term = ""

    def _settle_term(self) -> None:
        """Write a term whose description doesn't begin with text."""
        if (open_list := self.open_list) is not None and open_list.term:
            self._add_line(open_list.mark, open_list.term)
            open_list.term = open_list.mark = ""

    def _add_line(self, mark: str, text: str) -> None:
        depth = next((at for at, one in enumerate(reversed(self.lists)) if one.marks is None), len(self.lists)) - 1
        line = f"{'  ' * depth}{mark}{text}"
        if self.fresh:
            self.builder.add(line, BlockKind.LIST, page=self.page)
        else:
            self.builder.go_on(line, BlockKind.LIST, page=self.page)
        self.fresh = False


def _level(node: Any) -> int:
    """Return the level of a heading, 0 for other elements."""
    if node.tag in HEADINGS:
        return int(node.tag[1])
    said = node.get("aria-level", "2") if node.get("role") == "heading" else ""
    return int(said) if said in {*"123456"} else 0


def _code(node: Any) -> str:
    """Return the lines of code, each with its indentation; programs that colour code make an element of each line."""
    code = node.text or ""
    for event, inner, _ in walked(node):
        if inner is node:
            continue
        if inner.tag in FLOW and code and not code.endswith("\n"):
            code += "\n"
        if event == "start":
            code += "\n" if inner.tag == "br" else inner.text or ""
        else:
            code += inner.tail or ""
    return code.strip("\n")


def _lines(table: Any) -> Iterator[str]:
    """Yield the rows of a table as lines; the rows of a table in a cell follow that cell's row."""
    for outer in rows_of(table):
        for row in outer.iter("tr"):
            said = [line_of(cell, without="table") for cell in cells_of(row)]
            if any(said):
                yield row_of(said)
