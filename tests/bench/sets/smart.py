"""Cranfield and CISI: abstracts, queries, and judgements of which abstract fits which query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.types import Hit
from tests.bench.sets import Asked, QuestionSet, shared


def cranfield() -> QuestionSet:
    """Return Cranfield: 1,400 abstracts on aerodynamics, 225 queries, grades from 1 to 5 (best)."""
    judged: dict[str, dict[str, float]] = {}
    for line in shared("eval", "cranfield", "QRelsCorrectedforTRECeval").read_text().splitlines():
        query, _, document, grade = line.split()
        judged.setdefault(query, {})[document] = float(grade)
    queries = [text for _, text in records(shared("eval", "cranfield", "cran.qry"))]
    # The judgements count the queries: the numbers in cran.qry have gaps.
    numbered = {str(number): fields["W"] for number, fields in enumerate(queries, start=1)}
    return _set("Cranfield", shared("eval", "cranfield", "cran.all.1400"), numbered, judged)


def cisi() -> QuestionSet:
    """Return CISI: 1,460 abstracts on library science, 76 of 112 queries judged, relevant or not."""
    judged: dict[str, dict[str, float]] = {}
    for line in shared("eval", "cisi", "CISI.REL").read_text().splitlines():
        query, document = line.split()[:2]
        judged.setdefault(query, {})[document] = 1.0
    numbered = {number: fields["W"] for number, fields in records(shared("eval", "cisi", "CISI.QRY"))}
    return _set("CISI", shared("eval", "cisi", "CISI.ALL"), numbered, judged)


def records(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (number, text by field letter) of a file in the format of the SMART system."""
    for record in re.split(r"^\.I ", path.read_text(encoding="latin-1"), flags=re.MULTILINE)[1:]:
        number, _, rest = record.partition("\n")
        parts = re.split(r"^\.([TAWBX])[ \t]*\n", rest, flags=re.MULTILINE)
        fields = zip(parts[1::2], parts[2::2], strict=True)
        yield number.strip(), {letter: " ".join(text.split()) for letter, text in fields}


def _set(name: str, documents: Path, queries: dict[str, str], judged: dict[str, dict[str, float]]) -> QuestionSet:
    questions = tuple(
        Asked(number, text, "en", judged[number], _units) for number, text in queries.items() if number in judged
    )

    def write(folder: Path) -> None:
        for number, fields in records(documents):
            title, text = fields.get("T", ""), fields.get("W", "")
            # Cranfield's abstracts begin with their title.
            text = text.removeprefix(title).strip() or title
            if text:  # two of Cranfield's are empty, though somebody judged them relevant: nobody finds those
                (folder / f"{int(number):04d}.txt").write_text(f"{title}\n\n{text}\n", encoding="utf-8")

    return QuestionSet(name, 1, write, questions, graded=True, library=name.lower())


def _units(hit: Hit) -> Sequence[str]:
    return (str(int(Path(hit.source).stem)),)
