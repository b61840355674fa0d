"""Form fields, text typed on a page and comments: what their reader sees is read, at its place."""

from __future__ import annotations

import pytest

from ingest.loaders.pdf import document as pdf
from ingest.loaders.pdf.annotations import TICKED, UNTICKED, Annotation
from ingest.pages import boxes, render
from rag.types import Document, RunKind
from tests import pdf_samples
from tests.ingest.loaders.covering import assert_sound

LABELS = pdf_samples.lines("Family name:", x=72, y=700) + pdf_samples.lines("Preferred day:", x=72, y=680)
NAME_BOX, DAY_BOX = "[170 696 370 712]", "[170 676 370 692]"


def widget(kind: str, rectangle: str, more: str, *, flags: int = 4) -> str:
    return (
        f"<< /Type /Annot /Subtype /Widget /FT /{kind} /T ({kind}{rectangle}) /Rect {rectangle} /F {flags} "
        f"/DA (/Helv 12 Tf 0 g) {more} >>"
    )


def note(kind: str, rectangle: str, more: str, *, flags: int = 4) -> str:
    return f"<< /Type /Annot /Subtype /{kind} /Rect {rectangle} /F {flags} {more} >>"


def form(content: str, *annotations: str, extra: str = "") -> bytes:
    return pdf_samples.with_annotations(content, annotations, extra=extra)


def read(data: bytes) -> Document:
    document = pdf.load(data, name="form.pdf", recogniser=lambda: None)
    assert_sound(document)
    return document


def test_values_of_fields_stand_beside_their_labels() -> None:
    made = form(
        LABELS,
        widget("Tx", NAME_BOX, "/V (Quittenbaum)"),
        widget("Ch", DAY_BOX, "/Ff 131072 /V (th) /Opt [[(mo) (Monday 11 May)] [(th) (Thursday 14 May)]]"),
    )
    assert read(made).text == "Family name: Quittenbaum\nPreferred day: Thursday 14 May"


def test_a_value_is_marked_in_its_field() -> None:
    made = form(LABELS, widget("Tx", NAME_BOX, "/V (Quittenbaum)"))
    document = read(made)
    start = document.text.index("Quittenbaum")
    (box,) = boxes(made, document.pages[0], start, start + 11, width=612)
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((170, 792 - 712, 370, 792 - 696), abs=0.1)
    (line,) = boxes(made, document.pages[0], 0, start + 11, width=612)
    assert line.x0 == pytest.approx(72, abs=1.5)
    assert line.x1 == pytest.approx(370, abs=0.1)


def test_the_picture_of_a_page_shows_a_value_without_appearance() -> None:
    def ink(value: str) -> bytes:
        made = form(LABELS, widget("Tx", NAME_BOX, f"/V ({value})"))
        return render(made, read(made).pages[0], [], width=300).png

    assert ink("Quittenbaum") != ink("")


@pytest.mark.parametrize(
    "rectangle", [pytest.param("[200 400 300 420]", id="crop box"), pytest.param("[150 310 250 330]", id="its edge")]
)
def test_fields_of_a_cropped_page_have_boxes_on_what_is_shown(rectangle: str) -> None:
    extra = "/CropBox [150 300 450 600]"
    made = form(pdf_samples.lines("Name", x=160, y=404), widget("Tx", rectangle, "/V (Anna)"), extra=extra)
    document = read(made)
    ((x0, y0, x1, y1),) = document.pages[0].boxes
    left, bottom, right, top = map(float, rectangle.strip("[]").split())
    expected = ((left - 150) / 300, (600 - top) / 300, (right - 150) / 300, (600 - bottom) / 300)
    assert (x0, y0, x1, y1) == pytest.approx(expected, abs=0.001)


def test_fields_of_a_turned_page_stand_beside_their_labels() -> None:
    turned = "BT /F1 12 Tf 0 1 -1 0 200 100 Tm (Family name:) Tj ET"
    made = form(turned, widget("Tx", "[188 200 204 320]", "/V (Quittenbaum)"), extra="/Rotate 90")
    assert read(made).text == "Family name: Quittenbaum"


