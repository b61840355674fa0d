"""Excel: cells as their formats show them, what lies over and beside them, and parts that are broken."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from ingest.loaders import load
from rag.errors import Damaged, NoText
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound

Parts = dict[str, bytes]
TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def book_of(*rows: list[Any]) -> Any:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        return {name: container.read(name) for name in container.namelist()}


def joined(parts: Parts) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as container:
        for name, part in parts.items():
            container.writestr(name, part)
    return file.getvalue()


def read(given: Any) -> Document:
    data = joined(given) if isinstance(given, dict) else given if isinstance(given, bytes) else saved(given)
    document = load(data, name="marks.xlsx")
    assert_sound(document)
    return document


def related(parts: Parts, source: str, kind: str, name: str, part: str) -> str:
    """Add a part that `source` is related to, and return the relation's name."""
    folder, _, file = source.rpartition("/")
    listed, link = f"{folder}/_rels/{file}.rels", f"rId{900 + len(parts)}"
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    before = parts.get(listed, f'<Relationships xmlns="{space}"></Relationships>'.encode())
    entry = f'<Relationship Id="{link}" Type="{kind}" Target="/{name}"/></Relationships>'
    parts[listed] = before.replace(b"</Relationships>", entry.encode())
    parts[name] = part.encode()
    return link


# ---- cells


def test_cells_are_read_as_the_sheet_shows_them() -> None:
    book = book_of(
        ["Number", "Paid", "Time", "Since"], [123, 1234.5, datetime.timedelta(hours=30.25), 46082], [7, 99, 0.5, 46015]
    )
    for row in (2, 3):
        for column, code in zip("ABCD", ("0000000", '#,##0.00 "€"', "[h]:mm", "dd.mm.yyyy"), strict=True):
            book.active[f"{column}{row}"].number_format = code
    assert read(book).text == (
        "Number | Paid | Time | Since\n0000123 | 1,234.50 € | 30:15 | 01.03.2026\n"
        "0000007 | 99.00 € | 12:00 | 24.12.2025"
    )


def test_dates_of_the_readers_country_are_written_by_year_month_and_day() -> None:
    book = book_of(["on", 46082])
    book.active["B1"].number_format = "mm-dd-yy"  # the built-in format 14
    assert read(book).text == "on | 2026-03-01"


def test_days_may_be_counted_from_1904() -> None:
    book = book_of(["on", datetime.date(2026, 3, 1)])
    book.epoch = CALENDAR_MAC_1904
    assert read(book).text == "on | 2026-03-01"


def test_errors_are_read_as_they_are_shown() -> None:
    parts = parts_of(saved(book_of(["x", 1])))
    parts[SHEET] = re.sub(rb'<c r="B1"[^>]*>', b'<c r="B1" t="e">', parts[SHEET]).replace(
        b"<v>1</v>", b"<v>#DIV/0!</v>"
    )
    assert read(parts).text == "x | #DIV/0!"


def test_hidden_rows_and_columns_are_left_out_and_counted() -> None:
    book = book_of(["Name", "Key", "Points"], ["Ada", "secret", 9], ["Test", "secret", 0], ["Grace", "secret", 8])
    book.active.column_dimensions["B"].hidden = True
    book.active.row_dimensions[3].hidden = True
    book.active.row_dimensions[9].hidden = True  # empty
    document = read(book)
    assert document.text == "Name | Points\nAda | 9\nGrace | 8"
    assert document.notes == ("sheet 1: 1 hidden row left out", "sheet 1: 1 hidden column left out")


def test_a_workbook_whose_cells_are_all_hidden_says_so() -> None:
    book = book_of(["secret"])
    book.active.row_dimensions[1].hidden = True
    with pytest.raises(NoText, match="empty or hidden"):
        read(book)


def test_merged_cells_are_read_once() -> None:
    parts = parts_of(saved(book_of(["Term", "under", "Room"], ["under", "under", 1], ["a", "b", 2])))
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>'
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", merged)
    assert read(parts).text == "Term |  | Room\n|  | 1\na | b | 2"


