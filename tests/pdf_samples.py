"""Small PDFs for the tests, written by hand at test time, so that each odd thing in them can be read here.

A page is a content stream ("BT … (text) Tj ET") and what else its dictionary says. The font is Helvetica, to
which a map from codes to Unicode may be given, as TeX gives one for its mathematical letters and ligatures.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pypdf
from pypdf.constants import PageLabelStyle

PASSWORD = "open sesame"


@dataclass(frozen=True)
class SamplePage:
    """A page's content stream, and more entries of its dictionary."""

    content: str
    extra: str = ""


def lines(*texts: str, x: float = 72, y: float = 720, size: float = 12, font: str = "F1") -> str:
    """Write lines of text below each other, 1.2 sizes apart."""
    shown = f" 0 {-1.2 * size:g} Td ".join(f"({text}) Tj" for text in texts)
    return f"BT /{font} {size:g} Tf {x:g} {y:g} Td {shown} ET\n"


def pdf(
    pages: Sequence[SamplePage | str],
    *,
    unicode: Mapping[str, str] | None = None,
    glyphs: Mapping[str, str] | None = None,
    signs: str = "Helvetica-Bold",
    info: str = "",
    annotations: Sequence[str] = (),
    catalog: str = "",
) -> bytes:
    """Make a PDF; `unicode` and `glyphs` say which text and which glyph name a letter of the streams stands for.

    `signs` is the name of its second font; the `annotations` are the objects from number 5 on.
    """
    pages = [SamplePage(page) if isinstance(page, str) else page for page in pages]
    to_unicode = " /ToUnicode 4 0 R" if unicode else ""
    objects = [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding {_encoding(glyphs or {})}{to_unicode} >>",
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{signs} /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
        _stream(_cmap(unicode or {})),
    ]
    kids = []
    objects += annotations
    root = len(objects) + 2 * len(pages) + 1
    for page in pages:
        objects.append(_stream(page.content))
        fonts = "/Resources << /Font << /F1 1 0 R /F2 2 0 R /F3 3 0 R >> >>"
        box = "" if "/MediaBox" in page.extra else "/MediaBox [0 0 612 792]"
        contents = f"/Contents {len(objects)} 0 R"
        objects.append(f"<< /Type /Page /Parent {root} 0 R {box} {fonts} {contents} {page.extra} >>")
        kids.append(f"{len(objects)} 0 R")
    objects.append(f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>")
    objects.append(f"<< /Type /Catalog /Pages {root} 0 R {catalog} >>")
    objects.append(f"<< {info} >>")
    return _file(objects, root=len(objects) - 1, info=len(objects))


def with_annotations(content: str, annotations: Sequence[str], *, extra: str = "") -> bytes:
    """Make a page with form fields and other annotations, given as dictionaries."""
    all_of_them = " ".join(f"{number} 0 R" for number in range(5, 5 + len(annotations)))
    fonts = "/DR << /Font << /Helv 1 0 R >> >> /DA (/Helv 12 Tf 0 g)"
    return pdf(
        [SamplePage(content, f"/Annots [{all_of_them}] {extra}")],
        annotations=annotations,
        catalog=f"/AcroForm << /Fields [{all_of_them}] {fonts} >>",
    )


def _stream(content: str) -> str:
    return f"<< /Length {len(content.encode('latin-1'))} >>\nstream\n{content}\nendstream"


def _encoding(glyphs: Mapping[str, str]) -> str:
    if not glyphs:
        return "/WinAnsiEncoding"
    names = " ".join(f"{ord(code)} /{name}" for code, name in glyphs.items())
    return f"<< /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [{names}] >>"


def _cmap(unicode: Mapping[str, str]) -> str:
    """Write a map from codes to Unicode; letters outside the basic plane are surrogate pairs in it."""
    pairs = "\n".join(f"<{ord(code):02X}> <{text.encode('utf-16-be').hex()}>" for code, text in unicode.items())
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Sample def /CMapType 2 def\n"
        "1 begincodespacerange <00> <FF> endcodespacerange\n"
        f"{len(unicode)} beginbfchar\n{pairs}\nendbfchar\nendcmap end end"
    )


