"""Speed: `make bench`. Whole processes, in turn, so that a machine that slows down slows both.

Ingesting a folder against the pipeline of the usual tutorials (peer_langchain.py, in `../shared/bench`), then
the time of `studyhall --help`, of a cold `studyhall search`, and of a search in a running process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rag.library.home import cache_folder
from rag.models.embedder import MiniLM
from tests.bench.quality import load_gold
from ui.demo import sample_course
from ui.hall import Studyhall

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
STUDYHALL = [sys.executable, "-c", "from ui.cli import run; run()"]


def timed(command: list[str]) -> tuple[float, str]:
    """Run a command and return its seconds and what it printed; stops the benchmark when it fails."""
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return time.perf_counter() - began, done.stdout


def against_peer(folder: Path, peer: Path, runs: int) -> str:
    """Return how much faster a folder is ingested, from nothing, whole process against whole process."""
    ours, theirs, facts = [], [], ""
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as scratch:
            seconds, out = timed([*STUDYHALL, "ingest", str(folder), "--home", f"{scratch}/home", "--json"])
            ours.append(seconds)
            report = json.loads(out)["documents"]
            seconds, out = timed([sys.executable, str(peer), str(folder), "--db", f"{scratch}/peer"])
            theirs.append(seconds)
            chunks = sum(document["chunks"] for document in report)
            pages = sum(document["pages"] for document in report)
            facts = f"{pages} pages, {chunks} chunks here, {json.loads(out)['chunks']} there"
    ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
    return (
        f"ingest {folder.name} ({facts}): {statistics.median(ours):.2f} s against {statistics.median(theirs):.2f} s, "
        f"{statistics.median(ratios):.1f} times as fast ({ratios[0]:.1f} to {ratios[-1]:.1f})\n"
    )


def startup(runs: int) -> str:
    """Return the times of `--help` and of a cold search in the sample course."""
    helps = [timed([*STUDYHALL, "--help"])[0] for _ in range(runs)]
    with tempfile.TemporaryDirectory() as home:
        timed([*STUDYHALL, "ingest", str(sample_course()), "--home", home])
        searches = [timed([*STUDYHALL, "search", "page rank", "--home", home, "--json"])[0] for _ in range(runs)]
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
    parser.add_argument("--folder", type=Path, default=SHARED / "data/course/en-algorithms")
    parser.add_argument("--peer", type=Path, default=SHARED / "bench/peer_langchain.py")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    MiniLM(cache_folder()).prepare()
    sys.stdout.write(startup(given.runs))
    sys.stdout.write(retrieval())
    if given.peer.is_file() and given.folder.is_dir():
        sys.stdout.write(against_peer(given.folder, given.peer, given.runs))
    else:
        sys.stdout.write(f"The comparison needs {given.peer} and {given.folder}: name them with --peer and --folder.\n")


if __name__ == "__main__":
    main()
