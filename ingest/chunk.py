"""Cuts a document's blocks into chunks that fit the embedder, at headings, paragraphs and sentences.

The chunks of a document cover its text: only white space stands between two chunks.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from ingest.loaders.markup.headings import heading_text
from rag.text.sentences import sentence_spans
from rag.text.words import UNTOLD, stems
from rag.types import Block, BlockKind, Chunk, Document

MAX_TOKENS = 254  # of a chunk: a short enough passage to be cited and read, and what most embedders read at once
_SLACK = 2  # tokens more that a part of a word may have than within its text
_LEAST = 128  # of the longest chunk, for an embedder that reads less than that: it embeds a chunk in windows
CONTEXT_TOKENS = 48  # at most, of these, for title and heading path
_AT_ONCE = 200_000  # characters tokenised at once
_ENOUGH = 64  # tokens from which a chunk may end at a heading
# Kinds that are cut between lines, and only if longer than a chunk.
_LINE_BY_LINE = frozenset({BlockKind.TABLE, BlockKind.CODE, BlockKind.FORMULA, BlockKind.LIST})


class Tokenizer(Protocol):
    """The part of a tokenizer that chunking uses; the embedder's tokenizer has it."""

    def encode(self, sequence: str, *, add_special_tokens: bool = ...) -> Encoding:
        """Return the tokens of `sequence`."""


class Encoding(Protocol):
    """The tokens of a text, as the `tokenizers` package returns them."""

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """The (start, end) of each token in the text."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The unit of chunking, cut only if it is too long: a paragraph, a list item, a sentence of a long paragraph."""

    start: int
    end: int
    headings: tuple[str, ...]
    kind: BlockKind

    @property
    def opens(self) -> bool:
        """Whether a chunk should begin here."""
        return self.kind is BlockKind.HEADING


def chunk(document: Document, document_id: str, tokenizer: Tokenizer, *, most: int = MAX_TOKENS) -> list[Chunk]:
    """Return the chunks of `document`, in order, each with at most `most` tokens including its context."""
    tokens = TokenCounts(document.text, tokenizer, most)
    pieces = [part for piece in _pieces(document) for part in _fitting(piece, document, tokens)]
    return [
        _chunk(document, document_id, ordinal, group) for ordinal, group in enumerate(_groups(pieces, document, tokens))
    ]


def chunk_tokens(room: int) -> int:
    """Return the most tokens of a chunk for an embedder with `room`.

    >>> chunk_tokens(8190), chunk_tokens(251), chunk_tokens(62)
    (254, 249, 128)
    """
    return max(min(room - _SLACK, MAX_TOKENS), _LEAST)


def embedded_text(title: str, headings: tuple[str, ...], text: str, tokenizer: Tokenizer) -> str:
    """Return the text that is embedded for a chunk: a line with title and heading path, then the chunk's text."""
    line = context(title, headings, tokenizer)
    return f"{line}\n{text}" if line else text


def context(title: str, headings: tuple[str, ...], tokenizer: Tokenizer) -> str:
    """Return title and heading path in one line of at most 48 tokens; inner headings take precedence.

    The headings "Graphs" and "Shortest paths" in "Algorithms" give "Algorithms > Graphs > Shortest paths".
    """
    line = ""
    for written in dict.fromkeys([*headings[::-1], title]):
        name = " ".join(written.split())
        longer = f"{name} > {line}" if line else name
        if name and len(tokenizer.encode(longer, add_special_tokens=False).offsets) <= CONTEXT_TOKENS:
            line = longer
    return line


def chunk_stems(chunk: Chunk, title: str, language: str) -> str:
    """Return the stems under which the lexical index finds a chunk: from its text, its headings and the title."""
    return " ".join(stems("\n".join([title, *chunk.headings, chunk.text]), language or UNTOLD))


class TokenCounts:
    """Counts the tokens of spans, tokenising the text only once."""

    def __init__(self, text: str, tokenizer: Tokenizer, most: int = MAX_TOKENS) -> None:
        self._tokenizer = tokenizer
        self._most = most
        self._starts = _token_starts(text, tokenizer)
        self._contexts: dict[tuple[str, tuple[str, ...]], int] = {}

    def count(self, start: int, end: int) -> int:
        """Return the number of tokens that begin in ``[start, end)``."""
        return bisect_left(self._starts, end) - bisect_left(self._starts, start)

    def cut(self, start: int, tokens: int) -> int:
        """Return the start offset of the token that comes `tokens` after `start`."""
        at = bisect_left(self._starts, start) + tokens
        return self._starts[at] if at < len(self._starts) else 2**62

    def room(self, title: str, headings: tuple[str, ...]) -> int:
        """Return the number of tokens left for text beside this title and heading path."""
        key = (title, headings)
        if key not in self._contexts:
            line = context(title, headings, self._tokenizer)
            self._contexts[key] = len(self._tokenizer.encode(line, add_special_tokens=False).offsets)
        return self._most - self._contexts[key]


def _token_starts(text: str, tokenizer: Tokenizer) -> array[int]:
    """Return where the tokens of a text begin.

    A long text is tokenised in parts that end at a line end: the tokens of 10 MB at once take two gigabytes.
    """
    starts = array("L")
    begun = 0
    while begun < len(text):
        end = begun + _AT_ONCE
        end = len(text) if end >= len(text) else text.rfind("\n", begun + 1, end) + 1 or end
        part = tokenizer.encode(text[begun:end], add_special_tokens=False)
        starts.extend(begun + start for start, _ in part.offsets)
        begun = end
    return starts


def _pieces(document: Document) -> Iterator[Segment]:
    """Yield the blocks as segments with their heading paths, and the text between blocks as paragraphs."""
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
    """Yield the segment; if it is too long, its sentences; if one of these is too long, cuts between words."""
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
    """Yield the spans of the lines of ``text[start:end]`` with more than white space."""
    at = start
    for line in text[start:end].splitlines(keepends=True):
        if line.strip():
            yield at, at + len(line)
        at += len(line)


def _word_start(text: str, start: int, cut: int) -> int:
    """Return the start of the word at `cut`; in a text without white space, the start of its run of letters or digits.

    A word is not cut, because its rest can have more tokens than within the word.
    """
    reach = range(cut, max(start, cut - 200), -1)
    spaces = (at for at in reach if text[at - 1].isspace())
    seams = (at for at in reach if not (text[at - 1].isalnum() and text[at].isalnum()))
    return next(spaces, next(seams, cut))


def _groups(pieces: list[Segment], document: Document, tokens: TokenCounts) -> Iterator[list[Segment]]:
    """Yield groups of neighbouring segments that fit one chunk together."""
    group: list[Segment] = []
    for piece in pieces:
        if group and _closes(group, piece, document, tokens):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _closes(group: list[Segment], piece: Segment, document: Document, tokens: TokenCounts) -> bool:
    """Say whether the chunk is full without `piece`, or `piece` is a heading that opens a new chunk."""
    room = tokens.room(document.title, _headings([*group, piece]))
    if tokens.count(group[0].start, piece.end) > room:
        return True
    if not piece.opens or all(member.opens for member in group):
        return False
    # The text before a heading may be too little to stand alone: a slide's subtitle, a one-line section.
    held = tokens.count(group[0].start, group[-1].end)
    return held >= _ENOUGH or document.page_at(group[0].start) is not document.page_at(piece.start)


def _headings(group: list[Segment]) -> tuple[str, ...]:
    """Return the heading path of a group's first text, or of its last heading if the group has only headings."""
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
