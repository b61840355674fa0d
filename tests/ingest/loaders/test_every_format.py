"""A small document of each format, what is to be found in it and where, and what happens when it is cut off."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.loaders import load
from rag.errors import SourceError
from tests.ingest.loaders import samples
from tests.ingest.loaders.covering import assert_sound

MATERIAL = Path(__file__).parents[4] / "shared" / "data" / "fixtures" / "office"


@dataclass(frozen=True)
class Sample:
    name: str
    data: bytes
    title: str
    includes: dict[str, int | None]  # words, and the page they stand on
    excludes: tuple[str, ...] = ()
    labels: tuple[str | None, ...] = ()
    kinds: tuple[str, ...] = field(default=())  # of the blocks, in their order


SAMPLES = [
    Sample(
        "marks.xlsx",
        samples.workbook(
            {
                "Exam": [["Name", "Points"], ["Ada", 0.1 + 0.2], ["Grace", 42.0], [None], ["=1/0", "x", "y"]],
                "Old": [["secret"]],
                "Tabelle3": [["only one cell"]],
            },
            hidden=("Old",),
        ),
        "marks",
        {"Name | Points\nAda | 0.3\nGrace | 42": 1, "only one cell": 3},
        ("secret", "0.30000", "42.0", "Tabelle3"),
        ("Exam", "Old", "Tabelle3"),
        ("heading", "table", "table", "table"),
    ),
    Sample(
        "marks.csv",
        b'name;points;remark\n"Lovelace; Ada";1,5;"two\nlines"\nGrace;2;\n',
        "marks",
        {"name | points | remark\nLovelace; Ada | 1,5 | two lines\nGrace | 2": None},
        ('"',),
    ),
    Sample(
        "script.odt",
        samples.odt(
            '<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes><text:h text:outline-level="2">Merge'
            '<text:s/>sort</text:h><text:p text:style-name="P1">It<text:s text:c="3"/>divides<text:note>'
            "<text:note-citation>1</text:note-citation><text:note-body><text:p>And rules.</text:p></text:note-body>"
            "</text:note>.</text:p><text:list><text:list-item><text:p>split</text:p><text:list><text:list-item>"
            "<text:p>in two</text:p></text:list-item></text:list></text:list-item></text:list><table:table>"
            "<table:table-row><table:table-cell><text:p>best</text:p></table:table-cell><table:table-cell><text:p>n"
            "</text:p></table:table-cell></table:table-row></table:table>",
            title="Algorithms",
        ),
        "Algorithms",
        dict.fromkeys(("Merge sort", "It divides[1].", "- split\n  - in two", "best | n", "[1] And rules.")),
        ("deleted",),
        kinds=("heading", "paragraph", "list", "table", "paragraph"),
    ),
    Sample(
        "book.epub",
        samples.epub(
            {
                "one.xhtml": "<h1>One</h1><p>First <em>words</em>.</p><ul><li>a</li><li>b</li></ul>",
                "empty.xhtml": '<img src="x.png"/>',
                "two.xhtml": "<h2>Inside</h2><table><tr><td>k</td><td>v</td></tr></table><pre>x = 1\n  y</pre>",
            },
            contents='<a href="one.xhtml">Chapter 1</a><a href="one.xhtml#b">Section</a>',
        ),
        "Sorting",
        {"First words.": 1, "a\nb": 1, "k | v": 2, "x = 1\n  y": 2},
        ("no text", "Chapter 1"),
        ("Chapter 1", "Inside"),
        ("heading", "paragraph", "list", "heading", "table", "code"),
    ),
    Sample(
        "notes.rtf",
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\info{\title \'dcbung}}\pard\outlinelevel0 Sorting\par"
        rb"\pard Gr\'fc\'dfe \u8594?\par \trowd a\cell b\cell\row c\cell d\cell\row\pard {\pict 0000}End\par}",
        "Übung",
        {"Sorting": None, "Grüße →": None, "a | b\nc | d": None, "End": None},
        ("Arial", "0000"),
        kinds=("heading", "paragraph", "table", "paragraph"),
    ),
    Sample(
        "work.ipynb",
        samples.notebook(
            samples.text_cell("# Scaling\n\nWhy we scale ![x](data:image/png;base64,AAAA).\n"),
            samples.code_cell("x = 1\nprint(x)", samples.printed("the output\n"), count=7),
            samples.text_cell(""),
            samples.code_cell("plot()", {"output_type": "display_data", "data": {"text/plain": "<Figure 1>"}}),
            samples.code_cell("1/0", {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "by zero"}),
        ),
        "Scaling",
        {"Why we scale x.": 1, "print(x)": 2, "the output": 2, "plot()": 4, "ZeroDivisionError: by zero": 5},
        ("AAAA", "Figure"),
        (None, "In [7]", None, None, None),
        ("heading", "paragraph", "code", "code", "code", "code", "code"),
    ),
    Sample(
        "exam.eml",
        b"From: =?utf-8?q?Ad=C3=A4?= <a@b.org>\nDate: Mon, 2 Feb 2026 10:00:00 +0100\nSubject: Exam\n"
        b"MIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/html; charset=utf-8\n\n'
        b"<p>Bring a <b>pen</b>.</p><script>no()</script>\n--x\nContent-Type: application/pdf\n"
        b'Content-Disposition: attachment; filename="plan.pdf"\n\n%PDF\n--x--\n',
        "Exam",
        {"From: Adä <a@b.org>\nDate: Mon, 02 Feb 2026 10:00:00 +0100": None, "Bring a pen.": None},
        ("no()", "%PDF", "boundary"),
        kinds=("heading", "paragraph", "paragraph"),
    ),
    Sample(
        "index.rst",
        b"=======\nSorting\n=======\n\nText::\n\n    code = 1\n\n    more\n\n.. math:: n^2\n\n- a\n- b\n\n"
        b"Inner\n-----\n\n== ==\na  b\n== ==\n1  2\n== ==\n\n.. note::\n   Mind this.\n",
        "Sorting",
        {"code = 1\n\n    more": None, "n^2": None, "Mind this.": None},
        kinds=("heading", "paragraph", "code", "formula", "list", "heading", "table", "paragraph"),
    ),
    Sample(
        "paper.tex",
        rb"\documentclass{article}\title{On \emph{Sorting}}\usepackage{x}" + b"\n" + rb"\begin{document}\maketitle"
        b"\n% \\section{Old}\n" + rb"\section{Die \"Ubung}Text \[ n^2 \] and \begin{align*}a\\b\end{align*}"
        rb"\begin{itemize}\item a \begin{itemize}\item b\end{itemize}\end{itemize}"
        rb"\begin{verbatim}\section{no}\end{verbatim}\end{document} rest",
        "On Sorting",
        {r"\section{Die Übung}": None, "n^2": None},
        ("documentclass", "rest", '\\"', "maketitle", "Old"),
        kinds=("heading", "paragraph", "formula", "paragraph", "formula", "list", "code"),
    ),
    Sample(
        "sort.py",
        b"import os\n\n\ndef sort(x):\n    a = 1\n\n    return a\n\n\nclass A:\n    pass\n",
        "sort.py",
        {"def sort(x):\n    a = 1\n\n    return a": None},
        kinds=("code", "code", "code"),
    ),
]


@pytest.mark.parametrize("sample", [pytest.param(sample, id=sample.name) for sample in SAMPLES])
def test_each_format_gives_its_words_and_where_they_stand(sample: Sample) -> None:
    document = load(sample.data, name=sample.name)
    assert_sound(document)
    assert document.title == sample.title
    for words, page in sample.includes.items():
        assert words in document.text
        found = document.page_at(document.text.index(words))
        assert (found.number if found else None) == page
    assert not [words for words in sample.excludes if words in document.text]
    assert tuple(page.label for page in document.pages) == sample.labels
    if sample.kinds:
        assert tuple(block.kind.value for block in document.blocks) == sample.kinds


@pytest.mark.parametrize("sample", [pytest.param(sample, id=sample.name) for sample in SAMPLES])
def test_a_file_that_was_cut_off_gives_text_or_a_reason(sample: Sample) -> None:
    for part in (1, 2, 3, 5, 9):
        data = sample.data[: len(sample.data) * part // 10]
        try:
            assert_sound(load(data, name=sample.name))
        except SourceError as error:
            assert sample.name in str(error)
            assert error.remedy


@pytest.mark.parametrize("sample", [pytest.param(sample, id=sample.name) for sample in SAMPLES])
def test_a_damaged_file_gives_text_or_a_reason(sample: Sample) -> None:
    for at in range(50, len(sample.data), max(len(sample.data) // 12, 1)):
        data = sample.data[:at] + bytes(255 - byte for byte in sample.data[at : at + 7]) + sample.data[at + 7 :]
        try:
            assert_sound(load(data, name=sample.name))
        except SourceError as error:
            assert sample.name in str(error)
            assert error.remedy


def test_real_files_of_all_formats_give_text_or_a_clear_reason() -> None:
    if not (files := sorted(path for path in MATERIAL.rglob("*") if path.is_file())):
        pytest.skip("the Office files of other projects aren't beside this checkout")
    for path in files:
        try:
            document = load(path.read_bytes(), name=path.name)
        except SourceError as error:
            assert path.name in str(error)
            assert error.remedy
        else:
            assert_sound(document)
