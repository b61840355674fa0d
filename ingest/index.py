"""Embeds a document's chunks and stores the vectors in the library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from ingest.chunk import embedded_text
from rag.library.library import Library
from rag.platform.priority import go_last
from rag.ports import Embedder
from rag.types import Chunk

_SLICE = 16  # chunks embedded between two checks for a stop
_AT_ONCE = 2  # slices: while one is tokenised or stored, the model works on the other


def embed_document(
    library: Library,
    embedder: Embedder,
    collection_id: int,
    document_id: str,
    *,
    progress: Callable[[int], None],
    wanted: Callable[[], bool],
) -> bool:
    """Embed the chunks of a parsed document into a collection; return whether all were embedded.

    `progress` receives the number of chunks of each step. If `wanted` returns False, the document stays `parsed`,
    and the next ingestion continues from there. Vectors that another collection has are copied.
    """
    library.meta.record_embedder(embedder.fingerprint, embedder.choice)
    chunks = library.catalog.chunks.of_document(document_id)
    title = library.catalog.documents.title(document_id)
    missing = library.embeddings.chunks_to_embed(collection_id, document_id, chunks)
    progress(len(chunks) - len(missing))
    storing = Lock()

    def embed(start: int) -> bool:
        if not wanted():
            return False
        part = missing[start : start + _SLICE]
        vectors = embedder.embed_whole(_texts(part, title, embedder))
        with storing:
            library.vectors.add(collection_id, document_id, [chunk.id for chunk in part], vectors)
        progress(len(part))
        return True

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="slice", initializer=go_last) as slices:
        try:
            whole = all(slices.map(embed, range(0, len(missing), _SLICE)))
        finally:  # after a failure or a stop, the other slices needn't begin
            slices.shutdown(cancel_futures=True)
    return whole and library.embeddings.record(collection_id, document_id, title, chunks)


def _texts(chunks: Sequence[Chunk], title: str, embedder: Embedder) -> list[str]:
    return [_text(chunk, title, embedder) for chunk in chunks]


def _text(chunk: Chunk, title: str, embedder: Embedder) -> str:
    text = embedded_text(title, chunk.headings, chunk.text, embedder.tokenizer)
    # A word that was cut can have more tokens than within the word; then the chunk is embedded without its context.
    return text if embedder.count_tokens(text) <= embedder.room else chunk.text
