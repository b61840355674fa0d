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
from tests.bench.sets.gold import load_gold
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
    enough: threading.Event = field(default_factory=threading.Event)

    def ingest(self) -> None:
        """Ingest it to the end, or until that is enough."""
        try:
            for _ in self.hall.ingest_events([self.pdf], stopped=self.enough):
                pass
        finally:
            self.over.set()


def first_answer(hall: Studyhall, pdf: Path) -> tuple[float, str]:
    """Ask once the PDF is there, until an answer cites it; return the seconds, and the state the PDF is in then."""
    began = time.perf_counter()
    while time.perf_counter() - began < 600:
        # Asking before would cost the ingestion as much as it costs a person who knows when to ask.
        state = next((info.state for info in hall.documents() if Path(info.source) == pdf), DocumentState.QUEUED)
        if state in {DocumentState.PARSED, DocumentState.READY}:
            answer = hall.ask(QUESTION, quote=True)
            if any(Path(citation.source) == pdf for citation in answer.citations):
                return time.perf_counter() - began, state
        time.sleep(0.05)
    sys.exit(f"No answer cites {pdf}.")


def latencies(hall: Studyhall, questions: list[str], over: threading.Event | None = None) -> list[float]:
    """Return the milliseconds of a search for each question, or as many as there is time for before `over`."""
    times: list[float] = []
    for question in questions:
        if over is not None and over.is_set():
            break
        began = time.perf_counter()
        hall.search(question)
        times.append(1000 * (time.perf_counter() - began))
        time.sleep(_PAUSE_S)
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--pdf", type=Path, help="instead of the one that is made of the course PDFs")
    given = parser.parse_args()
    questions = [item.question for item in load_gold()][:40]
    with tempfile.TemporaryDirectory() as folder, Studyhall.open(f"{folder}/home") as hall:
        pdf = given.pdf or long_pdf(given.pages, Path(folder, "long.pdf"))
        hall.ingest([sample_course()])  # a process that has answered before has loaded everything
        hall.ask(QUESTION, quote=True)
        latencies(hall, questions[:5])
        before = latencies(hall, questions)
        dropped = Dropped(hall, pdf)
        ingesting = threading.Thread(target=dropped.ingest)
        ingesting.start()
        seconds, state = first_answer(hall, pdf)
        during = latencies(hall, questions, dropped.over)
        dropped.enough.set()
        ingesting.join()
        after = latencies(hall, questions)
        info = next(info for info in hall.documents() if Path(info.source) == pdf)
    found_by = "words and meaning" if state is DocumentState.READY else "words alone so far"
    sys.stdout.write(
        f"{info.pages} pages, {info.chunks} chunks: the first answer that cites them after {seconds:.1f} s, "
        f"found by {found_by}\n\n"
    )
    rows = []
    for name, times in (("before", before), ("while it is embedded", during), ("once that has stopped", after)):
        late, usual = sorted(times)[len(times) * 95 // 100], statistics.median(times)
        rows.append([name, len(times), f"{usual:.1f}", f"{late:.1f}", f"{usual / statistics.median(after):.1f}"])
    sys.stdout.write(table(["a search", "searches", "median ms", "95 % ms", "median, times quiet"], rows))


if __name__ == "__main__":
    main()
