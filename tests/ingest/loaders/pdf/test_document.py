"""PDF: what stands on the page comes out as text, and every letter finds its way back to the page."""

from __future__ import annotations

import ctypes
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.loaders import load
from ingest.loaders.building import ranges
from ingest.loaders.pdf import blocks as pdf_blocks
from ingest.loaders.pdf import document as pdf
from ingest.loaders.pdf import glyphs as pdf_glyphs
from ingest.loaders.pdf import letters as pdf_letters
from ingest.loaders.pdf import rows as pdf_rows
from ingest.loaders.pdf import text as pdf_text
from ingest.pages import render
from ingest.pdfium import opened
from rag.errors import Damaged, NoText, PasswordNeeded
from rag.types import Block, BlockKind, Document, Page, RunKind
from tests import pdf_samples
from tests.ingest.loaders.covering import assert_sound

MATERIAL = Path(__file__).parents[5] / "shared" / "data"
SOUND = tuple(
    (
        "prose astral_letters ligature undecodable hyphens rotated cropped outlined locked_for_printing partly_scanned "
        "chapter two_columns"
    ).split()
)


def read(sample: str) -> Document:
    """Read a sample as where text recognition isn't installed; tests/ingest/loaders/test_scan.py has it."""
    return pdf.load(getattr(pdf_samples, sample)(), name=f"{sample}.pdf", recogniser=lambda: None)


# ---- the way back


