"""EPUB, OpenDocument, Rich Text, notebooks and e-mail: what is special about each."""

from __future__ import annotations

import json
from email.message import EmailMessage

import pytest

from ingest.loaders import load
from rag.errors import Damaged, NoText, PasswordNeeded
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound
from tests.ingest.loaders.samples import code_cell, epub, notebook, odt, printed, text_cell


def read(data: bytes, name: str) -> Document:
    document = load(data, name=name)
    assert_sound(document)
    return document


# ---- EPUB


def protection(way: str) -> dict[str, str]:
    xml = f'<encryption><EncryptedData><EncryptionMethod Algorithm="{way}"/></EncryptedData></encryption>'
    return {"META-INF/encryption.xml": xml}


def test_a_protected_book_says_so_and_hidden_fonts_are_no_protection() -> None:
    chapters = {"a.xhtml": "<p>Words.</p>"}
    with pytest.raises(PasswordNeeded, match=r"book\.epub is protected"):
        load(epub(chapters, extra=protection("http://www.w3.org/2001/04/xmlenc#aes128-cbc")), name="book.epub")
    fonts = epub(chapters, extra=protection("http://www.idpf.org/2008/embedding"))
    assert read(fonts, "book.epub").text == "Words."


def test_a_chapter_of_several_titles_is_called_by_its_heading() -> None:
    data = epub(
        {"a b.xhtml": "<h1>Whole</h1><p>x</p>", "c.xhtml": "<p>no heading</p>"},
        contents='<a href="a%20b.xhtml#1">One</a><a href="a%20b.xhtml#2">Two</a>',
    )
    assert [page.label for page in read(data, "b.epub").pages] == ["Whole", None]


def test_the_book_says_its_title_and_language() -> None:
    document = read(epub({"a.xhtml": "<p>Worte</p>"}, title="Das  Sortieren"), "b.epub")
    assert (document.title, document.language) == ("Das Sortieren", "en")


def test_a_book_of_pictures_says_so() -> None:
    with pytest.raises(NoText, match=r"b\.epub has no text"):
        load(epub({"a.xhtml": '<img src="1.png"/>'}), name="b.epub")


# ---- OpenDocument


def test_a_locked_text_says_so() -> None:
    with pytest.raises(PasswordNeeded, match=r"a\.odt is protected"):
        load(odt("<text:p>x</text:p>", manifest="<manifest><encryption-data/></manifest>"), name="a.odt")


def test_a_paragraph_of_a_headings_style_is_a_heading_and_lines_of_code_are_one_block() -> None:
    styles = (
        '<style:style style:name="P1" style:parent-style-name="Heading_20_2"/>'
        '<style:style style:name="P2" style:parent-style-name="Preformatted_20_Text"/>'
    )
    body = (
        '<text:p text:style-name="P1">Sorting</text:p><text:p text:style-name="P2">if x:</text:p>'
        '<text:p text:style-name="P2"><text:s text:c="4"/>y</text:p><text:p><draw:frame><draw:text-box>'
        "<text:p>in a box</text:p></draw:text-box></draw:frame>beside it</text:p>"
        '<text:p text:style-name="Caption">Figure 1</text:p>'
    )
    document = read(odt(body, styles=styles), "a.odt")
    assert [(block.kind.value, document.text[block.start : block.end]) for block in document.blocks] == [
        ("heading", "Sorting"),
        ("code", "if x:\n    y"),
        ("paragraph", "beside it"),
        ("paragraph", "in a box"),
        ("caption", "Figure 1"),
    ]
    assert document.blocks[0].level == 2


def test_an_empty_text_says_so() -> None:
    with pytest.raises(NoText, match=r"a\.odt has no text"):
        load(odt("<text:p/>"), name="a.odt")


def test_cells_that_are_repeated_to_the_end_of_the_world_are_few() -> None:
    row = "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell>"
    row += '<table:table-cell table:number-columns-repeated="1000000"/></table:table-row>'
    assert len(read(odt(f"<table:table>{row}</table:table>"), "a.odt").text) < 500


