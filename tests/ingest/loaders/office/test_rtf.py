"""Rich Text: tables within tables, lines within cells, code pages."""

from __future__ import annotations

import pytest

from ingest.loaders import load
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound


def read(body: bytes, head: bytes = rb"\ansi\ansicpg1252") -> Document:
    document = load(rb"{\rtf1" + head + rb"\deff0{\fonttbl{\f0 Arial;}}" + body + b"}", name="a.rtf")
    assert_sound(document)
    return document


def inner(*rows: tuple[str, str]) -> bytes:
    """Write a table within a cell as Word does."""
    props = r"{\*\nesttableprops\trowd\cellx2000\cellx4000\nestrow}{\nonesttables\par}"
    return "".join(rf"\pard\intbl\itap2 {one}\nestcell {two}\nestcell{props}" for one, two in rows).encode()


def test_rows_of_a_table_within_a_table_stay_rows() -> None:
    lessons = inner(("Monday", "Logic"), ("Tuesday", "Sets"))
    row = rb"\trowd\cellx4000\cellx8000\pard\intbl Room A1\cell" + lessons + rb"\pard\intbl\itap1\cell\row"
    last = rb"\trowd\cellx4000\cellx8000\pard\intbl Room B2\cell free\cell\row"
    document = read(row + last + rb"\pard After the table.\par")
    assert document.text == "Room A1\nMonday | Logic\nTuesday | Sets\nRoom B2 | free\n\nAfter the table."
    assert [block.kind.value for block in document.blocks] == ["table", "paragraph"]


def test_text_around_an_inner_table_keeps_its_place() -> None:
    cell = rb"Before\par" + inner(("a", "b")) + rb"\pard\intbl After"
    document = read(rb"\trowd\pard\intbl One\cell\pard\intbl " + cell + rb"\cell\pard\intbl Last\cell\row")
    words = [document.text.index(word) for word in ("One", "Before", "a | b", "After", "Last")]
    assert words == sorted(words)
    assert "\na | b\n" in document.text.replace("Before a", "\na")


def test_lines_within_a_cell_do_not_end_its_row() -> None:
    document = read(rb"\trowd\pard\intbl one\par two\line three\cell four\cell\row\pard End\par of it\par")
    assert document.text == "one two three | four\n\nEnd\n\nof it"


def test_letters_behind_a_heading_mark_are_whole() -> None:
    document = read(rb"\pard\outlinelevel0 Gr\u252?n\par\pard Gr\u252?n ist es.\par")
    assert document.text == "Grün\n\nGrün ist es."


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (rb"\ansi\ansicpg1251", "cp1251"),
        (rb"\ansi\ansicpg10007", "mac_cyrillic"),
        (rb"\ansi\ansicpg20866", "koi8-r"),
        (rb"\ansi\ansicpg65001", "utf-8"),
        (rb"\ansi\ansicpg99999", "cp1251"),
        (rb"\ansi\ansicpg0", "cp1251"),
    ],
)
def test_letters_of_any_code_page_are_read(head: bytes, encoding: str) -> None:
    said = "Паром ходит в девять часов"
    written = "".join(
        letter if letter == " " else "".join(rf"\'{byte:02x}" for byte in letter.encode(encoding)) for letter in said
    )
    assert read(rb"\pard " + written.encode() + rb"\par", head).text == said
    assert read(rb"\pard " + said.encode(encoding) + rb"\par", head).text == said


@pytest.mark.parametrize("charset", [77, 78, 79, 80, 81, 82, 85, 86, 87, 88, 89, 130, 999])
def test_unknown_character_sets_of_fonts_cost_no_file(charset: int) -> None:
    data = rb"{\rtf1\ansi{\fonttbl{\f0\fcharset%d Old;}}\pard\f0 plain \'b1\'b2 words\par}" % charset
    text = load(data, name="a.rtf").text
    assert text.startswith("plain ")
    assert text.endswith("words")


def test_the_system_of_an_old_file_counts() -> None:
    assert read(rb"\pard Gr\'9a\'a7e\par", rb"\mac").text == "Größe"
    assert read(rb"\pard Gr\'94\'e1e\par", rb"\pca").text == "Größe"
