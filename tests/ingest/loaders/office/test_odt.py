"""OpenDocument texts: what is hidden, said at the margin, drawn in charts, or broken."""

from __future__ import annotations

import io
import zipfile

import pytest

from ingest.loaders import load
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound
from tests.ingest.loaders.samples import odt

DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
LINKED = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def read(body: str, *, styles: str = "", parts: dict[str, str] | None = None) -> Document:
    """Read a text with further parts, which may take the place of its own."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(odt(body, styles=styles))) as made, zipfile.ZipFile(file, "w") as target:
        for name in made.namelist():
            if name not in (parts or {}):
                target.writestr(name, made.read(name))
        for name, part in (parts or {}).items():
            target.writestr(name, part)
    document = load(file.getvalue(), name="script.odt")
    assert_sound(document)
    return document


def embedded(name: str) -> str:
    return f'<draw:frame><draw:object {LINKED} xlink:href="./{name}"/><draw:image/></draw:frame>'


def chart(*rows: list[str], title: str = "") -> str:
    cells = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in rows
    )
    spaces = " ".join(f'xmlns:{name}="{OFFICE}:{name}:1.0"' for name in ("office", "chart", "table", "text"))
    return (
        f"<office:document-content {spaces}><office:body><office:chart><chart:chart><chart:title><text:p>{title}"
        f"</text:p></chart:title><table:table>{cells}</table:table></chart:chart></office:chart></office:body>"
        "</office:document-content>"
    )


HIDDEN = '<style:style style:name="H" style:family="{}"><style:text-properties text:display="none"/></style:style>'


@pytest.mark.parametrize(
    ("body", "styles"),
    [
        pytest.param('<text:p text:style-name="H">secret</text:p>', HIDDEN.format("paragraph"), id="paragraph"),
        pytest.param(
            '<text:p><text:span text:style-name="H">secret</text:span></text:p>', HIDDEN.format("text"), id="span"
        ),
        pytest.param("<text:p><text:hidden-text>secret</text:hidden-text></text:p>", "", id="field"),
        pytest.param('<text:section text:display="none"><text:p>secret</text:p></text:section>', "", id="section"),
        pytest.param(
            '<text:p>secret<text:hidden-paragraph text:is-hidden="true"/></text:p>', "", id="paragraph by condition"
        ),
        pytest.param(
            "<text:tracked-changes><text:changed-region><text:deletion><text:p>secret</text:p></text:deletion>"
            "</text:changed-region></text:tracked-changes>",
            "",
            id="deleted",
        ),
        pytest.param(
            '<text:list><text:list-item><text:p text:style-name="H">secret</text:p></text:list-item></text:list>',
            HIDDEN.format("paragraph"),
            id="item",
        ),
        pytest.param(
            '<text:p><text:span text:style-name="I">secret</text:span></text:p>',
            HIDDEN.format("text")
            + '<style:style style:name="I" style:family="text" style:parent-style-name="H"><style:text-properties/>'
            "</style:style>",
            id="inherited",
        ),
    ],
)
def test_hidden_text_is_not_read(body: str, styles: str) -> None:
    assert read(f"<text:p>shown</text:p>{body}<text:p>end</text:p>", styles=styles).text == "shown\n\nend"


def test_a_style_of_paragraphs_hides_no_other_text() -> None:
    styles = HIDDEN.format("paragraph") + '<style:style style:name="T" style:family="text"/>'
    assert read('<text:p><text:span text:style-name="H">shown</text:span></text:p>', styles=styles).text == "shown"


def test_styles_that_hide_may_be_common_ones() -> None:
    common = f'<x xmlns:style="{OFFICE}:style:1.0" xmlns:text="{OFFICE}:text:1.0">{HIDDEN.format("text")}</x>'
    body = '<text:p>shown<text:span text:style-name="H"> secret</text:span></text:p>'
    assert read(body, parts={"styles.xml": common}).text == "shown"


def test_comments_come_last_with_their_authors() -> None:
    comment = (
        f"<office:annotation {DC}><dc:creator>Ada Lovelace</dc:creator><dc:date>2026-01-01</dc:date><text:p>Only for "
        "n &gt; 7?</text:p><text:p>See below.</text:p></office:annotation>"
    )
    body = f"<text:p>It ho{comment}lds.</text:p><text:list><text:list-item><text:p>item<office:annotation><text:p>No."
    document = read(f"{body}</text:p></office:annotation></text:p></text:list-item></text:list><text:p>End.</text:p>")
    assert document.text == (
        "It holds.\n\n- item\n\nEnd.\n\nComment by Ada Lovelace: Only for n > 7?\nSee below.\n\nComment: No."
    )
    assert document.notes == ()


def test_a_word_is_read_once_with_its_reading_in_brackets() -> None:
    ruby = "<text:ruby><text:ruby-base>漢字</text:ruby-base><text:ruby-text>かんじ</text:ruby-text></text:ruby>"
    assert read(f"<text:p>A {ruby} is.</text:p>").text == "A 漢字(かんじ) is."


def test_a_chart_is_read_as_its_table_behind_its_paragraph() -> None:
    parts = {"Object 1/content.xml": chart(["", "FIFO", "LRU"], ["3 frames", "9", "8"], title="Faults")}
    document = read(f"<text:p>See: {embedded('Object 1')}</text:p><text:p>End.</text:p>", parts=parts)
    assert document.text == "See:\n\nFaults\n | FIFO | LRU\n3 frames | 9 | 8\n\nEnd."
    assert [block.kind.value for block in document.blocks] == ["paragraph", "table", "paragraph"]


def test_a_formula_is_read_in_its_sentence() -> None:
    math = '<math xmlns="http://www.w3.org/1998/Math/MathML"><msup><mi>n</mi><mn>2</mn></msup></math>'
    document = read(f"<text:p>It takes {embedded('Object 2')} steps.</text:p>", parts={"Object 2/content.xml": math})
    assert document.text == "It takes n² steps."


@pytest.mark.parametrize(
    ("parts", "note"),
    [
        pytest.param({}, "1 object could not be read", id="missing object"),
        pytest.param({"Object 1/content.xml": "<broken"}, "1 object could not be read", id="broken object"),
        pytest.param(
            {
                "META-INF/manifest.xml": '<m><f full-path="Object 1/" media-type="application/vnd.oasis.opendocument'
                '.chart"/></m>'
            },
            "1 chart could not be read",
            id="missing chart",
        ),
        pytest.param({"Object 1/content.xml": chart()}, "1 chart without values", id="empty chart"),
    ],
)
def test_a_broken_object_costs_only_itself(parts: dict[str, str], note: str) -> None:
    document = read(f"<text:p>before {embedded('Object 1')}</text:p><text:p>after</text:p>", parts=parts)
    assert (document.text, document.notes) == ("before\n\nafter", (note,))


@pytest.mark.parametrize("part", ["meta.xml", "styles.xml"])
def test_a_text_is_read_without_its_properties(part: str) -> None:
    document = read("<text:p>text</text:p>", parts={part: "<broken"})
    assert (document.text, document.notes) == ("text", (f"1 part ({part}) could not be read",))


def test_text_boxes_of_headings_lists_and_tables_come_behind_them() -> None:
    box = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    body = (
        f"<text:h>Title{box.format('one')}</text:h>"
        f"<text:list><text:list-item><text:p>item{box.format('two')}</text:p></text:list-item></text:list>"
        f"<table:table><table:table-row><table:table-cell><text:p>cell{box.format('three')}</text:p></table:table-cell>"
        "</table:table-row></table:table>"
    )
    assert read(body).text == "Title\n\none\n\n- item\n\ntwo\n\ncell\n\nthree"
