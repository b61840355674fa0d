"""reStructuredText, LaTeX and source code: the text is the file's own, and blocks are found in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.loaders import load
from ingest.loaders.markup import latex, rst
from ingest.loaders.markup.headings import heading_text
from ingest.loaders.plain.code import definitions
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound


def blocks(document: Document) -> list[tuple[str, int, str]]:
    assert_sound(document)
    return [(block.kind.value, block.level, document.text[block.start : block.end]) for block in document.blocks]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param("## Sorting {#sort}", "Sorting", id="markdown"),
        pytest.param("Sorting\n-------", "Sorting", id="underlined"),
        pytest.param("=======\nSorting\n=======", "Sorting", id="over and under"),
        pytest.param(r"\section*[Short]{The class \texttt{List}~1 \label{s}}", "The class List 1", id="latex"),
        pytest.param(r"\begin{frame}<1->[t]{Why $n^2$?}", "Why n^2?", id="frame"),
        pytest.param("C* and C#", "C* and C#", id="a name"),
        pytest.param("\\ in paths", "\\ in paths", id="backslash"),
        pytest.param("A title\nin two lines", "A title in two lines", id="two lines"),
    ],
)
def test_a_heading_is_read_without_its_signs(source: str, said: str) -> None:
    assert heading_text(source) == said


# ---- reStructuredText


def test_levels_of_rest_headings_follow_the_order_of_their_signs() -> None:
    text = "One\n~~~\n\nTwo\n---\n\nThree\n+++++\n\nFour\n----\n"
    found = blocks(load(text.encode(), name="a.rst"))
    assert [(level, words.split("\n")[0]) for _, level, words in found] == [
        (1, "One"),
        (2, "Two"),
        (3, "Three"),
        (2, "Four"),
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param("Say::\n\n  code\n\n  more\n\nafter", ["paragraph", "code", "paragraph"], id="literal"),
        pytest.param(".. code-block:: python\n   :linenos:\n\n   x\n\nafter", ["code", "paragraph"], id="directive"),
        pytest.param(">>> 1 + 1\n2\n\nafter", ["code", "paragraph"], id="session"),
        pytest.param("+---+\n| a |\n+---+\n\nafter", ["table", "paragraph"], id="grid"),
        pytest.param("=== ==\na   b\n=== ==\n1   2\n\n3   4\n=== ==\n", ["table"], id="columns"),
        pytest.param("1. a\n2. b\n\n   more of b\n\nafter", ["list", "paragraph"], id="list"),
        pytest.param(".. a remark\n   that goes on\n\nafter", ["paragraph"], id="comment"),
        pytest.param("----\n\nafter a rule", ["paragraph", "paragraph"], id="rule"),
        pytest.param("Title\n=", ["paragraph"], id="too short a line"),
    ],
)
def test_blocks_of_rest(text: str, kinds: list[str]) -> None:
    assert [kind for kind, _, _ in blocks(load(text.encode(), name="a.rst"))] == kinds


# ---- LaTeX


def test_levels_of_latex_headings() -> None:
    text = r"\part{A}\chapter{B}\section[x]{C {d}}\subsection*{D}\paragraph{E} text \begin{frame}{F}x\end{frame}"
    found = blocks(load(text.encode(), name="a.tex"))
    assert [level for kind, level, _ in found if kind == "heading"] == [1, 2, 3, 4, 6, 6]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param("one\n\ntwo", ["paragraph", "paragraph"], id="paragraphs"),
        pytest.param("a $$x$$ b", ["paragraph", "formula", "paragraph"], id="dollars"),
        pytest.param(r"5\% of \section{A}", ["paragraph", "heading"], id="percent sign"),
        pytest.param("% \\section{A}\nb", ["paragraph"], id="comment"),
        pytest.param(r"\begin{equation}x never closed", ["paragraph"], id="never closed"),
        pytest.param(r"a\\[2mm] b", ["paragraph"], id="line distance"),
        pytest.param(r"\begin{theorem}T\end{theorem}", ["paragraph"], id="theorem"),
        pytest.param(r"\begin{tabular}{ll}a&b\end{tabular}", ["table"], id="table"),
    ],
)
def test_blocks_of_latex(text: str, kinds: list[str]) -> None:
    assert [kind for kind, _, _ in blocks(load(text.encode(), name="a.tex"))] == kinds


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\"Ubung", "Übung"),
        (r"{\"u}ber", "über"),
        (r"\'{e}t\'e", "été"),
        (r"Stra\ss e, Ma\ss{}", "Straße, Maß"),
        (r"Fran\c{c}ois", "François"),
        (r"na\"{\i}ve", "naïve"),
        (r"\cite{a} \vec{v} \ssb", r"\cite{a} \vec{v} \ssb"),
    ],
)
def test_accents_become_letters(written: str, read: str) -> None:
    assert latex.accented(written) == read


PREAMBLE = r"""\documentclass{article}
\newcommand{\R}{\mathbb{R}} \newcommand{\norm}[1]{\lVert #1 \rVert} \newcommand{\hint}[2][note]{\textbf{#1: #2}}
\DeclareMathOperator{\rank}{rank}
\newtheorem{claim}[theorem]{Claim}
\title{Maps}\author{Lea Sommer}\date{May 2024}
% \newcommand{\rank}{commented}
"""


def tex(body: str) -> str:
    return load(f"{PREAMBLE}\\begin{{document}}\n{body}\n\\end{{document}}".encode(), name="a.tex").text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param("so\n% never\nand so % not that\non", "so\nand so\non", id="comments"),
        pytest.param(r"5\% of it \iffalse not that \fi is so", "5% of it  is so", id="switched off"),
        pytest.param(
            r"a map of $\R^n$ has \rank and $\norm{x}$",
            r"a map of $\mathbb{R}^n$ has rank and $\lVert x \rVert$",
            id="own commands",
        ),
        pytest.param(r"\hint{so} and \hint[Warning]{\emph{not} so}", "note: so and Warning: not so", id="usual one"),
        pytest.param(
            "\\begin{claim}[Euler]\\label{c}\nIt is so.\n\\end{claim}\nThen",
            "Claim (Euler). It is so.\n\nThen",
            id="own theorem",
        ),
        pytest.param("\\begin{satz}Es ist so.\\end{satz}", "Satz. Es ist so.", id="known theorem"),
        pytest.param("\\begin{itemize}\n\\item one\n\\item[Two] two\n\\end{itemize}", "- one\n- Two: two", id="list"),
        pytest.param(
            r"``Quoted'' text --- with~one\footnote{In the book.}",
            "“Quoted” text — with one (In the book.)",
            id="signs",
        ),
        pytest.param(
            "\\begin{verbatim}\n% \\R --- ~\n\\end{verbatim}",
            "\\begin{verbatim}\n% \\R --- ~\n\\end{verbatim}",
            id="code",
        ),
        pytest.param(r"\verb|% \R| stays", r"\verb|% \R| stays", id="code in a line"),
        pytest.param(
            r"\[ f = \begin{cases} 1 \\ 0 \end{cases} \] and $\begin{pmatrix}1\\2\end{pmatrix}$ so",
            r"\[ f = \begin{cases} 1 \\ 0 \end{cases} \] and $\begin{pmatrix}1\\2\end{pmatrix}$ so",
            id="matrices",
        ),
        pytest.param(
            "\\begin{align}\n f &= \\begin{cases}\n 1 \\\\\n 0 \\end{cases} -- y''\n\\end{align}",
            "\\begin{align}\n f &= \\begin{cases}\n 1 \\\\\n 0 \\end{cases} -- y''\n\\end{align}",
            id="several lines of mathematics",
        ),
        pytest.param(
            "\\begin{lstlisting}\n\\emph{x} % \\item\n\\begin{y}\n\\end{lstlisting}",
            "\\begin{lstlisting}\n\\emph{x} % \\item\n\\begin{y}\n\\end{lstlisting}",
            id="several lines of code",
        ),
        pytest.param(r"$f''(x)$ and \[ i-- \] or $x~y$", r"$f''(x)$ and \[ i-- \] or $x~y$", id="mathematics"),
        pytest.param(r"\href{https://x.org/a%20b}{it} runs", r"\href{https://x.org/a%20b}{it} runs", id="address"),
        pytest.param(r'\lstinline|printf("%d")| prints', r'\lstinline|printf("%d")| prints', id="code with a per cent"),
        pytest.param(r"End.\par Name:\hfill Points.\newpage B", "End.\n\n Name:  Points.\n\n B", id="gaps"),
        pytest.param(r"\verb|\newcommand{\R}{x}| so", r"\verb|\newcommand{\R}{x}| so", id="a command that is shown"),
        pytest.param("a \\\\% not that\nb", "a \\\\\nb", id="comment behind a line's end"),
        pytest.param(r"\begin{minipage}{0.5\textwidth} so \end{minipage}", "so", id="arguments"),
        pytest.param(r"\maketitle So it is.", "Lea Sommer\n\nMay 2024\n\nSo it is.", id="title page"),
        pytest.param(r"\begin{figure}\includegraphics{x}\caption{A map}\end{figure}", "A map", id="caption"),
    ],
)
def test_latex_is_read_as_its_reader_sees_it(body: str, text: str) -> None:
    assert tex(body) == text


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "piece",
    [
        r"\emph{",
        r"\begin{x}",
        r"\item ",
        "{",
        "%",
        "\n ",
        r"\newcommand{\a}{b}",
        r"\verb|",
        r"\iffalse ",
        r"\[",
        "$x ",
        "a" + " " * 9,
        r"\begin{verbatim}",
    ],
)
def test_what_never_ends_is_read_all_the_same(piece: str) -> None:
    document = load((r"\begin{document}So it is. " + piece * 20_000).encode(), name="a.tex")
    assert document.text.startswith("So it is.")


def test_commands_that_call_themselves_end() -> None:
    assert r"\a" in load(rb"\newcommand{\a}{\a\a} \begin{document} \a \end{document}", name="a.tex").text


@pytest.mark.timeout(20)
def test_environments_that_never_end_take_no_time() -> None:
    assert len(latex.blocks_of(r"\begin{equation}x" * 20_000)) == 1


# ---- source code


def test_a_definition_keeps_its_body_and_long_ones_are_cut() -> None:
    text = "a = 1\n\ndef f():\n    x\n\n    y\n\n\nint main() {\n  x;\n\n}\n"
    firsts = [text[start:end].partition("\n")[0] for start, end in definitions(text)]
    assert firsts == ["a = 1", "def f():", "int main() {"]
    long = "class A:\n" + "\n".join(f"    def f{at}():\n        a\n        b\n" for at in range(100))
    assert 3 < len(list(definitions(long))) < 12


# ---- all of them

LINES = st.lists(
    st.sampled_from(
        [
            "",
            "",
            "Title",
            "=====",
            "-----",
            "text",
            "  indented",
            "- a",
            "1. b",
            "::",
            "say::",
            ".. math:: x",
            "+--+",
            "== ==",
            ">>> x",
            r"\section{A}",
            r"\begin{equation}",
            r"\end{equation}",
            "$$",
            r"\[",
            r"\]",
            "% no",
            "{",
            "}",
            r"\begin{itemize}",
            r"\end{itemize}",
            "def f():",
            "    return",
            "\t",
            " \x0b",
            "\u2028",
            'ü"a',
            r"\"a",
        ]
    ),
    max_size=25,
)


@pytest.mark.parametrize("find", [rst.blocks_of, latex.blocks_of], ids=["rest", "latex"])
@given(LINES)
def test_blocks_are_all_that_is_not_white_space(find: Callable[[str], Any], lines: list[str]) -> None:
    text = "\n".join(lines)
    assert_sound(Document(text, "t", blocks=tuple(find(text))))


@given(LINES)
def test_definitions_are_all_that_is_not_white_space(lines: list[str]) -> None:
    text = "\n".join(lines)
    at = 0
    for start, end in definitions(text):
        assert at <= start < end
        assert not text[at:start].strip()
        at = end
    assert not text[at:].strip()
