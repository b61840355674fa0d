"""The gold questions about the sample course: found is a chunk that holds the quote that answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.evaluation.measures import holds
from rag.types import Hit
from tests.bench.sets import Asked, QuestionSet
from ui.demo import gold_questions, sample_course


@dataclass(frozen=True)
class Gold:
    """A question about the sample course; `quote` is what answers it, empty when nothing does."""

    id: str
    language: str
    question: str
    source: str
    page: int | None
    quote: str
    answer: str


def load_gold() -> list[Gold]:
    """Return the gold questions."""
    lines = gold_questions().read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [
        Gold(
            row["id"],
            row["language"],
            row["question"],
            row["source"] or "",
            row["page"],
            row["quote"] or "",
            row["answer"] or "",
        )
        for row in rows
    ]


def gold(language: str) -> QuestionSet:
    """Return the questions in a language."""
    questions = tuple(
        Asked(
            item.id,
            item.question,
            item.language,
            {"quote": 1.0} if item.quote else {},
            _units(item),
            (item.answer, item.quote) if item.quote else (),
            bool(item.quote),
        )
        for item in load_gold()
        if item.language == language
    )
    return QuestionSet(f"gold ({language})", 1, _write, questions, library="gold")


def _units(item: Gold) -> Callable[[Hit], Sequence[str]]:
    def units(hit: Hit) -> Sequence[str]:
        found = Path(hit.source).name == item.source and holds(hit.chunk.text, item.quote)
        return ("quote",) if found else ()

    return units


def _write(folder: Path) -> None:
    shutil.copytree(sample_course(), folder, dirs_exist_ok=True)
