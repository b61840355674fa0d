"""One bad part of a book or notebook costs itself only, and is named; outputs in HTML are read."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from ingest.loaders import load
from rag.errors import Damaged
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound
from tests.ingest.loaders.samples import code_cell, epub, notebook, printed, text_cell, zipped


def read(data: bytes, name: str) -> Document:
    document = load(data, name=name)
    assert_sound(document)
    return document


# ---- EPUB


def changed(book: bytes, files: dict[str, bytes | None]) -> bytes:
    """Return a book with other files; None leaves one out."""
    with zipfile.ZipFile(io.BytesIO(book)) as container:
        parts: dict[str, Any] = {name: container.read(name) for name in container.namelist()}
    parts |= files
    return zipped({name: content for name, content in parts.items() if content is not None})


BOOK = epub({"a.xhtml": "<h1>A</h1><p>First.</p>", "b.xhtml": "<p>Second.</p>", "c.xhtml": "<p>Third.</p>"})


def test_a_missing_chapter_is_named() -> None:
    document = read(changed(BOOK, {"OEBPS/b.xhtml": None}), "book.epub")
    assert document.text == "A\n\nFirst.\n\nThird."
    assert document.notes == ("chapters not read, missing or damaged: b.xhtml",)


def test_a_damaged_chapter_is_named() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target, zipfile.ZipFile(io.BytesIO(BOOK)) as source:
        for name in source.namelist():
            target.writestr(name, source.read(name))  # stored as it is, so that its letters can be changed
    document = read(file.getvalue().replace(b"Second.", b"SECOND."), "book.epub")
    assert document.text == "A\n\nFirst.\n\nThird."
    assert document.notes == ("chapters not read, missing or damaged: b.xhtml",)


def test_an_entry_of_the_order_that_leads_nowhere_is_named() -> None:
    with zipfile.ZipFile(io.BytesIO(BOOK)) as container:
        package = container.read("OEBPS/book.opf").replace(b'idref="c1"', b'idref="gone"')
    document = read(changed(BOOK, {"OEBPS/book.opf": package}), "book.epub")
    assert "Third." in document.text
    assert document.notes == ("chapters not read, missing or damaged: gone",)


@pytest.mark.parametrize(
    "files",
    [
        {"OEBPS/nav.xhtml": b"\x00\x01"},
        {"OEBPS/nav.xhtml": None},
        {"META-INF/container.xml": b"nothing"},
        {"META-INF/encryption.xml": b""},
    ],
)
def test_a_broken_part_that_holds_no_words_costs_none(files: dict[str, bytes | None]) -> None:
    document = read(changed(BOOK, files), "book.epub")
    assert document.text == "A\n\nFirst.\n\nSecond.\n\nThird."


def test_without_its_order_a_book_is_read_by_the_names_of_its_files() -> None:
    document = read(changed(BOOK, {"OEBPS/book.opf": b"nothing"}), "book.epub")
    assert "First.\n\nSecond.\n\nThird." in document.text
    assert document.notes[0].startswith("the order of the chapters is that of their files' names")


def test_a_book_without_any_chapter_says_so() -> None:
    gone = dict.fromkeys(("OEBPS/a.xhtml", "OEBPS/b.xhtml", "OEBPS/c.xhtml"))
    with pytest.raises(Damaged, match=r"book\.epub is damaged: none of its chapters"):
        load(changed(BOOK, gone), name="book.epub")


def test_a_chapter_may_say_its_encoding() -> None:
    page = '<?xml version="1.0" encoding="iso-8859-2"?><html><body><p>Řeka ł.</p></body></html>'
    document = read(changed(BOOK, {"OEBPS/b.xhtml": page.encode("iso-8859-2")}), "book.epub")
    assert "First.\n\nŘeka ł.\n\nThird." in document.text


# ---- notebooks

FRAME = (
    "<div><style>td {}</style><table><thead><tr><th></th><th>tide</th></tr></thead>"
    "<tbody><tr><th>0</th><td>six</td></tr></tbody></table></div>"
)


def shown(**data: str) -> dict[str, Any]:
    kinds = {f"text/{kind}": said for kind, said in data.items()}
    return {"output_type": "execute_result", "data": kinds, "metadata": {}}


@pytest.mark.parametrize(
    "output",
    [
        shown(html=FRAME),
        shown(html=FRAME, plain="<pandas.io.formats.style.Styler at 0x7f>"),
        {"output_type": "pyout", "html": [FRAME]},
    ],
)
def test_a_table_that_is_only_there_as_html_is_read(output: dict[str, Any]) -> None:
    document = read(notebook(code_cell("frame", output)), "a.ipynb")
    assert document.text == "frame\n\n| tide\n0 | six"
    assert [block.kind.value for block in document.blocks] == ["code", "table"]


def test_text_is_preferred_to_html() -> None:
    assert (
        read(notebook(code_cell("frame", shown(html=FRAME, plain="  tide\n0  six"))), "a.ipynb").text.count("six") == 1
    )


def test_a_long_table_is_shortened() -> None:
    rows = "".join(f"<tr><td>{number}</td></tr>" for number in range(500))
    document = read(notebook(code_cell("frame", shown(html=f"<p>All:</p><table>{rows}</table><p>End</p>"))), "a.ipynb")
    assert document.text.count("\n") < 50
    assert "End" not in document.text
    assert document.notes == ("long outputs shortened in cell 1",)


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"ename": "KeyError", "evalue": "'x'"}, "KeyError: 'x'"),
        ({"ename": "KeyboardInterrupt", "evalue": ""}, "KeyboardInterrupt"),
        (
            {"traceback": ["\x1b[31m----\x1b[0m", "in f()\nValueError: \x1b[1mtoo late\x1b[0m\n"]},
            "ValueError: too late",
        ),
    ],
)
def test_the_last_line_of_an_error_is_kept(output: dict[str, Any], said: str) -> None:
    assert read(notebook(code_cell("f()", {"output_type": "error", **output})), "a.ipynb").text == f"f()\n\n{said}"


@pytest.mark.parametrize("bad", [None, 3, "x", [], {"cell_type": "code", "outputs": 3, "source": ""}])
def test_a_bad_cell_is_named(bad: Any) -> None:
    document = read(json.dumps({"cells": [text_cell("One."), bad, text_cell("Three.")]}).encode(), "a.ipynb")
    assert document.text == "One.\n\nThree."
    assert document.notes == ("cell not read, or in part: 2",)
    assert [page.number for page in document.pages] == [1, 2, 3]


def test_a_bad_output_costs_itself_only() -> None:
    data = json.dumps({"cells": [code_cell("f()", 7, printed("six\n")), text_cell("End.")]}).encode()  # type: ignore[arg-type]
    document = read(data, "a.ipynb")
    assert document.text == "f()\n\nsix\n\nEnd."
    assert document.notes == ("cell not read, or in part: 1",)
