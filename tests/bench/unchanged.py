"""A second run on an unchanged folder, against the first: whole processes, from nothing."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from rag.library.home import cache_folder
from rag.models.embedder import SentenceEmbedder
from tests.bench.measuring import STUDYHALL, folder_of_pdfs, table, timed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=folder_of_pdfs())
    given = parser.parse_args()
    SentenceEmbedder(cache_folder()).prepare()
    rows = []
    with tempfile.TemporaryDirectory() as home:
        command = [*STUDYHALL, "ingest", str(given.folder), "--home", home, "--json"]
        runs = [timed(command, codes=(0, 3)) for _ in range(3)]
    first = [json.loads(run.out) for run in runs]
    for name, run, report in zip(("first", "second", "third"), runs, first, strict=True):
        within, whole = report["seconds"], run.seconds
        rows.append(
            [
                name,
                report["added"],
                report["unchanged"],
                f"{whole:.2f}",
                f"{100 * whole / runs[0].seconds:.1f} %",
                f"{within:.2f}",
                f"{100 * within / first[0]['seconds']:.1f} %",
            ]
        )
    head = ["run", "added", "unchanged", "whole process, s", "share", "ingestion in it, s", "share"]
    sys.stdout.write(table(head, rows))


if __name__ == "__main__":
    main()
