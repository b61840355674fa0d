"""PowerPoint: broken parts cost only themselves; diagrams, alternative shapes and comments are read."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from rag.errors import Damaged
from tests.ingest.loaders.office.test_pptx import box, chart, pictured, read, slides, sorting, table, untitled

# ---- parts that are broken

Parts = dict[str, bytes]


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as deck:
        return {name: deck.read(name) for name in deck.namelist()}


def joined(parts: Parts) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as deck:
        for name, part in parts.items():
            deck.writestr(name, part)
    return file.getvalue()


def missing(parts: Parts, name: str) -> None:
    del parts[name]


def broken(parts: Parts, name: str) -> None:
    parts[name] = parts[name][: len(parts[name]) // 2]


def no_picture(parts: Parts, name: str) -> None:
    parts[name] = b"no picture"


def linked(parts: Parts, name: str) -> None:
    slide = next(one for one in parts if one.endswith("slide1.xml"))
    parts[slide] = re.sub(rb'r:embed="(\w+)"', rb'r:link="\1"', parts[slide])


def unrelated(parts: Parts, name: str) -> None:
    slide = next(one for one in parts if one.endswith("slide1.xml"))
    parts[slide] = re.sub(rb' r:embed="\w+"', b' r:embed="rId99"', parts[slide])


def not_named(parts: Parts, name: str) -> None:
    slide = next(one for one in parts if one.endswith("slide1.xml"))
    parts[slide] = re.sub(rb' r:embed="\w+"', b"", parts[slide])


def without_type(parts: Parts, name: str) -> None:
    parts["[Content_Types].xml"] = re.sub(rb'<Default Extension="png"[^>]*>', b"", parts["[Content_Types].xml"])


def without_fill(parts: Parts, name: str) -> None:
    slide = next(one for one in parts if one.endswith("slide1.xml"))
    parts[slide] = re.sub(rb"<p:blipFill>.*?</p:blipFill>", b"", parts[slide], flags=re.DOTALL)


@pytest.mark.parametrize(
    "change", [missing, broken, no_picture, linked, unrelated, not_named, without_type, without_fill]
)
def test_a_picture_that_is_none_counts_as_one_and_costs_nothing(change: Callable[[Parts, str], None]) -> None:
    parts = parts_of(slides(pictured, sorting))
    change(parts, next(name for name in parts if name.startswith("ppt/media/")))
    document = read(joined(parts))
    assert document.text.startswith("Whiteboard\n\nSorting")
    assert document.notes == ("pictures are not read on slide 1",)


def test_a_picture_that_cannot_be_unpacked_costs_only_itself() -> None:
    parts = parts_of(slides(pictured, sorting))
    data = joined(parts)
    name = next(name for name in parts if name.startswith("ppt/media/"))
    at = data.index(parts[name]) + 20
    document = read(data[:at] + bytes(255 - byte for byte in data[at : at + 9]) + data[at + 9 :])
    assert document.text.startswith("Whiteboard\n\nSorting")


@pytest.mark.parametrize("change", [missing, broken])
def test_a_broken_slide_keeps_its_number(change: Callable[[Parts, str], None]) -> None:
    parts = parts_of(slides(sorting, table, chart))
    change(parts, "ppt/slides/slide2.xml")
    document = read(joined(parts))
    assert document.notes == ("slide 2 could not be read",)
    assert [page.number for page in document.pages] == [1, 2, 3]
    assert "Cost" not in document.text
    assert document.text.endswith("Faults\n\n| FIFO | LRU\n3 frames | 9 | 8\n4 frames | 10.5 |")


@pytest.mark.parametrize("change", [missing, broken])
def test_a_broken_chart_costs_only_itself_and_is_named(change: Callable[[Parts, str], None]) -> None:
    parts = parts_of(slides(sorting, chart))
    change(parts, next(name for name in parts if re.fullmatch(r"ppt/charts/chart\d+\.xml", name)))
    document = read(joined(parts))
    assert document.text.endswith("Say why it is stable.\n\nFaults")
    assert document.notes == ("slide 2: 1 chart could not be read",)


@pytest.mark.parametrize(
    "part",
    [
        "docProps/core.xml",
        "ppt/notesSlides/notesSlide1.xml",
        "ppt/slideLayouts/slideLayout6.xml",
        "ppt/theme/theme1.xml",
        "ppt/slideLayouts/_rels/slideLayout6.xml.rels",
        "_rels/.rels",
    ],
)
@pytest.mark.parametrize("change", [missing, broken])
def test_a_slide_is_read_without_what_is_beside_it(part: str, change: Callable[[Parts, str], None]) -> None:
    parts = parts_of(slides(sorting))
    change(parts, part)
    assert read(joined(parts)).text.startswith("Sorting\n\nleft\n\nright\n\nwritten first, stands last")


def test_a_place_that_is_no_number_costs_no_shape() -> None:
    parts = parts_of(slides(sorting))
    parts["ppt/slides/slide1.xml"] = re.sub(
        rb'<a:off x="\d+" y="\d+"', b'<a:off x="1.5" y="x"', parts["ppt/slides/slide1.xml"]
    )
    document = read(joined(parts))
    assert all(words in document.text for words in ("Sorting", "left", "right", "written first"))


def test_a_presentation_whose_slides_are_all_broken_is_damaged() -> None:
    parts = parts_of(slides(sorting))
    broken(parts, "ppt/slides/slide1.xml")
    with pytest.raises(Damaged, match="slide 1 could not be read"):
        read(joined(parts))


def test_hidden_shapes_are_not_read() -> None:
    def hidden(slide: Any) -> None:
        sorting(slide)
        box(slide, "switched off", top=3)
        slide.shapes[-1]._element.nvSpPr.cNvPr.set("hidden", "1")

    assert "switched off" not in read(slides(hidden)).text


# ---- diagrams, alternatives and comments

TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NEW_TYPES = "http://schemas.microsoft.com/office/2018/10/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
ALTERNATIVE = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def related(parts: Parts, source: str, kind: str, name: str, part: str) -> str:
    """Add a part that `source` is related to, and return the relation's name."""
    folder, _, file = source.rpartition("/")
    listed = f"{folder}/_rels/{file}.rels"
    link = f"rId{900 + len(parts)}"
    entry = f'<Relationship Id="{link}" Type="{kind}" Target="/{name}"/></Relationships>'
    parts[listed] = parts[listed].replace(b"</Relationships>", entry.encode())
    parts[name] = part.encode()
    return link


