"""The whole query on one screen, as a LangChain Runnable: question in, answer out, steps in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig

from rag.answer.cite import citation, cite, in_context, in_sections
from rag.answer.definition import WIDER, asked_meaning, defining_first
from rag.answer.generate import Writer, is_refusal
from rag.answer.notices import notices
from rag.answer.prompt import NO_DOCUMENTS, REFUSALS, condensing, messages, refusal
from rag.answer.quote import Quoted, choose, quote, undefined
from rag.answer.refuse import sureness
from rag.errors import ModelError, PromptTooLong
from rag.events import Condensed, Draft, Event, Retrieved
from rag.library.library import Library
from rag.overview.compose import answer_whole
from rag.overview.survey import take_survey
from rag.platform.priority import Priority
from rag.ports import Embedder, Ranker
from rag.question.follow_up import accepted, condense, leans
from rag.question.numbered import Label, asked_label, of_other_kinds, renamed
from rag.question.scope import narrow, nothing_within
from rag.question.spelling import misspelt, spelled, unknown_words
from rag.question.term import Term
from rag.retrieve.hits import Scope, check_question, retrieve, unsearched, weights
from rag.retrieve.passages import alone, fit, grow
from rag.retrieve.rerank import rerank
from rag.settings import Settings
from rag.text.words import guess_language
from rag.types import (
    Answer,
    AnswerStatus,
    Hit,
    Passage,
    Question,
    SearchResult,
    Sentence,
    Timings,
    Tokens,
)

_MERGED = 20  # best hits that may become passages of a prompt
_FOUND = 0.8  # of the budget is for what was found; in the rest the best passages grow
_HOPELESS = 0.5  # of the refusal threshold: below it the model isn't even asked


class Chain(Runnable[Question | str, Event]):
    """Retrieve, build the prompt, generate, cite. Without a writer it quotes.

    `invoke` returns the Answer; `stream` yields what happens, and the Answer last.
    """

    def __init__(
        self,
        library: Library,
        embedder: Embedder,
        settings: Settings,
        writer: Writer | None = None,
        priority: Priority | None = None,
        ranker: Ranker | None = None,
    ) -> None:
        self.library = library
        self.embedder = embedder
        self.settings = settings
        self.writer = writer
        self.ranker = ranker
        self._priority = priority or Priority()

    def invoke(self, input: Question | str, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:  # noqa: A002  # LangChain's name
        """Return the answer to a question."""
        for event in self.stream(input, config, **kwargs):
            if isinstance(event, Answer):
                return event
        message = "the last event is the answer"
        raise AssertionError(message)

    def stream(
        self,
        input: Question | str,  # noqa: A002  # LangChain's name
        config: RunnableConfig | None = None,
        *,
        cancelled: threading.Event | None = None,
        **kwargs: Any,
    ) -> Iterator[Event]:
        """Yield the passages, the quoted answer, the written one as it grows, and at last the whole answer.

        Raises Cancelled when `cancelled` is set meanwhile.
        """
        question = Question(input) if isinstance(input, str) else input
        with self._priority.asking():
            yield from self._steps(question, cancelled)

    def _steps(self, question: Question, cancelled: threading.Event | None) -> Iterator[Event]:
        began = time.perf_counter()
        language = guess_language(question.text)
        if not self.library.catalog.searchable():
            yield Answer(question.text, NO_DOCUMENTS[language], AnswerStatus.NO_DOCUMENTS)
            return
        check_question(question.text)
        within = narrow(self.library, question.collection, question.document, question.filter)
        survey = take_survey(question, self.library.catalog, language, within)
        if survey.answer is not None:  # about the whole of something: passages can't answer it
            parts = (self.library, self.settings, self.writer)
            yield from answer_whole(question, survey, *parts, language, began, cancelled)
            return
        meant = self._meant(question, language, cancelled)
        spellings = misspelt(meant, self.library, self.embedder.is_word)
        meant = self._as_it_is_called(spelled(meant, spellings), within.scope)
        if meant != question.text:
            yield Condensed(meant)
        passages = self._passages(question, meant, within.scope)
        retrieved = time.perf_counter() - began
        yield Retrieved(tuple(passages))

        quoted = quote(meant, passages, self.library, self.embedder)
        notes = survey.notes + within.notes + nothing_within(question.filter, passages) + self._notes(meant)
        notes = unknown_words(spellings) + notes
        unknown, meaning = {one.word for one in spellings if not one.sure}, asked_meaning(meant)
        across = "*" in self.settings.embedder_languages  # it finds what is called otherwise in another language
        sure = sureness(
            meant, quoted, passages, meaning=meaning, unknown=unknown, language=language, across=across
        )  # fmt: skip
        answer = replace(self._quoted(question, quoted, sure, language, meaning), passages=tuple(passages), notes=notes)
        asked = self.writer is not None and not question.quote and passages
        if asked and self.writer and sure >= _HOPELESS * self.settings.refuse_below:
            yield Draft(answer)
            answer = yield from self._written(question, answer, language, self.writer, cancelled)
        if answer.status is AnswerStatus.QUOTED:
            answer = replace(answer, notes=undefined(meaning, quoted) + answer.notes)
        timings = replace(answer.timings, retrieve_s=retrieved, total_s=time.perf_counter() - began)
        if answer.timings.first_token_s is not None:
            timings = replace(timings, first_token_s=answer.timings.first_token_s - began)
        yield replace(
            answer, timings=timings, confidence=round(sure, 3), understood=None if meant == question.text else meant
        )

    def search(self, query: str, *, most: int, scope: Scope, notes: tuple[str, ...] = ()) -> SearchResult:
        """Return the best `most` passages for a query, each a single chunk with its scores."""
        began = time.perf_counter()
        with self._priority.asking():
            check_question(query)
            spellings = misspelt(query, self.library, self.embedder.is_word)
            meant = spelled(query, spellings)
            hits = self.hits(meant, scope, most)[: max(most, 0)]
        passages = alone(hits, self.library.catalog)
        notes = unknown_words(spellings) + notes + self._notes(meant)
        took, understood = time.perf_counter() - began, None if meant == query else meant
        return SearchResult(query, tuple(passages), took, notes, understood)

    # ---- the steps

    def hits(self, query: str, scope: Scope, most: int = 0) -> list[Hit]:
        """Return the chunks that fit a query, best first; at least `most`, if there are so many."""
        term = asked_meaning(query)
        candidates = max(self.settings.candidates * (WIDER if term else 1), most)
        hits = retrieve(
            query, self.library, self.embedder, scope=scope, candidates=candidates, weights=weights(self.settings)
        )
        if term:
            hits = defining_first(hits, term)
        if self.ranker is None:
            return hits
        return rerank(
            query, hits, self.ranker, most=self.settings.reranked, weight=self.settings.reranker_weight,
            document_weight=self.settings.document_weight,
        )  # fmt: skip

    def _as_it_is_called(self, asked: str, scope: Scope) -> str:
        """Return a question for Theorem 4.2 as one for Lemma 4.2 where only that is there."""
        label = asked_label(asked)
        if label is None or self._names(label, scope):
            return asked
        return next((renamed(asked, one) for one in of_other_kinds(label) if self._names(one, scope)), asked)

    def _names(self, label: Label, scope: Scope) -> bool:
        """Say whether some document names a numbered thing."""
        phrases = label.phrases(self.library.catalog.languages(scope.collection) or ["en"])
        found = self.library.lexical.search(
            [phrases], limit=1, collection=scope.collection, document_id=scope.document_id, documents=scope.documents
        )
        return bool(found)

    def _meant(self, question: Question, language: str, cancelled: threading.Event | None) -> str:
        """Return what to search for: by the model when the question leans on what was said, or by its words."""
        if self.writer is not None and not question.quote and question.history and leans(question.text):
            prompt = condensing(question.text, language=language, history=question.history)
            with suppress(ModelError, PromptTooLong):  # its words do as well
                said = accepted(self.writer.line(prompt, cancelled), question.text, question.history)
                if said:
                    return said
        return condense(question.text, question.history)

    def _passages(self, question: Question, meant: str, scope: Scope) -> list[Passage]:
        hits = self.hits(meant, scope)
        if asked_label(meant):  # all room is for what bears the number: a proof may be long
            hits = [hit for hit in hits if hit.defines] or hits
        catalog, budget = self.library.catalog, self._budget(question)
        passages = fit(hits, self._count, catalog, most=_MERGED, budget=int(_FOUND * budget))
        return grow(passages, self._count, catalog, budget=budget)

    def _budget(self, question: Question) -> int:
        if self.writer is None or question.quote:
            return self.settings.passage_tokens
        bare = messages(question.text, [], language=guess_language(question.text), history=question.history)
        return self.writer.passage_budget(bare)

    def _count(self, text: str) -> int:
        return self.writer.count(text) if self.writer else self.embedder.count_tokens(text)

    def _quoted(
        self, question: Question, quoted: Sequence[Quoted], sure: float, language: str, meaning: Term | Label | None
    ) -> Answer:
        """Return the answer that quotes, or says that the documents don't say."""
        if not quoted or sure < self.settings.refuse_below:
            return Answer(question.text, refusal(language), AnswerStatus.NOT_IN_DOCUMENTS)
        chosen = choose(quoted, every=isinstance(meaning, Label))
        bare = [
            citation(number, item.passage, item.start, item.end, item.answer)
            for number, item in enumerate(chosen, start=1)
        ]
        citations = in_context(bare, [item.passage for item in chosen])
        sentences = tuple(
            Sentence(" ".join(found.quote.split()), (found.marker,), supported=True, score=round(item.score, 3))
            for found, item in zip(citations, chosen, strict=True)
        )
        text = "\n\n".join(f"“{sentence.text}” [{sentence.markers[0]}]" for sentence in sentences)
        citations = in_sections(citations, self.library.catalog)
        return Answer(question.text, text, AnswerStatus.QUOTED, citations, sentences)

    def _written(
        self, question: Question, draft: Answer, language: str, writer: Writer, cancelled: threading.Event | None
    ) -> Generator[Event, None, Answer]:
        """Yield the text as the model writes it; return the answer with its citations."""
        prompt = messages(question.text, draft.passages, language=language, history=question.history)
        written = yield from writer.write(prompt, cancelled)
        if is_refusal(written.text, list(REFUSALS.values())):
            answer = Answer(question.text, refusal(language), AnswerStatus.NOT_IN_DOCUMENTS)
        else:
            cited = cite(
                written.text,
                draft.passages,
                self.library.lexical.weights,
                languages=sorted({*self.library.catalog.languages(), language}),
                supported_from=self.settings.supported_from,
            )
            if not cited.sentences:  # the model wrote no word
                return draft
            citations = in_sections(cited.citations, self.library.catalog)
            answer = Answer(question.text, cited.text, AnswerStatus.ANSWERED, citations, cited.sentences)
        return replace(
            answer,
            passages=draft.passages,
            model=writer.name,
            notes=draft.notes + written.notes,
            timings=Timings(first_token_s=written.first_token_at),
            tokens=Tokens(written.prompt_tokens, written.answer_tokens),
        )

    def _notes(self, asked: str) -> tuple[str, ...]:
        """Say what a person should know of the search and the library before trusting an answer."""
        return (*unsearched(asked), *notices(self.library))
