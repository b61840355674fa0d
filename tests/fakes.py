"""Small fakes and builders: documents, chunks and passages written in a line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from PIL.Image import Image

from ingest.chunk import chunk, chunk_stems
from ingest.index import embed_document
from ingest.ocr import RecognisedLine, Word
from rag.library.library import Library
from rag.ports import Embedder
from rag.question.analyse import read_question
from rag.question.query import Query
from rag.types import ANYWHERE, Block, BlockKind, Chunk, Document, Hit, Page, Passage, Scope, Source


def a_document(text: str, *, title: str = "Notes", language: str = "en", pages: Sequence[int] = ()) -> Document:
    """Return a document: blocks between empty lines, "# " for headings, pages that begin at the offsets given."""
    found = [match.span() for match in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text)]
    starts = [*pages, len(text)]
    numbered = tuple(Page(n, a, b, f"p{n}") for n, (a, b) in enumerate(pairwise(starts), 1))
    blocks = []
    for start, end in found:
        hashes = len(text[start:end]) - len(text[start:end].lstrip("#"))
        kind = BlockKind.HEADING if hashes else BlockKind.PARAGRAPH
        blocks.append(Block(start, end, kind, hashes))
    return Document(text=text, title=title, language=language, blocks=tuple(blocks), pages=numbered)


def a_source(text: str, uri: str) -> Source:
    """Return where the text would come from."""
    data = text.encode()
    return Source(uri, "text/markdown", len(data), hashlib.sha256(data).hexdigest(), mtime_ns=1)


def a_chunk(text: str = "some words", *, document_id: str = "d1", ordinal: int = 0, start: int = 0) -> Chunk:
    """Return a chunk that stands somewhere in a document."""
    return Chunk(f"{document_id}-{ordinal}", document_id, ordinal, start, start + len(text), text)


def a_hit(chunk_: Chunk, fused: float = 1.0) -> Hit:
    """Return a chunk as if it had been found."""
    return Hit(chunk_, source=f"/notes/{chunk_.document_id}.md", title="Notes", fused=fused)


def a_passage(text: str, *, number: int = 1, start: int = 0, document_id: str = "d1", **more: Any) -> Passage:
    """Return a numbered passage."""
    return Passage(
        number=number,
        document_id=document_id,
        chunk_id=f"{document_id}-{start}",
        source=f"/notes/{document_id}.md",
        title=more.pop("title", "Notes"),
        start=start,
        end=start + len(text),
        text=text,
        score=1.0,
        **more,
    )


def put(
    library: Library,
    embedder: Embedder,
    text: str | Document,
    *,
    uri: str = "/notes/a.md",
    collection: str = "main",
    embed: bool = True,
) -> str:
    """Store a document the way an ingestion does; return its id."""
    document = text if isinstance(text, Document) else a_document(text)
    source = a_source(document.text, uri)
    document_id = source.sha256[:20]
    number = library.catalog.collections.create(collection)
    library.originals.keep(document.text.encode(), source.sha256)
    library.queue.add(number, document_id, source)
    if library.catalog.documents.is_parsed(document_id):
        library.catalog.memberships.add(number, document_id, source)
    else:
        chunks = chunk(document, document_id, embedder.tokenizer)
        stems = [chunk_stems(part, document.title, document.language) for part in chunks]
        library.catalog.memberships.store(number, document_id, source, document, chunks, stems)
    library.settle()
    if embed:
        for waiting, waiting_id in library.embedding_state.pending(document_id):
            embed_document(library, embedder, waiting, waiting_id, progress=lambda _: None, wanted=lambda: True)
    return document_id


class FakeRecogniser:
    """Finds on each picture the lines it was given for it; nothing when they have run out."""

    def __init__(self, pages: list[list[RecognisedLine]]) -> None:
        self.pages = pages
        self.calls = 0

    def __call__(self, _image: Image) -> list[RecognisedLine]:
        self.calls += 1
        return self.pages.pop(0) if self.pages else []


def a_line(text: str, *, x: float = 100, y: float = 100, height: float = 40) -> RecognisedLine:
    """Return a line around `y` whose letters are half as wide as they are high."""
    words = []
    for match in re.finditer(r"\S+", text):
        x0, x1 = (x + at * height / 2 for at in match.span())
        words.append(Word(match.group(), (x0, y - height / 2, x1, y + height / 2)))
    return RecognisedLine(tuple(words), height)


def asked(text: str, library: Library, scope: Scope = ANYWHERE) -> Query:
    """A question, read for the documents of a library; nothing is done about its spelling or what it goes on from."""
    return read_question(text, languages=library.catalog.documents.languages(scope.collection), scope=scope)
