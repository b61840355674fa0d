"""One accepted source to everything that is stored of it: document, chunks, and the words they are found by.

What runs in a worker process: it imports neither torch nor Chroma, and needs nothing of the library.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingest import sources
from ingest.chunk import Tokenizer, chunk, chunk_stems
from ingest.loaders import load
from ingest.quality import measured
from rag.errors import Damaged, StudyhallError
from rag.types import Chunk, Document, Source

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """What to parse: the kept original of a source, and the id that its document will have."""

    source: Source
    original: Path
    document_id: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What parsing made of a source, ready to be stored."""

    document: Document
    chunks: Sequence[Chunk]
    stems: Sequence[str]  # of each chunk, for lexical search
    seconds: float = 0.0  # that it took


def parse(task: Task, tokenizer: Tokenizer) -> Parsed:
    """Read, chunk and stem one source; raises a StudyhallError that says why it can't be."""
    began = time.perf_counter()
    data = sources.read(task.original)
    document = _load(data, task.source)
    chunks = chunk(document, task.document_id, tokenizer)
    document = replace(document, quality=measured(document, chunks))
    stems = [chunk_stems(part, document.title, document.language) for part in chunks]
    return Parsed(document, chunks, stems, time.perf_counter() - began)


def _load(data: bytes, source: Source) -> Document:
    url = source.uri if sources.is_url(source.uri) else None
    try:
        document = load(data, name=source.uri, media_type=source.media_type, url=url)
    except StudyhallError:
        raise
    except Exception as exc:
        # A format's library can fail on a broken file in any way; this file is lost, the batch is not.
        logger.debug("Reading %s failed.", source.uri, exc_info=True)
        message = f"{source.uri} can't be read: {type(exc).__name__}: {exc}."
        raise Damaged(message, remedy="Open it in its program and save it anew, or leave it out.") from exc
    # A title stands in one line, whatever the file's name or metadata hold.
    return replace(document, title=" ".join(document.title.split())[:200])
