"""Word files: imported parts, comments, diagrams, charts, titles, and parts that are broken."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest

from rag.errors import Damaged, NoText
from tests.ingest.loaders.office.docx_files import MISSING, p, r, read, root, word
from tests.ingest.loaders.samples import zipped

IMPORT = p("Before.") + '<w:altChunk r:id="rId1"/>' + p("After.")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
PAGE = b"<html><body><h1>Exam</h1><p>Room 212 &amp; more.</p></body></html>"
ARCHIVE = (
    b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=next\r\n\r\n--next\r\n"
    b'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    b"<html><body><p>Caf=C3=A9 at nine.</p></body></html>\r\n--next--\r\n"
)


@pytest.mark.parametrize(
    ("name", "said", "part", "text"),
    [
        pytest.param("part.html", "text/html", PAGE, "Exam\n\nRoom 212 & more.", id="page"),
        pytest.param("part.xhtml", "application/xhtml+xml", PAGE, "Exam\n\nRoom 212 & more.", id="XHTML"),
        pytest.param("part.txt", "text/plain", b"One.\r\n\r\nTwo.", "One.\n\nTwo.", id="text"),
        pytest.param("part.rtf", "application/rtf", rb"{\rtf1\ansi One.\par Two.\par}", "One.\n\nTwo.", id="Rich Text"),
        pytest.param("part.mht", "message/rfc822", ARCHIVE, "Café at nine.", id="web archive"),
        pytest.param("part.docx", DOCX, word(p("Inner.", "Heading1")), "Inner.", id="Word"),
    ],
)
def test_an_imported_part_is_read_at_its_place(name: str, said: str, part: bytes, text: str) -> None:
    document = read(word(IMPORT, parts={f"word/{name}": part}, types={f"word/{name}": said}))
    assert document.text == f"Before.\n\n{text}\n\nAfter."
    assert not document.notes


def test_an_imported_part_in_a_cell_is_read() -> None:
    table = f'<w:tbl><w:tr><w:tc>{p("a")}<w:altChunk r:id="rId1"/></w:tc><w:tc>{p("b")}</w:tc></w:tr></w:tbl>'
    assert read(word(table, parts={"word/part.html": PAGE})).text == "a Exam Room 212 & more. | b"


@pytest.mark.parametrize(
    "part",
    [pytest.param(b"\x00\x01\x02", id="unknown"), pytest.param(b"PK\x03\x04 no container", id="broken container")],
)
def test_an_imported_part_that_cannot_be_read_is_named(part: bytes) -> None:
    data = word(IMPORT, parts={"word/part.bin": part}, types={"word/part.bin": DOCX if part[:1] == b"P" else "a/b"})
    document = read(data)
    assert document.text == "Before.\n\nAfter."
    assert document.notes == ("imported parts not read: word/part.bin",)


def test_a_file_whose_only_content_is_not_read_says_what_it_is() -> None:
    with pytest.raises(NoText, match=r"word/part\.bin"):
        read(word('<w:altChunk r:id="rId1"/>', parts={"word/part.bin": b"\x00"}))


def test_files_within_files_end() -> None:
    data = word(p("Innermost."))
    for _ in range(6):
        data = word(
            p("Outer.") + '<w:altChunk r:id="rId1"/>', parts={"word/part.docx": data}, types={"word/part.docx": DOCX}
        )
    document = read(data)
    assert document.text.count("Outer.") == 4
    assert document.notes == ("imported parts not read: word/part.docx",)


def comment(number: int, text: str, author: str = "A. Reviewer") -> str:
    return f'<w:comment w:id="{number}" w:author="{author}">{p(text)}</w:comment>'


def commented(number: int, text: str) -> str:
    place = f'w:id="{number}"'
    return (
        f"<w:commentRangeStart {place}/>{r(text)}<w:commentRangeEnd {place}/><w:r><w:commentReference {place}/></w:r>"
    )


def test_comments_are_read_behind_the_text_in_its_order() -> None:
    body = (
        p(commented(1, "The bound holds.")) + p(commented(0, "a" * 200)) + p(f"<w:del>{commented(2, 'gone')}</w:del>")
    )
    said = comment(0, "Too long.", "") + comment(1, "Only for n > 7.".replace(">", "&gt;")) + comment(2, "Deleted.")
    document = read(word(body, parts={"word/comments.xml": root("w:comments", said)}))
    assert [document.text[one.start : one.end] for one in document.blocks][2:] == [
        'Comment by A. Reviewer: Only for n > 7. (on "The bound holds.")',
        "Comment: Too long.",
    ]


MODEL = root(
    "dgm:dataModel",
    "<dgm:ptLst>"
    + "".join(
        f'<dgm:pt modelId="{number}" type="{kind}"><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>'
        for number, kind, text in (
            (0, "doc", ""),
            (3, "node", "Weigh"),
            (1, "node", "Collect"),
            (2, "node", "by hand"),
            (4, "pres", "Collect"),
            (5, "sibTrans", ""),
        )
    )
    + "</dgm:ptLst><dgm:cxnLst>"
    + "".join(
        f'<dgm:cxn modelId="9{at}" srcId="{above}" destId="{below}" srcOrd="{at}"{kind}/>'
        for at, (above, below, kind) in enumerate(
            (("0", "1", ""), ("0", "3", ""), ("1", "2", ""), ("1", "4", ' type="presOf"'))
        )
    )
    + "</dgm:cxnLst>",
)
DIAGRAM = p('<w:r><w:drawing><a:graphicData><dgm:relIds r:dm="rId1"/></a:graphicData></w:drawing></w:r>')
CHART = p('<w:r><w:drawing><a:graphicData><c:chart r:id="rId1"/></a:graphicData></w:drawing></w:r>')


def test_the_words_of_a_diagram_are_a_list_at_its_place() -> None:
    document = read(word(p("So:") + DIAGRAM + p("Then."), parts={"word/diagrams/data1.xml": MODEL}))
    assert document.text == "So:\n\n- Collect\n  - by hand\n- Weigh\n\nThen."
    assert [one.kind.value for one in document.blocks] == ["paragraph", "list", "paragraph"]


def test_points_in_a_circle_are_read_once() -> None:
    circle = MODEL.replace('srcId="0" destId="1"', 'srcId="2" destId="1"')
    text = read(word(DIAGRAM, parts={"word/diagrams/data1.xml": circle})).text
    assert sorted(line.strip() for line in text.split("\n")) == ["- Collect", "- Weigh", "- by hand"]


def test_a_chart_is_a_table_of_its_numbers() -> None:
    points = "".join(f'<c:pt idx="{at}"><c:v>{text}</c:v></c:pt>' for at, text in enumerate(("2023", "2024")))
    values = points.replace("2023", "0.30000000000000004").replace("2024", "7")
    series = f"<c:ser><c:tx><c:v>Rain</c:v></c:tx><c:cat>{points}</c:cat><c:val>{values}</c:val></c:ser>"
    title = "<c:title><a:p><a:r><a:t>Weather</a:t></a:r></a:p></c:title>"
    chart = root("c:chartSpace", f"<c:chart>{title}{series}</c:chart>")
    document = read(word(CHART, parts={"word/charts/chart1.xml": chart}))
    assert document.text == "Weather\n | Rain\n2023 | 0.3\n2024 | 7"
    assert [one.kind.value for one in document.blocks] == ["table"]


@pytest.mark.parametrize(("drawn", "what"), [(DIAGRAM, "diagram"), (CHART, "chart")])
def test_a_diagram_or_chart_that_cannot_be_read_is_named(drawn: str, what: str) -> None:
    document = read(word(p("So:") + drawn))
    assert (document.text, document.notes) == ("So:", (f"1 {what} was not read",))


def test_a_file_without_properties_has_the_title_of_its_heading_or_its_name() -> None:
    assert read(word(p("Tides", "Heading1") + p("So."))).title == "Tides"
    assert read(word(p("So."))).title == "script"


def test_a_title_that_python_docx_made_up_is_none() -> None:
    document = docx.Document()
    document.core_properties.title = "Word Document"
    document.add_paragraph("So.")
    file = io.BytesIO()
    document.save(file)
    assert read(file.getvalue()).title == "script"


@pytest.mark.parametrize("name", ["comments", "styles", "numbering"])
@pytest.mark.parametrize("part", ["<w:broken", MISSING])
def test_a_broken_or_missing_part_costs_that_part_only(name: str, part: str) -> None:
    document = read(word(p("Heaps", "Heading1") + p("A heap is a tree."), parts={f"word/{name}.xml": part}))
    assert document.text == "Heaps\n\nA heap is a tree."
    assert document.blocks[0].kind.value == "heading"
    assert document.notes == (f"missing or damaged parts not read: word/{name}.xml",)


def test_a_picture_that_is_missing_or_of_an_unknown_type_costs_nothing_else() -> None:
    parts: dict[str, str | bytes] = {"word/media/picture1.png": MISSING, "word/media/picture2.odd": b"?"}
    document = read(word(p("Text."), parts=parts))
    assert document.text == "Text."
    assert document.notes == ("missing or damaged parts not read: word/media/picture1.png",)


@pytest.mark.parametrize("name", ["[Content_Types].xml", "word/_rels/document.xml.rels", "_rels/.rels"])
@pytest.mark.parametrize("part", ["<w:broken", "<other/>"])
def test_a_file_is_read_without_its_lists_of_parts(name: str, part: str) -> None:
    document = read(with_part(word(p("Heaps", "Heading1") + p("A heap.")), name, part))
    assert document.text == "Heaps\n\nA heap."
    assert document.notes == (f"missing or damaged parts not read: {name}",)


def test_a_file_that_calls_itself_a_template_is_read() -> None:
    data = word(p("So."), types={"word/document.xml": DOCX.replace("document.main", "template.main")})
    assert read(data).text == "So."


def with_part(data: bytes, name: str, part: str) -> bytes:
    """Replace a part of a file."""
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        return zipped({one: container.read(one) for one in container.namelist()} | {name: part})


def test_a_file_whose_text_is_broken_is_damaged() -> None:
    with pytest.raises(Damaged, match=r"script\.docx is damaged"):
        read(word(p("<w:r>")))


def test_an_imported_word_file_with_a_password_is_named() -> None:
    locked = bytearray(word(p("Secret.")))
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = locked.find(start)
        while at >= 0:
            locked[at + flags] |= 1
            at = locked.find(start, at + 1)
    document = read(word(IMPORT, parts={"word/part.bin": bytes(locked)}))
    assert (document.text, document.notes) == ("Before.\n\nAfter.", ("imported parts not read: word/part.bin",))
