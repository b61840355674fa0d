"""PDF: a fraction is written in one line, and what only stands below each other stays where it is."""

from __future__ import annotations

from ingest.loaders.pdf import piece as pdf_piece
from ingest.loaders.pdf.blocks import Group
from ingest.loaders.pdf.letters import Glyphs
from ingest.loaders.pdf.rows import HYPHEN, PageRows, row_of_pieces
from ingest.loaders.pdf.text import AlignedText, words_of, write_page
from rag.types import BlockKind, RunKind
from tests.ingest.loaders.pdf.test_scripts import line, read
from tests.pdf_samples import lines

WORDS = "The running time of it is T(n) ="


def at(text: str, x: float, y: float) -> str:
    return lines(text.replace("(", "\\(").replace(")", "\\)"), x=x, y=y, size=10)


def rule(x: float, y: float, width: float) -> str:
    return f"{x:g} {y:g} {width:g} 0.4 re f\n"


def test_what_stands_above_and_below_a_bar_is_a_fraction() -> None:
    content = at(WORDS, 72, 700) + at("n + 1", 222, 709) + at("2", 233, 692) + rule(221, 702.3, 28)
    assert read(content + at("steps.", 255, 700)).text == f"{WORDS} (n + 1)/2 steps."


def test_without_a_bar_it_is_none() -> None:
    content = at(WORDS, 72, 700) + at("n + 1", 222, 709) + at("2", 233, 692)
    assert "/" not in read(content + at("steps.", 255, 700)).text


def test_a_numerator_that_ends_a_line_is_told_from_it() -> None:
    content = at("It is written as the fraction", 72, 700) + at("p", 208, 706) + at("q", 208, 694.5)
    text = read(content + rule(207, 702.3, 7) + at("of p and q.", 220, 700)).text
    assert text == "It is written as the fraction p/q of p and q."


def test_without_a_bar_the_end_of_a_line_stays_with_it() -> None:
    content = at("It is written as the pair", 72, 700) + at("p", 208, 706) + at("q", 208, 694.5)
    text = read(content + at("of p and q.", 220, 700)).text
    assert text.startswith("It is written as the pair p")
    assert "/" not in text


def test_the_name_over_a_procedure_is_underlined() -> None:
    content = at("Visit(v):", 72, 706) + at("mark v", 72, 690) + at("for v", 130, 700) + rule(72, 702.3, 40)
    assert "/" not in read(content).text


def test_a_rule_between_the_rows_of_a_table_is_no_bar() -> None:
    rows = [
        at(word, x, y)
        for y, words in ((700, "name size"), (684, "trie 12"))
        for x, word in zip((72, 200), words.split(), strict=True)
    ]
    assert "/" not in read("".join(rows) + rule(70, 695, 160)).text


def test_the_limits_of_a_sum_stand_behind_it() -> None:
    sign = "BT /F1 14 Tf 150 698 Td (~) Tj ET\n"
    limits = "BT /F1 7 Tf 153 712 Td (n) Tj ET\nBT /F1 7 Tf 150 688 Td (k=1) Tj ET\n"
    content = at("The sum of all is", 72, 700) + sign + limits + at("k steps.", 166, 700)
    text = read(content, unicode={"~": "∑"}).text
    assert text == "The sum of all is ∑ⁿₖ₌₁ k steps."


def test_the_index_of_a_word_is_told_from_its_letter() -> None:
    assert (
        "for Sₘₑ and T_(median) of"
        in read(line("It holds for S", ("me", 7, -2), " and T", ("median", 7, -2), " of it.")).text
    )


def test_a_hyphen_at_the_end_of_a_part_is_written_as_one() -> None:
    over = pdf_piece.Piece(0, 2, 0, 10, 10, 10, False, False, part="over", wide=True)
    under = pdf_piece.Piece(2, 3, 0, 10, 0, 10, False, False, part="under")
    glyphs = Glyphs(f"a{HYPHEN}m", range(3))
    for kind in (BlockKind.PARAGRAPH, BlockKind.TABLE):
        text = AlignedText()
        write_page(text, PageRows(glyphs), [Group(kind, (row_of_pieces([over, under]),))], 1, words_of([]))
        assert "".join(text.parts) == "(a-)/m"
        assert [(run.start, run.source) for run in text.runs if run.kind is RunKind.PDF] == [(1, 0), (2, 1), (5, 2)]
