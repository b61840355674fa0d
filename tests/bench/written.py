"""Answers that a language model writes: `python -m tests.bench.written MODEL.gguf [--set held_out] [--out FILE]`.

Every answer is printed with the right one beside it, for reading: only that tells how good a model is. The table at the
end is the automatic measure, as far as one goes: the share of the right answer's words that are in the text (answers
with at least half of them count as right), what was answered though nothing answers it, and whether a citation leads to
the right page. Quotes alone stand beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answer.forms import FORMS, USUAL
from rag.answer.support import coverage, stem_set, word_groups
from rag.models.kept_forms import KeptForms
from rag.types import Answer
from tests.bench.libraries import library_of
from tests.bench.measuring import table
from tests.bench.sets import Absent
from tests.bench.sets.gold import gold
from tests.bench.sets.written import SETS, Wanted, courses, load_written
from ui.hall import Studyhall

_RIGHT = 0.5  # share of the right answer's words


@dataclass(frozen=True)
class Told:
    """A question with the answer that was written, and the quotes."""

    wanted: Wanted
    written: Answer
    quoted: Answer

    def is_right(self, answer: Answer) -> bool:
        """Say whether an answer has enough of the right one's words."""
        if not answer.answers or not self.wanted.answer:
            return False
        languages = [self.wanted.language]
        said = stem_set(answer.text, languages)
        return coverage(word_groups(self.wanted.answer, languages), said, {}) >= _RIGHT

    def on_page(self, answer: Answer) -> bool:
        """Say whether a citation leads to the page that answers."""
        return any(
            Path(found.source).name == self.wanted.source and self.wanted.page in {None, found.page}
            for found in answer.citations
        )


def tell(hall: Studyhall, wanted: Sequence[Wanted], model: str) -> Iterator[Told]:
    """Ask each question, of the model and for quotes alone."""
    for one in wanted:
        yield Told(one, hall.ask(one.question, model=model), hall.ask(one.question, quote=True))


def report(told: Sequence[Told]) -> str:
    """Return the table of the automatic measure by kind of question."""
    by_kind: defaultdict[str, list[Told]] = defaultdict(list)
    for one in told:
        by_kind[one.wanted.kind].append(one)
    rows = []
    for kind, some in by_kind.items():
        answered = sum(one.written.answers for one in some), sum(one.quoted.answers for one in some)
        right = sum(one.is_right(one.written) for one in some), sum(one.is_right(one.quoted) for one in some)
        pages = sum(one.on_page(one.written) for one in some if one.is_right(one.written))
        rows.append((kind, str(len(some)), *map(str, (right[0], pages, answered[0], right[1], answered[1]))))
    header = ("kind", "questions", "right", "of these on the page", "answered", "quotes: right", "quotes: answered")
    return table(header, rows)


def _show(told: Told) -> str:
    cited = ", ".join(f"{Path(found.source).name} p. {found.page}" for found in told.written.citations)
    lines = (
        f"--- {told.wanted.id} ({told.wanted.kind}) {told.wanted.question}",
        f"right:   {told.wanted.answer or '(nothing answers it)'} {told.wanted.source} p. {told.wanted.page}",
        f"written: {told.written.status}, {told.written.text}",
        f"cited:   {cited}",
        f"quoted:  {told.quoted.status}, {told.quoted.text}",
    )
    return "\n".join(lines) + "\n\n"


def main() -> None:
    """Print the answers and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a GGUF file")
    parser.add_argument("--set", choices=SETS, default="sample")
    parser.add_argument("--form", choices=FORMS, help="of the prompts, as `models test` found it; default: the usual")
    parser.add_argument("--out", type=Path, help="a file for the answers as JSON lines")
    chosen = parser.parse_args()
    told = []
    try:
        with library_of(gold("en") if chosen.set == "sample" else courses()) as hall:
            KeptForms(hall.models_folder).keep(Path(chosen.model), chosen.form or USUAL.name)
            for one in tell(hall, load_written(chosen.set), chosen.model):
                told.append(one)
                sys.stdout.write(_show(one))
                sys.stdout.flush()
                if chosen.out:
                    with chosen.out.open("a", encoding="utf-8") as out:
                        row = {"id": one.wanted.id, "status": one.written.status, "text": one.written.text}
                        out.write(json.dumps(row, ensure_ascii=False) + "\n")
    except Absent as absent:
        sys.exit(str(absent))
    sys.stdout.write(report(told))


if __name__ == "__main__":
    main()