def frame(kind: str, content: str) -> str:
    return (
        f'<p:graphicFrame xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="{TYPES}" '
        f'xmlns:a="{DRAWING}/main"><p:nvGraphicFramePr><p:cNvPr id="77" name="x"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm><a:off x="0" y="2500000"/><a:ext cx="9" cy="9"/></p:xfrm><a:graphic>'
        f'<a:graphicData uri="{kind}">{content}</a:graphicData></a:graphic></p:graphicFrame>'
    )


def with_shape(parts: Parts, shape: str) -> None:
    name = "ppt/slides/slide1.xml"
    parts[name] = parts[name].replace(b"</p:spTree>", shape.encode() + b"</p:spTree>")


def point(name: str, words: str, kind: str = "") -> str:
    text = f"<dgm:t><a:bodyPr/><a:p><a:r><a:t>{words}</a:t></a:r></a:p></dgm:t>" if words else ""
    return f'<dgm:pt modelId="{name}" type="{kind}"><dgm:prSet/>{text}</dgm:pt>'.replace(' type=""', "")


def diagram(points: str, links: str = "") -> bytes:
    parts = parts_of(slides(untitled))
    data = (
        f'<dgm:dataModel xmlns:dgm="{DRAWING}/diagram" xmlns:a="{DRAWING}/main"><dgm:ptLst>{points}</dgm:ptLst>'
        f"<dgm:cxnLst>{links}</dgm:cxnLst></dgm:dataModel>"
    )
    link = related(parts, "ppt/slides/slide1.xml", f"{TYPES}/diagramData", "ppt/diagrams/data1.xml", data)
    with_shape(
        parts, frame(f"{DRAWING}/diagram", f'<dgm:relIds xmlns:dgm="{DRAWING}/diagram" r:dm="{link}" r:lo="rId1"/>')
    )
    return joined(parts)


