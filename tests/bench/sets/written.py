"""Questions whose answers are written by a language model and judged by reading: about the courses, in our own words.

Two sets, each made by somebody who had not seen the program: `development` may be looked at while answers are made
better, `held_out` may not. A fifth of the questions is not answered by the courses.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.bench.sets import QuestionSet, shared
from tests.bench.sets.gold import load_gold

SETS = ("sample", "development", "held_out")


@dataclass(frozen=True)
class Wanted:
    """A question and its right answer, which is empty where the documents give none.

    `kind` is the language of the question, with that of the material where they differ, or "unanswerable".
    """

    id: str
    kind: str
    language: str
    question: str
    source: str
    page: int | None
    answer: str


def load_written(name: str) -> list[Wanted]:
    """Return a set of questions; "sample" are the gold questions about the sample course."""
    if name == "sample":
        gold = load_gold()
        return [
            Wanted(g.id, g.language if g.answer else "unanswerable", g.language, g.question, g.source, g.page, g.answer)
            for g in gold
        ]
    path = Path(__file__).with_name(f"written_{name}.jsonl")
    return [Wanted(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def courses() -> QuestionSet:
    """Return the courses beside the repository; raises Absent."""
    folder = shared("course")
    return QuestionSet("courses", 1, lambda into: _copy(folder, into), ())


def _copy(folder: Path, into: Path) -> None:
    shutil.copytree(folder, into, dirs_exist_ok=True)
