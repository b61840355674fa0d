"""Parsing: pages a second in one worker process and in several, from the kept file to chunks and stems."""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path

from ingest.loaders import detect
from ingest.parse.parsing import ParseTask
from ingest.parse.worker import command
from ingest.parse.workers import Workers
from rag.library.home import cache_folder
from rag.models.embedder import SentenceEmbedder
from rag.types import Source
from tests.bench.measuring import folder_of_pdfs, table


def tasks(folder: Path, times: int) -> list[ParseTask]:
    """Return what to parse: every PDF of a folder, so many times."""
    found = []
    for path in sorted(folder.glob("*.pdf")) * times:
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        found.append(ParseTask(Source(str(path), detect(path.name, data), len(data), sha256), path, sha256[:20]))
    return found


def pages_per_second(work: list[ParseTask], processes: int, tokenizer_file: Path) -> float:
    """Parse everything in so many processes, which have started and warmed up before."""
    with closing(Workers(processes, command(tokenizer_file))) as workers:
        for future in [workers.submit(work[0]) for _ in range(processes)]:
            future.result()
        began = time.perf_counter()
        pages = sum(len(future.result().document.pages) for future in [workers.submit(task) for task in work])
        return pages / (time.perf_counter() - began)


def main() -> None:
    """Measure in turn, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=folder_of_pdfs())
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    work = tasks(given.folder, times=3)
    tokenizer_file = SentenceEmbedder(cache_folder()).tokenizer_file
    counts = sorted({1, given.processes})
    speeds = {count: list[float]() for count in counts}
    for _ in range(given.runs):
        for count in counts:
            speeds[count].append(pages_per_second(work, count, tokenizer_file))
    rows = []
    for count in counts:
        ratios = [now / one for now, one in zip(speeds[count], speeds[1], strict=True)]
        rows.append([count, f"{statistics.median(speeds[count]):.0f}", f"{statistics.median(ratios):.2f}"])
    sys.stdout.write(table(["processes", "pages a second", "times one process"], rows))


if __name__ == "__main__":
    main()
