"""Words of a question that no document has."""

from __future__ import annotations

import doctest
from collections.abc import Iterator

import pytest

import rag.question.spelling
from rag.chain import Chain
from rag.library.library import Library
from rag.ports import Embedder
from rag.question.language import question_language
from rag.question.spelling import Spelling, misspelt, spelled, unknown_words
from rag.settings import Settings
from rag.types import AnswerStatus, Question
from tests.fake_parts import a_library
from tests.fakes import a_document, put

ARRAYS = (
    "# Broadcasting\n\nBroadcasting is a set of rules for operations on arrays of different shapes. "
    "Hypertension is treated with rest. Edsger Dijkstra would have tagged them. Recursion is slow."
)
GERMAN = "# Räume\n\nEin Vektorraum ist eine Menge von Vektoren mit zwei Verknüpfungen. Die Selektion wählt aus."


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    library = a_library(tmp_path_factory.mktemp("spelling") / "home", embedder)
    put(library, embedder, a_document(ARRAYS, title="Arrays"), uri="/week3-numpy.md")
    put(library, embedder, a_document(GERMAN, title="Räume", language="de"), uri="/räume.md")
    yield library
    library.close()


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.question.spelling).failed == 0


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        pytest.param("What is boradcasting?", "What is Broadcasting?", id="swapped"),
        pytest.param("What is broacasting?", "What is Broadcasting?", id="missing"),
        pytest.param("What is broaddcasting?", "What is Broadcasting?", id="doubled"),
        pytest.param("What is broadcaxting?", "What is Broadcasting?", id="wrong"),
        pytest.param("What did Dijsktra do?", "What did Dijkstra do?", id="a name"),
        pytest.param("Is recursoin slow?", "Is Recursion slow?", id="in the ending"),
        pytest.param("Was ist ein Vektoraum?", "Was ist ein Vektorraum?", id="German"),
        pytest.param("Was ist eine Selekiton?", "Was ist eine Selektion?", id="German, swapped"),
    ],
)
def test_a_misspelt_word_is_put_right(asked: str, meant: str, stocked: Library, embedder: Embedder) -> None:
    assert spelled(asked, misspelt(asked, question_language(asked), stocked)) == meant


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("Which operations have rules?", id="words that they have"),
        pytest.param("What was tagging?", id="another form"),
        pytest.param("Was sind Selektionsverfahren?", id="a compound with a part that they have"),
        pytest.param("Was ist ein Raum?", id="a part of a compound"),
        pytest.param("What does numpy do?", id="in a file's name"),
        pytest.param("Is the weather nice in summer?", id="words that everybody uses"),
        pytest.param("What did AVX512 do to a web?", id="short, or with figures"),
        pytest.param("什么是数组的广播机制呢", id="words that no white space parts"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_word_that_may_be_right_is_left_alone(asked: str, stocked: Library, embedder: Embedder) -> None:
    assert misspelt(asked, question_language(asked), stocked) == []


def test_what_may_be_another_word_is_only_named(stocked: Library, embedder: Embedder) -> None:
    asked = "How is hypotension treated?"
    found = misspelt(asked, question_language(asked), stocked)
    assert found == [Spelling("hypotension", "Hypertension", sure=False)]
    assert spelled(asked, found) == asked
    assert unknown_words(found) == ("No document has the word “hypotension”. Did you mean “Hypertension”?",)


def test_a_subject_that_no_document_has_is_named(stocked: Library, embedder: Embedder) -> None:
    for asked, word in (
        ("How do ribozymes work?", "ribozymes"),
        ("Wie erläutert man Kreuzvalidierung?", "Kreuzvalidierung"),
        ("What is an SVM?", "SVM"),
    ):
        assert unknown_words(misspelt(asked, question_language(asked), stocked)) == (
            f"No document has the word “{word}”.",
        )


def test_what_no_document_has_a_word_for_is_refused(stocked: Library, embedder: Embedder) -> None:
    chain = Chain(stocked, embedder, Settings())
    for question in ("What is an SVM?", "Was ist Kreuzvalidierung?", "How do ribozymes work?"):
        answer = chain.invoke(Question(question))
        assert answer.status is AnswerStatus.NOT_IN_DOCUMENTS
        named = "In keinem Dokument steht" if answer.language == "de" else "No document has"
        assert any(named in note for note in answer.notes)


def test_an_answer_shows_how_a_misspelt_question_was_understood(stocked: Library, embedder: Embedder) -> None:
    chain = Chain(stocked, embedder, Settings())
    answer = chain.invoke(Question("What is boradcasting?"))
    assert answer.understood == "What is Broadcasting?"
    assert answer.status is AnswerStatus.QUOTED
    assert "set of rules" in answer.text
    found = chain.search("boradcasting", most=3)
    assert (found.query, found.understood) == ("boradcasting", "Broadcasting")
    assert "set of rules" in found.passages[0].text


def test_an_empty_library_corrects_nothing(library: Library, embedder: Embedder) -> None:
    assert spelled("What is boradcasting?", misspelt("What is boradcasting?", "en", library)) == (
        "What is boradcasting?"
    )
