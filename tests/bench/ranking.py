"""A system on a set: ranks of what should be found, and the measures over them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluation.measures import ndcg_at, recall_at, reciprocal_rank
from rag.types import Hit
from tests.bench.sets import Asked, QuestionSet
from tests.bench.systems import System

HEADER = "| set | system | questions | R@1 | R@5 | R@10 | MRR | nDCG@10 | ms |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n"


@dataclass(frozen=True)
class Row:
    """A line of the table: a system on a set."""

    set: str
    system: str
    questions: int
    recall: dict[int, float]  # by depth
    mrr: float
    ndcg: float
    milliseconds: float  # median of a question

    def markdown(self) -> str:
        """Return the line."""
        recalls = " | ".join(f"{value:.3f}" for value in self.recall.values())
        return (
            f"| {self.set} | {self.system} | {self.questions} | {recalls} | {self.mrr:.3f} | {self.ndcg:.3f} | "
            f"{self.milliseconds:.0f} |\n"
        )


def measure(system: System, questions: QuestionSet) -> Row:
    """Ask a system every answerable question of a set."""
    asked = [question for question in questions.questions if question.wanted]
    found, times = [], []
    for question in asked:
        began = time.perf_counter()
        hits = system.rank(question.text)
        times.append(1000 * (time.perf_counter() - began))
        found.append(first_ranks(question, hits))
    return Row(
        questions.name,
        system.name,
        len(asked),
        {k: _mean([recall_at(k, list(ranks.values())) for ranks in found]) for k in (1, 5, 10)},
        _mean([reciprocal_rank(list(ranks.values())) for ranks in found]),
        _mean([_ndcg(question, ranks) for question, ranks in zip(asked, found, strict=True)]),
        statistics.median(times),
    )


def first_ranks(question: Asked, hits: Sequence[Hit]) -> dict[str, int]:
    """Return the rank of each wanted unit, 0 for none.

    Where units are documents, the second chunk of a document doesn't push the next document down: ranks count
    different units, and chunks of none.
    """
    ranks = dict.fromkeys(question.wanted, 0)
    seen: set[str] = set()
    place = 0
    for hit in hits:
        units = [unit for unit in question.units(hit) if unit not in seen]
        if question.units(hit) and not units:
            continue
        place += 1
        seen.update(units)
        for unit in units:
            if unit in ranks:
                ranks[unit] = place
    return ranks


def _ndcg(question: Asked, ranks: dict[str, int]) -> float:
    grades = [0.0] * 10
    for unit, rank in ranks.items():
        if 0 < rank <= len(grades):
            grades[rank - 1] = max(grades[rank - 1], question.wanted[unit])
    return ndcg_at(10, grades, question.wanted.values())


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else 0.0
