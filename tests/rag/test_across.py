"""A question in one language about pages in the other, with the real embedder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.answer.generate import Writer
from rag.chain import Chain
from rag.library.library import Library
from rag.models.embedder import SentenceEmbedder
from rag.settings import Settings
from rag.types import Answer, AnswerStatus
from tests.fake_parts import ScriptedModel
from tests.fakes import a_document, put

pytestmark = pytest.mark.slow

ENGLISH = (
    "# Hash tables\n\nA hash table finds a key in constant time on average. Its worst case is linear.\n\n"
    "# Heaps\n\nA heap keeps its smallest element at the root."
)
GERMAN = "# Pflanzen\n\nPflanzen wandeln Licht in chemische Energie um. Ihre Blätter sind grün.\n"
QUESTION = "Wie lange sucht man in einer Hashtabelle nach einem Schlüssel?"


@pytest.fixture
def both(chroma_library: Library, real_embedder: SentenceEmbedder) -> Iterator[Library]:
    put(chroma_library, real_embedder, a_document(ENGLISH, title="Tables", language="en"), uri="/tables.md")
    put(chroma_library, real_embedder, a_document(GERMAN, title="Pflanzen", language="de"), uri="/pflanzen.md")
    yield chroma_library


def ask(library: Library, embedder: SentenceEmbedder, question: str, reply: str = "") -> Answer:
    model = ScriptedModel()
    model.enqueue(reply)
    writer = Writer(model, Settings()) if reply else None
    return Chain(library, embedder, Settings(), writer).invoke(question)


def test_a_german_question_is_answered_with_an_english_sentence(both: Library, real_embedder: SentenceEmbedder) -> None:
    answer = ask(both, real_embedder, QUESTION)
    assert answer.status is AnswerStatus.QUOTED
    assert answer.citations[0].quote == "A hash table finds a key in constant time on average."


def test_an_english_question_is_answered_with_a_german_sentence(both: Library, real_embedder: SentenceEmbedder) -> None:
    answer = ask(both, real_embedder, "What do plants turn light into?")
    assert answer.status is AnswerStatus.QUOTED
    assert answer.citations[0].quote == "Pflanzen wandeln Licht in chemische Energie um."


def test_what_neither_language_says_is_refused(both: Library, real_embedder: SentenceEmbedder) -> None:
    for question in ("Wer baute den Kölner Dom?", "Wie funktioniert ein Verbrennungsmotor?", "Who won the election?"):
        assert ask(both, real_embedder, question).status is AnswerStatus.NOT_IN_DOCUMENTS


def test_a_models_german_sentence_is_cited_on_the_english_page(both: Library, real_embedder: SentenceEmbedder) -> None:
    answer = ask(both, real_embedder, QUESTION, "Eine Hashtabelle findet einen Schlüssel im Mittel in konstanter Zeit.")
    assert answer.status is AnswerStatus.ANSWERED
    assert answer.citations[0].quote == "A hash table finds a key in constant time on average."
    assert answer.notes[0].startswith("Die Antwort ist in einer anderen Sprache als die Seiten")


def test_a_models_sentence_about_something_else_is_not(both: Library, real_embedder: SentenceEmbedder) -> None:
    answer = ask(both, real_embedder, QUESTION, "Napoleon zog 1812 nach Moskau.")
    assert answer.status is AnswerStatus.QUOTED
    assert "A hash table finds a key in constant time on average." in answer.text
