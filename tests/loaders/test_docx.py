"""Word files: headings, lists, tables and notes in the order of the document."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest.loaders import load
from rag.errors import Damaged, NoText
from rag.types import Document
from tests.loaders.covering import assert_sound


def word_file(*steps: Callable[[Any], object], title: str = "") -> bytes:
    document = docx.Document()
    document.core_properties.title = title
    for step in steps:
        step(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def add_xml(xml: str) -> Callable[[Any], object]:
    """Add a paragraph of hand-written XML at the end of the body."""
    namespaces = nsdecls("w", "m") + ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    element = f"<w:p {namespaces}>{xml}</w:p>"
    return lambda document: document.element.body.insert(len(document.element.body) - 1, parse_xml(element))


def add_table(document: Any) -> None:
    table = document.add_table(rows=0, cols=2)
    for left, right in (("name", "time"), ("merge\nsort", "n log n"), ("", "")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = left, right


def read(data: bytes, name: str = "script.docx") -> Document:
    document = load(data, name=name)
    assert_sound(document)
    return document


def test_everything_comes_in_the_order_of_the_document() -> None:
    document = read(
        word_file(
            lambda file: file.add_heading("Sorting", 0),
            lambda file: file.add_heading("Merge sort", 2),
            lambda file: file.add_paragraph("It divides the list."),
            lambda file: file.add_paragraph("split", style="List Bullet"),
            lambda file: file.add_paragraph("merge", style="List Bullet"),
            add_table,
            lambda file: file.add_paragraph("Figure 1: a list", style="Caption"),
            lambda file: file.add_paragraph("The end."),
        )
    )
    found = [(block.kind.value, block.level, document.text[block.start : block.end]) for block in document.blocks]
    assert found == [
        ("heading", 1, "Sorting"),
        ("heading", 2, "Merge sort"),
        ("paragraph", 0, "It divides the list."),
        ("list", 0, "split\nmerge"),
        ("table", 0, "name | time\nmerge sort | n log n"),
        ("caption", 0, "Figure 1: a list"),
        ("paragraph", 0, "The end."),
    ]
    assert not document.pages


def test_the_title_is_the_files_or_the_first_heading() -> None:
    heading = word_file(lambda file: file.add_heading("Merge sort", 1))
    assert read(heading).title == "Merge sort"
    assert read(word_file(lambda file: file.add_paragraph("text"), title="Algorithms I")).title == "Algorithms I"
    assert read(word_file(lambda file: file.add_paragraph("text"))).title == "script"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        pytest.param("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>", "a b\nc", id="tab and break"),
        pytest.param(
            "<w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del>",
            "new",
            id="tracked changes",
        ),
        pytest.param("<w:hyperlink><w:r><w:t>a link</w:t></w:r></w:hyperlink>", "a link", id="link"),
        pytest.param(
            "<w:sdt><w:sdtContent><w:r><w:t>chosen</w:t></w:r></w:sdtContent></w:sdt>", "chosen", id="control"
        ),
        pytest.param("<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>7</w:t></w:r>", "7", id="field"),
        pytest.param("<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>", "x=1", id="formula"),
        pytest.param(
            "<m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den></m:f></m:oMath>",
            "a/b",
            id="fraction",
        ),
        pytest.param(
            "<w:r><mc:AlternateContent><mc:Choice><w:t>once</w:t></mc:Choice>"
            "<mc:Fallback><w:t>once</w:t></mc:Fallback></mc:AlternateContent></w:r>",
            "once",
            id="said twice for old programs",
        ),
        pytest.param(
            "<w:r><w:t>beside</w:t></w:r><w:r><w:txbxContent>"
            "<w:p><w:r><w:t>in a box</w:t></w:r></w:p></w:txbxContent></w:r>",
            "beside\n\nin a box",
            id="text box",
        ),
    ],
)
def test_all_that_is_read_by_people_is_text(xml: str, text: str) -> None:
    assert read(word_file(add_xml(xml))).text == text


def test_lines_of_code_are_one_block_and_keep_their_indentation() -> None:
    def add_code(file: Any) -> None:
        file.styles.add_style("Source Code", 1)
        for line in ("def sort(x):", "    return sorted(x)"):
            file.add_paragraph(line, style="Source Code")

    document = read(word_file(add_code))
    assert document.text == "def sort(x):\n    return sorted(x)"
    assert [block.kind.value for block in document.blocks] == ["code"]


def test_the_strict_form_is_read_too() -> None:
    """Word can save as "Strict Open XML", in which everything has another name."""
    usual = word_file(lambda file: file.add_heading("Sorting", 1), lambda file: file.add_paragraph("It sorts."))
    strict = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(usual)) as source, zipfile.ZipFile(strict, "w") as target:
        for entry in source.infolist():
            part = source.read(entry)
            for kind in (b"officeDocument", b"wordprocessingml"):
                part = part.replace(
                    b"http://schemas.openxmlformats.org/" + kind + b"/2006/",
                    b"http://purl.oclc.org/ooxml/" + kind + b"/",
                )
            target.writestr(entry.filename, part)
    assert read(strict.getvalue()).text == "Sorting\n\nIt sorts."


def test_an_empty_document_says_so() -> None:
    with pytest.raises(NoText, match=r"script\.docx has no text"):
        read(word_file())


def test_a_file_with_a_broken_part_says_so() -> None:
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word_file())) as source, zipfile.ZipFile(broken, "w") as target:
        for entry in source.infolist():
            part = source.read(entry)
            target.writestr(entry.filename, part[:200] if entry.filename == "word/document.xml" else part)
    with pytest.raises(Damaged, match=r"script\.docx is damaged"):
        read(broken.getvalue())
