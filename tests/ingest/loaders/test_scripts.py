"""Powers and indices stay what they are in every format that can draw them."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import docx
import pptx
import pytest

from ingest.loaders import load
from ingest.loaders.office.math import formula
from tests.ingest.loaders.covering import assert_sound
from tests.ingest.loaders.samples import odt

MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
WRITTEN = "The area is n² and x₁₂ of the 3rd kind, at 2^(a/b) m."
PARTS = [
    ("The area is n", 0),
    ("2 ", 1),
    ("and x", 0),
    ("12", -1),
    (" of the 3", 0),
    ("rd", 1),
    (" kind, at 2", 0),
    ("a/b", 1),
    (" m.", 0),
]


def text_of(data: bytes, name: str) -> str:
    document = load(data, name=name)
    assert_sound(document)
    return document.text


def test_of_a_web_page() -> None:
    body = "The area is n<sup>2</sup> and x<sub>12</sub> of the 3<sup>rd</sup> kind, at 2<sup>a/b</sup> m."
    more = "<p>Others have said so at length.<sup><a href='#1'>[1]</a></sup> There is more to read about it here.</p>"
    text = text_of(f"<html><body><article><h1>Areas</h1><p>{body}</p>{more}</article></body></html>".encode(), "a.html")
    assert WRITTEN in text
    assert "length.[1]" in text


def test_a_power_of_a_power_leaves_the_rest_of_the_page_alone() -> None:
    said = (
        "It takes 2<sup>2<sup>n</sup></sup> steps, and the area is x<sup>2</sup>, as everybody who has tried it knows."
    )
    text = text_of(f"<html><body><article><h1>Steps</h1><p>{said}</p></article></body></html>".encode(), "a.html")
    assert "2^(2ⁿ) steps, and the area is x²" in text


def test_of_a_word_file() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph()
    for said, side in PARTS:
        run = paragraph.add_run(said)
        if side:
            setattr(run.font, "superscript" if side > 0 else "subscript", True)
    file = io.BytesIO()
    document.save(file)
    assert text_of(file.getvalue(), "a.docx") == WRITTEN


def test_of_a_slide() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    paragraph = slide.shapes.add_textbox(0, 0, 5_000_000, 500_000).text_frame.paragraphs[0]
    for said, side in PARTS:
        run = paragraph.add_run()
        run.text = said
        if side:
            run.font._element.set("baseline", str(30_000 * side))
    file = io.BytesIO()
    presentation.save(file)
    assert text_of(file.getvalue(), "a.pptx") == WRITTEN


@pytest.mark.parametrize(("up", "down"), [("super 58%", "sub 58%"), ("33% 58%", "-33% 58%")])
def test_of_an_open_document(up: str, down: str) -> None:
    names = {0: "plain", 1: "up", -1: "down"}
    spans = "".join(f'<text:span text:style-name="{names[side]}">{said}</text:span>' for said, side in PARTS)
    styles = "".join(
        f'<style:style style:name="{name}" style:family="text"><style:text-properties style:text-position="{what}"/>'
        "</style:style>"
        for name, what in (("up", up), ("down", down), ("plain", "0% 100%"))
    )
    assert text_of(odt(f"<text:p>{spans}</text:p>", styles=styles), "a.odt") == WRITTEN


@pytest.mark.parametrize(
    ("xml", "written"),
    [
        ("<sSup><e><r><t>x</t></r></e><sup><r><t>2</t></r></sup></sSup>", "x²"),
        ("<sSubSup><e><r><t>x</t></r></e><sub><r><t>i</t></r></sub><sup><r><t>n</t></r></sup></sSubSup>", "xᵢⁿ"),
        ("<f><fPr/><num><r><t>a+b</t></r></num><den><r><t>2</t></r></den></f>", "(a+b)/2"),
        ("<rad><radPr/><deg/><e><r><t>n</t></r></e></rad>", "√n"),
        ("<rad><radPr/><deg><r><t>3</t></r></deg><e><r><t>n+1</t></r></e></rad>", "³√(n+1)"),
        ("<d><dPr/><e><r><t>x+1</t></r></e></d>", "(x+1)"),
        ('<d><dPr><begChr m:val="["/><endChr m:val=""/></dPr><e><r><t>x</t></r></e></d>', "[x"),
        (
            '<nary><naryPr><chr m:val="∑"/></naryPr><sub><r><t>k=1</t></r></sub><sup><r><t>n</t></r></sup>'
            "<e><r><t>k</t></r></e></nary>",
            "∑ₖ₌₁ⁿ k",
        ),
        ("<func><fName><r><t>sin</t></r></fName><e><r><t>x</t></r></e></func>", "sin x"),
        ("<m><mr><e><r><t>1</t></r></e><e><r><t>0</t></r></e></mr><mr><e><r><t>0</t></r></e></mr></m>", "1, 0; 0"),
        ("<bar><barPr/><e><r><t>x</t></r></e></bar>", "x"),
    ],
)
def test_formulas_of_office_programs_are_written_in_a_line(xml: str, written: str) -> None:
    assert formula(ElementTree.fromstring(f'<oMath xmlns="{MATH}" xmlns:m="{MATH}">{xml}</oMath>')) == written
