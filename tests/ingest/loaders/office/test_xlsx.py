"""Excel: sheets as pages, headers kept with their rows, sizes that are claimed and not there."""

from __future__ import annotations

import datetime
import io
from typing import Any

import openpyxl
import pytest

from ingest.loaders import load
from ingest.loaders.office import xlsx
from rag.errors import NoText
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound
from tests.ingest.loaders.samples import workbook


def read(data: bytes) -> Document:
    document = load(data, name="marks.xlsx")
    assert_sound(document)
    return document


def sheet(*rows: list[Any]) -> Document:
    return read(workbook({"Sheet1": list(rows)}))


def test_a_long_table_is_cut_and_its_header_repeated() -> None:
    rows = [["Name", "Remark"], *([f"student {at}", "x" * 90] for at in range(30))]
    document = sheet(*rows)
    blocks = [document.text[block.start : block.end] for block in document.blocks]
    assert len(blocks) > 3
    assert all(block.startswith("Name | Remark\nstudent ") for block in blocks)
    assert all(len(block) < 900 for block in blocks)
    assert document.text.count("student ") == 30


def test_a_table_without_names_of_columns_keeps_its_first_row_once() -> None:
    document = sheet([1, 2], *([at, "x" * 90] for at in range(30)))
    assert document.text.count("1 | 2") == 1


def test_empty_rows_part_tables_and_a_lone_text_is_a_caption() -> None:
    document = sheet(["Winter term"], ["a", "b"], [1, 2], [3, 4], [], [], [None, "c", "d"], [None, 5, 6])
    blocks = [document.text[block.start : block.end] for block in document.blocks]
    assert blocks == ["Winter term", "a | b\n1 | 2\n3 | 4", "c | d\n5 | 6"]
    assert [block.kind.value for block in document.blocks] == ["paragraph", "table", "table"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(True, "TRUE", id="truth"),
        pytest.param(1 / 3, "0.3333333333", id="third"),
        pytest.param(12345678901.0, "12345678901", id="large"),
        pytest.param(datetime.datetime(2026, 2, 2), "2026-02-02", id="day"),
        pytest.param(datetime.datetime(2026, 2, 2, 10, 15), "2026-02-02 10:15", id="minute"),
        pytest.param("two\nlines", "two lines", id="line end"),
    ],
)
def test_values_are_written_as_they_are_seen(value: Any, shown: str) -> None:
    assert sheet(["x", value]).text == f"x | {shown}"


def test_percentages_keep_their_sign() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 0.125
    book.active["A1"].number_format = "0.0%"
    file = io.BytesIO()
    book.save(file)
    assert read(file.getvalue()).text == "12.5%"


def test_a_cell_far_away_costs_nothing() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "here"
    book.active["XFD1048576"] = "far away"
    file = io.BytesIO()
    book.save(file)
    assert read(file.getvalue()).text == "here\n\nfar away"


def test_more_cells_than_are_read_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_CELLS", 10)
    document = sheet(*([at, at] for at in range(100)))
    assert "4 | 4" in document.text
    assert "5 | 5" not in document.text
    assert "rows left out" in document.notes[0]


def test_hidden_sheets_are_left_out_and_counted() -> None:
    document = read(workbook({"A": [["a"]], "B": [["b"]], "C": [["c"]]}, hidden=("B",), title="Marks"))
    assert [page.label for page in document.pages] == ["A", "B", "C"]
    assert document.notes == ("hidden sheet 2 left out",)
    assert document.title == "Marks"
    assert document.page_at(document.text.rindex("c")).number == 3  # type: ignore[union-attr]


def test_formulas_that_nobody_has_computed_are_noted() -> None:
    document = sheet(["Sum", "of"], [1, 2], ["=A2+B2", "x"])
    assert document.notes == ("formulas without values: open and save it in a spreadsheet program",)


def test_an_empty_workbook_says_so() -> None:
    with pytest.raises(NoText, match=r"marks\.xlsx has no text"):
        read(workbook({"A": [], "B": []}))
