"""Questions for the meaning of a term: `make bench-definitions`.

Sixty questions about the courses beside the repository, half of them German, written by somebody who did not know how
definitions are recognised. What defines a term is kept as the number of its letters and their hash, since the courses
are not ours: a text holds a definition when some stretch of its letters has that hash.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from rag.types import Question
from tests.bench.libraries import library_of
from tests.bench.measuring import table
from tests.bench.sets import Absent, QuestionSet, shared

SET = Path(__file__).parent / "sets" / "definitions.jsonl"


@dataclass(frozen=True)
class Wanted:
    """A question, and what the letters of a sentence that defines its term hash to."""

    question: str
    language: str
    says: tuple[str, ...]  # "letters:hash" each

    def is_in(self, text: str) -> bool:
        """Say whether a text holds one of the definitions."""
        letters = re.sub(r"[\W_]", "", text.casefold())
        return any(self._holds(letters, *said.split(":")) for said in self.says)

    def _holds(self, letters: str, length: str, wanted: str) -> bool:
        size = int(length)
        return any(_hash(letters[at : at + size]) == wanted for at in range(len(letters) - size + 1))


def _hash(letters: str) -> str:
    return hashlib.sha256(letters.encode()).hexdigest()[:16]


def load() -> list[Wanted]:
    """Return the questions."""
    rows = map(json.loads, SET.read_text(encoding="utf-8").splitlines())
    return [Wanted(row["question"], row["language"], tuple(row["says"])) for row in rows]


def _courses(folder: Path) -> None:
    shutil.copytree(shared("course"), folder, dirs_exist_ok=True)


def measure() -> dict[str, list[tuple[bool, ...]]]:
    """Return by language, for each question, where its definition is: first sentence, any, first passage, any."""
    found: defaultdict[str, list[tuple[bool, ...]]] = defaultdict(list)
    with library_of(QuestionSet("courses", 1, _courses, ())) as hall:
        chain = hall.engine.chain("")
        for wanted in load():
            answer = chain.invoke(Question(wanted.question, quote=True))
            said = sorted(answer.sentences, key=lambda sentence: -(sentence.score or 0.0))
            quoted = [wanted.is_in(sentence.text) for sentence in said]
            passed = [wanted.is_in(passage.text) for passage in answer.passages]
            found[wanted.language].append((any(quoted[:1]), any(quoted), any(passed[:1]), any(passed)))
    return found


def main() -> None:
    """Print the table."""
    try:
        found = measure()
    except Absent as absent:
        sys.exit(str(absent))
    header = ("language", "questions", "first sentence", "some sentence", "first passage", "some passage")
    rows = [
        (language, str(len(hits)), *(f"{sum(column) / len(hits):.2f}" for column in zip(*hits, strict=True)))
        for language, hits in found.items()
    ]
    sys.stdout.write(table(header, rows))


if __name__ == "__main__":
    main()
