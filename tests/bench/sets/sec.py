"""Quarterly reports: five companies, four quarters each, which say nearly the same.

The questions name the reports they are about, never a page. So judged are the documents (of a question about several
quarters, all that its pattern fits), and the page where the answer's figures tell it: a page counts as right when no
page of the right document holds more of the figures in the answer, and two of them at least, or one that stands on
no more than two pages.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from rag.types import Hit
from tests.bench.sets import Asked, QuestionSet, shared

# "21,213", "$0.96", "12.2%": what a page can be known by. Years and small numbers stand everywhere.
_FIGURE = re.compile(r"\d{1,3}(?:,\d{3})+|\d+\.\d+")
_ENOUGH = 2  # figures that must stand on one page, or pages that one figure may stand on


def sec_documents() -> QuestionSet:
    """Return the questions; found is any chunk of a right document."""
    questions = tuple(
        Asked(number, row["Question"].strip(), "en", {"document": 1.0}, _of_document(_names(row)))
        for number, row in _rows()
    )
    return QuestionSet("sec-10q, document", 1, _write, questions, library="sec-10q")


def sec_pages(quarter: str = "") -> QuestionSet:
    """Return the questions about one report whose answer's figures tell a page; found is a chunk on that page.

    With a quarter, such as ``2023_Q3``, only those about its reports.
    """
    questions = []
    for number, row in _rows():
        names = _names(row)
        one = len(names) == 1 and names[0].startswith(quarter)
        pages = _pages_with_figures(row["Answer"], names[0]) if one else frozenset()
        if pages:
            questions.append(Asked(number, row["Question"].strip(), "en", {"page": 1.0}, _on_page(names[0], pages)))
    return QuestionSet("sec-10q, document and page", 1, _write, tuple(questions), library="sec-10q")


def _rows() -> list[tuple[str, Mapping[str, str]]]:
    with shared("eval", "sec-10q", "questions.csv").open(encoding="utf-8-sig", newline="") as file:
        return [(str(number), row) for number, row in enumerate(csv.DictReader(file), start=1)]


def _names(row: Mapping[str, str]) -> list[str]:
    """Return the files that a pattern such as ``*2023 Q3 AAPL*`` means."""
    wanted = row["Source Docs"].strip("* ").replace(" ", "_")
    return sorted(path.name for path in shared("eval", "sec-10q", "docs").glob(f"*{wanted}*.pdf"))


def _of_document(names: Sequence[str]) -> Callable[[Hit], Sequence[str]]:
    return lambda hit: ("document",) if Path(hit.source).name in names else ()


def _on_page(name: str, pages: frozenset[int]) -> Callable[[Hit], Sequence[str]]:
    def units(hit: Hit) -> Sequence[str]:
        chunk = hit.chunk
        touched = range(chunk.page or 0, (chunk.page_end or chunk.page or 0) + 1)
        return ("page",) if Path(hit.source).name == name and pages.intersection(touched) else ()

    return units


def _pages_with_figures(answer: str, name: str) -> frozenset[int]:
    """Return the pages of a report that hold most of an answer's figures."""
    figures = set(_FIGURE.findall(answer))
    held = {number: len(figures & on_page) for number, on_page in _figures_by_page(name).items()}
    most = max(held.values(), default=0)
    best = frozenset(number for number, count in held.items() if count == most > 0)
    return best if most >= _ENOUGH or len(best) <= _ENOUGH else frozenset()


@cache
def _figures_by_page(name: str) -> dict[int, set[str]]:
    """Return the figures on each page, in PDFium's plain text: our own reading is what is measured."""
    import pypdfium2

    with pypdfium2.PdfDocument(shared("eval", "sec-10q", "docs", name)) as pdf:
        texts = [page.get_textpage().get_text_range() for page in pdf]
    return {number: set(_FIGURE.findall(text)) for number, text in enumerate(texts, start=1)}


def _write(folder: Path) -> None:
    shutil.copytree(shared("eval", "sec-10q", "docs"), folder, dirs_exist_ok=True)
