"""Writes a PDF's blocks as text, together with the alignment with PDFium's characters.

"exam" HYPHEN                     text    "example is"
"ple is"       ->  AlignmentRun(0, 0, 4), AlignmentRun(4, 5, 6)     the hyphen, character 4, is left out
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from ingest.loaders.pdf.blocks import Group
from ingest.loaders.pdf.letters import BOXED, Glyphs
from ingest.loaders.pdf.piece import Piece, between
from ingest.loaders.pdf.rows import HYPHEN, PageRows
from ingest.loaders.pdf.tables import cells_of
from rag import lexicon
from rag.types import Alignment, AlignmentRun, Block, BlockKind, RunKind

# "Ein- und Ausgabe": these words never continue a divided word.
_SUSPENDING = lexicon.words("suspending")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_COMPOUND = re.compile(r"(?=(?<![^\W\d_])([^\W\d_]+-[^\W\d_]+))")
_HYPHENS = "-\u00ad\u2010" + HYPHEN


@dataclass(slots=True)
class AlignedText:
    """A text growing at its end together with its alignment, whose runs are offsets in the document's text."""

    length: int = 0  # of the document's text before it
    parts: list[str] = field(default_factory=list)
    runs: list[AlignmentRun] = field(default_factory=list)

    def take(self, glyphs: Glyphs, start: int, end: int) -> None:
        """Append characters of the page unchanged."""
        if start >= end:
            return
        text, sources = glyphs.text[start:end], glyphs.sources
        first = start
        for at in range(start + 1, end + 1) if not isinstance(sources, range) else (end,):
            # A letter outside the basic plane takes two of PDFium's characters, and has a run of its own.
            if at == end or sources[at] != sources[at - 1] + 1 or sources[at] < 0 or ord(glyphs.text[at]) > 0xFFFF:
                self._run(first - start + self.length, sources[first], at - first)
                first = at
        self._append(text)

    def put(self, text: str, source: int) -> None:
        """Append one character for the page's character `source`, spelled differently."""
        self._run(self.length, source, 1)
        self._append(text)

    def insert(self, text: str) -> None:
        """Append text that is not on the page."""
        self.runs.append(AlignmentRun(self.length, 0, len(text), RunKind.INSERTED))
        self._append(text)

    def insert_if(self, text: str) -> None:
        """Append text that is not on the page, unless it is empty."""
        if text:
            self.insert(text)

    def back_to(self, length: int) -> None:
        """Drop what was appended since the text had this length; the call of `alignment` may not be later."""
        while self.length > length:
            self.length -= len(self.parts.pop())
        self.runs = [run for run in self.runs if run.start < length]

    def alignment(self) -> Alignment:
        """Return the runs since the last call as a page's alignment."""
        runs, self.runs = tuple(self.runs), []
        return Alignment(runs)

    def put_in_box(self, text: str, box: int) -> None:
        """Append text that stands in one of the page's boxes."""
        self._run(self.length, BOXED - box, len(text))
        self._append(text)

    def _run(self, start: int, source: int, length: int) -> None:
        last = self.runs[-1] if self.runs else None
        if source >= 0 and length > 0:
            self.runs.append(AlignmentRun(start, source, length))
        elif last and last.kind is RunKind.OCR and last.source == BOXED - source:
            self.runs[-1] = AlignmentRun(last.start, last.source, last.length + length, RunKind.OCR)
        elif length > 0:
            self.runs.append(AlignmentRun(start, BOXED - source, length, RunKind.OCR))

    def _append(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a document, which distinguish a typesetter's hyphen from an author's."""

    plain: frozenset[str]
    compounds: frozenset[str]  # "bellman-ford"

    def keep_hyphen(self, left: str, right: str) -> bool:
        """Say whether "left-right" keeps its hyphen at the end of a line.

        >>> words = words_of(["the Bellman-Ford algorithm", "a well-known fact"])
        >>> [words.keep_hyphen(*at) for at in (("well", "known"), ("exam", "ple"), ("RSA", "Kry"))]
        [True, False, True]
        """
        if min(len(left), len(right)) < 2 or not right[:1].islower():
            return True
        word = f"{left}-{right}".casefold()
        return word in self.compounds and word.replace("-", "") not in self.plain


def words_of(texts: Iterable[str]) -> Words:
    """Collect the words within lines."""
    plain: set[str] = set()
    compounds: set[str] = set()
    for text in texts:
        lower = text.casefold()
        plain.update(_FIRST_WORD.findall(lower))
        compounds.update(_COMPOUND.findall(lower))
    return Words(frozenset(plain), frozenset(compounds))


def write_page(text: AlignedText, page: PageRows, groups: Sequence[Group], number: int, words: Words) -> list[Block]:
    """Append a page's blocks to the text and return their spans."""
    blocks: list[Block] = []
    for group in groups:
        if blocks:
            text.insert("\n\n")
        start = text.length
        _write_rows(text, page.glyphs, group, words)
        blocks.append(Block(start, text.length, group.kind, group.level, number))
    for comment, box in page.comments:
        text.insert_if("\n\n" if blocks else "")
        start = text.length
        if box < 0:
            text.insert(comment)
        else:
            text.put_in_box(comment, box)
        blocks.append(Block(start, text.length, BlockKind.PARAGRAPH, 0, number))
    return blocks


def _write_rows(text: AlignedText, glyphs: Glyphs, group: Group, words: Words) -> None:
    """Append the rows of one block, joining divided words."""
    if group.kind is BlockKind.TABLE:
        _write_table(text, glyphs, group)
        return
    pieces = [(piece, row) for row in group.rows for piece in row.pieces]
    for at, (piece, row) in enumerate(pieces):
        following, next_row = pieces[at + 1] if at + 1 < len(pieces) else (None, None)
        goes_on = following if next_row is row else None
        space = between(piece, goes_on) + ("" if goes_on or following is None else "\n")
        if at == 0 or pieces[at - 1][1] is not row:
            text.insert_if(between(None, piece))
        last = piece.end - 1
        if glyphs.text[last] not in _HYPHENS or space.strip():  # between the parts of a fraction, a minus
            _take(text, glyphs, piece)
        else:
            rest = "" if following is None else glyphs.text[following.start : following.end]
            hyphen, space = _at_hyphen(glyphs.text[piece.start : last], rest, glyphs.text[last], space, words)
            text.take(glyphs, piece.start, last)
            if hyphen:
                text.put(hyphen, glyphs.sources[last])
        text.insert_if(space)


def _write_table(text: AlignedText, glyphs: Glyphs, group: Group) -> None:
    """Append the rows of a table, one per line, with bars between the cells."""
    for row in group.rows:
        if row is not group.rows[0]:
            text.insert("\n")
        for nth, cell in enumerate(cells_of(row, glyphs)):
            text.insert_if((" | " if nth else "") + between(None, cell[0]))
            for piece, following in zip_longest(cell, cell[1:]):
                _take(text, glyphs, piece)
                text.insert_if(between(piece, following))


def _take(text: AlignedText, glyphs: Glyphs, piece: Piece) -> None:
    """Append a piece that doesn't end in a divided word."""
    hyphen = glyphs.text[piece.end - 1] == HYPHEN
    text.take(glyphs, piece.start, piece.end - hyphen)
    if hyphen:
        text.put("-", glyphs.sources[piece.end - 1])


def _at_hyphen(line: str, rest: str, hyphen: str, space: str, words: Words) -> tuple[str, str]:
    r"""Return the replacements of a hyphen at the end of a line, and of the line end after it.

    >>> _at_hyphen("for exam", "ple", HYPHEN, "\n", words_of([]))
    ('', '')
    >>> _at_hyphen("Ein", "und Ausgabe", HYPHEN, "\n", words_of([]))
    ('-', '\n')
    """
    written = "-" if hyphen == HYPHEN else hyphen
    left, right = _LAST_WORD.search(line), _FIRST_WORD.match(rest)
    if space == " " and hyphen != HYPHEN:
        return written, space
    if left is None or right is None or right.group() in _SUSPENDING:
        return written, space
    if words.keep_hyphen(left.group(), right.group()):
        return written, ""
    return "", ""
