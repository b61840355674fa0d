"""Drafted questions: from definitions, reasons and headings, or written by a model; every quote is verbatim."""

from __future__ import annotations

import doctest
import threading

import pytest

import rag.evaluation.draft
from rag.answer.generate import Writer
from rag.errors import Cancelled, InputError, NotFound
from rag.evaluation.draft import DraftSource, draft, plain_drafts
from rag.library.library import Library
from rag.ports import Embedder
from rag.settings import Settings
from tests.fake_parts import ScriptedModel
from tests.fakes import a_document, put

ENGLISH = """# Heaps

## Binary heaps

A binary heap is a tree that keeps its smallest element at the root. This is a property that it never loses.

The smallest element is found quickly because nothing has to be compared for it. Elements are many things.

## Exercises

Build a heap of the letters of your own name and draw it.
"""
GERMAN = """# Bäume

Ein Suchbaum ist ein Baum, der seine Schlüssel ordnet. Noch größer ist der Aufwand in einer Liste.

Die Suche endet schnell, weil jeder Vergleich die Hälfte ausschließt.
"""


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(rag.evaluation.draft).failed == 0


def test_definitions_reasons_and_sections_become_questions() -> None:
    drafts = {found.text: found for found in plain_drafts(DraftSource("heaps.md", a_document(ENGLISH, pages=(0, 20))))}
    assert list(drafts) == [
        "What is a binary heap?",
        "Why is it that the smallest element is found quickly?",
        "What does “Notes” say about “Binary heaps”?",
    ]
    first = drafts["What is a binary heap?"]
    quote = "A binary heap is a tree that keeps its smallest element at the root."
    assert (first.evidence[0].source, first.evidence[0].page, first.evidence[0].quote) == ("heaps.md", 2, quote)
    assert not first.confirmed
    assert drafts["Why is it that the smallest element is found quickly?"].answers == (
        "nothing has to be compared for it",
    )


def test_german_documents_are_asked_about_in_german() -> None:
    drafts = plain_drafts(DraftSource("b.md", a_document(GERMAN, language="de", title="Bäume")))
    assert [found.text for found in drafts] == ["Was ist ein Suchbaum?", "Warum gilt: Die Suche endet schnell?"]
    assert {found.language for found in drafts} == {"de"}


def test_every_quote_stands_in_its_document_word_for_word() -> None:
    for text in (ENGLISH, GERMAN):
        for found in plain_drafts(DraftSource("x.md", a_document(text))):
            assert found.evidence[0].quote in text


def test_documents_take_turns_and_the_number_is_kept(library: Library, embedder: Embedder) -> None:
    put(library, embedder, ENGLISH, uri="/one/heaps.md", embed=False)
    put(library, embedder, a_document(GERMAN, language="de"), uri="/one/baum.md", embed=False)
    found = list(draft(library.catalog, collection=None, most=3))
    assert [question.id for question in found] == ["draft-001", "draft-002", "draft-003"]
    assert {question.evidence[0].source for question in found} == {"heaps.md", "baum.md"}


def test_two_files_of_one_name_are_told_apart_by_their_paths(library: Library, embedder: Embedder) -> None:
    put(library, embedder, ENGLISH, uri="/one/notes.md", embed=False)
    put(library, embedder, a_document(GERMAN, language="de"), uri="/two/notes.md", embed=False)
    found = draft(library.catalog, collection=None, most=9)
    assert {question.evidence[0].source for question in found} == {"/one/notes.md", "/two/notes.md"}


def test_without_documents_there_is_nothing_to_draft(library: Library) -> None:
    with pytest.raises(InputError, match="no documents to draft"):
        list(draft(library.catalog, collection=None, most=3))
    with pytest.raises(NotFound, match="no collection 'x'"):
        list(draft(library.catalog, collection="x", most=3))


def a_writer(*replies: str) -> Writer:
    return Writer(ScriptedModel().enqueue(*replies), Settings())


LONG = ENGLISH + "\nIt is kept in an array, in which the children of a place are found by doubling its number. " * 3


def test_a_model_writes_the_question_and_its_quote_is_the_documents(library: Library, embedder: Embedder) -> None:
    put(library, embedder, LONG, uri="/one/heaps.md", embed=False)
    reply = (
        "Question: Where does a heap keep the least?\nAnswer: root\nQuote: “keeps its smallest element at the  root”"
    )
    found = list(draft(library.catalog, collection=None, most=1, writer=a_writer(reply)))
    assert [(one.text, one.answers, one.confirmed) for one in found] == [
        ("Where does a heap keep the least?", ("root",), False)
    ]
    assert found[0].evidence[0].quote == "A binary heap is a tree that keeps its smallest element at the root."


@pytest.mark.parametrize(
    "reply",
    ["I can't.", "Question: Why?\nAnswer: x\nQuote: Words that nobody wrote in here.", "Quote: x", ""],
    ids=["no form", "quote made up", "no question", "nothing"],
)
def test_what_a_model_makes_up_is_left_out(library: Library, embedder: Embedder, reply: str) -> None:
    put(library, embedder, LONG, uri="/one/heaps.md", embed=False)
    assert list(draft(library.catalog, collection=None, most=1, writer=a_writer(*[reply] * 9))) == []


def test_drafting_can_be_stopped(library: Library, embedder: Embedder) -> None:
    put(library, embedder, LONG, uri="/one/heaps.md", embed=False)
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Cancelled):
        list(draft(library.catalog, collection=None, most=1, writer=a_writer("x"), stopped=stopped))
