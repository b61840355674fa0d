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
from tests.ingest.loaders.covering import assert_sound


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
        ("list", 0, "- split\n- merge"),
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


# Two levels, "1." and "a)"; a list of its own that goes on at 4, and one of points.
NUMBERING = f"""<w:numbering {nsdecls("w")}>
<w:abstractNum w:abstractNumId="1">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1%2)"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="2">
<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="\uf0b7"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/>
<w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/></w:lvlOverride></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>
</w:numbering>"""


def numbered(text: str, number: int, level: int = 0) -> Callable[[Any], object]:
    place = f'<w:ilvl w:val="{level}"/><w:numId w:val="{number}"/>'
    return add_xml(f"<w:pPr><w:numPr>{place}</w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r>")


def set_numbering(document: Any) -> None:
    document.part.numbering_part._element = parse_xml(NUMBERING)


def test_points_of_lists_are_marked_and_indented_as_the_reader_sees_them() -> None:
    steps = [
        numbered("Find it.", 1),
        numbered("Look left.", 1, 1),
        numbered("Look right.", 1, 1),
        numbered("Split it.", 1),
        numbered("Look up.", 1, 1),
        numbered("Go on.", 2),
        numbered("So.", 3),
        numbered("No point.", 0),
    ]
    text = read(word_file(set_numbering, *steps)).text
    assert text == (
        "1. Find it.\n  1a) Look left.\n  1b) Look right.\n2. Split it.\n  2a) Look up.\n4. Go on.\n- So.\nNo point."
    )


def test_lists_that_are_drawn_alike_are_counted_on() -> None:
    again = NUMBERING.replace(
        '<w:num w:numId="3">', '<w:num w:numId="4"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="3">'
    )
    set_again = lambda file: setattr(file.part.numbering_part, "_element", parse_xml(again))  # noqa: E731
    text = read(word_file(set_again, numbered("One.", 1), numbered("Two.", 4), numbered("Four.", 2))).text
    assert text == "1. One.\n2. Two.\n4. Four."


def test_notes_that_were_deleted_or_have_a_mark_of_their_own_are_not_counted() -> None:
    deleted = '<w:del><w:r><w:footnoteReference w:id="2"/></w:r></w:del>'
    own = '<w:r><w:footnoteReference w:id="3" w:customMarkFollows="1"/><w:t>*</w:t></w:r>'
    counted = '<w:r><w:t>So.</w:t></w:r><w:r><w:footnoteReference w:id="4"/></w:r>'
    assert read(word_file(add_xml(deleted + own + counted))).text == "*So.[1]"


def test_the_style_of_a_list_says_how_deep_it_stands() -> None:
    styles = [("Rules", "List Number"), ("Inner", "List Number 2"), ("Points", "List Bullet"), ("In", "List Bullet 2")]
    steps = [lambda file, text=text, style=style: file.add_paragraph(text, style=style) for text, style in styles]
    assert read(word_file(*steps)).text == "1. Rules\n  1. Inner\n- Points\n  - In"


def test_formulas_beside_each_other_stand_apart() -> None:
    one, two = (f"<m:oMath><m:r><m:t>{text}</m:t></m:r></m:oMath>" for text in ("a=b", "c=d"))
    assert read(word_file(add_xml(one + two))).text == "a=b c=d"


def test_notes_are_numbered_in_the_order_of_the_text() -> None:
    references = "".join(
        f'<w:r><w:t>{word}</w:t></w:r><w:r><w:{kind}Reference w:id="{number}"/></w:r>'
        for word, kind, number in (("So.", "footnote", 3), ("And.", "footnote", 2), ("Then.", "endnote", 5))
    )
    assert read(word_file(add_xml(references))).text == "So.[1]And.[2]Then.[i]"


def test_an_entity_of_the_file_cuts_off_nothing() -> None:
    data = io.BytesIO(word_file(lambda document: document.add_paragraph("A heap MARK is a tree.")))
    declared = io.BytesIO()
    with zipfile.ZipFile(data) as archive, zipfile.ZipFile(declared, "w") as target:
        for name in archive.namelist():
            part = archive.read(name)
            if name == "word/document.xml":
                head, _, body = part.replace(b"MARK", b"&mine;of words").partition(b"?>")
                part = head + b'?><!DOCTYPE document [<!ENTITY mine "bomb">]>' + body
            target.writestr(name, part)
    assert load(declared.getvalue(), name="a.docx").text == "A heap of words is a tree."
