"""Web pages as they are read: formulas once, captions and terms kept, what nobody sees left out."""

import pytest

from ingest.loaders import load
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound

MATH = (
    "<math><semantics><mrow><mn>1</mn><mo>+</mo><mfrac><mi>α</mi><mn>2</mn></mfrac></mrow>"
    r'<annotation encoding="application/x-tex">1+\frac{\alpha}{2}</annotation></semantics></math>'
)
WORDS = "A table of slots keeps every key in a list of its own, and a good function shares the keys out among them."
LONG = "".join(f"<p>{WORDS} That is the paragraph with the number {number}.</p>" for number in range(6))


def read(inside: str, *, long: bool = True) -> Document:
    body = f"<article><h1>Hashing</h1><p>{WORDS}</p>{inside}{LONG if long else ''}</article>"
    document = load(f"<html><head><title>Hashing</title></head><body>{body}</body></html>".encode(), name="page.html")
    assert_sound(document)
    return document


@pytest.mark.parametrize("long", [True, False])
@pytest.mark.parametrize(
    "written",
    [
        pytest.param(MATH, id="MathML"),
        pytest.param(
            f'<span class="katex"><span class="katex-mathml">{MATH}</span>'
            '<span class="katex-html" aria-hidden="true">1+<span>2</span><span>α</span></span></span>',
            id="KaTeX",
        ),
        pytest.param(
            f'<span class="mwe-math-element"><span style="display: none;">{MATH}</span>'
            r'<img class="mwe-math-fallback-image-inline" alt="{\displaystyle 1+{\frac {\alpha }{2}}}"></span>',
            id="wiki",
        ),
        pytest.param(
            f"<mjx-container><mjx-math></mjx-math><mjx-assistive-mml>{MATH}</mjx-assistive-mml></mjx-container>",
            id="MathJax 3",
        ),
    ],
)
def test_a_formula_is_read_once_however_often_the_page_has_it(written: str, *, long: bool) -> None:
    text = read(f"<p>The expected length of a chain is {written} for a table of that load.</p>", long=long).text
    assert text.count("The expected length of a chain is 1 + α/2 for a table of that load.") == 1
    assert text.count("expected length") == 1


def test_a_formula_that_is_only_tex_is_that() -> None:
    drawn = '<span class="MathJax_Preview">?</span><span class="MathJax">1+2</span>'
    text = read(rf'<p>The load is {drawn}<script type="math/tex">\frac{{n}}{{m}}</script> at most.</p>').text
    assert r"The load is \frac{n}{m} at most." in text


def test_a_short_page_keeps_its_structure() -> None:
    page = (
        "<html><body><h1>Heaps</h1><p>A heap is a tree.</p><h2>Cost</h2><p>Push costs log n steps.</p>"
        "<ul><li>one</li><li>two</li></ul><table><tr><td>a</td><td>b</td></tr></table></body></html>"
    )
    assert load(page.encode(), name="page.html").text == (
        "Heaps\n\nA heap is a tree.\n\nCost\n\nPush costs log n steps.\n\n- one\n- two\n\na | b"
    )


def test_captions_and_footnotes_are_kept_in_their_places() -> None:
    figure = '<figure><img src="x.png"><figcaption>Figure 1: A table with nine slots</figcaption></figure>'
    note = '<aside class="footnote"><p>Invented by H. P. Luhn in 1953.</p></aside>'
    lines = read(f"<p>Before it.</p>{figure}<p>After it.</p>{note}").text.split("\n\n")
    at = lines.index("Before it.")
    assert lines[at : at + 4] == [
        "Before it.",
        "Figure 1: A table with nine slots",
        "After it.",
        "Invented by H. P. Luhn in 1953.",
    ]


@pytest.mark.parametrize(
    "drawn",
    [
        '<span class="katex"><span class="katex-html" aria-hidden="true">x+y=z</span></span>',
        '<span class="MathJax"><span>x+y=z</span></span>',
        '<span class="MathJax"><span class="MJX_Assistive_MathML"><math><mi>x+y=z</mi></math></span></span>',
    ],
)
def test_a_formula_that_only_stands_there_drawn_is_read_so(drawn: str) -> None:
    assert "It follows that x+y=z holds." in read(f"<p>It follows that {drawn} holds.</p>").text


def test_a_page_that_a_script_would_show_is_read() -> None:
    program = f"<script>{'show();' * 5000}</script>"
    page = f"<html><body class='katex'>{program}<main style='display: none'><h1>Hashing</h1>{LONG}</main></body></html>"
    assert "number 5" in load(page.encode(), name="page.html").text
    assert "Found." in read('<section hidden="until-found"><p>Found.</p></section>').text


def test_what_the_page_does_not_show_is_not_read() -> None:
    unseen = '<p style="display:none">Nobody sees that.</p><p hidden>Nor that.</p>'
    heading = '<h2>Probing<a class="headerlink" href="#p">¶</a><span class="mw-editsection">[edit]</span></h2>'
    text = read(f"{unseen}{heading}<p>Linear probing looks at the next slot.</p>").text
    assert "that." not in text.replace("That is", "")
    assert "\n\nProbing\n\nLinear probing" in text


def test_a_term_stands_before_what_is_said_of_it() -> None:
    terms = "<dl><dt>Tombstone</dt><dd>A marker for a deleted slot.</dd><dt>Load:</dt><dd>Keys for each slot.</dd></dl>"
    assert "- Tombstone: A marker for a deleted slot.\n- Load: Keys for each slot." in read(terms).text


def test_a_point_that_begins_with_an_initial_keeps_its_mark() -> None:
    text = read("<ul><li>A. Turing broke codes.</li><li>Others did not.</li></ul>").text
    assert "- A. Turing broke codes.\n- Others did not." in text


@pytest.mark.parametrize(
    ("opening", "written"),
    [
        ("<ol>", "1. Find it.\n2. Split it."),
        ('<ol start="3">', "3. Find it.\n4. Split it."),
        ('<ol type="a">', "a. Find it.\nb. Split it."),
        ('<ol type="I" start="4">', "IV. Find it.\nV. Split it."),
        ("<ol reversed>", "2. Find it.\n1. Split it."),
        ('<ol type="">', "1. Find it.\n2. Split it."),
    ],
)
def test_a_list_counts_as_the_page_does(opening: str, written: str) -> None:
    assert written in read(f"{opening}<li>Find it.</li><li>Split it.</li></ol>").text