class LetterAtPlace:
    """Looks at a page without our alignment: which letter is PDFium's n-th, and which stands at a point."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self.characters = page.get_textpage()

    def numbered(self, at: int) -> str:
        """The letter at an index; two surrogates are one letter."""
        unit = pdfium.FPDFText_GetUnicode(self.characters, at)
        if 0xD800 <= unit < 0xDC00:
            low = pdfium.FPDFText_GetUnicode(self.characters, at + 1)
            return chr(0x10000 + ((unit - 0xD800) << 10) + low - 0xDC00)
        return chr(unit)

    def box(self, at: int) -> tuple[float, ...]:
        sides = [ctypes.c_double() for _ in range(4)]
        assert pdfium.FPDFText_GetCharBox(self.characters, at, *sides)
        return tuple(round(side.value, 3) for side in sides)

    def shown_in(self, box: tuple[float, ...]) -> int:
        """The index of the letter at the middle of a box."""
        left, right, bottom, top = box
        return pdfium.FPDFText_GetCharIndexAtPos(self.characters, (left + right) / 2, (bottom + top) / 2, 0.1, 0.1)


GREEK = "ΘαπΣΩ"  # some fonts of signs give them other names


def is_written(drawn: str, letter: str) -> bool:
    """Whether the letter is what is drawn, raises or lowers it, is part of a ligature, or has it under an accent."""
    base = unicodedata.normalize("NFKD", letter)[0]
    return letter in (drawn, unicodedata.normalize("NFC", drawn)) or (
        letter in unicodedata.normalize("NFKC", drawn) if drawn > "\ufaff" else base == drawn.replace("ı", "i")
    )


def assert_letters_find_their_place(
    document: Document, page: Page, pdf: pypdfium2.PdfDocument, *, overlapping: float = 0.0, named: bool = False
) -> int:
    """Follow every letter of a page to its box, and look which letter is there; return how many there were.

    `named` allows for glyphs without Unicode that were read by the name their font has for them.
    `overlapping` is the share of letters that may lie behind another one, as the A of TeX's logo does.
    """
    place = LetterAtPlace(pdf[page.number - 1])
    letters = behind = 0
    for offset, source in page.alignment.sources(page.start, page.end):
        letter = document.text[offset]
        if not letter.isalnum():
            continue
        letters += 1
        # A glyph that only its font names is no letter to PDFium.
        drawn = place.numbered(source)
        assert is_written(drawn, letter) or (named and (drawn < " " or letter in GREEK))
        box = place.box(source)
        if box[0] == box[1] or box[2] == box[3]:
            continue  # drawn without any width
        found = place.shown_in(box)
        # The letters of a ligature share one box, in which the first of them is found.
        assert found >= 0
        behind += place.numbered(found) != place.numbered(source) and place.box(found) != box
    assert behind <= overlapping * letters
    return letters


@pytest.mark.parametrize("sample", SOUND)
def test_every_letter_finds_its_place_on_the_page(sample: str) -> None:
    document = read(sample)
    with pypdfium2.PdfDocument(getattr(pdf_samples, sample)()) as pdf:
        found = sum(assert_letters_find_their_place(document, page, pdf) for page in document.pages)
    aligned = "".join(
        document.text[offset] for page in document.pages for offset, _ in page.alignment.sources(page.start, page.end)
    )
    assert found == sum(letter.isalnum() for letter in document.text) == sum(map(str.isalnum, aligned))


@pytest.mark.parametrize("sample", SOUND)
def test_documents_are_sound(sample: str) -> None:
    assert_sound(read(sample))


def course_pages() -> list[tuple[Path, int]]:
    """A few pages of real course material, and of a few difficult PDFs."""
    course = [(path, number) for path in sorted((MATERIAL / "course").rglob("*.pdf")) for number in (1, 5, 21)]
    kinds = ("rotated", "cjk", "ordinary", "damaged-but-repairable")
    difficult = [path for kind in kinds for path in sorted((MATERIAL / "fixtures/pdf" / kind).glob("*.pdf"))[:4]]
    return course + [(path, 1) for path in difficult]


@pytest.mark.slow
def test_every_letter_of_real_pages_finds_its_place() -> None:
    pages = course_pages()
    if not pages:
        pytest.skip("the course material and the difficult PDFs aren't beside this checkout")
    documents: dict[Path, Document | None] = {}
    for path, number in pages:
        if path not in documents:
            try:
                documents[path] = load(path.read_bytes(), name=path.name)
            except NoText:
                documents[path] = None
        document = documents[path]
        if document is not None and number <= len(document.pages):
            with pypdfium2.PdfDocument(path) as pdf:
                assert_letters_find_their_place(document, document.pages[number - 1], pdf, overlapping=0.01, named=True)


def test_mathematical_letters_shift_nothing() -> None:
    document = read("astral_letters")
    assert document.text == "let 𝑥 be 𝑦 + 1\nand 𝑥 after"
    sources = dict(document.pages[0].alignment.sources(0, len(document.text)))
    # "let 𝑥 be": the letter takes PDFium's characters 4 and 5, and the space after it is the 6th.
    assert (sources[4], sources[5], sources[6]) == (4, 6, 7)
    assert all(run.length == 1 for run in document.pages[0].alignment.runs if document.text[run.start] in "𝑥𝑦")


def test_a_ligature_is_written_out() -> None:
    assert read("ligature").text == "an efficient office, twice\nefficient"


@pytest.mark.parametrize(
    ("font", "shown", "text"),
    [
        ("MathDesign-CH-Regular-Symbol-10", ["v ", "2", " reach, not ", "1"], "v ∈ reach, not ∞"),
        (
            "MathDesign-CH-Regular-Symbol-10",
            ["x ", "2", " a ", "\\\\", " b ", "[", " c ", "{", "d", "}"],
            "x ∈ a ∩ b ∪ c {d}",
        ),
        ("MathDesign-CH-Regular-Symbol-10", ["so ", "hh", "Phase", "ii", " of -", "1"], "so ⟨⟨Phase⟩⟩ of -∞"),
        ("MathDesign-CH-Regular-Symbol-10", ["T ", "2", " of ", "b", "n/3", "c"], "T ∈ of ⌊n/3⌋"),
        ("MathDesign-CH-Regular-Extension-10", ["the ", "X", " of ", "P"], "the ∑ of ∑"),
        ("Times-Bold", ["v ", "2", " reach, ", "h", " and ", "X", " in 6 lines"], "v 2 reach, h and X in 6 lines"),
        ("CMSY10", ["the set ", "P", " of 2"], "the set P of 2"),
    ],
)
def test_codes_of_fonts_of_signs_become_what_they_stand_for(font: str, shown: list[str], text: str) -> None:
    """Every second piece is set in the font; the numbers of the prose stay."""
    pieces = " ".join(f"/F{1 + at % 2} 12 Tf ({piece}) Tj" for at, piece in enumerate(shown))
    document = load(pdf_samples.pdf([f"BT 72 720 Td {pieces} ET"], signs=font), name="signs.pdf")
    assert document.text == text
    sources = dict(document.pages[0].alignment.sources(0, len(text)))
    assert [sources[at] for at in range(len(text)) if at in sources] == sorted(sources.values())


def test_accents_are_put_to_their_letters() -> None:
    document = read("accents")
    assert document.text == "für Möbius ≠ Ω, naïve fi"
    with pypdfium2.PdfDocument(pdf_samples.accents()) as pdf:
        assert assert_letters_find_their_place(document, document.pages[0], pdf, overlapping=0.2) == 17
    assert_sound(document)


@pytest.mark.parametrize(
    ("shown", "meaning", "text"),
    [
        pytest.param("[(xD)] TJ", {"D": "ˆ"}, "xˆ", id="no letter has this accent alone"),
        pytest.param("[(a)] TJ [(Di)] TJ", {"D": "ˆ"}, "aˆi", id="an accent beside its neighbours"),
        pytest.param("[222 (D) 500 (v)] TJ", {"D": "\u20d7"}, "v\u20d7", id="a vector's arrow"),
        pytest.param("(eD) Tj", {"D": "\u0301"}, "é", id="a mark that follows"),
        pytest.param("(D) Tj", {"D": "e\u0301"}, "é", id="both in one glyph"),
        pytest.param("(f(D)) Tj", {"D": "`"}, "f(`)", id="a grave accent that stands for an ell"),
        pytest.param("(WD4) Tj", {"D": "\u00ad"}, "W-4", id="a soft hyphen that is drawn"),
    ],
)
def test_letters_are_written_as_unicode_does(shown: str, meaning: dict[str, str], text: str) -> None:
    made = pdf_samples.pdf([f"BT /F1 12 Tf 72 720 Td {shown} ET"], unicode=meaning)
    document = load(made, name="letters.pdf")
    assert document.text == text
    assert unicodedata.is_normalized("NFC", document.text)


def test_ligatures_are_written_out_and_share_their_place() -> None:
    glyphs = pdf_letters.Glyphs("of \ufb03ce", range(6))
    assert pdf_letters.repaired(None, glyphs) == pdf_letters.Glyphs("of ffice", [0, 1, 2, 3, 3, 3, 4, 5])


@given(st.text("aeou\u0308\u0301\u2126\ufb01\u1112\u1161\u11ab \u4e00", max_size=20))
def test_composed_letters_keep_their_places(letters: str) -> None:
    glyphs = pdf_letters.Glyphs(letters, range(len(letters)))
    repaired = pdf_letters._with_plain_letters(glyphs)
    repaired = pdf_letters.edited(repaired, pdf_letters._cluster_edits(repaired))
    assert len(repaired.text) == len(repaired.sources)
    assert list(repaired.sources) == sorted(repaired.sources)
    for letter, source in zip(repaired.text, repaired.sources, strict=True):
        assert (
            unicodedata.combining(letter)
            or unicodedata.normalize("NFD", letter)[0] == unicodedata.normalize("NFD", letters[source])[0]
        )


def test_an_undecodable_glyph_is_marked_and_keeps_its_place() -> None:
    document = read("undecodable")
    assert document.text == "two di\ufffderent paths"
    assert (6, 6) in set(document.pages[0].alignment.sources(0, 10))


def test_a_glyph_without_unicode_is_read_by_its_name() -> None:
    document = read("named_only")
    assert document.text == "Figure 6: different ways → home, \ufffd\nand difficult ones"
    with pypdfium2.PdfDocument(pdf_samples.named_only()) as pdf:
        assert_letters_find_their_place(document, document.pages[0], pdf, named=True)
    assert_sound(document)


def test_both_letters_of_a_named_ligature_stand_at_its_place() -> None:
    document = read("named_only")
    at = document.text.index("ff")
    (_, first), (_, second) = document.pages[0].alignment.sources(at, at + 2)
    assert first == second


@pytest.mark.parametrize(
    ("cmap", "codes"),
    [
        (b"beginbfchar <21> <0066> <22><D835DC65> endbfchar", {0x21: "f", 0x22: "𝑥"}),
        (b"beginbfrange <41> <43> <0061> endbfrange", {0x41: "a", 0x42: "b", 0x43: "c"}),
        (b"beginbfrange <41> <42> [<0066> <00660069>] endbfrange", {0x41: "f", 0x42: "fi"}),
        (b"beginbfrange <41> <42> <FFFF> endbfrange", {0x41: "\uffff", 0x42: "\uffff"}),
        (b"nothing of the kind", {}),
    ],
)
def test_maps_to_unicode_are_read(cmap: bytes, codes: dict[int, str]) -> None:
    assert pdf_glyphs._decoded_codes(cmap) == codes
    assert pdf_glyphs._decoded_codes(pdf_glyphs._cmap(codes)) == codes


@given(st.text("ab 𝑥𝑦\u00e4", min_size=1, max_size=30), st.data())
def test_stretches_of_a_page_keep_their_places(letters: str, data: st.DataObject) -> None:
    """Taken out of a page in any order, each letter still knows its UTF-16 unit."""
    units = [letters.encode("utf-16-le")[at : at + 2] for at in range(0, len(letters.encode("utf-16-le")), 2)]
    glyphs = pdf_rows.glyphs_of("".join(unit.decode("utf-16-le", "surrogatepass") for unit in units))
    text = pdf_text.AlignedText()
    for _ in range(3):
        start = data.draw(st.integers(0, len(letters)))
        text.take(glyphs, start, data.draw(st.integers(start, len(letters))))
        text.insert("\n")
    written = "".join(text.parts)
    for offset, source in text.alignment().sources(0, len(written)):
        width = 2 if ord(written[offset]) > 0xFFFF else 1
        assert b"".join(units[source : source + width]).decode("utf-16-le") == written[offset]


def test_pages_are_read_and_shown_at_the_same_time() -> None:
    """PDFium isn't thread-safe; the lock makes our use of it so."""
    data = pdf_samples.chapter()
    document = read("chapter")
    with ThreadPoolExecutor(6) as pool:
        read_again = [pool.submit(load, data, name="chapter.pdf") for _ in range(30)]
        shown = [pool.submit(render, data, document.pages[0], [(0, 9)], width=300) for _ in range(30)]
        assert {future.result() for future in read_again} == {document}
        assert len({future.result().png for future in shown}) == 1


