"""Retrieval, answers and refusal on every set there is data for: `make bench-quality`, about ten minutes.

The first run embeds some 8,000 chunks on top; the libraries are kept in the cache (or in ``STUDYHALL_BENCH``), and a
run that was stopped is taken up. Sets whose data is not on this machine are skipped with a sentence.
The quick one, the gold questions alone with every weight of the fusion: `make bench-gold`.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench import answering, ranking
from tests.bench.libraries import library_of
from tests.bench.sets import Absent, QuestionSet, gold, sec, smart, squad
from tests.bench.sets.gold import load_gold
from tests.bench.systems import reader_of, systems

__all__ = ["load_gold", "main"]

SETS: dict[str, Callable[[], QuestionSet]] = {
    "gold-en": lambda: gold.gold("en"),
    "gold-de": lambda: gold.gold("de"),
    "squad": squad.squad,
    "xquad-en": squad.xquad_en,
    "xquad-de": squad.xquad_de,
    "xquad-de-of-en": squad.xquad_de_of_en,
    "xquad-en-of-de": squad.xquad_en_of_de,
    "xquad-mixed": squad.xquad_mixed,
    "sec-document": sec.sec_documents,
    "sec-page": sec.sec_pages,
    "cranfield": smart.cranfield,
    "cisi": smart.cisi,
}
ANSWERS: dict[str, Callable[[], QuestionSet]] = {
    "gold-en": lambda: gold.gold("en"),
    "gold-de": lambda: gold.gold("de"),
    "squad": squad.squad,
    "squad2": squad.squad2,
    "xquad-de": squad.xquad_de,
    "xquad-de-of-en": squad.xquad_de_of_en,
    "xquad-en-of-de": squad.xquad_en_of_de,
}


def main() -> None:
    """Print both tables as Markdown, and write them to a file with the command that made them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", default="", help=f"some of: {', '.join(dict.fromkeys([*SETS, *ANSWERS]))}")
    parser.add_argument("--questions", type=int, default=300, help="most questions of a set; 0: all")
    parser.add_argument("--only", choices=["ranking", "answers"], help="one of the two tables")
    parser.add_argument("--out", type=Path, default=Path("build/bench-quality.md"))
    given = parser.parse_args()
    chosen = given.sets.split(",") if given.sets else list(dict.fromkeys([*SETS, *ANSWERS]))
    unknown = [name for name in chosen if name not in {**SETS, **ANSWERS}]
    if unknown:
        parser.error(f"there is no set {unknown[0]!r}")
    report = Report(given.out)
    report.line(f"`python -m tests.bench.quality {shlex.join(sys.argv[1:])}`".replace(" `", "`") + "\n\n")
    if given.only != "answers":
        report.line(ranking.HEADER)
        for questions in sets(SETS, chosen, given.questions):
            with library_of(questions) as hall:
                for system in systems(hall, reader_of(hall)):
                    system.rank("warm up")
                    report.line(ranking.measure(system, questions).markdown())
        report.line("\n")
    if given.only != "ranking":
        report.line(answering.HEADER)
        curves = []
        for questions in sets(ANSWERS, chosen, given.questions):
            with library_of(questions) as hall:
                answers = answering.give_all(questions, hall)
            report.line(answering.answer_row(questions.name, answers))
            curves.append(answering.curve_row(questions.name, answers))
        report.line("\n" + answering.CURVE_HEADER + "".join(curves))
    sys.stderr.write(f"Written to {given.out}.\n")


class Report:
    """Lines for the terminal and for a file, each as soon as it is known."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
        self._path = path

    def line(self, text: str) -> None:
        """Print and append."""
        sys.stdout.write(text)
        sys.stdout.flush()
        with self._path.open("a", encoding="utf-8") as file:
            file.write(text)


def sets(loaders: dict[str, Callable[[], QuestionSet]], chosen: list[str], most: int) -> list[QuestionSet]:
    """Return the sets whose data is here; say which are not."""
    found = []
    for name in chosen:
        if name in loaders:
            try:
                found.append(loaders[name]().sample(most))
            except Absent as absent:
                sys.stderr.write(f"{name}: {absent}\n")
    return found


if __name__ == "__main__":
    main()