# ---- Rich Text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(rb"\pard one\line two\par three", "one\ntwo\nthree".replace("\n", "\n\n"), id="paragraphs"),
        pytest.param(rb"\pard \u252?b\'e4r {\*\generator X}", "übär", id="letters"),
        pytest.param(rb"\pard a|b", "a|b", id="a bar is no cell"),
        pytest.param(rb"\pard {\field{\*\fldinst PAGE}{\fldrslt 7}}", "7", id="field"),
        pytest.param(rb'\pard {\field{\*\fldinst{HYPERLINK "x"}}{\fldrslt{here}}}', "here", id="link"),
        pytest.param(rb"\pard x{\super 2}+y{\f1\sub i}", "x²+yᵢ", id="powers and indices"),
        pytest.param(rb"\pard {\v hidden\v0 shown} more", "hiddenshown more", id="shown again"),
        pytest.param(rb"\pard so {\deleted a\} b} more", "so a} b more", id="a brace in it"),
        pytest.param(rb"\pard so{\v hidden}{\deleted gone} it is", "so it is", id="unseen"),
        pytest.param(
            rb"\pard One.{\super\chftn{\footnote \pard{\super\chftn} Of {\b 1918}.}} Two.{\footnote And.}\par",
            "One.[1] Two.[2]\n\n[1] Of 1918.\n\n[2] And.",
            id="notes",
        ),
        pytest.param(rb"\pard end" + rb"{\footnote " * 20_000, "end", id="notes without end"),
        pytest.param(rb"\pard end" + rb'{\field{\*\fldinst{ HYPERLINK "x" ' * 3000, "end", id="fields without end"),
    ],
)
def test_words_of_rich_text(body: bytes, text: str) -> None:
    assert read(rb"{\rtf1\ansi\ansicpg1252 " + body + b"}", "a.rtf").text == text


def test_headings_by_the_name_of_their_style() -> None:
    data = rb"{\rtf1\ansi{\stylesheet{\s0 Normal;}{\s2\b heading 2;}}\pard\s2 Sorting\par\pard\s0 Words.\par}"
    document = read(data, "a.rtf")
    assert document.text == "Sorting\n\nWords."
    assert [(block.kind.value, block.level) for block in document.blocks] == [("heading", 2), ("paragraph", 0)]
    assert document.title == "Sorting"


# ---- notebooks


def test_long_outputs_are_shortened_and_noted() -> None:
    document = read(notebook(code_cell("f()", printed("line\n" * 500)), text_cell("after")), "a.ipynb")
    assert document.text.count("line") == 40
    assert document.notes == ("long outputs shortened in cell 1",)


def test_old_notebooks_are_read() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Sorting"},
        {
            "cell_type": "code",
            "input": ["x = 1\n", "x"],
            "prompt_number": 3,
            "outputs": [
                {"output_type": "pyout", "text": ["1"]},
                {"output_type": "stream", "text": "\x1b[31mred\x1b[0m"},
            ],
        },
    ]
    data = json.dumps({"worksheets": [{"cells": cells}], "metadata": {"name": ""}, "nbformat": 3}).encode()
    document = read(data, "a.ipynb")
    assert document.text == "Sorting\n\nx = 1\nx\n\n1\n\nred"
    assert document.pages[1].label == "In [3]"


def test_code_of_a_notebook_does_not_decide_its_language() -> None:
    german = "Der Beweis folgt aus dem Satz von Cantor und ist nicht lang, wie man auf der Tafel sieht."
    code = "for the_thing in of_it:\n    is_this(that, and_the, other)\n" * 20
    assert read(notebook(text_cell(german), code_cell(code)), "a.ipynb").language == "de"


# ---- e-mail


def mail(*headers: str, body: str = "Bring a pen.") -> bytes:
    return "\r\n".join([*headers, "", body]).encode("utf-8")


def test_the_plain_text_is_preferred_and_other_forms_are_no_attachments() -> None:
    data = mail(
        "From: a@b.org",
        "Subject: Exam",
        'Content-Type: multipart/alternative; boundary="x"',
        "MIME-Version: 1.0",
        body="--x\r\nContent-Type: text/plain\r\n\r\nplain\r\n\r\nand more\r\n--x\r\nContent-Type: text/html\r\n\r\n"
        "<p>HTML</p>\r\n--x--\r\n",
    )
    document = read(data, "a.eml")
    assert document.text == "Exam\n\nFrom: a@b.org\n\nplain\n\nand more"
    assert not document.notes


