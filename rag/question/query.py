"""The analysed question: the record that every later step takes in place of the question's words."""

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
from rag.texts import spoken
from rag.types import ANYWHERE, Scope, Turn


@dataclass(frozen=True, slots=True)
class Overview:
    """A request for an overview, with the documents and sections it names in reading order."""

    request: OverviewRequest
    parts: tuple[DocumentPart, ...]  # empty: no document has the number that the question names
    corpus: Corpus


def reply_language(asked: str) -> str:
    """Return the language of an answer to a question in the language `asked`, which is empty when unknown.

    A bare term, such as "PageRank", has none: then it is the language spoken here.
    """
    if asked in lexicon.LANGUAGES:
        return asked
    return lexicon.LANGUAGES[0] if asked else spoken()


@dataclass(frozen=True, slots=True)
class Query:
    """A question with the results of its analysis. Made by `rag.question.analyse` only."""

    asked: str  # as it was typed
    text: str  # as it is searched for: follow-ups resolved, spelling corrected
    language: str = ""  # ISO 639-1; empty when unknown
    scope: Scope = ANYWHERE
    history: tuple[Turn, ...] = ()
    languages: tuple[str, ...] = ()  # of the documents in the scope's collection
    stems: tuple[tuple[str, ...], ...] = ()  # a group per content word: its stem in each of those languages
    words: tuple[str, ...] = ()  # as written, stop words included
    answer_types: tuple[AnswerType, ...] = ()
    term: Term | None = None  # to be defined
    item: NumberedItem | None = None  # to be quoted: "What does Lemma 8.6 say?"
    named: NumberedItem | None = None  # mentioned anywhere: "Which algorithm uses Lemma 8.6?"
    units: tuple[CourseUnit, ...] = ()  # "in lecture 5"
    years: frozenset[str] = frozenset()
    newest: bool = False  # the question asks for the latest edition
    spellings: tuple[Spelling, ...] = ()  # words that no document has
    overview: Overview | None = None  # set for a question about whole documents or sections
    notes: tuple[str, ...] = ()  # for people: unknown words, a scope without documents and the like

    @property
    def subject(self) -> Term | NumberedItem | None:
        """The numbered item to be quoted or the term to be defined, if any."""
        return self.item or self.term

    @property
    def answer_language(self) -> str:
        """The language of Studyhall's own sentences in an answer: the question's, or the one spoken here."""
        return reply_language(self.language)

    @property
    def read_as(self) -> str:
        """The language whose words and weights apply: the question's, or English."""
        return self.language if self.language in lexicon.LANGUAGES else lexicon.LANGUAGES[0]

    def is_foreign(self, written: str) -> bool:
        """Say whether a text in the language `written` is in another than the question; an unknown one is not."""
        return bool(self.language and written) and written != self.language

    @property
    def unknown(self) -> frozenset[str]:
        """The words that no document has and that no correction replaces."""
        return frozenset(one.word for one in self.spellings if not one.sure)

    @property
    def understood(self) -> str | None:
        """The text that is searched for, if it differs from the question as typed."""
        return None if self.text == self.asked else self.text

    def asks(self, *types: AnswerType) -> bool:
        """Say whether any of these answer types is expected."""
        return any(one in self.answer_types for one in types)
