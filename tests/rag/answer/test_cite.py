"""Markers to citations: every marker leads to words that stand in a document."""

from __future__ import annotations

import doctest
import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rag.answer.cite
from rag.answer.cite import Cited, citation, cite
from rag.answer.support import Judge
from rag.types import Passage
from tests.fakes import a_passage

DOCUMENT = (
    "A trie is a tree of letters. It finds words by their prefixes.\n\n"
    "A hash table finds keys in constant time. It keeps no order.\n\n"
    "Suffix arrays sort all suffixes of a text. They need little memory."
)
MARKER = re.compile(r"\[(\d+)\]")
ANY_MARKER = re.compile(r"\s*[\[【]\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*[\]】]")


def passages() -> list[Passage]:
    """Return the document's paragraphs as passages 1 to 3, each with a page of its own."""
    found, at = [], 0
    for number, text in enumerate(DOCUMENT.split("\n\n"), start=1):
        pages = ((at, number + 10, f"p{number}"),)
        found.append(a_passage(text, number=number, start=at, page=number + 10, page_end=number + 10, pages=pages))
        at += len(text) + 2
    return found


def equal(stems: Sequence[str]) -> Mapping[str, float]:
    return dict.fromkeys(stems, 1.0)


def cited(text: str, *, supported_from: float = 0.5, of: Sequence[Passage] | None = None) -> Cited:
    found = passages() if of is None else of
    return cite(text, found, Judge(equal, ["en"]), supported_from=supported_from)


def pages(made: Cited) -> list[int | None]:
    """Return the pages that an answer's citations lead to, in their order: 11 to 13 for passages 1 to 3."""
    return [found.page for found in made.citations]


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.answer.cite).failed == 0


@pytest.mark.parametrize(
    "marker",
    ["[2]", " [2]", "[ 2 ]", "【2】", "[2][2]", "[2, 2]", "[02]", "[2,9]", "[2][99]", "[2 ]"],
)
def test_a_marker_in_any_spelling_is_the_passage_it_names(marker: str) -> None:
    made = cited(f"A hash table finds keys in constant time{marker}.")
    assert made.text == "A hash table finds keys in constant time [1]."
    assert pages(made) == [12]
    assert made.citations[0].quote == "A hash table finds keys in constant time."


@pytest.mark.parametrize(
    ("markers", "expected"),
    [
        pytest.param("[1, 2]", [11, 12], id="comma"),
        pytest.param("[1; 3]", [11, 13], id="semicolon"),
        pytest.param("[1][3]", [11, 13], id="two"),
        pytest.param("[1] [3]", [11, 13], id="two apart"),
        pytest.param("[1-3]", [11, 12, 13], id="range"),
        pytest.param("[1–3]", [11, 12, 13], id="range with a dash"),
        pytest.param("[1, 2-3]", [11, 12, 13], id="number and range"),
        pytest.param("[2-999]", [12, 13], id="endless range"),
        pytest.param("[3, 1]", [13, 11], id="in the order named"),
    ],
)
def test_several_passages_can_be_named_at_once(markers: str, expected: list[int]) -> None:
    made = cited(f"Tries and tables and arrays find words {markers}.")
    assert pages(made) == expected
    numbers = "".join(f"[{number}]" for number in range(1, len(expected) + 1))
    assert made.text == f"Tries and tables and arrays find words {numbers}."


@pytest.mark.parametrize("marker", ["[7]", "[0]", "[4-9]", "[9, 8]", "【5】"])
def test_a_marker_that_leads_nowhere_is_removed(marker: str) -> None:
    made = cited(f"Nobody ever said this {marker}.")
    assert made.text == "Nobody ever said this."
    assert made.citations == ()
    assert [(sentence.markers, sentence.supported) for sentence in made.sentences] == [((), False)]


def test_citations_are_numbered_as_they_appear() -> None:
    made = cited("Arrays sort all suffixes [3]. A trie is a tree [1]. Arrays need little memory [3].")
    assert re.findall(r"\[\d\]", made.text) == ["[1]", "[2]", "[3]"]
    assert pages(made) == [13, 11, 13]
    assert [found.marker for found in made.citations] == [1, 2, 3]