# ---- hyphens


def test_divided_words_are_joined_and_other_hyphens_stay() -> None:
    assert read("hyphens").text == (
        "This is one more example of a well-known algorithm that is well-known, for Ein-\n"
        "und Ausgabe with the RSA-Kryptosystem."
    )


def test_what_is_written_between_lines_stands_nowhere_on_the_page() -> None:
    document = read("hyphens")
    inserted = [run for run in document.pages[0].alignment.runs if run.kind is RunKind.INSERTED]
    assert [document.text[run.start : run.start + run.length] for run in inserted] == ["\n"]


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [
        pytest.param("exam", "ple", ("", ""), id="divided word"),
        pytest.param("Bellman", "Ford", ("-", ""), id="capital"),
        pytest.param("well", "known", ("-", ""), id="compound of this document"),
        pytest.param("Ein", "und", ("-", "\n"), id="suspended"),
        pytest.param("x", "z", ("-", ""), id="single letters"),
        pytest.param("3", "4", ("-", "\n"), id="numbers"),
    ],
)
def test_hyphens_at_line_ends(left: str, right: str, joined: tuple[str, str]) -> None:
    words = pdf_text.words_of(["a well-known fact"])
    assert pdf_text._at_hyphen(left, right, "-", "\n", words) == joined


# ---- blocks