def test_the_words_of_a_diagram_are_a_list() -> None:
    document = read(diagram(point("1", "split") + point("2", "sort", "node") + point("3", "merge")))
    assert document.text == "- split\n- sort\n- merge"
    assert document.blocks[0].kind.value == "list"
    assert document.notes == ()


def test_a_diagrams_connections_give_the_order_and_the_depth() -> None:
    points = point("0", "", "doc") + point("2", "second") + point("1", "first") + point("3", "inner")
    points += point("4", "drawn", "pres") + point("5", "arrow", "sibTrans") + point("6", "line", "parTrans")
    links = "".join(
        f'<dgm:cxn modelId="c{at}" srcId="{outer}" destId="{inner}" srcOrd="{at}"{kind}/>'
        for at, (outer, inner, kind) in enumerate(
            [("0", "1", ""), ("0", "2", ""), ("2", "3", ""), ("1", "4", ' type="presOf"'), ("3", "2", "")]
        )
    )
    assert read(diagram(points, links)).text == "- first\n- second\n  - inner"


def test_a_broken_diagram_is_named() -> None:
    parts = parts_of(diagram(point("1", "split")))
    broken(parts, "ppt/diagrams/data1.xml")
    with_shape(parts, "")
    with pytest.raises(Damaged, match="1 diagram could not be read"):
        read(joined(parts))


def test_of_alternative_shapes_the_one_for_new_programs_is_read() -> None:
    parts = parts_of(slides(sorting))
    shape = re.search(rb"<p:sp>(?:(?!</p:sp>).)*right.*?</p:sp>", parts["ppt/slides/slide1.xml"], re.DOTALL)
    assert shape
    either = (
        f'<mc:AlternateContent xmlns:mc="{ALTERNATIVE}"><mc:Choice Requires="a14">'.encode()
        + shape[0].replace(b"right", b"new")
        + b"</mc:Choice><mc:Fallback>"
        + shape[0].replace(b"right", b"old")
        + b"</mc:Fallback></mc:AlternateContent>"
    )
    parts["ppt/slides/slide1.xml"] = parts["ppt/slides/slide1.xml"].replace(shape[0], either)
    assert read(joined(parts)).text.startswith("Sorting\n\nleft\n\nnew\n\nwritten first")


def test_a_chart_of_the_new_kinds_is_read_as_a_table() -> None:
    parts = parts_of(slides(untitled))
    kind = "http://schemas.microsoft.com/office/drawing/2014/chartex"
    space = (
        f'<cx:chartSpace xmlns:cx="{kind}" xmlns:a="{DRAWING}/main"><cx:chartData><cx:data id="0">'
        '<cx:strDim type="cat"><cx:lvl ptCount="2"><cx:pt idx="0">seen</cx:pt><cx:pt idx="1">bought</cx:pt></cx:lvl>'
        '</cx:strDim><cx:numDim type="val"><cx:lvl formatCode="0%">'
        '<cx:pt idx="0">1</cx:pt><cx:pt idx="1">0.25</cx:pt></cx:lvl>'
        "</cx:numDim></cx:data></cx:chartData><cx:chart><cx:title><cx:tx><cx:rich><a:p><a:r><a:t>Funnel</a:t></a:r>"
        "</a:p></cx:rich></cx:tx></cx:title><cx:plotArea><cx:plotAreaRegion><cx:series><cx:tx><cx:txData><cx:v>Users"
        '</cx:v></cx:txData></cx:tx><cx:dataId val="0"/></cx:series></cx:plotAreaRegion></cx:plotArea></cx:chart>'
        "</cx:chartSpace>"
    )
    link = related(parts, "ppt/slides/slide1.xml", f"{NEW_TYPES}/chartEx", "ppt/charts/chartEx1.xml", space)
    new = frame(kind, f'<cx:chart xmlns:cx="{kind}" r:id="{link}"/>')
    with_shape(
        parts,
        f'<mc:AlternateContent xmlns:mc="{ALTERNATIVE}"><mc:Choice Requires="cx1">{new}</mc:Choice>'
        "</mc:AlternateContent>",
    )
    assert read(joined(parts)).text == "Funnel\n | Users\nseen | 100%\nbought | 25%"


