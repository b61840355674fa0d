"""Markdown: the text is the file's own; blocks are found in it."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ingest.loaders.markup.markdown_directives
from ingest.loaders import load
from ingest.loaders.markup.headings import markdown_heading
from ingest.loaders.markup.markdown import blocks_of
from rag.errors import NoText
from rag.types import BlockKind, Document
from tests.ingest.loaders.covering import assert_sound

LECTURE = dedent("""\
    # Sorting

    Merge sort *divides* the list:

    - split it
        - in two halves
    - merge them

    ## Cost

    | name  | steps   |
    | ----- | ------- |
    | merge | n log n |

    ```python
    def sort(x):

        return sorted(x)
    ```

    $$
    T(n)
    = 2 T(n/2)
    - n
    $$

    Quoted
    ------

    > It is stable.
    > Always.

    [link]: https://example.org "a definition"
    """)


def read(source: str, name: str = "lecture.md") -> Document:
    return load(source.encode(), name=name)


def test_every_kind_of_block_is_found() -> None:
    document = read(LECTURE)
    found = [(block.kind.value, block.level, document.text[block.start : block.end]) for block in document.blocks]
    assert found == [
        ("heading", 1, "# Sorting"),
        ("paragraph", 0, "Merge sort *divides* the list:"),
        ("list", 0, "- split it\n    - in two halves\n- merge them"),
        ("heading", 2, "## Cost"),
        ("table", 0, "| name  | steps   |\n| ----- | ------- |\n| merge | n log n |"),
        ("code", 0, "```python\ndef sort(x):\n\n    return sorted(x)\n```"),
        ("formula", 0, "$$\nT(n)\n= 2 T(n/2)\n- n\n$$"),
        ("heading", 2, "Quoted\n------"),
        ("paragraph", 0, "> It is stable.\n> Always."),
        ("paragraph", 0, '[link]: https://example.org "a definition"'),
    ]


def test_the_text_is_the_files_own() -> None:
    assert read(LECTURE).text == LECTURE
    assert load(LECTURE.replace("\n", "\r\n").encode(), name="windows.md").text == LECTURE


def test_front_matter_gives_title_and_language_and_is_no_text() -> None:
    document = read('---\ntitle: "DTL: Entropie"\nauthor: A. Nonym\nlang: de-DE\n---\n\n# Wie?\n')
    assert (document.title, document.language) == ("DTL: Entropie", "de")
    assert document.text.strip() == "# Wie?"
    assert_sound(document)


def test_a_line_at_the_beginning_is_no_front_matter() -> None:
    assert read("---\n\nSome text, and no other line.").text.startswith("---")


def test_only_front_matter_is_no_text() -> None:
    with pytest.raises(NoText, match=r"empty\.md has no text"):
        read("---\ntitle: x\n---\n", "empty.md")


def test_the_title_is_the_first_heading_of_the_highest_level() -> None:
    assert read("## Overview\n\n# Graphs `G` and [trees](t.md)\n").title == "Graphs G and trees"
    assert read("Only words.", "week 2.md").title == "week 2"


def test_code_keeps_its_indentation() -> None:
    document = read("Text:\n\n    indented code\n      more\n")
    block = document.blocks[1]
    assert block.kind is BlockKind.CODE
    assert document.text[block.start : block.end] == "    indented code\n      more"


def test_a_formula_may_stand_in_a_paragraph_or_on_one_line() -> None:
    kinds = [block.kind for block in read("So it is\n$$ a = b $$\nas was shown.\n\n$$c$$\n").blocks]
    assert kinds == [BlockKind.PARAGRAPH, BlockKind.FORMULA, BlockKind.PARAGRAPH, BlockKind.FORMULA]


def test_a_formula_that_never_ends_is_a_paragraph() -> None:
    assert [block.kind for block in read("$$ a = b\n\nand more\n").blocks] == [BlockKind.PARAGRAPH] * 2


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("# Sorting", "Sorting"),
        ("### Sorting ###", "Sorting"),
        ("## Sorting {#sec:sort .unnumbered}", "Sorting"),
        ("Sorting\n=====", "Sorting"),
        ("## *Merge* and `quick`", "Merge and quick"),
        ("## C#", "C#"),
    ],
)
def test_headings_say_what_they_say(source: str, said: str) -> None:
    assert markdown_heading(source) == said


PIECES = [
    "# a",
    "b *c*",
    "- d",
    "  - e",
    "1. f",
    "```",
    "$$",
    "---",
    "===",
    "> g",
    "| h | i |",
    "|---|---|",
    "",
    "    j",
    "<div>",
    "\t",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("\n".join))
def test_blocks_are_all_that_is_not_white_space(source: str) -> None:
    at = 0
    for block in blocks_of(source):
        assert at <= block.start < block.end <= len(source)
        assert not source[at : block.start].strip()
        at = block.end
    assert not source[at:].strip()


@given(st.text(max_size=80))
def test_any_text_has_its_blocks(source: str) -> None:
    source = source.replace("\r", "\n").replace("\x00", "")
    at = 0
    for block in blocks_of(source):
        assert not source[at : block.start].strip()
        at = block.end
    assert not source[at:].strip()


DIRECTIVES = dedent("""\
    # Trees

    ::: notes
    A tree has a root.
    :::

    :::::: columns
    ::: {.column width="50%"}
    - leaf

        ::: tip
        Count the leaves.
        :::
    :::
    ::::::

    :::{admonition} Mind the gap
    It is wide.
    :::

    \\bigskip
    \\pause

    ```
    ::: code
    \\bigskip
    :::
    ```

    $$
    \\large
    $$
    """)


def test_the_fences_of_named_blocks_are_no_text_and_what_they_hold_is() -> None:
    document = read(DIRECTIVES)
    prose, code = document.text.split("```", 1)
    assert ":::" not in prose
    assert "columns" not in prose
    assert "bigskip" not in prose
    for kept in ("A tree has a root.", "- leaf", "Count the leaves.", "Mind the gap", "It is wide."):
        assert kept in prose
    assert "::: code\n\\bigskip\n:::" in code
    assert "$$\n\\large\n$$" in code
    assert_sound(document)


def test_colons_that_fence_nothing_stay() -> None:
    assert read("a\n\n:::\n\nb ::: c\n\n::: notes\n").text == "a\n\n:::\n\nb ::: c\n\n::: notes\n"
    assert doctest.testmod(ingest.loaders.markup.markdown_directives).failed == 0


@pytest.mark.parametrize(
    ("written", "text"),
    [
        pytest.param("A [small]{.notes} tree", "A small tree", id="a class"),
        pytest.param("A [[small]{.ex}]{.notes} tree", "A small tree", id="a class in a class"),
        pytest.param("See [[@A, p. 1]]{.credits nolist=true}.", "See [@A, p. 1].", id="a class around a key"),
        pytest.param("over\n[two\nlines]{.notes}", "over\ntwo\nlines", id="over two lines"),
        pytest.param("few `\\newline`{=tex} words", "few  words", id="raw TeX"),
        pytest.param("- one\n  `\\newline`{=tex}\n  more", "- one\n  more", id="raw TeX alone on its line"),
        pytest.param("a =\\> b", "a => b", id="an escaped arrow"),
        pytest.param("`[x]{.a} \\>` and $x\\>y$", "`[x]{.a} \\>` and $x\\>y$", id="code and formulas"),
        pytest.param("not \\*bold\\* or \\[a\\]", "not \\*bold\\* or \\[a\\]", id="escapes that keep signs apart"),
        pytest.param("[text](to.html){.class} [a]{b}", "[text](to.html) [a]{b}", id="the class of a link"),
        pytest.param('[t](u){target=_blank} ![a](b){width="50%"}', "[t](u) ![a](b)", id="attributes of links"),
        pytest.param('## Trees {#sec:trees .x key="v w"}', "## Trees", id="the name of a heading"),
        pytest.param("# Trees {-}\n\nTrees {.x}\n=======", "# Trees\n\nTrees\n=======", id="no number of a heading"),
        pytest.param("Words {: .note #x}\n{: .tip}", "Words\n", id="kramdown"),
        pytest.param("`x`{.python} [w]{lang=fr}", "`x` w", id="code and words with attributes"),
        pytest.param("$$\na\n$$ {#eq:a}", "$$\na\n$$", id="the name of a formula"),
        pytest.param("(sec)=\n# Trees", "\n# Trees", id="a name before its heading"),
        pytest.param("a set {x=1}, {.5} and $f(x){n=1}$", "a set {x=1}, {.5} and $f(x){n=1}$", id="other braces"),
        pytest.param("So <!-- not\n\nso --> it is", "So  it is", id="a comment over lines"),
        pytest.param("a\n\n[//]: # (ask\nAda)\n\nb", "a\n\n\n\nb", id="a remark"),
        pytest.param("[comment]: <> (ask)\n[x]: # 'ask'\nb", "\n\nb", id="other remarks"),
        pytest.param("`<!-- a -->` and \\<!-- b -->", "`<!-- a -->` and <!-- b -->", id="comments that are shown"),
        pytest.param("a <!-- never ends", "a <!-- never ends", id="a comment without end"),
        pytest.param("<style>p {}</style>\nb<script>\nx\n</script>", "\nb", id="programs"),
        pytest.param(
            "A[^z] b[^1] c[^z] d^[In line.] e[^new].\n\n[^1]: One.\n[^z]: Zed.\n    More.\n[^new]: New.\n[^old]: Old.",
            "A[1] b[2] c[1] d (In line.) e[4].\n\n[2] One.\n[1] Zed.\n    More.\n[4] New.\n[^old]: Old.",
            id="numbers of notes",
        ),
        pytest.param("`[^1]` and [^2]\n\n[^1]: One.", "`[^1]` and [^2]\n\n[^1]: One.", id="marks without notes"),
    ],
)
def test_what_only_sets_words_is_no_text(written: str, text: str) -> None:
    assert read(written).text == text


def test_the_course_of_others_has_no_fences_left() -> None:
    lectures = Path(__file__).parents[5] / "shared" / "data" / "course" / "de-lectures"
    if not lectures.is_dir():
        pytest.skip("the course material of others isn't beside this checkout")
    for path in sorted(lectures.glob("*.md")):
        document = load(path.read_bytes(), name=path.name)
        assert not re.findall(r"^:::.*", document.text, re.MULTILINE), path.name
        assert_sound(document)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    ["<!-- ", "<script> ", "{.a", ".a", "{.a b=", "[^1] ", "^[", "`", "$x ", "](", "[x]: # (", "<!-- -->a <style>"],
)
def test_what_never_ends_takes_no_time(piece: str) -> None:
    assert read("So it is. {" + piece * 10_000).text.startswith("So it is.")