def test_merged_cells_show_their_text_where_their_first_cell_is_hidden() -> None:
    book = book_of(["Term", None, None], ["a", "b", "c"])
    book.active.merge_cells("A1:C1")
    book.active.column_dimensions["A"].hidden = True
    assert read(book).text == "Term\n\nb | c"


def test_zeros_are_not_read_where_a_sheet_hides_them() -> None:
    book = book_of(["a", 0, 5])
    book.active.sheet_view.showZeros = False
    assert read(book).text == "a |  | 5"


# ---- comments


def test_comments_come_behind_the_cells_with_address_and_author() -> None:
    book = book_of(["Name", "Points"], ["Ada", 9])
    book.active["B2"].comment = Comment("Ada Lovelace:\nasks for a review", "Ada Lovelace")
    book.active["A1"].comment = Comment("by matriculation", "")
    document = read(book)
    assert document.text == (
        "Name | Points\nAda | 9\n\nA1: Comment: by matriculation\n\nB2: Comment by Ada Lovelace: asks for a review"
    )


def threads() -> Parts:
    book = book_of(["Name", "Points"], ["Ada", 9])
    book.active["B2"].comment = Comment("[Threaded comment] Why?", "tc={1}")
    parts = parts_of(saved(book))
    space = 'xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"'
    kinds = "http://schemas.microsoft.com/office/2017/10/relationships"
    people = "".join(f'<person displayName="{name}" id="{{{at}}}"/>' for name, at in (("Ada", 7), ("Grace", 8)))
    people = f"<personList {space}>{people}</personList>"
    said = "".join(
        f'<threadedComment ref="B2" personId="{{{person}}}" id="{{{at}}}"><text>{text}</text></threadedComment>'
        for at, (person, text) in enumerate([("7", "Why 9?"), ("8", "A bonus.")])
    )
    related(parts, "xl/workbook.xml", f"{kinds}/person", "xl/persons/person.xml", people)
    said = f"<ThreadedComments {space}>{said}</ThreadedComments>"
    related(parts, SHEET, f"{kinds}/threadedComment", "xl/threadedComments/threadedComment1.xml", said)
    return parts


def test_comments_in_threads_are_read_once() -> None:
    assert read(threads()).text.endswith("9\n\nB2: Comment by Ada: Why 9?\n\nB2: Comment by Grace: A bonus.")


def test_a_broken_thread_is_read_as_the_note_that_repeats_it() -> None:
    parts = threads()
    parts["xl/threadedComments/threadedComment1.xml"] = b"<broken"
    document = read(parts)
    assert document.text.endswith("B2: Comment: [Threaded comment] Why?")
    assert document.notes == ("sheet 1: 1 list of comments could not be read",)


# ---- drawings


def with_chart(title: str = "Marks") -> Any:
    book = book_of(["Name", "Points", "Bonus"], ["Ada", 9, 0.5], ["Grace", 8, 1])
    drawn = BarChart()
    drawn.title = title
    drawn.add_data(Reference(book.active, min_col=2, max_col=3, min_row=1, max_row=3), titles_from_data=True)
    drawn.set_categories(Reference(book.active, min_col=1, min_row=2, max_row=3))
    book.active.add_chart(drawn, "E2")
    return book


def test_a_chart_is_read_as_a_table_from_the_cells_that_it_shows() -> None:
    assert read(with_chart()).text.endswith("\n\nMarks\n | Points | Bonus\nAda | 9 | 0.5\nGrace | 8 | 1")


def test_a_charts_own_values_come_first() -> None:
    parts = parts_of(saved(with_chart()))
    name = "xl/charts/chart1.xml"
    stored = rb'\1<numCache><formatCode>0.0</formatCode><ptCount val="2"/><pt idx="0"><v>7</v></pt></numCache>'
    parts[name] = re.sub(rb"(<val><numRef><f>[^<]*</f>)", stored, parts[name])
    assert read(parts).text.endswith("Ada | 7.0 | 7.0\nGrace |  |")