def test_ticks_are_read_with_their_captions() -> None:
    captions = pdf_samples.lines("vegan", x=92, y=700) + pdf_samples.lines("with meat", x=92, y=680)
    states = "/AP << /N << /Yes << >> /Off << >> >> >>"
    made = form(
        captions,
        widget("Btn", "[72 698 84 710]", f"/V /Yes /AS /Yes {states}"),
        widget("Btn", "[72 678 84 690]", f"/V /Off /AS /Off {states}"),
    )
    assert read(made).text == f"{TICKED} vegan\n{UNTICKED} with meat"


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(widget("Tx", NAME_BOX, "/V (secret)", flags=2), id="hidden field"),
        pytest.param(widget("Tx", NAME_BOX, "/V (secret)", flags=32), id="field that is not viewed"),
        pytest.param(widget("Tx", NAME_BOX, "/V (secret) /Ff 8192"), id="password"),
        pytest.param(widget("Tx", "[900 900 990 920]", "/V (secret)"), id="beside the page"),
        pytest.param(widget("Tx", "[100 100 100 100]", "/V (secret)"), id="without size"),
        pytest.param(note("FreeText", NAME_BOX, "/Contents (secret)", flags=2), id="hidden text"),
        pytest.param(note("Text", NAME_BOX, "/Contents (secret)", flags=2), id="hidden comment"),
        pytest.param(note("Popup", NAME_BOX, "/Contents (secret)"), id="window"),
        pytest.param(note("Link", NAME_BOX, "/Contents (secret)"), id="link"),
    ],
)
def test_what_is_not_shown_is_not_read(hidden: str) -> None:
    assert read(form(LABELS, hidden)).text == "Family name:\nPreferred day:"


def test_a_label_for_two_fields_on_a_line_is_divided_at_the_first() -> None:
    line = pdf_samples.lines("First name: ________________ Surname: ________________", x=72, y=700)
    made = form(line, widget("Tx", "[138 696 240 712]", "/V (Ada)"), widget("Tx", "[300 696 400 712]", "/V (Lovelace)"))
    text = read(made).text
    assert text.startswith("First name: Ada ___")
    assert "Surname: Lovelace ___" in text


def test_text_typed_on_a_page_stands_where_it_was_typed() -> None:
    above, below = pdf_samples.lines("The proof begins here.", y=700), pdf_samples.lines("It ends there.", y=600)
    made = form(above + below, note("FreeText", "[90 640 300 670]", "/Contents (not needed in\\rthe exam) /DA (0 g)"))
    assert read(made).text.split("\n\n") == ["The proof begins here.", "not needed in\nthe exam", "It ends there."]


def test_comments_stand_behind_the_text_with_their_authors() -> None:
    made = form(
        LABELS,
        note("Text", "[400 690 420 710]", "/Contents (Ask for a date) /T (R. Rabe)"),
        note("Highlight", "[72 676 150 692]", "/Contents (too late?) /QuadPoints [72 692 150 692 72 676 150 676]"),
        note("Highlight", "[72 696 150 712]", "/QuadPoints [72 712 150 712 72 696 150 696]"),
    )
    document = read(made)
    assert document.text.split("\n\n")[1:] == ["Comment by R. Rabe: Ask for a date", "Comment: too late?"]
    start = document.text.index("Ask")
    (box,) = boxes(made, document.pages[0], start, start + 3, width=612)
    assert (box.x0, box.x1) == pytest.approx((400, 420), abs=0.1)


def test_what_a_field_shows_is_read_and_not_its_value() -> None:
    field = Annotation(20, (0, 0, 9, 9), "1234.5", drawn=list("1,234.50 EUR"))
    assert field.shown == "1,234.50 EUR"


def test_letters_in_squares_are_a_word() -> None:
    field = Annotation(20, (0, 0, 9, 9), "Ada L", drawn=["A", " d", " a", " L"])
    assert field.shown == "Ada L"


def test_a_page_of_fields_alone_is_read_and_named() -> None:
    document = read(form(pdf_samples.PICTURE, widget("Tx", NAME_BOX, "/V (Quittenbaum)")))
    assert document.text == "Quittenbaum"
    assert document.quality.images == (1,)


def test_letters_of_fields_have_boxes_and_letters_of_the_page_have_none() -> None:
    document = read(form(LABELS, widget("Tx", NAME_BOX, "/V (Quittenbaum)")))
    kinds = {document.text[run.start : run.start + run.length]: run.kind for run in document.pages[0].alignment.runs}
    assert kinds["Quittenbaum"] is RunKind.OCR
    assert kinds["Family name:"] is RunKind.PDF


def test_fields_that_cannot_be_read_cost_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise IndexError

    monkeypatch.setattr(pdf, "with_annotations", fails)
    document = read(form(LABELS, widget("Tx", NAME_BOX, "/V (Quittenbaum)")))
    assert document.text == "Family name:\nPreferred day:"
    assert document.notes == ("the form fields and comments on page 1 can't be read",)
