"""Where English and German text may be cut."""

from __future__ import annotations

import doctest
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag.text.sentences
from rag.text.sentences import around, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.text.sentences).failed == 0


LISTED = (
    "# Rules\n\nTries follow rules:\n\n- Edges have letters.\n- Nodes are few.\n\nThat is all.\n\n"
    "So much of it. What follows:"
)


@pytest.mark.parametrize(
    ("sentence", "before", "behind"),
    [
        pytest.param("- Edges have letters.", "Tries follow rules:", "", id="the first item"),
        pytest.param("- Nodes are few.", "Tries follow rules:", "", id="the last item"),
        pytest.param("Tries follow rules:", "", "", id="under a heading, before a list"),
        pytest.param("That is all.", "", "", id="a paragraph of its own"),
        pytest.param("So much of it.", "", "", id="before what only introduces"),
    ],
)
def test_what_stands_around_a_sentence_belongs_to_its_paragraph(sentence: str, before: str, behind: str) -> None:
    start = LISTED.index(sentence)
    assert around(LISTED, start, start + len(sentence)) == (before, behind)


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("Bäume, z. B. Tries, sind schnell.", id="z. B."),
        pytest.param("Bäume, z.B. Tries, sind schnell.", id="z.B."),
        pytest.param("Das ist endlich, d. h. Jeder Fall kommt vor.", id="d. h."),
        pytest.param("Laut Dr. Müller ist das so.", id="Dr."),
        pytest.param("Die Klausur ist am 3. Mai im Hörsaal.", id="day and month"),
        pytest.param("See Manning et al. The authors agree on it", id="et al."),
        pytest.param("It grows by 2.5 Percent a year.", id="decimal"),
        pytest.param("Some trees, e.g. AVL trees, stay balanced.", id="e.g."),
        pytest.param("The proof is in Sec. 4 of the notes.", id="Sec."),
        pytest.param("Vgl. Abb. 3 auf S. 12 im Skript.", id="Vgl. Abb. S."),
        pytest.param("Based on work by A. Turing in Manchester.", id="initial"),
        pytest.param("It costs ca. 5 Euro.", id="ca."),
        pytest.param("Use www.example.org for that.", id="address"),
        pytest.param("The file main.py holds it", id="file name"),
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    assert sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("It grows. It shrinks.", ["It grows.", "It shrinks."], id="full stop"),
        pytest.param("Why? Because! So…\nYes", ["Why?", "Because!", "So…", "Yes"], id="other stops"),
        pytest.param('He said "no way." Then he left.', ['He said "no way."', "Then he left."], id="straight quotes"),
        pytest.param("Er sagte: „Ja.“ Dann ging er.", ["Er sagte: „Ja.“", "Dann ging er."], id="German quotes"),
        pytest.param("(It grows.) It shrinks.", ["(It grows.)", "It shrinks."], id="brackets"),
        pytest.param("It was found in 1998. The web grew.", ["It was found in 1998.", "The web grew."], id="year"),
        pytest.param("It grows.[^1] It shrinks.[2][3] So.", ["It grows.[^1]", "It shrinks.[2][3]", "So."], id="notes"),
        pytest.param("It grows.¹² It shrinks.", ["It grows.¹²", "It shrinks."], id="raised notes"),
        pytest.param("See Fig. 3. It grows.", ["See Fig. 3.", "It grows."], id="figure at the end"),
        pytest.param("- one\n- two\n* three", ["- one", "- two", "* three"], id="bullets"),
        pytest.param("1. one\n2. two\n10) ten", ["1. one", "2. two", "10) ten"], id="numbered"),
        pytest.param("a heading\n\nA paragraph", ["a heading", "A paragraph"], id="empty line"),
        pytest.param("a heading\n \t \nA paragraph", ["a heading", "A paragraph"], id="blank line"),
        pytest.param("It grows [1]. It shrinks [2].", ["It grows [1].", "It shrinks [2]."], id="markers before"),
        pytest.param("It grows. [1] It shrinks. [2]", ["It grows.", "[1] It shrinks.", "[2]"], id="markers after"),
        pytest.param("Es ist 5. Danach nichts.", ["Es ist 5. Danach nichts."], id="ordinal or not: kept whole"),
        pytest.param("", [], id="empty"),
        pytest.param(" \n\t ", [], id="white space"),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_a_line_end_alone_does_not_end_a_sentence() -> None:
    assert sentences("A sentence that\nruns over lines.") == ["A sentence that\nruns over lines."]


LIKELY = st.lists(
    st.sampled_from(
        ["z. B. ", "e.g. ", "word ", "Word ", ". ", "3. ", "\n", "\n\n", "- ", "[1] ", "? ", "“", "…", "(", ") ", "2.5"]
    )
).map("".join)


@given(st.one_of(st.text(), LIKELY))
def test_sentences_cover_everything_but_white_space(text: str) -> None:
    at = 0
    for start, end in sentence_spans(text):
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()


@given(LIKELY, st.integers(0, 40), st.integers(0, 40))
def test_sentences_of_a_part_stay_inside_it(text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    spans = sentence_spans(text, start, end)
    assert all(start <= a < b <= end for a, b in spans)
    assert sum(len(text[a:b].replace(" ", "")) for a, b in spans) <= end - start


@pytest.mark.timeout(60)  # a tenth of a second each; minutes for what looks at each place from every other
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("." * 200_000 + "x", id="dots"),
        pytest.param("!)" * 100_000 + "x", id="stops and brackets"),
        pytest.param("." + ")" * 200_000 + "x", id="brackets"),
        pytest.param("\n" * 200_000 + "x", id="line ends"),
        pytest.param("\n" + " " * 200_000 + "x", id="spaces"),
        pytest.param("a. " * 80_000, id="abbreviations"),
    ],
)
def test_odd_text_takes_no_longer_than_other_text_and_is_covered(text: str) -> None:
    spans = sentence_spans(text)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
