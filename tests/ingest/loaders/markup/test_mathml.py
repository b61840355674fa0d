"""MathML: formulas of web pages are written in one line."""

import pytest
from lxml import html

from ingest.loaders.markup.mathml import formula

SUM = "<munderover><mo>∑</mo><mrow><mi>k</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>k</mi>"
ANNOTATION = '<annotation encoding="application/x-tex">x^2</annotation>'


@pytest.mark.timeout(20)
@pytest.mark.parametrize("element", ["mrow", "msqrt", "mfenced", "msup", "mo", "mtable"])
def test_what_is_nested_without_end_is_read_by_its_letters(element: str) -> None:
    nested = f"{f'<{element}>' * 240}<mi>x</mi>{f'</{element}>' * 240}"
    assert "x" in formula(html.fromstring(f"<div><math>{nested}</math></div>")[0])


@pytest.mark.parametrize(
    ("inside", "written"),
    [
        ("<mi>O</mi><mo>(</mo><msup><mi>n</mi><mn>2</mn></msup><mo>)</mo>", "O(n²)"),
        ("<mn>1</mn><mo>+</mo><mfrac><mi>α</mi><mn>2</mn></mfrac>", "1 + α/2"),
        ("<mfrac><mrow><mi>n</mi><mo>+</mo><mn>1</mn></mrow><mn>2</mn></mfrac>", "(n + 1)/2"),
        ("<mo>-</mo><mi>x</mi><mo>-</mo><mn>1</mn>", "−x − 1"),
        (SUM, "∑ⁿₖ₌₁k"),
        ("<mi>p</mi><mi>log</mi><mi>p</mi>", "p log p"),
        ("<mn>2</mn><mi>sin</mi><mo>(</mo><mi>x</mi><mo>)</mo>", "2 sin(x)"),
        ("<msubsup><mi>a</mi><mi>i</mi><mn>2</mn></msubsup>", "a²ᵢ"),
        ("<msqrt><mi>n</mi><mo>+</mo><mn>1</mn></msqrt>", "√(n + 1)"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "³√x"),
        ("<mover><mi>x</mi><mo>¯</mo></mover><mo>=</mo><mover><mi>v</mi><mo>→</mo></mover>", "x̄ = v⃗"),
        ("<munder><mi>lim</mi><mrow><mi>n</mi><mo>→</mo><mi>∞</mi></mrow></munder>", "lim_(n → ∞)"),
        ("<msup><mfrac><mi>a</mi><mi>b</mi></mfrac><mi>n</mi></msup>", "(a/b)ⁿ"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a, b)"),
        ("<mi>f</mi><mo>\u2061</mo><mo>(</mo><mi>x</mi><mo>,</mo><mi>y</mi><mo>)</mo>", "f(x, y)"),
        (
            "<mo>[</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr>"
            "<mtr><mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable><mo>]</mo>",
            "[1, 0; 0, 1]",
        ),
        (
            "<mtable><mtr><mtd><mi>f</mi></mtd><mtd><mtable><mtr><mtd><mn>1</mn></mtd></mtr>"
            "<mtr><mtd><mn>0</mn></mtd></mtr></mtable></mtd></mtr></mtable>",
            "f, 1; 0",
        ),
        ("<mover><mrow><mi>A</mi><mo>∪</mo><mi>B</mi></mrow><mo>¯</mo></mover>", "overline(A ∪ B)"),
        ('<mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac>', "n k"),
        (f"<semantics><msup><mi>x</mi><mn>2</mn></msup>{ANNOTATION}</semantics>", "x²"),
        (f"<semantics><mrow></mrow>{ANNOTATION}</semantics>", "x^2"),
        ("<munknown><mi>x</mi></munknown>", "x"),
        ("", ""),
    ],
)
def test_a_formula_is_written_in_one_line(inside: str, written: str) -> None:
    assert formula(html.fromstring(f"<div><math>{inside}</math></div>")[0]) == written