def test_comments_come_behind_a_slides_text_with_their_authors() -> None:
    parts = parts_of(slides(sorting, table))
    space = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    people = f'<p:cmAuthorLst {space}><p:cmAuthor id="3" name="Ada Lovelace"/></p:cmAuthorLst>'
    said = (
        f'<p:cmLst {space}><p:cm authorId="3"><p:pos x="1" y="1"/><p:text>Only for n &gt; 7?</p:text></p:cm></p:cmLst>'
    )
    related(parts, "ppt/presentation.xml", f"{TYPES}/commentAuthors", "ppt/commentAuthors.xml", people)
    related(parts, "ppt/slides/slide1.xml", f"{TYPES}/comments", "ppt/comments/comment1.xml", said)
    document = read(joined(parts))
    assert "Say why it is stable.\n\nComment by Ada Lovelace: Only for n > 7?\n\nCost" in document.text
    assert document.page_at(document.text.index("Comment")).number == 1  # type: ignore[union-attr]
    broken(parts, "ppt/comments/comment1.xml")
    assert read(joined(parts)).notes == ("slide 1: 1 list of comments could not be read",)


def test_comments_in_threads_are_read_with_their_answers() -> None:
    parts = parts_of(slides(sorting))
    space = f'xmlns:n="http://schemas.microsoft.com/office/powerpoint/2018/8/main" xmlns:a="{DRAWING}/main"'
    people = f'<n:authorLst {space}><n:author id="{{1}}" name="Ada"/><n:author id="{{2}}" name="Grace"/></n:authorLst>'
    body = "<n:txBody><a:bodyPr/><a:p><a:r><a:t>{}</a:t></a:r></a:p></n:txBody>"
    said = (
        f'<n:cmLst {space}><n:cm id="{{9}}" authorId="{{1}}"><n:replyLst><n:reply id="{{8}}" authorId="{{2}}">'
        f"{body.format('Yes.')}</n:reply></n:replyLst>{body.format('Is it stable?')}</n:cm></n:cmLst>"
    )
    related(parts, "ppt/presentation.xml", f"{NEW_TYPES}/authors", "ppt/authors.xml", people)
    related(parts, "ppt/slides/slide1.xml", f"{NEW_TYPES}/comments", "ppt/comments/modernComment_1.xml", said)
    assert read(joined(parts)).text.endswith("Comment by Ada: Is it stable?\n\nComment by Grace: Yes.")


def test_a_formula_is_read_in_its_sentence() -> None:
    parts = parts_of(slides(sorting))
    math = (
        '<a14:m xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main"><m:oMath xmlns:m="http://schemas.'
        'openxmlformats.org/officeDocument/2006/math"><m:r><m:t>n²</m:t></m:r></m:oMath></a14:m>'
    )
    name = "ppt/slides/slide1.xml"
    parts[name] = parts[name].replace(
        b"<a:r><a:t>right</a:t></a:r>",
        f"<a:r><a:t>It takes</a:t></a:r>{math}<a:r><a:t> steps.</a:t></a:r>".encode(),
    )
    assert "It takes n² steps." in read(joined(parts)).text
