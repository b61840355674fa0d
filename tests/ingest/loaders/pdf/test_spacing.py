"""Letters that are set wide are words again; what is no word stays as it is."""

from __future__ import annotations

import pypdfium2
import pytest

from ingest.loaders.pdf import document as pdf
from rag.types import Document
from tests import pdf_samples
from tests.ingest.loaders.covering import assert_sound
from tests.ingest.loaders.pdf.test_document import assert_letters_find_their_place


def read(shown: str) -> tuple[Document, bytes]:
    made = pdf_samples.pdf([f"BT /F1 10 Tf 60 700 Td {shown} ET"])
    document = pdf.load(made, name="scan.pdf", recogniser=lambda: None)
    assert_sound(document)
    with pypdfium2.PdfDocument(made) as file:
        assert_letters_find_their_place(document, document.pages[0], file)
    return document, made


@pytest.mark.parametrize(("letters", "apart"), [(3.2, 1), (2.6, 1), (3.2, 2)])
def test_a_words_last_letters_belong_to_it(letters: float, apart: int) -> None:
    words = "Shipping companies register every container with the harbour office".split()
    shown = ""
    for at, word in enumerate(words):
        before, last = word[:-apart], word[-apart:]
        space = " " if at else ""
        # The last letters are set without the spacing that follows each of the others.
        shown += f"{letters} Tc -2.5 Tw ({space}{before}) Tj {0 if apart == 1 else letters} Tc ({last}) Tj 0 Tc "
    assert read(shown)[0].text == " ".join(words)


def test_words_set_wide_without_any_space_are_words() -> None:
    """Between the letters of a word there are 5 points, between words 15."""
    words = "the ocean is deep and the water is cold".split()
    shown = "5 Tc [" + " -1000 ".join(f"({word})" for word in words) + "] TJ"
    assert read(shown)[0].text == " ".join(words)


def test_words_with_a_space_after_each_letter_are_words() -> None:
    text = "  ".join(" ".join(word) for word in "China and the ocean between the islands".split())
    assert read(f"({text}) Tj")[0].text == "China and the ocean between the islands"


@pytest.mark.parametrize(
    "text",
    [
        "a b c d e f g h i j k l m n o p",
        "x y z  a b c  u v w  r s t",
        "A B C D E F G H I J",
        "1 2 3 4 5 6 7 8 9 10 11 12",
        "a + b = c and d + e = f is a sum",
        "I am a student, and so are you and I",
    ],
)
def test_single_letters_that_are_no_words_stay(text: str) -> None:
    assert " ".join(read(f"({text}) Tj")[0].text.split()) == " ".join(text.split())


@pytest.mark.parametrize("spacing", [0, 0.3, 1.0, 2.0])
def test_ordinary_words_stay_apart(spacing: float) -> None:
    text = "Merge sort divides the list, sorts both halves and merges them."
    assert read(f"{spacing} Tc ({text}) Tj")[0].text == text
