"""Numbered things: a theorem, a figure or an exercise that a question names."""

from __future__ import annotations

import pytest

from rag.answer.definition import plainest, whole
from rag.library.library import Library
from rag.ports import Embedder
from rag.question.numbered import NumberedItem, asked_item, named_items
from rag.text.sentences import sentence_spans
from rag.types import AnswerStatus
from tests.fakes import put
from tests.rag.test_chain import a_chain

SCRIPT = (
    "We count how often rows were merged.\n\n"
    "Lemma 2.3 (Cantor) The power set of the natural numbers is not countable. It is larger.\n\n"
    "Proof: Suppose there were a function f that reaches every set. The set of all numbers that are not in their own "
    "image is reached by none. □\n\n"
    "By Lemma 2.3 there are more sets than numbers, and Lemma 2.31 counts them.\n\n"
    "Figure 4: The arrows show who merges with whom.\n\n"
    "Exercise 7. Show that the rational numbers can be counted. Write a program for it:\n\nfor q in rationals\n\n"
    "The square is even,\n2q² = p² (2.9)\nand so is its root."
)


@pytest.mark.parametrize(
    ("question", "kind", "number"),
    [
        ("What does Lemma 2.3 say?", "lemma", "2.3"),
        ("State theorem 4", "theorem", "4"),
        ("Was besagt Satz 4.4?", "satz", "4.4"),
        ("Was ist in Abb. 3 zu sehen?", "abb", "3"),
        ("What is shown in Fig. 8.14?", "fig", "8.14"),
        ("Worum geht es in Aufgabe 17b?", "aufgabe", "17b"),
        ("Definition 5.19", "definition", "5.19"),
        ("Was ist Gleichung (3.6)?", "gleichung", "3.6"),
    ],
)
def test_a_question_for_a_numbered_thing_names_it(question: str, kind: str, number: str) -> None:
    assert asked_item(question) == NumberedItem(kind, number)


@pytest.mark.parametrize(
    "question",
    [
        "Which algorithm uses Lemma 2.3?",
        "What is a lemma?",
        "Summarise lecture 3",
        "How many examples are there?",
        "3.6",
    ],
)
def test_a_question_for_more_than_that_asks_for_none(question: str) -> None:
    assert asked_item(question) is None


def test_one_that_is_only_mentioned_is_still_searched_for() -> None:
    label = named_items("Which algorithm uses Theorem 2.3?")
    assert label is not None
    assert {"theorem 2 3", "satz 2 3"} <= set(label.phrases(["en", "de"]))


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        (
            "What does Lemma 2.3 say?",
            "Lemma 2.3 (Cantor) The power set of the natural numbers is not countable. It is larger.",
        ),
        ("What does figure 4 show?", "Figure 4: The arrows show who merges with whom."),
        ("Was ist Aufgabe 7?", "Exercise 7. Show that the rational numbers can be counted."),
        ("What is equation (2.9)?", "The square is even,\n2q² = p² (2.9)\nand so is its root."),
    ],
)
def test_what_bears_the_label_is_told_whole_and_nothing_else(question: str, stated: str) -> None:
    label = asked_item(question)
    assert label is not None
    spans = sentence_spans(SCRIPT)
    bearing = [span for span, plain in zip(spans, plainest(SCRIPT, spans, label), strict=True) if plain]
    assert len(bearing) == 1
    start, end = whole(SCRIPT, *bearing[0], label)
    assert SCRIPT[start:end].startswith(stated)


def test_an_exercise_has_what_follows_its_colon() -> None:
    label = NumberedItem("exercise", "7")
    spans = sentence_spans(SCRIPT)
    start, end = next(span for span in spans if SCRIPT[slice(*span)].startswith("Exercise"))
    assert SCRIPT[slice(*whole(SCRIPT, start, end, label))].endswith("program for it:\n\nfor q in rationals")


@pytest.mark.parametrize(
    ("question", "last"), [("Prove lemma 2.3", "reached by none."), ("Lemma 2.3", "It is larger.")]
)
def test_the_proof_is_told_when_it_is_asked_for(question: str, last: str) -> None:
    label = asked_item(question)
    assert label is not None
    start = SCRIPT.index("Lemma 2.3")
    _, end = whole(SCRIPT, *next(span for span in sentence_spans(SCRIPT) if span[0] == start), label)
    assert SCRIPT[start:end].endswith(last)


def test_all_documents_that_have_it_are_quoted_and_one_that_none_has_is_refused(
    library: Library, embedder: Embedder
) -> None:
    put(library, embedder, SCRIPT, uri="/script.md")
    put(library, embedder, "Lemma 2.3 Every finite tree has a leaf.\n\nIt is used often.", uri="/trees.md")
    chain = a_chain(library, embedder, None)
    quotes = [found.quote for found in chain.invoke("What does Lemma 2.3 say?").citations]
    assert [" ".join(found.split()[:4]) for found in sorted(quotes)] == [
        "Lemma 2.3 (Cantor) The",
        "Lemma 2.3 Every finite",
    ]
    assert chain.invoke("What does Lemma 7.7 say?").status is AnswerStatus.NOT_IN_DOCUMENTS


def test_a_proof_without_an_end_ends_behind_the_statement() -> None:
    text = "Intro words here.\n\nLemma 8.6 Every tree has a leaf.\nProof. " + "It is so since we say so. " * 300
    span = next(span for span in sentence_spans(text) if text[span[0] :].startswith("Lemma"))
    start, end = whole(text, *span, NumberedItem("lemma", "8.6", proved=True))
    assert start == span[0]
    assert end > span[1]
