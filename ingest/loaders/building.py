"""Builds a document's text block by block, for formats whose text must be put together."""

from __future__ import annotations

import logging
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from rag.errors import Damaged
from rag.types import Block, BlockKind, Page


@dataclass(slots=True)
class TextBuilder:
    """Collects blocks, separated by an empty line, and pages that cover the text."""

    parts: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, kind: BlockKind = BlockKind.PARAGRAPH, *, level: int = 0, page: int | None = None) -> None:
        """Append a block without white space around it; an empty block is dropped."""
        text = clean(text, kind)
        if not text:
            return
        if self.blocks:
            self._append("\n\n")
            if self.pages and self.pages[-1].end == self.length - 2:  # the empty line belongs to the previous page
                self.pages[-1] = replace(self.pages[-1], end=self.length)
        start = self.length
        self._append(text)
        self.blocks.append(Block(start, self.length, kind, level if kind is BlockKind.HEADING else 0, page))

    def go_on(self, text: str, kind: BlockKind, *, page: int | None = None) -> None:
        """Append a line to the last block if its kind is the same: items of a list, lines of code.

        Content within a list's items stays indented.
        """
        indent = " " * (len(text) - len(text.lstrip(" "))) if kind is BlockKind.LIST else ""
        text = clean(text, kind)
        if not text or not self.blocks or self.blocks[-1].kind is not kind or self.blocks[-1].page != page:
            self.add(text, kind, page=page)
            return
        self._append(f"\n{indent}{text}")
        self.blocks[-1] = replace(self.blocks[-1], end=self.length)

    @property
    def first_heading(self) -> str:
        """The first heading on one line; empty if there is none."""
        heading = next((block for block in self.blocks if block.kind is BlockKind.HEADING), None)
        return " ".join(self.text[heading.start : heading.end].split()) if heading else ""

    def end_page(self, number: int, label: str | None = None) -> None:
        """End the page that covers all text since the last page."""
        start = self.pages[-1].end if self.pages else 0
        self.pages.append(Page(number, start, self.length, label))

    @property
    def text(self) -> str:
        """The document's text so far."""
        return "".join(self.parts)

    def _append(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)


def clean(text: str, kind: BlockKind = BlockKind.PARAGRAPH) -> str:
    """Drop non-text: NULs, half surrogate pairs, white space at the ends; code keeps its indentation."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").rstrip()
    return text.lstrip("\n") if kind is BlockKind.CODE else text.lstrip()


def row_of(cells: list[str]) -> str:
    r"""Write a table row on one line.

    >>> row_of(["Sort", "time\nbest", ""])
    'Sort | time best | '
    """
    return " | ".join(" ".join(cell.split()) for cell in cells)


def ranges(numbers: Sequence[int]) -> str:
    """Write ascending numbers as compact ranges.

    >>> ranges([1, 4, 5, 6, 9])
    '1, 4-6, 9'
    """
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in spans)


@contextmanager
def office_errors(name: str, what: str, suffix: str) -> Iterator[None]:
    """Translate the errors of python-docx, python-pptx, openpyxl and lxml on broken files: nearly any class."""
    from lxml.etree import LxmlError

    try:
        yield
    except (
        LxmlError,
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        LookupError,
        ValueError,
        AttributeError,
        TypeError,
        EOFError,
        NotImplementedError,
        OverflowError,
        SyntaxError,  # raised by the standard library's XML parser
        *_package_errors(),
    ) as error:
        msg = f"{name} is damaged: it can't be read as {what} ({error})."
        raise Damaged(msg, remedy=f"Open it in an Office program and save it anew as {suffix}.") from error


def _package_errors() -> tuple[type[Exception], ...]:
    """Return the exception classes of those packages that are loaded."""
    names = (
        ("docx.opc.exceptions", "OpcError"),
        ("pptx.exc", "PythonPptxError"),
        ("openpyxl.utils.exceptions", "InvalidFileException"),
    )
    return tuple(getattr(sys.modules[module], error) for module, error in names if module in sys.modules)


@contextmanager
def quiet(logger: str) -> Iterator[None]:
    """Silence a library's remarks on broken files; the important ones are in our notes."""
    log = logging.getLogger(logger)
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)
