"""Quoted answers on a set: how much of the right answer they hold, and whether their confidence tells right from wrong.

Run with a refusal threshold of 0, so that every question gets its best answer and its confidence; the thresholds are
judged afterwards.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.chain import Chain
from rag.evaluation.measures import auc, bare, exact_match, f1
from rag.types import Question
from tests.bench.sets import Asked, QuestionSet
from ui.hall import Studyhall

CURVE = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
COVERAGE = 0.8  # share of the answerable questions that are answered, where wrong answers are counted

CURVE_HEADER = (
    f"| threshold: wrong, unanswerable answered | {' | '.join(f'{coverage:.0%}' for coverage in CURVE)} |\n"
    f"|---|{'---|' * len(CURVE)}\n"
)
HEADER = (
    "| set | answerable | not | EM | F1 | holds the answer | AUC | at 80 % coverage: answered wrongly | "
    "unanswerable answered |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
)


@dataclass(frozen=True)
class Given:
    """The best answer to a question, with what it is worth."""

    asked: Asked
    confidence: float
    exact: float
    f1: float
    right: bool  # it holds one of the answers


def give_all(questions: QuestionSet, hall: Studyhall) -> list[Given]:
    """Return the best answer to each question."""
    chain = hall.engine.chain("", replace(hall.engine.settings, refuse_below=0.0))
    return [_give(asked, chain) for asked in questions.questions]


def answer_row(name: str, given: Sequence[Given]) -> str:
    """Return the line of the table for a set."""
    yes, no = _parted(given)
    _, wrong, leaked = _at_coverage(given, COVERAGE)
    means = [statistics.fmean(getattr(one, name) for one in yes) for name in ("exact", "f1", "right")]
    apart = f"{auc([one.confidence for one in yes], [one.confidence for one in no]):.3f}" if no else "–"
    shown = " | ".join(f"{mean:.3f}" for mean in means)
    return f"| {name} | {len(yes)} | {len(no)} | {shown} | {apart} | {wrong:.3f} | {_share(leaked)} |\n"


def curve_row(name: str, given: Sequence[Given]) -> str:
    """Return the line of the curve for a set: for each coverage threshold, wrong answers, unanswerable answered."""
    points = (_at_coverage(given, coverage) for coverage in CURVE)
    cells = (f"{threshold:.2f}: {wrong:.3f}, {_share(leaked)}" for threshold, wrong, leaked in points)
    return f"| {name} | {' | '.join(cells)} |\n"


def _at_coverage(given: Sequence[Given], coverage: float) -> tuple[float, float, float | None]:
    """Return the threshold at which this share of the answerable is answered, and what comes of it.

    That is the share of all answers that are wrong, and the share of the questions without an answer that get one.
    """
    yes, no = _parted(given)
    threshold = sorted((one.confidence for one in yes), reverse=True)[max(int(coverage * len(yes)) - 1, 0)]
    answered = [one for one in given if one.confidence >= threshold]
    wrong = sum(not one.right for one in answered) / max(len(answered), 1)
    return threshold, wrong, sum(one.confidence >= threshold for one in no) / len(no) if no else None


def _parted(given: Sequence[Given]) -> tuple[list[Given], list[Given]]:
    return [one for one in given if one.asked.answerable], [one for one in given if not one.asked.answerable]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _give(asked: Asked, chain: Chain) -> Given:
    answer = chain.invoke(Question(asked.text, quote=True))
    confidence = answer.confidence or 0.0
    said = " ".join(sentence.text for sentence in answer.sentences)
    held = bare(said)
    right = any(bare(reference) in held or (said and held in bare(reference)) for reference in asked.answers)
    return Given(
        asked,
        confidence,
        exact_match(said, asked.answers, asked.language),
        f1(said, asked.answers, asked.language),
        bool(right),
    )
