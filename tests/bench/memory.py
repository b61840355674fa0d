"""Peak memory against the size of the folder: `make bench-memory`.

The texts in `../shared/data/text` are written out as files, in growing folders, and each is ingested by a process of
its own; all its processes together are watched. To give millions of characters their vectors takes hours, so each is
stopped once everything is found by words (`--embed` lets it go on).
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rag.library.home import cache_folder
from rag.models.embedder import SentenceEmbedder
from tests.bench.measuring import SHARED, peak_memory, table

TEXTS = SHARED / "data/text"
_BETWEEN = "<|doc|>"
# Ingests a folder and stops when everything is parsed and stored, or embedded: as `studyhall ingest` does it.
_CHILD = """
import json, sys, threading
from ingest.report import Embedding, IngestReport, FileRead
from ui.hall import Studyhall
folder, home, embed = sys.argv[1:]
stopped = threading.Event()
with Studyhall.open(home) as hall:
    read = embedded = 0
    for event in hall.ingest_events([folder], stopped=stopped):
        if isinstance(event, FileRead):
            read = event.number
            last = event.number == event.total
        elif isinstance(event, Embedding):
            embedded = event.done
        elif isinstance(event, IngestReport):
            chunks = sum(line.chunks for line in event.documents)
            print(json.dumps({"failed": sum(line.status == "failed" for line in event.documents), "chunks": chunks,
                              "files": len(event.documents), "embedded": embedded}))
        if read and last and embed == "no":
            stopped.set()
"""


def documents() -> Iterator[str]:
    """Yield the documents of all texts, one of each in turn."""
    streams = [_documents_in(path) for path in sorted(TEXTS.glob("*.txt.gz"))]
    for row in itertools.zip_longest(*streams):
        yield from (text for text in row if text and text.strip())


def _documents_in(path: Path) -> Iterator[str]:
    """Yield the documents of one file without holding it whole."""
    held: list[str] = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            before, mark, after = line.partition(_BETWEEN)
            held.append(before)
            if mark:
                yield "".join(held)
                held = [after]
    yield "".join(held)


def measured(folder: Path, home: Path, *, embed: bool) -> tuple[dict[str, int], int, float]:
    """Ingest a folder in a process of its own; return what it says, its peak in MB, and its seconds."""
    began = time.perf_counter()
    command = [sys.executable, "-c", _CHILD, str(folder), str(home), "yes" if embed else "no"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, peak_memory(process.pid) as peak:
        said, _ = process.communicate()
    if process.returncode:
        sys.exit("The ingestion failed.")
    return json.loads(said), peak[0], time.perf_counter() - began


def main() -> None:
    """Write the folders out, ingest each, and print the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", default="2,5,10,20,40", help="millions of characters")
    parser.add_argument("--embed", action="store_true", help="embed too, to the end")
    given = parser.parse_args()
    if not TEXTS.is_dir():
        sys.exit(f"There are no texts in {TEXTS}.")
    SentenceEmbedder(cache_folder()).prepare()
    steps = [int(float(step) * 1_000_000) for step in given.steps.split(",")]
    rows = []
    for step in steps:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch, "texts")
            folder.mkdir()
            characters = 0
            for number, text in enumerate(documents()):
                (folder / f"{number:06}.md").write_text(text, encoding="utf-8")
                characters += len(text)
                if characters >= step:
                    break
            said, peak, seconds = measured(folder, Path(scratch, "home"), embed=given.embed)
        rows.append(
            [
                f"{characters / 1e6:.1f} M",
                said["files"],
                said["failed"],
                said["chunks"],
                said["embedded"],
                peak,
                f"{seconds:.0f}",
            ]
        )
        sys.stderr.write(f"{rows[-1]}\n")
    sys.stdout.write(table(["characters", "files", "failed", "chunks", "embedded", "peak MB", "seconds"], rows))


if __name__ == "__main__":
    main()
