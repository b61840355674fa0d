"""Blocks to chunks: spans that fit the embedder, cut at headings, paragraphs and sentences.

The chunks of a document cover its text: between two of them stands nothing but white space.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from ingest.loaders.markup.headings import heading_text
from rag.text.sentences import sentence_spans
from rag.text.words import UNTOLD, stems
from rag.types import Block, BlockKind, Chunk, Document

MAX_TOKENS = 254  # what the embedder reads of one text, its special tokens taken off
CONTEXT_TOKENS = 48  # most of them that go to title and heading path
_ENOUGH = 64  # tokens from which a chunk may end at a heading
# Cut between lines, and only when longer than a chunk.
_LINE_BY_LINE = frozenset({BlockKind.TABLE, BlockKind.CODE, BlockKind.FORMULA, BlockKind.LIST})


class Tokenizer(Protocol):
    """What chunking asks of a tokenizer: the embedder's has it."""

    def encode(self, sequence: str, *, add_special_tokens: bool = ...) -> Encoding:
        """Return the tokens of `sequence`."""


class Encoding(Protocol):
    """The tokens of a text, as the `tokenizers` package returns them."""

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """The (start, end) of each token in the text."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The smallest thing that is not cut without need: a paragraph, a list item, a sentence of a long one."""

    start: int
    end: int
    headings: tuple[str, ...]
    kind: BlockKind

    @property
    def opens(self) -> bool:
        """A chunk would rather begin here."""
        return self.kind is BlockKind.HEADING


def chunk(document: Document, document_id: str, tokenizer: Tokenizer, *, most: int = MAX_TOKENS) -> list[Chunk]:
    """Return the chunks of `document`, in order; each has with its context at most as many tokens as asked for."""
    tokens = TokenCounts(document.text, tokenizer, most)
    pieces = [part for piece in _pieces(document) for part in _fitting(piece, document, tokens)]
    return [
        _chunk(document, document_id, ordinal, group) for ordinal, group in enumerate(_groups(pieces, document, tokens))
    ]


def embedded_text(title: str, headings: tuple[str, ...], text: str, tokenizer: Tokenizer) -> str:
    """Return what is embedded for a chunk: a line with title and heading path, then its text."""
    line = context(title, headings, tokenizer)
    return f"{line}\n{text}" if line else text


def context(title: str, headings: tuple[str, ...], tokenizer: Tokenizer) -> str:
    """Return title and heading path in one line of at most 48 tokens; the innermost headings matter most.

    "Algorithms > Graphs > Shortest paths" is that of the headings "Graphs" and "Shortest paths" in "Algorithms".
    """
    line = ""
    for written in dict.fromkeys([*headings[::-1], title]):
        name = " ".join(written.split())
        longer = f"{name} > {line}" if line else name
        if name and len(tokenizer.encode(longer, add_special_tokens=False).offsets) <= CONTEXT_TOKENS:
            line = longer
    return line


def chunk_stems(chunk: Chunk, title: str, language: str) -> str:
    """Return the words that lexical search finds a chunk by: its text's, its headings' and its title's."""
    return " ".join(stems("\n".join([title, *chunk.headings, chunk.text]), language or UNTOLD))


class TokenCounts:
    """How many tokens a span has, without tokenising it again."""

    def __init__(self, text: str, tokenizer: Tokenizer, most: int = MAX_TOKENS) -> None:
        self._tokenizer = tokenizer
        self._most = most
        self._starts = [start for start, _ in tokenizer.encode(text, add_special_tokens=False).offsets]
        self._contexts: dict[tuple[str, tuple[str, ...]], int] = {}

    def count(self, start: int, end: int) -> int:
        """Return how many tokens begin in ``[start, end)``."""
        return bisect_left(self._starts, end) - bisect_left(self._starts, start)

    def cut(self, start: int, tokens: int) -> int:
        """Return the offset where the token begins that comes `tokens` after `start`."""
        at = bisect_left(self._starts, start) + tokens
        return self._starts[at] if at < len(self._starts) else 2**62

    def room(self, title: str, headings: tuple[str, ...]) -> int:
        """Return how many tokens of text fit beside this title and heading path."""
        key = (title, headings)
        if key not in self._contexts:
            line = context(title, headings, self._tokenizer)
            self._contexts[key] = len(self._tokenizer.encode(line, add_special_tokens=False).offsets)
        return self._most - self._contexts[key]