def _file(objects: Sequence[str], *, root: int, info: int) -> bytes:
    """Number the objects and write where each begins."""
    file = io.BytesIO()
    file.write(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(file.tell())
        file.write(f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1"))
    start = file.tell()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    file.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode("latin-1"))
    trailer = f"<< /Size {len(objects) + 1} /Root {root} 0 R /Info {info} 0 R >>"
    file.write(f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode("latin-1"))
    return file.getvalue()


PROSE = lines(
    "Sorting puts the elements of a list in order. Merge sort divides",
    "the list, sorts both halves and merges them. It needs n log n",
    "steps in the worst case.",
)


def prose() -> bytes:
    """One page, one paragraph of three lines."""
    return pdf([PROSE])


def astral_letters() -> bytes:
    """A formula in mathematical letters that lie outside the basic plane: let 𝑥 be 𝑦 + 1."""
    return pdf([lines("let X be Y + 1", "and X after")], unicode={"X": "𝑥", "Y": "𝑦"})


def ligature() -> bytes:
    """One glyph that stands for three letters: "efficient" and "office"."""
    return pdf([lines("an eFcient oFce, twice", "eFcient")], unicode={"F": "ffi"})


def undecodable() -> bytes:
    """A glyph that says it is no letter, in the word "di?erent"."""
    return pdf([lines("two diQerent paths")], unicode={"Q": "\x00"})


def accents() -> bytes:
    """Accents drawn over letters as TeX's older fonts do it, before or after them: "für Möbius ≠ Ω, naïve ﬁ"."""
    before, after = "83 (D) 639", "639 (D) 83"  # in thousandths of the size, to the left
    moved = f"(f) {before} (ur Mo) {after} (bius ) 69 (N) 653 (= W, na) 222 (D) 500 (Ive Q)"
    moved = f"BT /F1 12 Tf 72 720 Td [{moved}] TJ ET"
    return pdf([moved], unicode={"D": "¨", "N": "\u0338", "W": "\u2126", "I": "ı", "Q": "ﬁ"})


def named_only() -> bytes:
    """Glyphs without Unicode that the font has names for, "Figure 6: different ways → home", and a nameless one."""
    names = {"Q": "ff", "X": "six.oldstyle", "Z": "shortrightarrow", "J": "g17"}
    text = lines("Figure X: diQerent ways Z home, J", "and diQicult ones")
    return pdf([text], unicode=dict.fromkeys(names, "\x00"), glyphs=names)


def hyphens() -> bytes:
    """Lines that end in hyphens: of a divided word, of a compound, before "und", before a capital."""
    return pdf(
        [
            lines(
                "This is one more exam-",
                "ple of a well-known algo-",
                "rithm that is well-",
                "known, for Ein-",
                "und Ausgabe with the RSA-",
                "Kryptosystem.",
            )
        ]
    )


def rotated() -> bytes:
    """A page that is to be shown turned by 90 degrees, with text that is upright then."""
    turned = "BT /F1 12 Tf 0 1 -1 0 200 100 Tm (Turned text reads) Tj 0 -14 Td (from below) Tj ET"
    return pdf([SamplePage(turned, "/Rotate 90")])


def cropped() -> bytes:
    """A page of which only the middle is shown."""
    return pdf([SamplePage(lines("Cropped page", x=220, y=400), "/CropBox [200 300 500 600]")])


def outlined() -> bytes:
    """Three pages, labelled i, 1 and 2, with an outline of two levels."""
    text = [
        lines("Preface") + lines("A few words before the work.", y=690),
        lines("1 Graphs") + lines("A graph has nodes and edges.", y=690),
        lines("1.1 Trees") + lines("A tree is a graph without circles.", y=690),
    ]
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(text, info="/Title (Graphs and Trees)")))
    writer.set_page_label(0, 0, style=PageLabelStyle.LOWERCASE_ROMAN)
    writer.set_page_label(1, 2, style=PageLabelStyle.DECIMAL)
    writer.add_outline_item(title="Preface", page_number=0)
    graphs = writer.add_outline_item(title="Graphs", page_number=1)
    writer.add_outline_item(title="Trees", page_number=2, parent=graphs)
    return _written(writer)


def encrypted() -> bytes:
    """A PDF that asks for a password."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(prose()))
    writer.encrypt(PASSWORD, algorithm="RC4-128")
    return _written(writer)


def locked_for_printing() -> bytes:
    """A PDF that is encrypted and opens without a password all the same."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(prose()))
    writer.encrypt("", PASSWORD, algorithm="RC4-128")
    return _written(writer)


def _written(writer: pypdf.PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def cut() -> bytes:
    """A PDF of which only the first bytes arrived."""
    return prose()[:400]


PICTURE = "q 200 0 0 200 100 400 cm BI /W 2 /H 2 /BPC 8 /CS /G ID \x10\x80\xf0\x40 EI Q"


def scanned() -> bytes:
    """Two pages with a picture each and no text."""
    return pdf([PICTURE, PICTURE])


def partly_scanned() -> bytes:
    """Text, two pictures, text, a picture, an empty page."""
    return pdf([PROSE, PICTURE, PICTURE, PROSE, PICTURE, ""])


def blank() -> bytes:
    """A page with nothing on it."""
    return pdf([""])


def no_pages() -> bytes:
    """A PDF without pages."""
    return pdf([])


def chapter() -> bytes:
    """A page as a book has it: headings, paragraphs, a list, code, a caption and the page's number."""
    return pdf(
        [
            lines("Shortest Paths", size=20, y=740, font="F2")
            + lines("8.1 Edges", size=14, y=700, font="F2")
            + lines("A path is a row of edges. Each of them begins where the one", "before ends.", y=676)
            + lines("Its length is the sum of the lengths of the edges, which may", "be negative.", y=640)
            + lines("1. Begin at the source.", y=604)
            + lines("2. Relax the edges.", y=589.6)
            + lines("def relax(u, v):", "    return d[u] + w", y=556, size=10, font="F3")
            + lines("Figure 8.1: A graph with a negative edge.", y=510, size=10)
            + lines("277", y=60, x=300)
        ]
    )


def two_columns() -> bytes:
    """Two columns; a sentence goes on from the first to the second."""
    left = [f"Line {number} of the left column goes" for number in range(1, 6)]
    return pdf(
        [lines(*left, x=60, y=700, size=10) + lines("on in the right column.", "It ends there.", x=330, y=700, size=10)]
    )
