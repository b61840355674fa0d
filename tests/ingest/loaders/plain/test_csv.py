"""Tables of values: delimiters, quotes, encodings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.loaders import load
from rag.errors import NoText
from tests.ingest.loaders.covering import assert_sound


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        pytest.param("a.csv", b"a,b\n1,2\n3,4", "a | b\n1 | 2\n3 | 4", id="commas"),
        pytest.param("a.csv", b"a;b\r\n1,5;2\r\n", "a | b\n1,5 | 2", id="semicolons"),
        pytest.param("a.tsv", b"a\tb, c\n1\t2", "a | b, c\n1 | 2", id="tabs"),
        pytest.param("a.csv", b'"a, b",c\n"say ""hi""",d', 'a, b | c\nsay "hi" | d', id="quotes"),
        pytest.param("a.csv", "Größe,2".encode("cp1252"), "Größe | 2", id="windows"),
        pytest.param("a.csv", "Größe;2".encode("utf-16"), "Größe | 2", id="utf-16"),
        pytest.param("a.csv", b"sep=;\r\na,5;b\r\n", "a,5 | b", id="said by Excel"),
        pytest.param("a.csv", b"only\none\ncolumn", "only\none\ncolumn", id="one column"),
        pytest.param("a.csv", b'a,"never closed\n1,2', "a | never closed 1,2", id="open quote"),
    ],
)
def test_rows_are_lines_of_cells(name: str, data: bytes, text: str) -> None:
    document = load(data, name=name)
    assert_sound(document)
    assert document.text == text


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)


@settings(deadline=None)  # the first one loads what tells languages
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=12))
def test_nothing_that_is_written_is_lost(rows: list[list[str]]) -> None:
    data = "\n".join(";".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows).encode()
    try:
        document = load(data, name="a.csv")
    except NoText:
        assert not "".join(cell for row in rows for cell in row).strip()
        return
    assert_sound(document)
    for cell in (cell for row in rows for cell in row):
        assert " ".join(cell.replace("\xa0", " ").split()) in document.text