def test_attachments_are_named() -> None:
    data = mail(
        "From: a@b.org",
        'Content-Type: multipart/mixed; boundary="x"',
        "MIME-Version: 1.0",
        body="--x\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--x\r\nContent-Type: application/pdf\r\n"
        "Content-Disposition: attachment; filename*=utf-8''%C3%9Cbung.pdf\r\n\r\n%PDF\r\n--x--\r\n",
    )
    assert read(data, "a.eml").notes == ("attachments not read: Übung.pdf",)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param(["Content-Type: text/plain; charset=nonsense"], "Bring a pén.", id="unknown encoding"),
        pytest.param(["Content-Type: text/plain; charset=us-ascii"], "Bring a pén.", id="wrong encoding"),
        pytest.param(["Date: 31 Feb 99999 99:99", "To: <<>>,,\x01"], "Bring a pén.", id="broken headers"),
        pytest.param(["Content-Type: multipart/mixed"], "Bring a pén.", id="parts without a boundary"),
    ],
)
def test_a_message_that_says_wrong_things_of_itself_is_read(headers: list[str], body: str) -> None:
    assert "Bring a pén." in read(mail("Subject: Exam", *headers, body=body), "a.eml").text


def test_an_encrypted_message_says_so() -> None:
    with pytest.raises(PasswordNeeded, match="encrypted e-mail"):
        load(mail("Subject: x", 'Content-Type: multipart/encrypted; boundary="x"'), name="a.eml")


def test_a_message_without_anything_says_so() -> None:
    with pytest.raises(NoText, match=r"a\.eml has no text"):
        load(mail("X-Nothing: 1", body=""), name="a.eml")


@pytest.mark.parametrize("cells", [None, {}, "x", [None], [{"cell_type": "code", "outputs": 3}]])
def test_notebooks_of_an_impossible_shape_say_so(cells: object) -> None:
    with pytest.raises((Damaged, NoText), match=r"a\.ipynb"):
        load(json.dumps({"cells": cells}).encode(), name="a.ipynb")


def test_all_texts_of_a_mail_that_are_shown_are_read_in_their_order() -> None:
    message = EmailMessage()
    message["Subject"] = "Tasks"
    message.make_mixed()
    for part in ("First: read the tide table.", b"\x89PNG", "Second: the exam is on 9 March."):
        inner = EmailMessage()
        if isinstance(part, bytes):
            inner.set_content(part, "image", "png", disposition="inline", filename="map.png")
        else:
            inner.set_content(part)
        message.attach(inner)
    alternative = EmailMessage()
    alternative.set_content("Third, in plain text.")
    alternative.add_alternative("<p>Third, as a page.</p>", subtype="html")
    message.attach(alternative)
    document = load(message.as_bytes(), name="tasks.eml")
    places = [document.text.index(said) for said in ("First:", "Second:", "Third, in plain text.")]
    assert places == sorted(places)
    assert "as a page" not in document.text
    assert document.notes == ("attachments not read: map.png",)


def test_rows_of_a_table_within_a_cell_stay_rows() -> None:
    end = r"{\*\nesttableprops\trowd\cellx900\cellx1800\nestrow}{\nonesttables\par}"
    inner = rf"\pard\intbl\itap2 Mon\nestcell Logic\nestcell{end}\pard\intbl\itap2 Tue\nestcell Sets\nestcell{end}"
    body = rf"\trowd\cellx4000\cellx8000\pard\intbl Room\cell{inner}\pard\intbl\itap1\cell\row\pard After.\par"
    assert read(rf"{{\rtf1\ansi {body}}}".encode(), "a.rtf").text == "Room\nMon | Logic\nTue | Sets\n\nAfter."


def test_a_table_that_a_notebook_stores_as_html_alone_is_read() -> None:
    table = "<style>td {}</style><table><tr><th>week</th><th>room</th></tr><tr><td>1</td><td>H1</td></tr></table>"
    output = {"output_type": "display_data", "data": {"text/html": [table]}, "metadata": {}}
    text = read(notebook(code_cell("frame", output)), "a.ipynb").text
    assert "week | room\n1 | H1" in text