def _pieces(document: Document) -> Iterator[Segment]:
    """Yield the blocks as pieces with their heading paths, and whatever text stands in none of them."""
    path: list[tuple[int, str]] = []
    at = 0
    for block in [*document.blocks, Block(len(document.text), len(document.text), BlockKind.PARAGRAPH)]:
        if document.text[at : block.start].strip():
            yield Segment(at, block.start, tuple(name for _, name in path), BlockKind.PARAGRAPH)
        at = max(at, block.end)
        if block.kind is BlockKind.HEADING:
            name = heading_text(document.text[block.start : block.end])
            path = [(level, outer) for level, outer in path if level < block.level]
            path.append((block.level, name))
        if block.end > block.start:
            yield Segment(block.start, block.end, tuple(name for _, name in path), block.kind)


def _fitting(piece: Segment, document: Document, tokens: TokenCounts) -> Iterator[Segment]:
    """Yield the piece, or its sentences when it is too long, or cuts between words when those are."""
    room = tokens.room(document.title, piece.headings)
    if tokens.count(piece.start, piece.end) <= room:
        yield piece
        return
    spans = line_spans if piece.kind in _LINE_BY_LINE else sentence_spans
    for start, end in spans(document.text, piece.start, piece.end):
        begun = start
        while tokens.count(begun, end) > room:
            cut = _word_start(document.text, begun, tokens.cut(begun, room))
            yield replace(piece, start=begun, end=cut)
            begun = cut
        if end > begun:
            yield replace(piece, start=begun, end=end)


def line_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the lines of ``text[start:end]`` that hold more than white space."""
    at = start
    for line in text[start:end].splitlines(keepends=True):
        if line.strip():
            yield at, at + len(line)
        at += len(line)


def _word_start(text: str, start: int, cut: int) -> int:
    """Return where the word that `cut` falls into begins, without white space where letters do.

    The rest of a word that was cut can have more tokens than it had within the word.
    """
    reach = range(cut, max(start, cut - 200), -1)
    spaces = (at for at in reach if text[at - 1].isspace())
    seams = (at for at in reach if not (text[at - 1].isalnum() and text[at].isalnum()))
    return next(spaces, next(seams, cut))


def _groups(pieces: list[Segment], document: Document, tokens: TokenCounts) -> Iterator[list[Segment]]:
    """Yield runs of neighbouring pieces that fit one chunk together."""
    group: list[Segment] = []
    for piece in pieces:
        if group and _closes(group, piece, document, tokens):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _closes(group: list[Segment], piece: Segment, document: Document, tokens: TokenCounts) -> bool:
    """Say whether the chunk is full without `piece`, or `piece` is a heading that opens one of its own."""
    room = tokens.room(document.title, _headings([*group, piece]))
    if tokens.count(group[0].start, piece.end) > room:
        return True
    if not piece.opens or all(member.opens for member in group):
        return False
    # What came before a heading may be too little to stand alone: a slide's subtitle, a one-line section.
    held = tokens.count(group[0].start, group[-1].end)
    return held >= _ENOUGH or document.page_at(group[0].start) is not document.page_at(piece.start)


def _headings(group: list[Segment]) -> tuple[str, ...]:
    """Return the path over the first text of a group; over its last heading, if it has nothing else."""
    return next((piece.headings for piece in group if not piece.opens), group[-1].headings)


def _chunk(document: Document, document_id: str, ordinal: int, group: list[Segment]) -> Chunk:
    start, end = _stripped(document.text, group[0].start, group[-1].end)
    text = document.text[start:end]
    first, last = document.page_at(start), document.page_at(max(end - 1, start))
    return Chunk(
        id=hashlib.sha256(f"{document_id}\0{ordinal}\0{start}\0{end}\0{text}".encode()).hexdigest()[:24],
        document_id=document_id,
        ordinal=ordinal,
        start=start,
        end=end,
        text=text,
        headings=_headings(group),
        page=first.number if first else None,
        page_end=last.number if last else None,
        page_label=first.label if first else None,
    )


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