def test_a_page_of_a_book_is_divided_into_its_blocks() -> None:
    document = read("chapter")
    found = [(block.kind, block.level, document.text[block.start : block.end]) for block in document.blocks]
    assert found == [
        (BlockKind.HEADING, 1, "Shortest Paths"),
        (BlockKind.HEADING, 2, "8.1 Edges"),
        (BlockKind.PARAGRAPH, 0, "A path is a row of edges. Each of them begins where the one\nbefore ends."),
        (BlockKind.PARAGRAPH, 0, "Its length is the sum of the lengths of the edges, which may\nbe negative."),
        (BlockKind.LIST, 0, "1. Begin at the source."),
        (BlockKind.LIST, 0, "2. Relax the edges."),
        (BlockKind.CODE, 0, "def relax(u, v):\nreturn d[u] + w"),
        (BlockKind.CAPTION, 0, "Figure 8.1: A graph with a negative edge."),
        (BlockKind.PARAGRAPH, 0, "277"),
    ]
    assert document.title == "Shortest Paths"


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("F(n) = F(n - 1) + F(n - 2)   (3.1)", True),
        ("𝑠𝑖𝑛(𝑥) ≤ 1", True),
        ("Here the sum of a + b is even", False),
        ("see page 12", False),
        ("(a, b)", False),
    ],
)
def test_formulas_are_told_from_text(text: str, formula: bool) -> None:
    assert pdf_blocks.is_formula(text) is formula


