"""How many candidates the reader should read, and what share of the order it should have: recall against time.

    python -m tests.bench.reranking                       with the reader that comes along
    python -m tests.bench.reranking --reader FOLDER       with another

Each candidate is read once; depths and weights are worked out from that.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.evaluation.measures import recall_at, reciprocal_rank
from rag.models.reader import Reader, ShippedReaders
from rag.question.analyse import read_question
from rag.retrieve.rerank import Ranker, context, rerank
from rag.types import Hit, Reading
from tests.bench.libraries import library_of
from tests.bench.quality import SETS, Report, sets
from tests.bench.ranking import first_ranks
from tests.bench.sets import Asked, QuestionSet
from tests.bench.systems import systems
from ui.hall import Studyhall

DEPTHS = (8, 16, 24, 32, 48)
WEIGHTS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)


@dataclass(frozen=True)
class Read:
    """A question, its fused hits and what the reader said of the best of them."""

    asked: Asked
    hits: list[Hit]
    said: dict[str, Reading]  # by the chunk's text
    seconds: float
    read: int


class Remembering:
    """Says again what a reader said."""

    def __init__(self, said: dict[str, Reading]) -> None:
        self._said = said

    def read(
        self, question: str, passages: Sequence[tuple[str, str]], languages: Collection[str] = ()
    ) -> list[Reading]:
        """Return the readings from memory."""
        del question, languages
        return [self._said[text] for _, text in passages]


def read_all(questions: QuestionSet, hall: Studyhall, reader: Ranker, deepest: int) -> list[Read]:
    """Let the reader read the best hits of every question that has an answer."""
    fused = next(system for system in systems(hall) if system.name == "fused")
    found = []
    for asked in questions.questions:
        if not asked.wanted:
            continue
        hits = fused.rank(asked.text)
        passages = [(context(hit), hit.chunk.text) for hit in hits[:deepest]]
        began = time.perf_counter()
        languages = {read_question(asked.text).language, *(hit.language for hit in hits)} - {""}
        said = reader.read(asked.text, passages, languages)
        seconds = time.perf_counter() - began
        by_text = {text: reading for (_, text), reading in zip(passages, said, strict=True)}
        found.append(Read(asked, hits, by_text, seconds, len(passages)))
    return found


def lines(name: str, read: Sequence[Read], document_weight: float) -> list[str]:
    """Return a line for each depth: time, then recall@1, recall@5 and MRR for each weight."""
    each = statistics.median(one.seconds / max(one.read, 1) for one in read)
    made = []
    for depth in DEPTHS:
        cells = []
        for weight in WEIGHTS:
            ranks = [
                list(
                    first_ranks(
                        one.asked,
                        rerank(
                            read_question(one.asked.text),
                            one.hits,
                            Remembering(one.said),
                            most=depth,
                            weight=weight,
                            document_weight=document_weight,
                        ),
                    ).values()
                )
                for one in read
            ]
            recalls = [statistics.fmean(recall_at(k, found) for found in ranks) for k in (1, 5)]
            cells.append(f"{recalls[0]:.3f} {recalls[1]:.3f} {statistics.fmean(map(reciprocal_rank, ranks)):.3f}")
        made.append(f"| {name} | {len(read)} | {depth} | {1000 * each * depth:.0f} | {' | '.join(cells)} |\n")
    return made


def main() -> None:
    """Print a table as Markdown and write it to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", type=Path, help="the folder of reader.onnx")
    parser.add_argument("--sets", default="gold-en,gold-de,squad,xquad-de")
    parser.add_argument("--questions", type=int, default=100, help="most questions of a set; 0: all")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=Path("build/bench-reranking.md"))
    given = parser.parse_args()
    reader = Reader(given.reader, threads=given.threads) if given.reader else ShippedReaders(threads=given.threads)
    reader.prepare()
    report = Report(given.out)
    report.line("Each cell: recall@1, recall@5, MRR, with this share of the order given to the reader.\n\n")
    report.line(f"| set | questions | read | ms | {' | '.join(map(str, WEIGHTS))} |\n")
    report.line(f"|---|--:|--:|--:|{'---|' * len(WEIGHTS)}\n")
    for questions in sets(SETS, given.sets.split(","), given.questions):
        with library_of(questions) as hall:
            read = read_all(questions, hall, reader, max(DEPTHS))
            for line in lines(questions.name, read, hall.engine.settings.document_weight):
                report.line(line)


if __name__ == "__main__":
    main()
