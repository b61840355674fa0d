"""Text to HTML: nothing gets through that isn't on the list, and nothing that should be is lost."""

from __future__ import annotations

import pytest

from rag.errors import InputError
from ui.web.intake import file_name, web_address
from ui.web.markup import prose, quoted, safe, text, verbatim


@pytest.mark.parametrize(
    "harm",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='https://evil.example'>x</a>",
        "<img src='http://evil.example/x.png'>",
        "<style>*{}</style>",
        "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
        "<form action='//evil.example'><input>",
        "<iframe src='//evil.example'>",
        "<svg><script>1</script></svg>",
        "<p onclick='x()'>y</p>",
        "<span style='background:url(//evil.example)'>x</span>",
    ],
)
def test_harm_is_taken_out(harm: str) -> None:
    html = safe(harm)
    for sign in ("script", "onerror", "onclick", "evil", "<iframe", "<form", "<style", "svg"):
        assert sign not in html


def test_our_own_html_stays() -> None:
    ours = (
        '<a class="chip act" href="#view:cite:0:1" title="Notes">1</a>'
        '<span class="page-box" style="left:1.5%;top:2%;width:3%;height:4%"></span>'
        '<button type="button" class="act" id="view-next" value="view:next" title="Next">›</button>'
        '<img src="data:image/png;base64,AAAA" width="1" height="2" alt="x">'
    )
    assert safe(ours) == ours


def test_html_is_one_line_whatever_is_in_it() -> None:
    assert safe("<pre>a\n\n  b</pre>") == "<pre>a&#10;&#10;  b</pre>"


def test_text_is_text() -> None:
    assert text('<b> & "') == "&lt;b&gt; &amp; &quot;"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        pytest.param("so $x_1 * y_2$ is", r"\(x_1 * y_2\)", id="dollars"),
        pytest.param(r"so \(x_1\) is", r"\(x_1\)", id="brackets"),
        pytest.param("so $$x\n+ y$$ is", r"\[x + y\]", id="shown, over two lines"),
        pytest.param("a < $b < c$", r"\(b &lt; c\)", id="escaped"),
    ],
)
def test_formulas_are_kept_for_katex(source: str, shown: str) -> None:
    assert shown in prose(source)
    assert shown in verbatim(source)


def test_a_quote_of_markdown_shows_its_marks_as_what_they_mean() -> None:
    source = "- **Trie**: a `tree` of *letters* <b>, not 2 * 3 * 4 or $f^*(x)^*$"
    shown = r"<strong>Trie</strong>: a <code>tree</code> of <em>letters</em> &lt;b&gt;, not 2 * 3 * 4 or \(f^*(x)^*\)"
    assert quoted(source, "/notes/week 1.md") == shown
    assert quoted("Two **stars** in C", "/code/pointers.c") == "Two **stars** in C"


@pytest.mark.parametrize("code", ["2**3 + 4**5", "f(**a, **b)", "def f(*a, **b)", "a * b * c", "x*y*z"])
def test_the_stars_of_code_in_a_notebook_are_no_marks(code: str) -> None:
    assert quoted(code, "/notes/powers.ipynb") == code


@pytest.mark.parametrize("source", ["It costs $5 and $6.", "From $ to $.", "US$5 or US$6", r"\$x$"])
def test_money_is_no_formula(source: str) -> None:
    assert "\\(" not in prose(source)


def test_sentences_without_support_are_underlined() -> None:
    html = prose(
        "It is so [1]. **This** is not. And $x$ is $y$ [2].\n\n- Nor is this [2].",
        unsupported=["**This** is not.", "And $x$ is $y$.", "- Nor is this.", "Not there."],
        why="Check it",
    )
    opening = '<span class="unsupported" title="Check it">'
    assert f"{opening}<strong>This</strong> is not</span>." in html
    assert f"{opening}And \\(x\\) is \\(y\\)</span> [2]." in html
    assert f"<li>{opening}Nor is this</span> [2].</li>" in html
    assert html.count(opening) == 3


def test_a_chip_stays_with_its_word() -> None:
    html = prose("They are fast [1][2]. Next [3] word", chip=lambda marker: f"<sup>{marker}</sup>")
    assert '<span class="kept">fast<sup>1</sup><sup>2</sup>.</span>' in html
    assert '<span class="kept">Next<sup>3</sup></span> word' in html


def test_private_letters_in_the_source_are_no_standins() -> None:
    assert prose("a\ue0020\ue004b", chip=lambda marker: "CHIP") == "<p>a0b</p>\n"


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("lecture.pdf", "lecture.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.pdf", "a.pdf"),
        ("Übung (3) & mehr.docx", "Übung (3) & mehr.docx"),
        ("...", "file"),
        ("a\x00b.md", "ab.md"),
        (".hidden", "hidden"),
    ],
)
def test_files_keep_their_names(name: str, clean: str) -> None:
    assert file_name(name) == clean


def test_a_long_name_keeps_its_suffix() -> None:
    name = file_name("ä" * 300 + ".pdf")
    assert name.endswith(".pdf")
    assert len(name.encode()) <= 180


@pytest.mark.parametrize("typed", ["", "not an address", "file:///etc/passwd", "javascript:alert(1)", "https://"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(InputError):
        web_address(typed)