def test_a_formula_is_one_block() -> None:
    main, lower = (pdf_samples.lines(text, x=250, y=y) for text, y in (("s = + i * x", 625), ("i = 1", 600)))
    prose = pdf_samples.lines("What comes after it is text again.", y=560)
    document = load(pdf_samples.pdf([pdf_samples.PROSE + main + lower + prose]), name="formula.pdf")
    (found,) = [block for block in document.blocks if block.kind is BlockKind.FORMULA]
    assert document.text[found.start : found.end] == "s = + i * x\ni = 1"


def test_a_sentence_goes_on_in_the_next_column() -> None:
    document = read("two_columns")
    assert "goes\non in the right column.\nIt ends there." in document.text
    assert len(document.blocks) == 1


def test_indented_first_lines_begin_paragraphs() -> None:
    content = pdf_samples.lines("First paragraph begins here and fills", "its second line too, to the end", y=720)
    content += pdf_samples.lines("Second paragraph is indented and", x=90, y=691.2)
    content += pdf_samples.lines("goes back to the margin after that.", y=676.8)
    document = load(pdf_samples.pdf([content]), name="indented.pdf")
    assert document.text.split("\n\n")[1] == "Second paragraph is indented and\ngoes back to the margin after that."


def test_outline_gives_headings_and_levels() -> None:
    document = read("outlined")
    headings = [block for block in document.blocks if block.kind is BlockKind.HEADING]
    assert [(block.level, document.text[block.start : block.end]) for block in headings] == [
        (1, "Preface"),
        (1, "1 Graphs"),
        (2, "1.1 Trees"),
    ]