def test_a_sheet_of_one_chart_is_a_page() -> None:
    book = book_of(["Name", "Points"], ["Ada", 9])
    drawn = BarChart()
    drawn.title = "Marks"
    drawn.add_data(Reference(book.active, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    book.create_chartsheet("Overview").add_chart(drawn)
    document = read(book)
    assert document.text.endswith("9\n\nOverview\n\nMarks\n | Points\n | 9")
    assert [page.label for page in document.pages] == ["Sheet", "Overview"]


@pytest.mark.parametrize("is_missing", [True, False])
def test_a_broken_chart_costs_only_itself_and_is_named(is_missing: bool) -> None:
    parts = parts_of(saved(with_chart()))
    parts["xl/charts/chart1.xml"] = b"<broken"
    if is_missing:
        del parts["xl/charts/chart1.xml"]
    document = read(parts)
    assert document.text.endswith("Grace | 8 | 1")
    assert document.notes == ("sheet 1: 1 chart could not be read",)


def text_box(words: str, row: int, hidden: str = "") -> str:
    return (
        f"<xdr:twoCellAnchor><xdr:from><xdr:col>5</xdr:col><xdr:row>{row}</xdr:row></xdr:from><xdr:sp><xdr:nvSpPr>"
        f'<xdr:cNvPr id="2" name="x" {hidden}/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr><xdr:spPr/><xdr:txBody><a:bodyPr/>'
        f"<a:p><a:r><a:t>{words}</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor>"
    )


def with_drawing(*anchors: str) -> Parts:
    parts = parts_of(saved(book_of(["Name", "Points"], ["Ada", 9])))
    space = f'xmlns:xdr="{DRAWING}/spreadsheetDrawing" xmlns:a="{DRAWING}/main" xmlns:r="{TYPES}"'
    drawing = f"<xdr:wsDr {space}>{''.join(anchors)}</xdr:wsDr>"
    related(parts, SHEET, f"{TYPES}/drawing", "xl/drawings/drawing1.xml", drawing)
    return parts


def test_text_boxes_come_behind_the_cells_from_the_top_down() -> None:
    parts = with_drawing(text_box("below", 9), text_box("above", 2), text_box("off", 1, 'hidden="1"'))
    assert read(parts).text == "Name | Points\nAda | 9\n\nabove\n\nbelow"


def test_the_words_of_a_diagram_are_a_list() -> None:
    kind = f"{DRAWING}/diagram"
    parts = with_drawing(
        f'<xdr:oneCellAnchor><xdr:graphicFrame><a:graphic><a:graphicData uri="{kind}"><dgm:relIds xmlns:dgm="{kind}" '
        'r:dm="LINK"/></a:graphicData></a:graphic></xdr:graphicFrame></xdr:oneCellAnchor>'
    )
    data = (
        f'<dgm:dataModel xmlns:dgm="{kind}" xmlns:a="{DRAWING}/main"><dgm:ptLst><dgm:pt modelId="1"><dgm:t>'
        "<a:p><a:r><a:t>weigh</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
    )
    drawing = "xl/drawings/drawing1.xml"
    related(parts, drawing, f"{TYPES}/diagramData", "xl/diagrams/data1.xml", data)
    link = re.search(rb'Id="(\w+)"', parts["xl/drawings/_rels/drawing1.xml.rels"])
    assert link
    parts[drawing] = parts[drawing].replace(b"LINK", link[1])
    assert read(parts).text.endswith("9\n\n- weigh")


# ---- broken parts


def without_numbers(parts: Parts) -> None:
    parts[SHEET] = parts[SHEET].replace(b"<v>9</v>", b"<v>nine</v>")


def no_sheet_two(parts: Parts) -> None:
    del parts["xl/worksheets/sheet2.xml"]


def cut_sheet_one(parts: Parts) -> None:
    parts[SHEET] = parts[SHEET][: parts[SHEET].index(b'<row r="2"')]


@pytest.mark.parametrize(
    ("change", "text", "notes"),
    [
        pytest.param(
            without_numbers, "Name | Points\nAda |\n\nGrace", ("sheet 1: 1 cell could not be read",), id="cell"
        ),
        pytest.param(no_sheet_two, "Name | Points\nAda | 9", ("sheet 2 could not be read",), id="missing sheet"),
        pytest.param(
            cut_sheet_one, "Name | Points\n\nGrace", ("sheet 1 could not be read to its end",), id="half a sheet"
        ),
    ],
)
def test_a_broken_part_costs_only_itself(change: Callable[[Parts], None], text: str, notes: tuple[str, ...]) -> None:
    book = book_of(["Name", "Points"], ["Ada", 9])
    book.create_sheet("Sheet2").append(["Grace"])
    parts = parts_of(saved(book))
    change(parts)
    document = read(parts)
    assert (document.text, document.notes) == (text, notes)


@pytest.mark.parametrize("content", [None, b"<broken", b"<x/>"])
@pytest.mark.parametrize(
    "name",
    [
        "docProps/core.xml",
        "xl/styles.xml",
        "xl/theme/theme1.xml",
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/_rels/workbook.xml.rels",
    ],
)
def test_cells_are_read_without_what_is_beside_them(name: str, content: bytes | None) -> None:
    parts = parts_of(saved(book_of(["Name", "Points"], ["Ada", 9])))
    del parts[name]
    if content is not None:
        parts[name] = content
    assert read(parts).text == "Name | Points\nAda | 9"


def test_a_broken_cell_costs_no_other_of_its_row() -> None:
    parts = parts_of(saved(book_of(["Ada", 9, 1.5])))
    inline = b'<c r="A1" t="inlineStr"><is><r><t>Grace </t></r><r><t>Hopper</t></r></is></c>'
    parts[SHEET] = re.sub(rb'<c r="A1".*?</c>', inline, parts[SHEET]).replace(b"<v>9</v>", b"<v>nine</v>")
    document = read(parts)
    assert (document.text, document.notes) == ("Grace Hopper |  | 1.5", ("sheet 1: 1 cell could not be read",))


def test_stray_relations_and_links_cost_nothing() -> None:
    parts = parts_of(saved(book_of(["Name", "Points"], ["Ada", 9])))
    for kind in ("hyperlink", "drawing", "comments", "image", "pivotTable", "oleObject"):
        related(parts, SHEET, f"{TYPES}/{kind}", f"xl/{kind}s/none.xml", "")
        del parts[f"xl/{kind}s/none.xml"]
    listed = "xl/worksheets/_rels/sheet1.xml.rels"
    parts[listed] = parts[listed].replace(b"</Relationships>", b'<Relationship Id="rId1"/></Relationships>')
    parts[SHEET] = parts[SHEET].replace(
        b"<pageMargins", b'<hyperlinks><hyperlink location="x"/></hyperlinks><pageMargins'
    )
    document = read(parts)
    assert document.text == "Name | Points\nAda | 9"
    assert document.notes == (
        "sheet 1: 1 page of drawings could not be read",
        "sheet 1: 1 list of comments could not be read",
    )


def test_a_workbook_whose_sheets_are_all_broken_is_damaged() -> None:
    parts = parts_of(saved(book_of(["Name"])))
    parts[SHEET] = b"<broken"
    with pytest.raises(Damaged, match="sheet 1 could not be read"):
        read(parts)


def test_fonts_within_a_shared_text_are_no_matter() -> None:
    book = book_of(["plain"])
    book.active["A1"].font = Font(bold=True)
    parts = parts_of(saved(book))
    rich = (
        f'<sst xmlns="{MAIN}"><si><r><rPr><sz val="large"/></rPr><t>two </t></r><r><t>runs</t></r><rPh sb="0" eb="1">'
        "<t>reading</t></rPh></si></sst>"
    )
    related(parts, "xl/workbook.xml", f"{TYPES}/sharedStrings", "xl/strings.xml", rich)
    parts[SHEET] = re.sub(rb'<c r="A1".*?</c>', b'<c r="A1" t="s"><v>0</v></c>', parts[SHEET])
    parts["xl/_rels/workbook.xml.rels"] = re.sub(
        rb'<Relationship [^>]*Target="/?(?:xl/)?sharedStrings.xml"[^>]*/>', b"", parts["xl/_rels/workbook.xml.rels"]
    )
    assert read(parts).text == "two runs"
