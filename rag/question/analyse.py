"""A question becomes a Query, once. No later step analyses the question's words again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from rag import lexicon
from rag.errors import InputError
from rag.library.library import Library
from rag.question.answer_type import answer_types
from rag.question.documents import Corpus, find
from rag.question.follow_up import condense, is_follow_up
from rag.question.language import question_language
from rag.question.numbered import asked_item, named_items, of_other_kinds, renamed
from rag.question.overview_request import asked_overview
from rag.question.query import Overview, Query, reply_language
from rag.question.scope import scope_of
from rag.question.spelling import misspelt, spelled, unknown_words
from rag.question.term import asked_term
from rag.text.course_units import units_in
from rag.text.editions import names_newest, years_in
from rag.text.words import query_stems, words, words_as_written
from rag.texts import say
from rag.types import ANYWHERE, Question, Scope

_READ_FOR_LANGUAGE = 1000  # characters of a question
MOST_CHARACTERS = 20_000  # of a question; a longer text is a document
MOST_WORDS = 200  # content words of a question that are searched for

Rewrite = Callable[[Question, str], str | None]


def analyse(
    question: Question,
    library: Library,
    rewrite: Rewrite | None = None,
    *,
    overviews: bool = True,
) -> Query:
    """Return the query for a question, with its scope, spellings and overview resolved in the library.

    `rewrite` may turn a follow-up into a standalone question, given the question
    and its language. Without `overviews` every question is answered from passages. Raises InputError for an invalid
    question or filter, NotFound for an unknown collection or document.
    """
    check(question.text)
    scope, notes = scope_of(question, library)
    language = question_language(question.text)
    overview, missing = _overview(question, library, scope) if overviews else (None, ())
    text = question.text
    if overview is None:
        text = _alone(question, language, rewrite)
    spellings = () if overview else tuple(misspelt(text, language, library))
    text = _as_it_is_called(spelled(text, spellings), library, scope)
    languages = tuple(library.catalog.documents.languages(scope.collection))
    read = read_question(text, languages=languages, scope=scope)
    return replace(
        read,
        asked=question.text,
        language=language or read.language,
        history=question.history,
        spellings=spellings,
        overview=overview,
        notes=unknown_words(spellings) + missing + notes + _unsearched(text),
    )


def answer_language(text: str) -> str:
    """Return the language of Studyhall's own sentences in the answer to a question."""
    return reply_language(question_language(text[:_READ_FOR_LANGUAGE]))


def read_question(text: str, *, languages: Iterable[str] = (), scope: Scope = ANYWHERE) -> Query:
    """Return the query of a question's words alone, without history or library, for documents in some languages.

    >>> query = read_question("What is asked on sheet 3 of 2024?", languages=["en"])
    >>> query.language, query.units, query.years
    ('en', (CourseUnit(kind='exercise', number=3),), frozenset({'2024'}))
    """
    languages = tuple(languages)
    return Query(
        asked=text,
        text=text,
        language=question_language(text),
        scope=scope,
        languages=languages,
        stems=tuple(query_stems(text, languages)[:MOST_WORDS]),
        words=tuple(words_as_written(text)),
        answer_types=answer_types(text),
        term=asked_term(text),
        item=asked_item(text),
        named=named_items(text),
        units=tuple(dict.fromkeys(units_in(text))),
        years=frozenset(years_in(text)),
        newest=names_newest(text),
    )


def check(question: str) -> None:
    """Raise InputError for a question that is empty, too long, or no valid text."""
    if not question.strip():
        message = "The question is empty."
        raise InputError(message, remedy='Ask something, for instance: studyhall ask "What is BM25?"')
    if len(question) > MOST_CHARACTERS:
        message = f"The question has {len(question):,} characters; {MOST_CHARACTERS:,} are read."
        raise InputError(message, remedy="Ingest long texts as documents and ask about them.")
    if any("\ud800" <= letter <= "\udfff" for letter in question):
        message = "The question holds bytes that are no text."
        raise InputError(message, remedy="Check the encoding of your terminal: Studyhall reads UTF-8.")


def _overview(question: Question, library: Library, scope: Scope) -> tuple[Overview | None, tuple[str, ...]]:
    """Return the overview that a question asks for, or None; and a note where the library lacks its target."""
    request = None if scope.is_empty else asked_overview(question)
    if request is None:
        return None, ()
    corpus = Corpus(library, scope)
    parts = tuple(find(request.target, corpus))
    missing = not parts and request.is_certain and bool(corpus.infos)
    if parts or (missing and request.target.numbers):  # no passage can answer for a missing lecture 99
        return Overview(request, parts, corpus), ()
    if not missing:
        return None, ()
    named = request.target.said or "that"
    return None, (f"No document or heading was found for “{named}”, so this was answered from single passages.",)


def _alone(question: Question, language: str, rewrite: Rewrite | None) -> str:
    """Return the standalone form of a question."""
    if rewrite is not None and question.history and is_follow_up(question.text):
        rewritten = rewrite(question, language)
        if rewritten:
            return rewritten
    return condense(question.text, question.history)


def _as_it_is_called(text: str, library: Library, scope: Scope) -> str:
    """Return the question with its item's kind corrected: Theorem 4.2 becomes Lemma 4.2 if only that one exists."""
    item = asked_item(text)
    if item is None:
        return text
    languages = library.catalog.documents.languages(scope.collection) or ["en"]

    def is_there(phrases: tuple[str, ...]) -> bool:
        return bool(library.lexical.search([phrases], limit=1, scope=scope))

    if is_there(item.phrases(languages)):
        return text
    others = (one for one in of_other_kinds(item) if is_there(one.phrases(languages)))
    return next((renamed(text, other) for other in others), text)


def _unsearched(text: str) -> tuple[str, ...]:
    """Return a note on the words of a long question that are not searched for."""
    many = len(set(words(text)))
    if many <= MOST_WORDS or len(query_stems(text, lexicon.LANGUAGES)) <= MOST_WORDS:
        return ()
    note = say(
        "The question has {number} different words; the first {most} words of content were searched for.",
        number=many,
        most=MOST_WORDS,
    )
    return (note,)
