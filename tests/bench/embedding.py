"""Embedding: what an ingestion makes of the bare ONNX session, on the same chunks.

The bare session gets token ids that lie ready and nothing else to do, in one thread per core. An ingestion reads the
chunks from the library, adds their context, tokenises, and stores the vectors.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ingest.chunk import embedded_text
from ingest.embedding import EmbeddingThread
from rag.types import DocumentInfo
from tests.bench.measuring import folder_of_pdfs, table
from ui.hall import Studyhall


def token_ids(hall: Studyhall, documents: list[DocumentInfo]) -> list[Any]:
    """Return the token ids of what is embedded for every chunk."""
    import numpy as np

    tokenizer, catalog = hall.engine.embedder.tokenizer, hall.engine.library.catalog
    texts = [
        embedded_text(info.title, chunk.headings, chunk.text, tokenizer)
        for info in documents
        for chunk in catalog.chunks.of_document(info.document_id)
    ]
    return [np.array([tokenizer.encode(text).ids], dtype=np.int64) for text in texts]


def bare(hall: Studyhall, ids: list[Any]) -> float:
    """Return the seconds that the sessions alone take."""
    sessions = hall.engine.embedder._sessions

    def work(part: int) -> None:
        for row in ids[part :: len(sessions)]:
            sessions[part].run(None, {"input_ids": row})

    with ThreadPoolExecutor(len(sessions)) as pool:
        began = time.perf_counter()
        list(pool.map(work, range(len(sessions))))
        return time.perf_counter() - began


def ingested(hall: Studyhall) -> float:
    """Return the seconds in which an ingestion embeds what is parsed already."""
    library = hall.engine.library
    library.embedding_state.forget()
    library.vectors.drop()
    with EmbeddingThread(library, hall.engine.embedder, None, hall.engine.priority) as embedding:
        began = time.perf_counter()
        embedding.take_up_unfinished()
        for _ in embedding.finish():
            pass
        return time.perf_counter() - began


def main() -> None:
    """Measure in turn, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=folder_of_pdfs())
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, Studyhall.open(home) as hall:
        hall.ingest([given.folder])
        ids = token_ids(hall, hall.documents())
        alone, whole = [], []
        for _ in range(given.runs):
            alone.append(len(ids) / bare(hall, ids))
            whole.append(len(ids) / ingested(hall))
    shares = sorted(b / a for a, b in zip(alone, whole, strict=True))
    tokens = sum(row.shape[1] for row in ids) / len(ids)
    sys.stdout.write(f"{len(ids)} chunks of {tokens:.0f} tokens on average, from {given.folder.name}\n\n")
    rows = [
        ["the bare sessions", f"{statistics.median(alone):.1f}", "100 %"],
        ["an ingestion", f"{statistics.median(whole):.1f}", f"{100 * statistics.median(shares):.0f} %"],
    ]
    sys.stdout.write(table(["", "chunks a second", "share"], rows))


if __name__ == "__main__":
    main()
