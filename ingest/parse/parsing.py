"""One accepted source to everything that is stored of it: document, chunks, and the words they are found by.

What runs in a worker process: it imports neither torch nor Chroma, and needs nothing of the library. The pages of
a long file may be read in parts, by several workers; what they make together is then found out by one of them.
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
from ingest.chunk import Tokenizer, chunk, chunk_stems
from ingest.loaders import count_pages, load, read_pages
from ingest.quality import measured
from rag.errors import Damaged, StudyhallError
from rag.types import Chunk, Document, Source

logger = logging.getLogger(__name__)

LONG = 200  # pages from which a file is read in parts: below, starting another worker takes as long


@dataclass(frozen=True, slots=True)
class FilePart:
    """Some pages of a long file that are to be read: their indexes, from 0."""

    source: Source
    original: Path
    pages: range
    began: float = 0.0  # when reading the file did, as `time.monotonic` counts


@dataclass(frozen=True, slots=True)
class ReadPart:
    """The pages of a part as the loader made them, pickled: only the worker that joins them looks into them."""

    pages: bytes
    seconds: float  # that it took


@dataclass(frozen=True, slots=True)
class ParseTask:
    """What to parse: the kept original of a source, and the id that its document will have."""

    source: Source
    original: Path
    document_id: str
    divisible: bool = False  # whether somebody would share the pages of a long file out
    parts: Sequence[ReadPart] = ()  # all its pages, where they have been read


@dataclass(frozen=True, slots=True)
class LongFile:
    """What parsing says of a file that is to be read in parts."""

    pages: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """What parsing made of a source, ready to be stored."""

    document: Document
    chunks: Sequence[Chunk]
    stems: Sequence[str]  # of each chunk, for lexical search
    seconds: float = 0.0  # that it took, of all workers together


def parse(task: ParseTask, tokenizer: Tokenizer) -> Parsed | LongFile:
    """Read, chunk and stem one source; raises a StudyhallError that says why it can't be."""
    began = time.perf_counter()
    data = sources.read(task.original)
    with _reading(task.source):
        if task.divisible and (pages := _pages(data, task.source)) >= LONG:
            return LongFile(pages)
        document = _load(data, task)
    chunks = chunk(document, task.document_id, tokenizer)
    document = replace(document, quality=measured(document, chunks))
    stems = [chunk_stems(part, document.title, document.language) for part in chunks]
    seconds = time.perf_counter() - began + sum(part.seconds for part in task.parts)
    return Parsed(document, chunks, stems, seconds)


def _pages(data: bytes, source: Source) -> int:
    """Return how many pages may be read in parts; one that can't be opened so may still be read whole."""
    with suppress(StudyhallError):
        return count_pages(data, name=source.uri)
    return 0


def read_part(part: FilePart) -> ReadPart:
    """Read some pages; raises a StudyhallError that says why they can't be."""
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
    # A title stands in one line, whatever the file's name or metadata hold.
    return replace(document, title=" ".join(document.title.split())[:200])


@contextmanager
def _reading(source: Source) -> Iterator[None]:
    """Say in our words what fails."""
    try:
        yield
    except StudyhallError:
        raise
    except Exception as exc:
        # A format's library can fail on a broken file in any way; this file is lost, the batch is not.
        logger.debug("Reading %s failed.", source.uri, exc_info=True)
        message = f"{source.uri} can't be read: {type(exc).__name__}: {exc}."
        raise Damaged(message, remedy="Open it in its program and save it anew, or leave it out.") from exc
