"""Pages whose characters are codes: recognised as pictures where that reads better, and named where it doesn't."""

from __future__ import annotations

import pytest

from ingest.loaders.pdf import document as pdf
from ingest.loaders.pdf.gibberish import is_gibberish
from tests import pdf_samples
from tests.fakes import FakeRecogniser, a_line
from tests.ingest.loaders.covering import assert_sound

ENGLISH = "Merge sort divides the list, sorts both halves and merges them; it needs n log n steps in the worst case. "
RECOGNISED = [
    a_line(line, y=100 + 50 * at) for at, line in enumerate(["Merge sort divides the list", "and sorts both."])
]


def shifted(text: str, by: int) -> str:
    """Text in the codes of a font whose map to Unicode is wrong by some letters."""
    return "".join(chr((ord(one.upper()) - 65 + by) % 26 + 65) if one.isalpha() else one for one in text)


def codes(text: str) -> str:
    """Text in the numbers of a font's glyphs, which begin with the space."""
    return "".join(chr(ord(one) - 0x3F) if "a" <= one <= "z" else one for one in text)


def a_page(text: str) -> str:
    pieces = [text[at : at + 70] for at in range(0, len(text), 70)]
    return pdf_samples.lines(*(piece.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for piece in pieces))


CODED = {
    "another letter": shifted(3 * ENGLISH, 3),
    "glyph numbers": "".join(chr(ord(one) - 29) for one in 3 * ENGLISH),
    "signs": codes(4 * ENGLISH),
}


@pytest.mark.parametrize("coded", CODED.values(), ids=CODED.keys())
def test_a_page_of_codes_is_named_where_nothing_can_recognise_it(coded: str) -> None:
    made = pdf_samples.pdf([pdf_samples.PROSE, a_page(coded), pdf_samples.PROSE])
    document = pdf.load(made, name="codes.pdf", recogniser=lambda: None)
    assert document.quality.unreadable == (2,)
    assert document.notes[0].startswith("the letters of page 2 can't be decoded")
    assert 'pip install "studyhall[ocr]"' in document.notes[1]
    assert_sound(document)


@pytest.mark.parametrize("coded", CODED.values(), ids=CODED.keys())
def test_a_page_of_codes_is_recognised(coded: str) -> None:
    made = pdf_samples.pdf([pdf_samples.PROSE, a_page(coded), pdf_samples.PROSE])
    fake = FakeRecogniser([RECOGNISED])
    document = pdf.load(made, name="codes.pdf", recogniser=lambda: fake)
    assert document.notes == ("page 2 was read by OCR",)
    page = document.pages[1]
    assert document.text[page.start : page.end].startswith("Merge sort divides the list")


def test_letters_of_the_private_use_area_are_no_text() -> None:
    private = {letter: chr(0xE000 + ord(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"}
    document = pdf.load(
        pdf_samples.pdf([a_page(ENGLISH), "", ""], unicode=private), name="x.pdf", recogniser=lambda: None
    )
    assert document.quality.unreadable == (1,)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ENGLISH * 3, id="English"),
        pytest.param("Die Zahl der Schritte wächst mit der Länge der Liste, und nicht schneller. " * 4, id="German"),
        pytest.param("Strč prst skrz krk. Příliš žluťoučký kůň úpěl ďábelské ódy v trávě nad řekou. " * 4, id="Czech"),
        pytest.param("Chrząszcz brzmi w trzcinie w Szczebrzeszynie i z tego Szczebrzeszyn słynie. " * 4, id="Polish"),
        pytest.param("Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm. " * 4, id="Vietnamese"),
        pytest.param("Mae pob un yn cael ei eni yn rhydd ac yn gydradd ag eraill mewn urddas. " * 4, id="Welsh"),
        pytest.param("Все люди рождаются свободными и равными в своём достоинстве и правах. " * 4, id="Russian"),
        pytest.param("人人生而自由，在尊嚴和權利上一律平等。" * 20, id="Chinese"),
        pytest.param("| 12.5 | 13.75 | 1,204 | 77 % |\n" * 40, id="numbers"),
        pytest.param("$(1,204.5) | +12.5% | -3.75% | (0.17)*\n" * 40, id="sums of money"),
        pytest.param("Name: ______________ | Date: ..............\n" * 20, id="a form's lines"),
        pytest.param("f(x) = (x - y)^2 + [a_i * b_j] / {c_k} - sqrt(d); g(y) <= h(x, y) & !p\n" * 10, id="formulas"),
        pytest.param('for (int i = 0; i < n; ++i) { a[i] = b["k"]; if (!x) return; }\n' * 10, id="code"),
        pytest.param("0x7ffd 0x3fb2 de ad be ef 00 ff 12 9c bd 8f dc fb cc dd bf\n" * 20, id="hexadecimal"),
        pytest.param("HTTP TCP/IP DNS the protocols of RFC 793 and SMTP, TLS, SSH for XML " * 6, id="acronyms"),
    ],
)
def test_text_code_and_numbers_are_no_gibberish(text: str) -> None:
    assert not is_gibberish(text)
