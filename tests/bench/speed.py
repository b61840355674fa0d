"""Speed: `make bench`. Whole processes, in turn, so that a machine that slows down slows both.

Ingesting a folder against the pipeline of the usual tutorials (peer_langchain.py, in `../shared/bench`), then
the time of `studyhall --help`, of a cold `studyhall search`, and of a search in a running process.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from rag.library.home import cache_folder
from rag.models.embedder import SentenceEmbedder
from tests.bench.measuring import PDFS, SHARED, STUDYHALL, table, timed
from tests.bench.sets.gold import load_gold
from ui.demo import sample_course
from ui.hall import Studyhall


def used() -> float:
    """Return the processor seconds of all commands so far: what a busy machine leaves comparable."""
    times = os.times()
    return times.children_user + times.children_system


def against_peer(folder: Path, peer: Path, runs: int) -> str:
    """Return how much faster a folder is ingested, from nothing, whole process against whole process."""
    seconds: dict[str, list[float]] = {"studyhall": [], "peer": []}
    work: dict[str, list[float]] = {"studyhall": [], "peer": []}
    peaks: dict[str, int] = {}
    chunks: dict[str, int] = {}
    pages = 0
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as scratch:
            commands = {
                "studyhall": [*STUDYHALL, "ingest", str(folder), "--home", f"{scratch}/home", "--json"],
                "peer": [sys.executable, str(peer), str(folder), "--db", f"{scratch}/peer"],
            }
            for name, command in commands.items():
                before = used()
                run = timed(command)
                seconds[name].append(run.seconds)
                work[name].append(used() - before)
                peaks[name] = max(peaks.get(name, 0), run.peak_mb)
                said = json.loads(run.out)
                report = said.get("documents", [said])
                chunks[name] = sum(document["chunks"] for document in report)
                pages = sum(document["pages"] for document in report)
    rows = [
        [name, chunks[name], *(f"{statistics.median(many[name]):.2f}" for many in (seconds, work)), peaks[name]]
        for name in seconds
    ]
    ratios = [sorted(b / a for a, b in zip(many["studyhall"], many["peer"], strict=True)) for many in (seconds, work)]
    times, of_work = (f"{statistics.median(many):.1f} times ({many[0]:.1f} to {many[-1]:.1f})" for many in ratios)
    head = [f"{folder.name}, {pages} pages", "chunks", "seconds", "processor seconds", "peak MB"]
    return f"{table(head, rows)}\nThe peer takes {times} as long and {of_work} the processor.\n"


def startup(runs: int) -> str:
    """Return the times of `--help` and of a cold search in the sample course."""
    helps = [timed([*STUDYHALL, "--help"]).seconds for _ in range(runs)]
    with tempfile.TemporaryDirectory() as home:
        timed([*STUDYHALL, "ingest", str(sample_course()), "--home", home])
        searches = [timed([*STUDYHALL, "search", "page rank", "--home", home, "--json"]).seconds for _ in range(runs)]
    return (
        f"studyhall --help: {statistics.median(helps):.2f} s\n"
        f"cold studyhall search: {statistics.median(searches):.2f} s\n"
    )


def retrieval() -> str:
    """Return the time of a search in a running process, over the gold questions."""
    questions = [item.question for item in load_gold()]
    with tempfile.TemporaryDirectory() as home, Studyhall.open(home) as hall:
        hall.ingest([sample_course()])
        hall.search("warm up")
        times = []
        for question in questions:
            began = time.perf_counter()
            hall.search(question)
            times.append(1000 * (time.perf_counter() - began))
    times.sort()
    late = times[len(times) * 95 // 100]
    return f"search in a running process: median {statistics.median(times):.1f} ms, 95 % {late:.1f} ms\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=PDFS)
    parser.add_argument("--peer", type=Path, default=SHARED / "bench/peer_langchain.py")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    SentenceEmbedder(cache_folder()).prepare()
    sys.stdout.write(startup(given.runs))
    sys.stdout.write(retrieval())
    if given.peer.is_file() and given.folder.is_dir():
        sys.stdout.write(against_peer(given.folder, given.peer, given.runs))
    else:
        sys.stdout.write(f"The comparison needs {given.peer} and {given.folder}: name them with --peer and --folder.\n")


if __name__ == "__main__":
    main()
