"""Word files: what the reader doesn't see is not read, and what he sees is read as he sees it."""

from __future__ import annotations

import pytest

from tests.ingest.loaders.office.docx_files import lines, p, r, root

HIDDEN = "<w:rPr><w:vanish/></w:rPr>"
STYLES = root(
    "w:styles",
    f'<w:style w:type="character" w:styleId="Secret">{HIDDEN}</w:style>'
    '<w:style w:type="character" w:styleId="More"><w:basedOn w:val="Secret"/></w:style>'
    f'<w:style w:type="paragraph" w:styleId="Draft">{HIDDEN}</w:style>',
)
BOX = f"<w:txbxContent>{p('in a box')}</w:txbxContent>"


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        pytest.param(p(r("a ") + r("b", "<w:vanish/>") + r("c")), ["a c"], id="hidden"),
        pytest.param(p(r("a", '<w:vanish w:val="0"/>') + r("b", "<w:webHidden/>")), ["ab"], id="shown"),
        pytest.param(p(r("a") + r("b", '<w:rStyle w:val="Secret"/>')), ["a"], id="by a style"),
        pytest.param(p(r("a") + r("b", '<w:rStyle w:val="More"/>')), ["a"], id="by the style it is based on"),
        pytest.param(p("a", "Draft") + p("b"), ["b"], id="by the paragraph's style"),
        pytest.param(p(r("a") + r("b", '<w:vanish w:val="false"/>'), "Draft"), ["b"], id="shown again"),
        pytest.param(p("a", "", "<w:rPr><w:vanish/></w:rPr>") + p("b"), ["ab"], id="hidden end"),
        pytest.param(
            p("a") + p(f"<w:del>{r('x')}</w:del><w:moveFrom>{r('y')}</w:moveFrom><w:ins>{r('b')}</w:ins>"),
            ["a", "b"],
            id="revisions",
        ),
        pytest.param(p("one ", "", "<w:rPr><w:del/></w:rPr>") + p("two"), ["one two"], id="deleted end"),
        pytest.param(
            f"<w:tbl><w:tr><w:tc>{p('a')}</w:tc></w:tr>"
            f"<w:tr><w:trPr><w:del/></w:trPr><w:tc>{p('b')}</w:tc></w:tr></w:tbl>",
            ["a"],
            id="deleted row",
        ),
        pytest.param(
            p(
                '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
                '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>'
                f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{r("7")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
                f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{r("odd")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
            ),
            ["odd"],
            id="condition of a field",
        ),
        pytest.param(p('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + r("a")), ["a"], id="field without an end"),
    ],
)
def test_what_the_reader_does_not_see_is_not_read(body: str, seen: list[str]) -> None:
    assert lines(body, parts={"word/styles.xml": STYLES}) == seen


def test_a_hidden_item_is_not_counted() -> None:
    numbers = (
        '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    )
    place = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    body = p("a", "", place) + p(r("b", "<w:vanish/>"), "", f"{place}{HIDDEN}") + p("c", "", place)
    assert lines(body, parts={"word/numbering.xml": root("w:numbering", numbers)}) == ["1. a", "2. c"]


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        pytest.param('<w:r><w:sym w:font="Symbol" w:char="F061"/><w:t>=1</w:t></w:r>', "α=1", id="Greek"),
        pytest.param('<w:r><w:sym w:font="Wingdings" w:char="F0E0"/></w:r>', "→", id="arrow"),
        pytest.param('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t> yes</w:t></w:r>', "☑ yes", id="ticked"),
        pytest.param(r("x \uf0a3 y", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'), "x ≤ y", id="font of signs"),
        pytest.param(
            '<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr>'
            "<w:sdtContent/></w:sdt><w:r><w:t> done</w:t></w:r>",
            "☒ done",
            id="box to tick",
        ),
        pytest.param(
            '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/></w:checkBox></w:ffData>'
            '</w:fldChar></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t> no</w:t></w:r>',
            "☐ no",
            id="box of a form",
        ),
        pytest.param(
            '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
            '<w:listEntry w:val="red"/><w:listEntry w:val="green"/></w:ddList></w:ffData></w:fldChar></w:r>'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
            "green",
            id="list of a form",
        ),
        pytest.param(
            f"<w:r><w:ruby><w:rt>{r('かんじ')}</w:rt><w:rubyBase>{r('漢字')}</w:rubyBase></w:ruby></w:r>",
            "漢字(かんじ)",
            id="reading",
        ),
        pytest.param('<w:r><w:pict><v:textpath string="Exam"/></w:pict></w:r>', "Exam", id="word art"),
        pytest.param(
            f"<w:r><mc:AlternateContent><mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback>"
            "</mc:AlternateContent></w:r>",
            "in a box",
            id="box said twice",
        ),
        pytest.param(
            f"<w:r><mc:AlternateContent><mc:Fallback>{BOX}</mc:Fallback></mc:AlternateContent></w:r>",
            "in a box",
            id="box in an old form only",
        ),
    ],
)
def test_signs_boxes_and_readings_are_read_as_they_are_shown(xml: str, text: str) -> None:
    assert lines(p(xml)) == [text]


def test_a_box_in_a_cell_is_read_once() -> None:
    both = f"<mc:AlternateContent><mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback></mc:AlternateContent>"
    assert lines(f"<w:tbl><w:tr><w:tc>{p(f'<w:r>{both}</w:r>')}</w:tc></w:tr></w:tbl>") == ["in a box"]


def test_a_large_initial_and_its_word_are_one() -> None:
    initial = p("D", "", '<w:framePr w:dropCap="drop" w:lines="3"/>')
    assert lines(initial + p("rop caps are old.")) == ["Drop caps are old."]