def test_words_in_bold_within_a_paragraph_are_no_heading() -> None:
    before = pdf_samples.lines("Suppose that the gaps of the shortest sequence are known for two of the", y=714)
    bold = pdf_samples.lines("strings. If the last column goes, the others must be the shortest edit", y=700, font="F2")
    after = pdf_samples.lines("sequence for what is left of both of them, which is proven by contradiction,", y=686)
    rest = pdf_samples.lines("as so often: a shorter one would give a shorter one for both of the wholes.", y=672)
    heading = pdf_samples.lines("Running Time", y=640, font="F2")
    below = pdf_samples.lines("The table has as many cells as there are pairs of letters in both of them.", y=624)
    document = load(pdf_samples.pdf([before + bold + after + rest + heading + below]), name="edit.pdf")
    headings = [block for block in document.blocks if block.kind is BlockKind.HEADING]
    assert [document.text[block.start : block.end] for block in headings] == ["Running Time"]


def test_running_heads_in_bold_are_no_headings() -> None:
    head = pdf_samples.lines("Algorithms", y=760, font="F2")
    document = load(pdf_samples.pdf([head + pdf_samples.PROSE] * 3), name="running.pdf")
    assert all(block.kind is not BlockKind.HEADING for block in document.blocks)


def test_an_outline_title_may_take_two_rows() -> None:
    page = pdf_blocks.PageRows()
    assert pdf_blocks.groups_of(page, pdf_blocks.style_of([page]), {"Graphs": 1}) == []


def test_a_short_row_above_an_outline_title_is_no_part_of_it() -> None:
    rows = pdf_samples.lines("and of its", "content.") + pdf_samples.lines("Inverted index", y=660)
    with opened(pdf_samples.pdf([rows]), name="x") as file:
        page = pdf_rows.read_rows(file, 0)
    assert pdf_blocks._outline_levels(page, {"invertedindex": 2}) == [0, 0, 2]


# ---- pages, title, notes


def test_pages_have_their_labels() -> None:
    assert [(page.number, page.label) for page in read("outlined").pages] == [(1, "i"), (2, "1"), (3, "2")]


def test_pages_without_labels_have_none() -> None:
    assert [page.label for page in read("prose").pages] == [None]


def test_the_title_comes_from_the_file() -> None:
    assert read("outlined").title == "Graphs and Trees"


@pytest.mark.parametrize("made_up", ["Microsoft Word - skript.doc", "paper.dvi", "untitled", "--"])
def test_a_title_made_up_by_a_program_is_none(made_up: str) -> None:
    document = load(pdf_samples.pdf([pdf_samples.PROSE], info=f"/Title ({made_up})"), name="notes week 3.pdf")
    assert document.title == "notes week 3"


def test_the_language_is_found() -> None:
    assert read("prose").language == "en"


def test_pages_without_text_are_named_and_empty_ones_are_not() -> None:
    document = read("partly_scanned")
    assert document.notes[0] == "pages 2-3, 5 are images without text"
    assert 'pip install "studyhall[ocr]"' in document.notes[1]
    assert [page.number for page in document.pages] == [1, 2, 3, 4, 5, 6]
    assert document.page_at(document.pages[3].start).number == 4


def test_ranges_are_compact() -> None:
    assert ranges([1, 4, 5, 6, 9, 10]) == "1, 4-6, 9-10"


# ---- files that can't be read


