"""Footnotes come after the text of their page."""

from __future__ import annotations

import pytest

from ingest.loaders import load
from rag.types import Document
from tests import pdf_samples
from tests.ingest.loaders.covering import assert_sound
from tests.pdf_samples import lines

LEFT = lines("The left column of text has a", "sentence in it, which is", x=60, y=700, size=10)
RIGHT = lines("going on in the right column.", "There it ends as it should,", "after three.", x=320, y=700, size=10)


def read(content: str) -> Document:
    document = load(pdf_samples.pdf([content]), name="notes.pdf")
    assert_sound(document)
    return document


@pytest.mark.parametrize("mark", ["1", "1 ", "*", "12 "])
def test_a_footnote_below_a_column_comes_after_the_other_column(mark: str) -> None:
    note = lines(f"{mark}See the third chapter for", "more about it.", x=60, y=650, size=8)
    document = read(LEFT + note + RIGHT)
    last = document.blocks[-1]
    assert document.text[last.start : last.end] == f"{mark}See the third chapter for\nmore about it."
    assert "which is\ngoing on" in document.text


def test_footnotes_of_both_columns_keep_their_order() -> None:
    left, right = (lines(f"{at} Note number {at}.", x=x, y=600, size=8) for at, x in ((1, 60), (2, 320)))
    text = read(LEFT + left + RIGHT + right).text
    assert text.index("after three.") < text.index("1 Note") < text.index("2 Note")


def test_small_type_in_the_middle_of_a_column_stays() -> None:
    caption = lines("1 small line in the middle", x=60, y=650, size=8)
    text = read(LEFT + caption + lines("More of the left column.", x=60, y=620, size=10) + RIGHT).text
    assert text.index("1 small line") < text.index("More of the left") < text.index("going on")
