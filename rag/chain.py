"""The query pipeline on one screen, as a LangChain Runnable: analyse, retrieve, rerank, quote or generate, cite."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig

from rag.answer.cite import citation, in_context, in_sections
from rag.answer.definition import WIDER, defining_first
from rag.answer.generate import Writer
from rag.answer.notices import notices
from rag.answer.prompt import condensing, no_documents, refusal
from rag.answer.quote import QuotedSentence, choose, quote, undefined
from rag.answer.refuse import confidence
from rag.answer.support import Meanings
from rag.answer.written import or_draft, written_answer
from rag.errors import EmbedderError, ModelError, Removed
from rag.events import Condensed, Draft, Event, Retrieved
from rag.library.library import Library
from rag.overview.compose import answer_overview
from rag.overview.survey import take_survey
from rag.platform.priority import Priority
from rag.ports import Embedder, Ranker
from rag.question.analyse import Rewrite, analyse, answer_language
from rag.question.follow_up import accepted
from rag.question.query import Query
from rag.question.scope import nothing_on_pages
from rag.retrieve.fuse import FusionWeights
from rag.retrieve.hits import retrieve
from rag.retrieve.passages import alone, fit, grow
from rag.retrieve.rerank import rerank
from rag.settings import Settings
from rag.texts import in_language, spoken
from rag.types import Answer, AnswerStatus, Hit, Passage, Question, SearchResult, Sentence, Timings

_MERGED = 20  # best hits that may become passages
_FOUND = 0.8  # share of the token budget for the hits; the best passages grow into the rest
_TRIES = 3  # where documents are removed while the passages are read
_HOPELESS = 0.5  # share of the refusal threshold; below this confidence the model isn't called


class Chain(Runnable[Question | str, Event]):
    """The query pipeline: with a writer it generates an answer, without one it quotes.

    `invoke` returns the Answer; `stream` yields events, the Answer last.
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

    @property
    def _known(self) -> Collection[str]:
        """The languages of the embedder: what the settings say, or what it says itself; none while it is missing."""
        if self.settings.embedder_languages:
            return self.settings.embedder_languages.split()
        try:
            return self.embedder.languages
        except EmbedderError:
            return ()

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
        """Yield the passages, the quoted answer, the generated text piece by piece, and finally the Answer.

        Raises InputError or NotFound for a bad question or scope, Cancelled when `cancelled` is set meanwhile.
        """
        question = Question(input) if isinstance(input, str) else input
        with self._priority.asking():
            yield from in_language(answer_language(question.text), self._tried(question, cancelled, _TRIES))

    def _tried(self, question: Question, cancelled: threading.Event | None, tries: int) -> Iterator[Event]:
        """Take the steps; where a document is removed while its passages are read, those that are left answer."""
        try:
            yield from self._steps(question, cancelled)
        except Removed:
            if tries == 1:
                raise
            yield from self._tried(question, cancelled, tries - 1)

    def _steps(self, question: Question, cancelled: threading.Event | None) -> Iterator[Event]:
        began = time.perf_counter()
        if not self.library.catalog.collections.searchable():
            nothing = no_documents(spoken())
            yield Answer(question.text, nothing, AnswerStatus.NO_DOCUMENTS, language=spoken())
            return
        writer = None if question.quote else self.writer
        if writer:
            writer.prepare()  # it loads while the passages are sought
        self.library.vectors.warm()  # as does the store
        query = analyse(question, self.library, self._rewriting(writer, cancelled))
        if query.overview is not None:  # no passage answers a question about a whole document
            draft = take_survey(query, query.overview)
            retrieved = time.perf_counter() - began
            parts = (self.library.lexical, self.settings, writer, cancelled)
            answer = yield from answer_overview(query, query.overview, draft, *parts)
        else:
            if query.understood:
                yield Condensed(query.text)
            passages = self._passages(query)
            retrieved = time.perf_counter() - began
            yield Retrieved(tuple(passages))
            answer = yield from self._answer(query, passages, writer, cancelled)
        first = answer.timings.first_token_s
        timings = Timings(retrieved, None if first is None else first - began, time.perf_counter() - began)
        yield replace(answer, timings=timings, language=spoken())

    def search(self, question: Question | str, *, most: int) -> SearchResult:
        """Return the best `most` passages for a question, each a single chunk with its scores."""
        began = time.perf_counter()
        asked = Question(question) if isinstance(question, str) else question
        with self._priority.asking():
            self.library.vectors.warm()
            query = analyse(asked, self.library, overviews=False)
            passages = self._alone(query, most, _TRIES)
        notes = query.notes + nothing_on_pages(query.scope, passages) + notices(self.library)
        return SearchResult(query.asked, tuple(passages), time.perf_counter() - began, notes, query.understood)

    def _alone(self, query: Query, most: int, tries: int) -> list[Passage]:
        try:
            return alone(self.hits(query, most)[: max(most, 0)], self.library.catalog)
        except Removed:
            if tries == 1:
                raise
            return self._alone(query, most, tries - 1)

    # ---- the steps

    def hits(self, query: Query, most: int = 0) -> list[Hit]:
        """Return the hits for a query, best first: all candidates, of which each search gives `most` or more."""
        settings, subject = self.settings, query.subject
        candidates = max(settings.candidates * (WIDER if subject else 1), most)
        weights = FusionWeights.of(settings, self._known)
        hits = retrieve(query, self.library, self.embedder, candidates=candidates, weights=weights)
        if subject:
            hits = defining_first(hits, subject)
        if self.ranker is None:
            return hits
        most, weight = settings.reranked, settings.reranker_weight
        return rerank(query, hits, self.ranker, most=most, weight=weight, document_weight=settings.document_weight)

    def _answer(
        self, query: Query, passages: Sequence[Passage], writer: Writer | None, cancelled: threading.Event | None
    ) -> Generator[Event, None, Answer]:
        """Yield the quoted answer and, with a model, the generated text; return the final answer."""
        quoted = quote(query, passages, self.library.lexical, self.embedder)
        sure = confidence(query, quoted, passages, self._known)
        notes = query.notes + nothing_on_pages(query.scope, passages) + notices(self.library)
        answer = replace(self._quoted(query, quoted, sure), passages=tuple(passages), notes=notes)
        if writer and quoted and sure >= _HOPELESS * self.settings.refuse_below:
            yield Draft(answer)
            several = "*" in self._known or len(self._known) > 1
            likeness = Meanings(self.embedder) if several else None
            parts = (writer, self.library.lexical, likeness, self.settings, cancelled)
            answer = yield from or_draft(written_answer(query, answer, quoted, *parts), answer)
        if answer.status is AnswerStatus.QUOTED:
            answer = replace(answer, notes=undefined(query, quoted) + answer.notes)
        citations = in_sections(answer.citations, self.library.catalog)
        return replace(answer, citations=citations, confidence=round(sure, 3), understood=query.understood)

    def _rewriting(self, writer: Writer | None, cancelled: threading.Event | None) -> Rewrite | None:
        """Return a function by which the model rewrites a follow-up as a standalone question; None without a model."""
        if writer is None:
            return None

        def rewrite(question: Question, language: str) -> str | None:
            prompt = condensing(question.text, language=language, history=question.history)
            with suppress(ModelError):  # the follow-up is then condensed by rule
                return accepted(writer.line(prompt, cancelled), question.text, question.history)
            return None

        return rewrite

    def _passages(self, query: Query) -> list[Passage]:
        hits = self.hits(query)
        if query.item:  # the whole budget goes to chunks that state the item: a proof may be long
            hits = [hit for hit in hits if hit.defines] or hits
        catalog, count, budget = self.library.catalog, self.embedder.count_tokens, self.settings.passage_tokens
        passages = fit(hits, count, catalog, most=_MERGED, budget=int(_FOUND * budget))
        return grow(passages, count, catalog, budget=budget)

    def _quoted(self, query: Query, quoted: Sequence[QuotedSentence], sure: float) -> Answer:
        """Return the quoted answer, or a refusal."""
        if not quoted or sure < self.settings.refuse_below:
            return Answer(query.asked, refusal(query.answer_language), AnswerStatus.NOT_IN_DOCUMENTS)
        chosen = choose(quoted, every=query.item is not None)
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
        return Answer(query.asked, text, AnswerStatus.QUOTED, citations, sentences)
