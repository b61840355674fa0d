"""Parses one accepted source into everything stored of it: document, chunks and stems.

Runs in a worker process, which imports neither torch nor Chroma and needs nothing of the library. The pages of a long
file may be read in parts by several workers; one of them then joins the parts.
"""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.accept import sources
from ingest.chunk import MAX_TOKENS, Tokenizer, chunk, chunk_stems
from ingest.loaders import count_pages, load, read_pages
from ingest.loaders.readings import reading_of
from ingest.quality import measured
from rag.errors import Damaged, StudyhallError
from rag.types import Chunk, Document, Source

logger = logging.getLogger(__name__)

LONG = 200  # pages from which a file is read in parts; below, starting another worker takes as long


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of a long file: the indexes of its pages, from 0."""

    source: Source
    original: Path
    pages: range
    began: float = 0.0  # start of reading the file, in `time.monotonic`'s seconds


@dataclass(frozen=True, slots=True)
class ReadPart:
    """The loader's pages of a part, pickled: only the worker that joins the parts unpickles them."""

    pages: bytes
    seconds: float  # of reading


@dataclass(frozen=True, slots=True)
class ParseTask:
    """A task of parsing: the kept original of a source, and the id of the document to be."""

    source: Source
    original: Path
    document_id: str
    divisible: bool = False  # whether the pages may be divided among workers
    parts: Sequence[ReadPart] = ()  # all pages, if read in parts


@dataclass(frozen=True, slots=True)
class LongFile:
    """The answer to a task whose file is to be read in parts."""

    pages: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed source, ready to be stored."""

    document: Document
    chunks: Sequence[Chunk]
    stems: Sequence[str]  # of each chunk, for lexical search
    seconds: float = 0.0  # of all workers together


def parse(task: ParseTask, tokenizer: Tokenizer, most: int = MAX_TOKENS) -> Parsed | LongFile:
    """Load, chunk and stem one source; a chunk has at most `most` tokens.

    Raises a StudyhallError with the reason if this fails.
    """
    began = time.perf_counter()
    data = sources.read(task.original)
    with _reading(task.source):
        if task.divisible and (pages := _pages(data, task.source)) >= LONG:
            return LongFile(pages)
        document = _load(data, task)
    chunks = chunk(document, task.document_id, tokenizer, most=most)
    document = replace(document, quality=measured(document, chunks))
    stems = [chunk_stems(part, document.title, document.language) for part in chunks]
    seconds = time.perf_counter() - began + sum(part.seconds for part in task.parts)
    return Parsed(document, chunks, stems, seconds)


def _pages(data: bytes, source: Source) -> int:
    """Return the number of pages that may be read in parts; 0 leaves the file to be read as a whole."""
    with suppress(StudyhallError):
        return count_pages(data, name=source.uri)
    return 0


def read_part(part: FilePart) -> ReadPart:
    """Read some pages; raises a StudyhallError with the reason if this fails."""
    began = time.perf_counter()
    data = sources.read(part.original)
    with _reading(part.source):
        pages = read_pages(data, part.pages, name=part.source.uri)
    return ReadPart(pickle.dumps(pages, pickle.HIGHEST_PROTOCOL), time.perf_counter() - began)


def _load(data: bytes, task: ParseTask) -> Document:
    source = task.source
    url = source.uri if sources.is_url(source.uri) else None
    read = [page for part in task.parts for page in pickle.loads(part.pages)]
    document = load(data, name=source.uri, media_type=source.media_type, url=url, read=read or None)
    # A title is one line, whatever the file's name or metadata contain.
    return replace(document, title=" ".join(document.title.split())[:200], reading=reading_of(source.media_type))


@contextmanager
def _reading(source: Source) -> Iterator[None]:
    """Translate a loader's errors."""
    try:
        yield
    except StudyhallError:
        raise
    except Exception as exc:
        # A format's library can fail on a broken file in any way; this costs the file, not the batch.
        logger.debug("Reading %s failed.", source.uri, exc_info=True)
        message = f"{source.uri} can't be read: {type(exc).__name__}: {exc}."
        raise Damaged(message, remedy="Open it in its program and save it anew, or leave it out.") from exc