def test_the_same_words_are_one_citation() -> None:
    made = cited("A trie is a tree of letters [1]. So a trie is a tree [1].")
    assert made.text == "A trie is a tree of letters [1]. So a trie is a tree [1]."
    assert len(made.citations) == 1


def test_a_marker_behind_the_full_stop_belongs_to_the_sentence_before() -> None:
    made = cited("Nobody said so. [2] Nor this. [1][3]")
    assert made.text == "Nobody said so [1]. Nor this [2][3]."
    assert pages(made) == [12, 11, 13]


def test_a_sentence_keeps_its_marker_when_the_one_before_has_the_same() -> None:
    made = cited("Nobody said so. [2] Nor this [2].", supported_from=1.0)
    assert [bool(sentence.markers) for sentence in made.sentences] == [True, True]


def test_a_marker_inside_a_sentence_goes_to_its_end() -> None:
    assert cited("A trie [1] is a tree of letters.").text == "A trie is a tree of letters [1]."


def test_a_sentence_without_a_marker_gets_the_one_that_supports_it() -> None:
    made = cited("A hash table finds keys in constant time.")
    assert made.text == "A hash table finds keys in constant time [1]."
    assert pages(made) == [12]
    assert made.sentences[0].supported


def test_a_sentence_that_nothing_supports_stays_without() -> None:
    made = cited("Bananas are yellow.")
    assert (made.text, made.citations) == ("Bananas are yellow.", ())
    assert (made.sentences[0].supported, made.sentences[0].score) == (False, 0.0)


def test_a_sentence_that_its_passage_does_not_support_is_said_to_be_so() -> None:
    made = cited("Bananas are yellow [1].")
    assert made.sentences[0].markers == (1,)
    assert not made.sentences[0].supported


def test_the_quote_is_the_sentence_that_supports_it_most() -> None:
    made = cited("They need little memory [3].")
    assert made.citations[0].quote == "They need little memory."
    assert DOCUMENT[made.citations[0].start : made.citations[0].end] == made.citations[0].quote


def test_two_sentences_are_quoted_when_one_is_not_enough() -> None:
    made = cited("Hash tables find keys in constant time and keep no order [2].")
    assert made.citations[0].quote == "A hash table finds keys in constant time. It keeps no order."


def test_a_citation_over_a_page_break_names_both_pages() -> None:
    passage = a_passage("First page. Second page.", start=100, page=1, pages=((90, 1, "i"), (112, 2, "ii")))
    made = citation(1, passage, 100, 124)
    assert (made.page, made.page_end, made.page_label) == (1, 2, "i")
    assert citation(1, passage, 112, 124).page == 2
    assert citation(1, passage, 100, 111).page_end == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("A probability lies in [0, 1].", id="interval"),
        pytest.param("Published in [1998] by them.", id="year"),
        pytest.param("| a | b |\n|---|---|\n| c | d |", id="table"),
        pytest.param("Some code:\n\n```\nprint()\n\n```\n\nThat is all.", id="code fence"),
        pytest.param("One thing.\n\n---\n\nAnother thing.", id="rule"),
        pytest.param("It holds that\n\n$$\n= + \n\n$$\n\nAs said.", id="formula"),
        pytest.param("- one\n- two\n  - three", id="list"),
        pytest.param("**Bold.** _Other._", id="emphasis"),
        pytest.param("Really?! Yes… no", id="stops"),
    ],
)
def test_what_is_no_marker_stays_as_it_is(text: str) -> None:
    assert cited(text, of=[]).text == text
    assert cited(text, supported_from=1.0).text == text


def test_a_code_block_stays_closed() -> None:
    """A fence with a marker behind it would not close the block."""
    made = cited("So:\n\n```\nA trie is a tree of letters\n```\n\nA trie is a tree of letters [1].")
    assert made.text.splitlines().count("```") == 2
    assert made.citations != ()


