"""Build the binary documents of the sample course from their sources.

The two PDF files are typeset with typst, using its embedded fonts only. The slide deck and the exercise
sheet are made with python-pptx and python-docx from TOML files. All dates are fixed, so equal sources give
equal files.

Usage: python build.py
Needs: typst, python-pptx, python-docx
"""

import datetime as dt
import sys
import tomllib
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pptx
import typst
from docx.document import Document
from docx.shared import Pt as DocxPt
from pptx.presentation import Presentation
from pptx.shapes.base import BaseShape
from pptx.slide import Slide
from pptx.util import Inches, Pt

SOURCES = Path(__file__).resolve().parent
TARGET = SOURCES.parent / "sample-course"
DATE = dt.datetime(2025, 10, 6, 8, 0, 0)
AUTHOR = "Studyhall sample course"


def load_toml(name: str) -> dict[str, Any]:
    """Read one TOML file of the source folder."""
    return tomllib.loads((SOURCES / name).read_text(encoding="utf-8"))


def build_pdf(name: str) -> Path:
    """Typeset one typst source."""
    target = TARGET / f"{name}.pdf"
    stamp = int(DATE.replace(tzinfo=dt.UTC).timestamp())
    typst.compile(SOURCES / f"{name}.typ", output=target, ignore_system_fonts=True, timestamp=stamp, format="pdf")
    return target


def save_office(document: Document | Presentation, title: str, target: Path) -> Path:
    """Write an Office file with fixed dates, both in its properties and in the ZIP directory."""
    properties = document.core_properties
    properties.title = title
    properties.author = properties.last_modified_by = AUTHOR
    properties.comments = ""
    properties.created = properties.modified = DATE
    buffer = BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as result:
        for entry in source.infolist():
            info = zipfile.ZipInfo(entry.filename, DATE.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            result.writestr(info, source.read(entry))
    return target


def place(shape: BaseShape, left: float, top: float, width: float, height: float) -> None:
    """Move and resize a shape; all lengths are in inches."""
    shape.left, shape.top, shape.width, shape.height = (Inches(v) for v in (left, top, width, height))


def add_slide_table(slide: Slide, rows: list[list[str]]) -> None:
    """Put a table into the lower part of a slide."""
    height = Inches(0.42 * len(rows))
    frame = slide.shapes.add_table(len(rows), len(rows[0]), Inches(1.9), Inches(5.1), Inches(9.5), height)
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            cell = frame.table.cell(y, x)
            cell.text = value
            cell.text_frame.paragraphs[0].font.size = Pt(16)


def add_slide(deck: Presentation, content: dict[str, Any]) -> None:
    """Append one slide with title, bullets and, where given, a table and speaker notes."""
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    title, body = slide.shapes.title, slide.placeholders[1]
    title.text = content["title"]
    place(title, 0.9, 0.4, 11.5, 1.0)
    place(body, 0.9, 1.6, 11.5, 3.4 if "table" in content else 5.2)
    frame = body.text_frame
    for number, bullet in enumerate(content["bullets"]):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text = bullet
        paragraph.font.size = Pt(22)
        paragraph.space_after = Pt(8)
    if "table" in content:
        add_slide_table(slide, content["table"])
    if "notes" in content:
        slide.notes_slide.notes_text_frame.text = content["notes"]


def build_slides(name: str) -> Path:
    """Make the slide deck."""
    content = load_toml(f"{name}.toml")
    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    first = deck.slides.add_slide(deck.slide_layouts[0])
    title, subtitle = first.shapes.title, first.placeholders[1]
    title.text, subtitle.text = content["document"]["title"], content["document"]["subtitle"]
    place(title, 1.0, 2.2, 11.3, 1.5)
    place(subtitle, 1.0, 4.0, 11.3, 1.5)
    for slide in content["slides"]:
        add_slide(deck, slide)
    return save_office(deck, content["document"]["title"], TARGET / f"{name}.pptx")


def add_block(document: Document, block: dict[str, Any]) -> None:
    """Append one block of the exercise sheet."""
    kind = block["kind"]
    if kind == "heading":
        document.add_heading(block["text"], level=1)
    elif kind == "items":
        for number, item in enumerate(block["items"]):
            paragraph = document.add_paragraph(f"({'abcdefgh'[number]}) {item}")
            paragraph.paragraph_format.left_indent = DocxPt(18)
    elif kind == "table":
        rows: list[list[str]] = block["rows"]
        table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Light Grid Accent 1")
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                table.cell(y, x).text = value
        document.add_paragraph()
    elif kind == "hint":
        paragraph = document.add_paragraph()
        paragraph.add_run("Hint: ").bold = True
        paragraph.add_run(block["text"]).italic = True
    else:
        document.add_paragraph(block["text"])


def build_sheet(name: str) -> Path:
    """Make the exercise sheet."""
    content = load_toml(f"{name}.toml")
    document = docx.Document()
    document.add_heading(content["title"], level=0)
    document.add_paragraph(content["subtitle"], style="Subtitle")
    for block in content["blocks"]:
        add_block(document, block)
    return save_office(document, f"{content['title']}: {content['subtitle']}", TARGET / f"{name}.docx")


def main() -> None:
    """Build everything and name each file with its size."""
    TARGET.mkdir(parents=True, exist_ok=True)
    built = [
        build_pdf("lecture-notes"),
        build_pdf("glossar-suchmaschinen"),
        build_slides("slides-evaluation"),
        build_sheet("exercise-sheet-3"),
    ]
    for path in built:
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
