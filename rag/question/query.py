"""A question, analysed once: the record that every later step takes instead of the words."""

from __future__ import annotations

from dataclasses import dataclass

from rag import lexicon
from rag.question.answer_type import AnswerType
from rag.question.documents import Corpus, DocumentPart
from rag.question.numbered import NumberedItem
from rag.question.overview_request import OverviewRequest
from rag.question.spelling import Spelling
from rag.question.term import Term
from rag.text.course_units import CourseUnit
from rag.types import ANYWHERE, Scope, Turn


@dataclass(frozen=True, slots=True)
class Overview:
    """A question about the whole of something, with the documents and sections it means in reading order."""

    request: OverviewRequest
    parts: tuple[DocumentPart, ...]  # empty: no document has what the question names by its number
    corpus: Corpus


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it was asked, and everything that its words say. Made by `rag.question.analyse` only."""

    asked: str  # as it was typed
    text: str  # as it is searched for: follow-ups and misspelt words put right
    language: str = ""  # ISO 639-1; empty where the words don't tell
    scope: Scope = ANYWHERE
    history: tuple[Turn, ...] = ()
    languages: tuple[str, ...] = ()  # of the documents in the scope's collection
    stems: tuple[tuple[str, ...], ...] = ()  # of each word of content, in each of those languages
    words: tuple[str, ...] = ()  # as they are written, with the small ones
    answer_types: tuple[AnswerType, ...] = ()
    term: Term | None = None  # to be explained
    item: NumberedItem | None = None  # to be quoted: "What does Lemma 8.6 say?"
    named: NumberedItem | None = None  # mentioned anywhere: "Which algorithm uses Lemma 8.6?"
    units: tuple[CourseUnit, ...] = ()  # "in lecture 5"
    years: frozenset[str] = frozenset()
    newest: bool = False  # the latest edition is asked for
    spellings: tuple[Spelling, ...] = ()  # words that no document has
    overview: Overview | None = None  # the question is about the whole of something
    notes: tuple[str, ...] = ()  # for people: what could not be searched for, or where nothing can be found

    @property
    def subject(self) -> Term | NumberedItem | None:
        """What the question wants the meaning of."""
        return self.item or self.term

    @property
    def answer_language(self) -> str:
        """The language that Studyhall's own words around an answer are in."""
        return self.language if self.language in lexicon.LANGUAGES else lexicon.LANGUAGES[0]

    @property
    def unknown(self) -> frozenset[str]:
        """The words that no document has, and in whose place nothing else is searched for."""
        return frozenset(one.word for one in self.spellings if not one.sure)

    @property
    def understood(self) -> str | None:
        """The text that is searched for, where it is not the one that was asked."""
        return None if self.text == self.asked else self.text

    def asks(self, *types: AnswerType) -> bool:
        """Say whether one of the types of answer is asked for."""
        return any(one in self.answer_types for one in types)
