"""Quoted answers on a set: how much of the right answer they hold, and whether their confidence tells right from wrong.

Run with a refusal threshold of 0, so that every question gets its best answer and its confidence; the thresholds are
judged afterwards.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, replace

from rag.chain import Chain
from rag.evaluation.measures import auc, bare, exact_match, f1
from rag.types import Question
from tests.bench.sets import Asked, QuestionSet
from ui.hall import Studyhall

COVERAGE = 0.8  # share of the answerable questions that are answered, where wrong answers are counted

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


def answer_row(questions: QuestionSet, hall: Studyhall) -> str:
    """Return the line of the table for a set."""
    settings = replace(hall.engine.settings, refuse_below=0.0)
    chain = hall.engine.chain("", settings)
    given = [_give(asked, chain) for asked in questions.questions]
    yes = [one for one in given if one.asked.answerable]
    no = [one for one in given if not one.asked.answerable]
    threshold = sorted((one.confidence for one in yes), reverse=True)[max(int(COVERAGE * len(yes)) - 1, 0)]
    answered = [one for one in given if one.confidence >= threshold]
    wrong = sum(not one.right for one in answered) / max(len(answered), 1)
    means = [statistics.fmean(getattr(one, name) for one in yes) for name in ("exact", "f1", "right")]
    apart = f"{auc([one.confidence for one in yes], [one.confidence for one in no]):.3f}" if no else "–"
    leaked = f"{sum(one.confidence >= threshold for one in no) / len(no):.3f}" if no else "–"
    shown = " | ".join(f"{mean:.3f}" for mean in means)
    return f"| {questions.name} | {len(yes)} | {len(no)} | {shown} | {apart} | {wrong:.3f} | {leaked} |\n"


def _give(asked: Asked, chain: Chain) -> Given:
    answer = chain.invoke(Question(asked.text, quote=True))
    confidence = answer.confidence or 0.0
    said = " ".join(sentence.text for sentence in answer.sentences)
    held = bare(said)
    right = any(bare(reference) in held or (said and held in bare(reference)) for reference in asked.answers)
    return Given(
        asked, confidence,
        exact_match(said, asked.answers, asked.language), f1(said, asked.answers, asked.language), bool(right),
    )  # fmt: skip
