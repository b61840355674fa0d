"""Asking while a long PDF is ingested, in one running process: `make bench-question`.

How long from dropping a PDF of 500 pages to the first answer that cites it, and how much longer a search takes while
the rest is parsed and embedded than when nothing else happens.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from rag.types import DocumentState
from tests.bench.measuring import PDFS, long_pdf, table
from tests.bench.quality import load_gold
from ui.demo import sample_course
from ui.hall import Studyhall

QUESTION = "What is dynamic programming?" if PDFS.is_dir() else "What is an inverted index?"
_PAUSE_S = 0.1  # between two questions: a person doesn't ask without a break


@dataclass
class Dropped:
    """A PDF that was dropped, and what has come of it."""

    hall: Studyhall
    pdf: Path
    over: threading.Event = field(default_factory=threading.Event)

    def ingest(self) -> None:
        """Ingest it to the end."""
        try:
            self.hall.ingest([self.pdf])
        finally:
            self.over.set()


def first_answer(hall: Studyhall, pdf: Path) -> tuple[float, str]:
    """Ask again and again until an answer cites the PDF; return the seconds, and the state the PDF is in then."""
    began = time.perf_counter()
    while time.perf_counter() - began < 600:
        answer = hall.ask(QUESTION, quote=True)
        if any(Path(citation.source) == pdf for citation in answer.citations):
            seconds = time.perf_counter() - began
            return seconds, next(info.state for info in hall.documents() if Path(info.source) == pdf)
        time.sleep(0.05)
    sys.exit(f"No answer cites {pdf}.")


def latencies(hall: Studyhall, questions: list[str], goes_on: threading.Event | None = None) -> list[float]:
    """Return the milliseconds of searches: each question once, or all of them in turn until an ingestion is over."""
    times: list[float] = []
    while not times or goes_on is not None:
        for question in questions:
            if goes_on is not None and goes_on.is_set():
                return times
            began = time.perf_counter()
            hall.search(question)
            times.append(1000 * (time.perf_counter() - began))
            time.sleep(_PAUSE_S)
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    given = parser.parse_args()
    questions = [item.question for item in load_gold()]
    with tempfile.TemporaryDirectory() as folder, Studyhall.open(f"{folder}/home") as hall:
        pdf = long_pdf(given.pages, Path(folder, "long.pdf"))
        hall.ingest([sample_course()])  # a process that has answered before has loaded everything
        hall.ask(QUESTION, quote=True)
        before = latencies(hall, questions)
        dropped = Dropped(hall, pdf)
        began = time.perf_counter()
        ingesting = threading.Thread(target=dropped.ingest)
        ingesting.start()
        seconds, state = first_answer(hall, pdf)
        during = latencies(hall, questions, dropped.over)
        ingesting.join()
        whole = time.perf_counter() - began
        quiet = latencies(hall, questions)
        chunks = next(info.chunks for info in hall.documents() if Path(info.source) == pdf)
    found_by = "words only" if state is not DocumentState.READY else "words and meaning"
    sys.stdout.write(
        f"{given.pages} pages, {chunks} chunks: first answer that cites them after {seconds:.1f} s "
        f"(found by {found_by}), all embedded after {whole:.1f} s\n\n"
    )
    rows = []
    for name, times in (("before", before), ("while it is ingested", during), ("after", quiet)):
        late = sorted(times)[len(times) * 95 // 100]
        ratio = statistics.median(times) / statistics.median(quiet)
        rows.append([name, len(times), f"{statistics.median(times):.1f}", f"{late:.1f}", f"{ratio:.1f}"])
    sys.stdout.write(table(["a search", "searches", "median ms", "95 % ms", "median, times after"], rows))


if __name__ == "__main__":
    main()
