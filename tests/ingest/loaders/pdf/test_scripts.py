"""PDF: what stands raised or lowered at a letter is its exponent or its index, and is written as such."""

from __future__ import annotations

import pypdfium2
import pytest

from ingest.loaders import load
from rag.types import Document
from tests import pdf_samples
from tests.ingest.loaders.covering import assert_sound
from tests.ingest.loaders.pdf.test_document import assert_letters_find_their_place

WIDE = "Some words of the text before it, "


def line(*parts: tuple[str, float, float] | str, y: float = 700) -> str:
    """Draw one line of text: strings in full size, others as (text, size, rise), "<" moves back by a letter."""
    drawn = []
    for part in parts:
        text, size, rise = (part, 10.0, 0.0) if isinstance(part, str) else part
        move = f"[{500 * text.count('<')}] TJ " if "<" in text else ""
        drawn.append(f"/F1 {size:g} Tf {rise:g} Ts {move}({text.replace('<', '')}) Tj")
    return f"BT 72 {y:g} Td {' '.join(drawn)} ET\n"


def read(*contents: str, unicode: dict[str, str] | None = None) -> Document:
    data = pdf_samples.pdf(["".join(contents)], unicode=unicode)
    document = load(data, name="notes.pdf")
    assert_sound(document)
    with pypdfium2.PdfDocument(data) as pdf:
        assert_letters_find_their_place(document, document.pages[0], pdf)
    return document


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        (("runs in O\\(n", ("2", 7, 4), "\\) steps"), "runs in O(n²) steps"),
        (("needs 2", ("n", 7, 4), " steps"), "needs 2ⁿ steps"),
        (("the limit of x", ("n+1", 7, -2), " is"), "the limit of xₙ₊₁ is"),
        (("is F", ("2", 7, 4), ("<n", 7, -2), " and"), "is F²ₙ and"),
        (("grows like n", ("a/b", 7, 4), " or"), "grows like n^(a/b) or"),
        (("the entry a", ("i,j", 7, -2), " of"), "the entry a_(i,j) of"),
        (("is p", ("e", 7, 4), ("1", 5, 3), " times"), "is p^(e₁) times"),
        (("is 2", ("n", 7, 4), ("2", 5, 6), " times"), "is 2^(n²) times"),
        (("as said before.", ("12", 6, 4), " And"), "as said before.¹² And"),
        (("is 3", ("rd", 6, 4), " of"), "is 3rd of"),
        (("the number ", ("1", 7, 4), ("<q", 7, -4), " of it"), "the number 1/q of it"),
    ],
)
def test_scripts_are_written_as_such(parts: tuple[tuple[str, float, float] | str, ...], written: str) -> None:
    assert f"{WIDE}{written}" in read(line(WIDE, *parts)).text


@pytest.mark.parametrize(
    "parts",
    [
        ("I", ("NDEX", 8, 0), " of it"),  # small capitals stand on the line
        ("x", ("2", 10, 4), " of it"),  # what is as large is no script
        ("see", (" 2", 7, 40), " of it"),  # nor what stands on another line
        ("MAGAZINE ", ("JAN 26", 7, 3)),
        ("A", (" whole line of small print that is raised", 7, 3)),
    ],
)
def test_other_small_letters_stay_as_they_are(parts: tuple[tuple[str, float, float] | str, ...]) -> None:
    text = read(line(WIDE, *parts)).text
    assert "^" not in text
    assert text.isascii()


def test_a_power_that_stands_high_comes_back_into_its_line() -> None:
    text = read(line("The sets of numbers 2", ("N", 7, 6.5), " and 3", ("M", 7, 6.5), " are not the same.")).text
    assert text == "The sets of numbers 2ᴺ and 3ᴹ are not the same."


def test_the_index_of_a_relation_hangs_on_its_sign() -> None:
    text = read(line(WIDE, "we write x ~", ("n", 7, -1.5), " y for it."), unicode={"~": "≈"}).text
    assert text == f"{WIDE}we write x ≈ₙ y for it."


def test_the_number_that_a_footnote_begins_with_is_raised() -> None:
    note = line(("12", 6, 4), "See the book of examples.", y=600)
    assert read(line(WIDE, "and so on."), note).text.endswith("¹²See the book of examples.")


def test_a_glyph_without_a_letter_is_raised_once_its_font_has_named_it() -> None:
    content = line("It was said before.", ("~", 6, 4), " And it was said x", ("~", 7, -2), " again.")
    data = pdf_samples.pdf([content], unicode={"~": "\ufffd"}, glyphs={"~": "seven.oldstyle"})
    assert load(data, name="notes.pdf").text == "It was said before.⁷ And it was said x₇ again."
