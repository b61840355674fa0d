"""Retrieval as a library grows: latency, memory and size at 1,000, 10,000 and 100,000 chunks (500,000 if asked).

Words are real: English documentation and German laws from the shared data. Vectors are made up, gathered around
centres as real ones are, so that the size of the vector index can grow without embedding for hours. One home grows;
each size is measured in a process of its own, so that memory is that of asking and not of building.

    python -m tests.bench.scale              three sizes, about five minutes
    python -m tests.bench.scale --largest    500,000 too: half an hour, 4 GB of disk

The texts are some 200,000 chunks: beyond, they are taken again, cut in other places.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import itertools
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ingest.chunk import chunk_stems
from rag.library.home import Home
from rag.library.library import Library
from rag.models.embedder import SentenceEmbedder
from rag.retrieve.dense import search_dense
from rag.retrieve.fuse import FusionWeights
from rag.retrieve.hits import retrieve
from rag.retrieve.lexical import search_lexical
from rag.settings import Settings
from rag.types import Chunk, Document, Scope, Source
from tests.bench.quality import Report
from tests.bench.sets import Absent, shared
from tests.fakes import asked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIZES, LARGEST = (1_000, 10_000, 100_000), 500_000
_DIMENSIONS = 384  # of a vector
TEXTS = (("en_tech_docs.txt.gz", "en"), ("de_bundestag_gesetze.txt.gz", "de"))
LETTERS = 900  # of a chunk: what 200 to 250 tokens have
LONGEST = 200  # chunks of a document; a longer one is cut into several
PER_CENTRE = 40  # chunks around each centre of the made-up vectors
QUERIES = 200
FINGERPRINT = "5ca1e000"


class MadeUp:
    """Stands in for the embedder: a question's vector lies near a centre, as a chunk's does."""

    languages = frozenset({"en", "de"})

    def __init__(self, chunks: int) -> None:
        self._centres = max(chunks // PER_CENTRE, 1)

    def embed_question(self, question: str) -> NDArray[np.float32]:
        """Return a unit vector that depends on the question alone."""
        seed = int(hashlib.sha256(question.encode()).hexdigest()[:8], 16)
        return vectors([(seed % self._centres, 10**10 + seed)])[0]


def vectors(seeds: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """Return a unit vector for each (centre, seed), near its centre."""
    import numpy as np

    rows = []
    for centre, seed in seeds:
        around = np.random.default_rng(10**9 + seed).standard_normal(_DIMENSIONS)
        rows.append(np.random.default_rng(centre).standard_normal(_DIMENSIONS) + 0.6 * around)
    made = np.array(rows, dtype=np.float32)
    unit: NDArray[np.float32] = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


# ---- building


def grow(home: Path, documents: Iterator[tuple[str, str]], have: int, wanted: int) -> int:
    """Add documents until the library has as many chunks as wanted; return how many it has."""
    library = Library(Home(home), FINGERPRINT)
    number = library.catalog.collections.create("main")
    while have < wanted:
        text, language = next(documents)
        have += _add(library, number, text, language, have, wanted)
    library.close()
    return have


def _add(library: Library, number: int, text: str, language: str, have: int, wanted: int) -> int:
    text = text[: (wanted - have) * LETTERS]
    key = hashlib.sha256(text.encode()).hexdigest()
    document = Document(text, " ".join(text[:60].split()), language)
    spans = [(at, min(at + LETTERS, len(text))) for at in range(0, len(text), LETTERS)]
    chunks = [
        Chunk(f"{key[:16]}{ordinal:08x}", key[:32], ordinal, a, b, text[a:b]) for ordinal, (a, b) in enumerate(spans)
    ]
    if library.catalog.documents.is_parsed(key[:32]):
        return 0
    stems = [chunk_stems(chunk, document.title, language) for chunk in chunks]
    source = Source(f"/scale/{key[:12]}.txt", "text/plain", len(text), key)
    library.queue.add(number, key[:32], source)
    library.catalog.memberships.store(number, key[:32], source, document, chunks, stems)
    # Neighbours in a document lie near each other, as they do in life.
    made = vectors([(at // PER_CENTRE, at) for at in range(have, have + len(chunks))])
    library.vectors.add(number, key[:32], [chunk.id for chunk in chunks], made)
    library.embedding_state.record(number, key[:32])
    return len(chunks)


def texts() -> Iterator[tuple[str, str]]:
    """Yield (text, language) without end; from the second round on cut elsewhere, so that no chunk is the same."""
    for beginning in itertools.cycle((0, LETTERS // 2, LETTERS // 4, 3 * LETTERS // 4)):
        yield from ((text[beginning:], language) for text, language in _round())


def _round() -> Iterator[tuple[str, str]]:
    """Yield (text, language), English and German in turn, in parts of at most two hundred chunks."""
    streams = [_parts(shared("text", name), language) for name, language in TEXTS]
    while streams:
        for stream in list(streams):
            part = next(stream, None)
            if part is None:
                streams.remove(stream)
            else:
                yield part


def _parts(path: Path, language: str) -> Iterator[tuple[str, str]]:
    held: list[str] = []
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("<|doc|>") or sum(map(len, held)) > LONGEST * LETTERS:
                if len(text := "".join(held).strip()) > LETTERS:
                    yield text[: LONGEST * LETTERS], language
                held = []
            if not line.startswith("<|doc|>"):
                held.append(line)


# ---- measuring


def measure(home: Path) -> dict[str, Any]:
    """Return latencies in ms, memory and sizes of a home, opened in this process."""
    library = Library(Home(home), FINGERPRINT)
    try:
        count = library.vectors.count(library.catalog.collections.number("main"))
        embedder = cast("SentenceEmbedder", MadeUp(count))  # what retrieval asks of one
        questions = _queries(library)
        within = Scope(documents=frozenset({library.catalog.documents.all()[0].document_id}))
        settings = Settings()
        most, weights = settings.candidates, FusionWeights.of(settings, embedder.languages)
        ways: dict[str, Callable[[str], object]] = {
            "words": lambda q: search_lexical(asked(q, library), library.lexical, limit=most),
            "meaning": lambda q: search_dense(asked(q, library), library, embedder, limit=most),
            "both": lambda q: retrieve(asked(q, library), library, embedder, candidates=most, weights=weights),
            "both, one document": lambda q: retrieve(
                asked(q, library, within), library, embedder, candidates=most, weights=weights
            ),
        }
        found = {name: _latencies(way, questions) for name, way in ways.items()}
    finally:
        library.close()
    return {
        "chunks": count,
        "ms": found,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "library_mb": _megabytes(home, "library.db*"),
        "vectors_mb": _megabytes(home / "chroma", "**/*"),
    }


def _queries(library: Library) -> list[str]:
    """Return eight words each, taken from documents at random with a fixed seed."""
    chosen = random.Random(7)
    infos = library.catalog.documents.all()
    asked = []
    for _ in range(QUERIES):
        words = library.catalog.documents.text(chosen.choice(infos).document_id).split()
        at = chosen.randrange(max(len(words) - 8, 1))
        asked.append(" ".join(words[at : at + 8]))
    return asked


def _latencies(way: Callable[[str], object], asked: Sequence[str]) -> tuple[float, float, float]:
    """Return median, 95th percentile and mean processor time, after a few questions that warm up.

    Processor time grows alike on a machine that is busy with something else.
    """
    for question in asked[:5]:
        way(question)
    times = []
    worked = time.process_time()
    for question in asked:
        began = time.perf_counter()
        way(question)
        times.append(1000 * (time.perf_counter() - began))
    worked = 1000 * (time.process_time() - worked) / len(asked)
    times.sort()
    return statistics.median(times), times[len(times) * 95 // 100], worked


def _megabytes(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file()) // 1_000_000


def _line(told: dict[str, Any]) -> str:
    times = " | ".join(f"{median:.1f}, {late:.1f}, {worked:.1f}" for median, late, worked in told["ms"].values())
    sizes = " | ".join(f"{told[name]:,}" for name in ("memory_mb", "library_mb", "vectors_mb"))
    return f"| {told['chunks']:,} | {times} | {sizes} |\n"


def main() -> None:
    """Grow a home, measure it at each size, print a table and how everything grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", action="store_true", help="go on to 500,000 chunks")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=Path("build/bench-scale.md"))
    given = parser.parse_args()
    if given.measure:
        sys.stdout.write(json.dumps(measure(given.measure)))
        return
    try:
        read = texts()
        documents = itertools.chain([next(read)], read)
    except Absent as absent:
        sys.exit(str(absent))
    report = Report(given.out)
    report.line(f"`python -m tests.bench.scale{' --largest' if given.largest else ''}`\n\n")
    report.line("| chunks | words | meaning | both | both, one document | memory MB | library MB | vectors MB |\n")
    report.line("|--:|--:|--:|--:|--:|--:|--:|--:|\n")
    told: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        home, have = Path(scratch) / "home", 0
        for size in (*SIZES, *((LARGEST,) if given.largest else ())):
            have = grow(home, documents, have, size)
            command = [sys.executable, "-m", "tests.bench.scale", "--measure", str(home)]
            told.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
            report.line(_line(told[-1]))
    report.line("\nMilliseconds: median, 95th percentile, processor time. Growth of the processor time:\n\n")
    for smaller, larger in itertools.pairwise(told):
        grown = ", ".join(
            f"{name} ×{larger['ms'][name][2] / smaller['ms'][name][2]:.1f}" for name in ("words", "meaning", "both")
        )
        report.line(f"- ×{larger['chunks'] / smaller['chunks']:.0f} chunks: {grown}\n")


if __name__ == "__main__":
    main()