def test_a_table_row_keeps_its_last_bar() -> None:
    """What stands behind the last bar is not shown."""
    made = cited("| trie | a tree of letters |\n|---|---|\n| hash table | finds keys in constant time [2] |")
    assert all(line.endswith("|") for line in made.text.splitlines())
    assert "[1]" in made.text


def test_an_answer_of_nothing_is_nothing() -> None:
    for text in ("", "  \n", "[1]", "[9]."):
        made = cited(text)
        assert (made.sentences, made.citations) == ((), ())
        assert not re.search(r"\w", made.text)


PIECES = st.sampled_from(
    [
        "A trie is a tree of letters",
        "a hash table",
        "keys",
        ". ",
        ".",
        " ",
        "\n",
        "\n\n",
        "- ",
        "| a | b |",
        "```",
        "[1]",
        "[2]",
        "[1, 3]",
        "[9]",
        "【2】",
        "[1-3]",
        "[",
        "]",
        "[]",
        "[a]",
        "z. B. ",
        "3. ",
        "? ",
        "“",
        "$x$",
        "🎓",
        "[[1]]",
    ]
)
ANSWERS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))


@settings(deadline=None)
@given(text=ANSWERS, supported_from=st.floats(0.0, 1.0))
def test_every_marker_of_any_answer_leads_to_a_verbatim_quote(text: str, supported_from: float) -> None:
    made = cited(text, supported_from=supported_from)
    numbers = [found.marker for found in made.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert set(map(int, MARKER.findall(made.text))) == set(numbers)
    assert {marker for sentence in made.sentences for marker in sentence.markers} == set(numbers)
    for found in made.citations:
        passage = next(part for part in passages() if part.start <= found.start < part.end)
        assert found.quote == DOCUMENT[found.start : found.end]
        assert found.quote == passage.text[found.start - passage.start : found.end - passage.start]
        assert found.quote.strip() == found.quote != ""
        assert found.page == passage.page


@settings(deadline=None)
@given(text=ANSWERS)
def test_nothing_but_markers_and_their_stops_is_lost_or_added(text: str) -> None:
    def bare(said: str) -> str:
        return re.sub(r"[\s.,;:!?…]", "", ANY_MARKER.sub("", said))

    assert bare(cited(text).text) == bare(text)


@settings(deadline=None)
@given(text=ANSWERS)
def test_scores_are_shares_and_say_what_is_supported(text: str) -> None:
    for sentence in cited(text).sentences:
        assert 0.0 <= sentence.score <= 1.0
        assert sentence.supported == (sentence.score >= 0.5) or abs(sentence.score - 0.5) < 0.001
        assert sentence.text in text or not sentence.text.isascii() or ANY_MARKER.search(text)


@pytest.mark.timeout(20)  # a tenth of a second each; minutes for what looks at each place from every other
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[1" * 20_000, id="open brackets"),
        pytest.param("[1, " * 20_000, id="an endless list"),
        pytest.param("." * 80_000 + "x", id="dots"),
        pytest.param("Word. " * 500, id="many sentences"),
        pytest.param(" " * 80_000 + "x", id="spaces"),
        pytest.param("\t" * 80_000 + "[", id="tabs"),
    ],
)
def test_an_odd_answer_takes_no_longer_than_another_and_keeps_its_letters(text: str) -> None:
    assert "".join(MARKER.sub("", cited(text).text).split()) == "".join(text.split())


def test_the_numbers_of_a_list_are_no_sentences() -> None:
    made = cited("They are:\n\n1. A hash table finds keys in constant time.\n2. Suffix arrays need little memory.")
    assert not [sentence for sentence in made.sentences if sentence.text in {"1.", "2."}]
    assert "1. A hash table" in made.text


def test_a_sentence_that_sums_up_a_list_is_supported_by_the_whole_list() -> None:
    passage = a_passage("Blue bin:\n- newspapers\n- cardboard\n- envelopes\n\nThe yellow bin takes cans.")
    found = cited("Newspapers, cardboard and envelopes belong there.", of=[passage])
    (sentence,) = found.sentences
    assert sentence.supported
    assert found.citations[0].quote == "Blue bin:\n- newspapers\n- cardboard\n- envelopes"