@pytest.mark.parametrize(
    ("sample", "error", "said"),
    [
        ("encrypted", PasswordNeeded, "protected by a password"),
        ("cut", Damaged, "is damaged"),
        ("no_pages", Damaged, "without pages"),
        ("scanned", NoText, "its 2 pages are probably scanned pictures"),
        ("blank", NoText, "nothing is drawn on its pages"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(sample: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said) as raised:
        read(sample)
    assert f"{sample}.pdf" in str(raised.value)
    assert raised.value.remedy


def test_a_scan_is_told_what_to_install() -> None:
    with pytest.raises(NoText) as raised:
        read("scanned")
    assert 'pip install "studyhall[ocr]"' in raised.value.remedy


def test_a_file_whose_cross_references_are_wrong_is_read_all_the_same() -> None:
    whole = pdf_samples.prose()
    broken = whole.replace(whole[whole.rindex(b"startxref") :], b"startxref\n7\n%%EOF\n")
    assert load(broken, name="broken.pdf").text == read("prose").text


def test_the_second_opinion_is_asked_where_pdfium_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_rows_or_nothing", lambda _pdf, _index: None)
    document = load(pdf_samples.prose(), name="prose.pdf")
    assert "Merge sort divides" in document.text
    assert not list(document.pages[0].alignment.sources(0, len(document.text)))
    assert_sound(document)


# ---- one bad page


def test_a_mark_that_unicode_writes_as_two_keeps_its_place() -> None:
    made = pdf_samples.pdf([pdf_samples.lines("the letter qD stands here", "and D alone")], unicode={"D": "\u0344"})
    document = load(made, name="tides.pdf")
    assert document.text == "the letter q\u0308\u0301 stands here\nand \u0308\u0301 alone"
    with pypdfium2.PdfDocument(made) as file:
        assert_letters_find_their_place(document, document.pages[0], file)
    assert_sound(document)


@pytest.mark.parametrize("raised", [IndexError("out of range"), ValueError("odd"), RecursionError()])
def test_a_page_that_cannot_be_read_costs_itself(monkeypatch: pytest.MonkeyPatch, raised: Exception) -> None:
    read_rows = pdf_rows.read_rows

    def fails(file: pypdfium2.PdfDocument, index: int) -> pdf_rows.PageRows:
        if index == 1:
            raise raised
        return read_rows(file, index)

    monkeypatch.setattr(pdf, "read_rows", fails)
    monkeypatch.setattr(pdf, "spare_pages", lambda *_: {})
    pages = [pdf_samples.lines(f"This is page {number} of three.") for number in ("one", "two", "three")]
    document = load(pdf_samples.pdf(pages), name="pages.pdf")
    assert document.text == "This is page one of three.\n\nThis is page three of three."
    assert document.quality.unreadable == (2,)
    assert document.notes == ("page 2 can't be read",)
    assert_sound(document)


def test_a_page_read_in_a_second_way_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_rows_or_nothing", lambda _pdf, _index: None)
    document = load(pdf_samples.prose(), name="prose.pdf")
    (note,) = document.notes
    assert note.startswith("page 1 was hard to read")


def test_a_page_that_cannot_be_written_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    write_page = pdf_text.write_page

    def fails(text: pdf_text.AlignedText, page: object, groups: object, number: int, words: object) -> list[Block]:
        blocks = write_page(text, page, groups, number, words)  # type: ignore[arg-type]
        if number == 2:
            raise KeyError(number)
        return blocks

    monkeypatch.setattr(pdf, "write_page", fails)
    pages = [pdf_samples.lines(f"This is page {number} of three.") for number in ("one", "two", "three")]
    document = load(pdf_samples.pdf(pages), name="pages.pdf")
    assert "one" in document.text and "three" in document.text and "two" not in document.text
    assert document.quality.unreadable == (2,)
    assert_sound(document)


def test_one_broken_page_does_not_cost_the_second_opinion_on_others(monkeypatch: pytest.MonkeyPatch) -> None:
    extract_text = pypdf.PageObject.extract_text

    def fails(page: pypdf.PageObject) -> str:
        if page.page_number == 0:
            raise KeyError("/Font")
        return extract_text(page)

    monkeypatch.setattr(pypdf.PageObject, "extract_text", fails)
    monkeypatch.setattr(pdf, "_rows_or_nothing", lambda _pdf, _index: None)
    document = load(pdf_samples.pdf([pdf_samples.PROSE, pdf_samples.PROSE]), name="two.pdf")
    assert document.quality.unreadable == (1,)
    assert "Merge sort divides" in document.text
