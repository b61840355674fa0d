"""Tables come out row by row, with bars between their cells."""

from __future__ import annotations

import pypdfium2
import pytest

from ingest.loaders import load
from rag.types import BlockKind, Document, RunKind
from tests import pdf_samples
from tests.ingest.loaders.covering import assert_sound
from tests.ingest.loaders.pdf.test_document import assert_letters_find_their_place
from tests.pdf_samples import lines

PLACES = (72, 250, 330, 420)


def table(*rows: tuple[str, ...], y: float = 650, places: tuple[float, ...] = PLACES, gaps: bool = False) -> str:
    """Write rows of cells; with `gaps`, each row is one string with wide spaces in it."""
    if gaps:
        shown = [" ".join(f"({cell}) -4000" for cell in row) for row in rows]
        return "".join(f"BT /F1 10 Tf 72 {y - 14 * at} Td [{text}] TJ ET\n" for at, text in enumerate(shown))
    return "".join(
        lines(cell, x=x, y=y - 14 * at, size=10)
        for at, row in enumerate(rows)
        for x, cell in zip(places, row, strict=False)
    )


SALES = (
    ("Region", "Products", "Services", "Total"),
    ("Europe", "63,355", "19,604", "82,959"),
    ("Asia", "14,120", "8,001", "22,121"),
    ("Africa", "5,210", "1,004", "6,214"),
)


def read(content: str) -> Document:
    made = pdf_samples.pdf([content])
    document = load(made, name="table.pdf")
    assert_sound(document)
    with pypdfium2.PdfDocument(made) as file:
        assert_letters_find_their_place(document, document.pages[0], file)
    return document


def tables(document: Document) -> list[str]:
    return [document.text[at.start : at.end] for at in document.blocks if at.kind is BlockKind.TABLE]


def test_a_table_keeps_the_cells_of_a_row_together() -> None:
    document = read(pdf_samples.PROSE + table(*SALES) + lines("After it the text goes on in one line.", y=560))
    (found,) = tables(document)
    assert found.splitlines() == [" | ".join(row) for row in SALES]
    assert document.text.endswith("After it the text goes on in one line.")


def test_cells_that_come_as_one_string_are_parted() -> None:
    (found,) = tables(read(table(*[("Basic earnings per share", "$ 1.20", "$ 1.31")] * 3, gaps=True)))
    assert found.splitlines() == ["Basic earnings per share | $ 1.20 | $ 1.31"] * 3


def test_bars_stand_nowhere_on_the_page() -> None:
    document = read(table(*SALES))
    inserted = {
        document.text[run.start : run.start + run.length]
        for run in document.pages[0].alignment.runs
        if run.kind is RunKind.INSERTED
    }
    assert inserted == {" | ", "\n"}


def test_a_label_between_rows_belongs_to_the_table() -> None:
    (found,) = tables(read(table(*SALES, ("Outside",), *SALES[1:])))
    assert found.splitlines()[4] == "Outside"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(table(*[(f"a + b = c{at}", "", "", f"({at})") for at in range(4)]), id="numbered equations"),
        pytest.param(table(*[(f"Chapter on {at}", "", "", f"{at * 7}") for at in range(1, 6)]), id="contents"),
        pytest.param(table(*[("-", f"an item of a list, number {at}") for at in range(5)]), id="list"),
        pytest.param(table(*SALES[:2]), id="two rows"),
        pytest.param(pdf_samples.PROSE, id="prose"),
    ],
)
def test_what_only_looks_like_a_table_is_none(content: str) -> None:
    assert not tables(read(content))
