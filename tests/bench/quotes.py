"""Which sentence is quoted first: `make bench-quotes`.

Sixty questions for the meaning of a term and eighty for how, why, when and which, about the courses beside the
repository, half of them German, written by people who did not know how quotes are chosen. The sentences that answer
are kept as the number of their letters and their hash, since the courses are not ours: a text holds one when some
stretch of its letters has that hash.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from rag.types import Question
from tests.bench.libraries import library_of
from tests.bench.measuring import table
from tests.bench.sets import Absent, QuestionSet, shared

SETS = ("definitions", "explanations")


@dataclass(frozen=True)
class Wanted:
    """A question, and what the letters of the sentences that answer it hash to."""

    question: str
    language: str
    says: tuple[str, ...]  # "letters:hash" each

    def is_in(self, text: str) -> bool:
        """Say whether a text holds one of them."""
        letters = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).casefold())
        return any(self._holds(letters, *said.split(":")) for said in self.says)

    def _holds(self, letters: str, length: str, wanted: str) -> bool:
        size = int(length)
        return any(_hash(letters[at : at + size]) == wanted for at in range(len(letters) - size + 1))


def _hash(letters: str) -> str:
    return hashlib.sha256(letters.encode()).hexdigest()[:16]


def load(name: str) -> list[Wanted]:
    """Return the questions of a set."""
    path = Path(__file__).parent / "sets" / f"{name}.jsonl"
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Wanted(row["question"], row["language"], tuple(row["says"])) for row in rows]


def _courses(folder: Path) -> None:
    shutil.copytree(shared("course"), folder, dirs_exist_ok=True)


def measure() -> dict[str, list[tuple[bool, ...]]]:
    """Return by set and language, for each question, where its answer is: first sentence, any, around, any passage."""
    found: defaultdict[str, list[tuple[bool, ...]]] = defaultdict(list)
    with library_of(QuestionSet("courses", 1, _courses, ())) as hall:
        chain = hall.engine.chain("")
        asked = [(chosen, wanted) for chosen in SETS for wanted in load(chosen)]
        for name, wanted in asked:
            answer = chain.invoke(Question(wanted.question, quote=True))
            quoted = [wanted.is_in(citation.quote) for citation in answer.citations]
            shown = [wanted.is_in(f"{told.before} {told.quote} {told.after}") for told in answer.citations]
            passed = [wanted.is_in(passage.text) for passage in answer.passages]
            found[f"{name}, {wanted.language}"].append((any(quoted[:1]), any(quoted), any(shown), any(passed)))
    return found


def main() -> None:
    """Print the table."""
    try:
        found = measure()
    except Absent as absent:
        sys.exit(str(absent))
    header = ("set", "questions", "first quote", "some quote", "quotes and around", "some passage")
    rows = [
        (name, str(len(hits)), *(f"{sum(column) / len(hits):.2f}" for column in zip(*hits, strict=True)))
        for name, hits in found.items()
    ]
    sys.stdout.write(table(header, rows))


if __name__ == "__main__":
    main()
