"""Studyhall, the Python face: opens a home, ingests, asks.

from ui import Studyhall

with Studyhall.open("~/courses") as hall:
hall.ingest(["lectures/"])
print(hall.ask("What is an inverted index?").text)
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rag.engine import Engine
from rag.library.collections import DEFAULT_COLLECTION
from rag.library.home import default_home
from rag.types import (
    EVERYWHERE,
    Answer,
    CollectionInfo,
    Document,
    DocumentInfo,
    Filter,
    Page,
    Question,
    SearchResult,
    Turn,
)
from ui.version import VERSION

if TYPE_CHECKING:
    from ingest.accept.sources import Found
    from ingest.report import Event, IngestReport
    from rag.chain import Chain
    from rag.evaluation.questions import EvalQuestion
    from rag.evaluation.report import Evaluating, Evaluation
    from rag.events import Event as AnswerEvent
    from rag.retrieve.retriever import StudyhallRetriever


class Studyhall:
    """One home, opened: documents go in, answers with citations come out.

    Raises HomeInUse when another process has it open, SettingsError for settings that can't be used.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._ingesting = threading.Lock()

    @classmethod
    def open(cls, home: str | Path | None = None) -> Studyhall:
        """Open a home folder; it is made when it doesn't exist yet."""
        folder = Path(home).expanduser() if home is not None else default_home()
        return cls(Engine(folder.absolute(), version=VERSION))

    def __enter__(self) -> Studyhall:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of models and home."""
        self.engine.close()

    # ---- documents

    def ingest(
        self,
        targets: Iterable[str | Path],
        *,
        collection: str = DEFAULT_COLLECTION,
        force: bool = False,
        password: str = "",
    ) -> IngestReport:
        """Ingest files, folders and URLs; return the report. No bad file stops it."""
        from ingest.report import IngestReport

        for event in self.ingest_events(targets, collection=collection, force=force, password=password):
            if isinstance(event, IngestReport):
                return event
        message = "the last event is the report"
        raise AssertionError(message)

    def ingest_events(
        self,
        targets: Iterable[str | Path | Found],
        *,
        collection: str = DEFAULT_COLLECTION,
        force: bool = False,
        prune: bool = False,
        crawl: int = 0,
        password: str = "",
        stopped: threading.Event | None = None,
    ) -> Iterator[Event]:
        """Ingest, yielding what happens; the last event is the report. One ingestion runs at a time.

        With `prune`, documents whose files have left the folders are removed. With `crawl`, pages that a web address
        links to are ingested as well, so many links away. The `password` is tried on files that need one.
        """
        from ingest.pipeline import ingest
        from ingest.plan import Ingestion

        engine = self.engine
        plan = Ingestion(
            engine.library, engine.embedder, collection,
            force=force, prune=prune, crawl=crawl, stopped=stopped, priority=engine.priority, password=password,
        )  # fmt: skip
        with self._ingesting:
            yield from ingest(targets, plan)

    def kept(self, document_id: str, collection: str) -> list[Found]:
        """Return a document's kept originals as what can be ingested again, under the paths they came from."""
        from ingest.accept.sources import Found

        path = self.original(document_id)
        held = [info for info in self.documents(collection) if info.document_id == document_id]
        return [Found(info.source, path, info.size) for info in held if path is not None]

    def documents(self, collection: str | None = None) -> list[DocumentInfo]:
        """Return a line per document."""
        if collection is not None:
            self.engine.library.catalog.collections.number(collection)
        return self.engine.library.catalog.documents.all(collection)

    def find(self, name: str, collection: str | None = None) -> DocumentInfo:
        """Return the one document that `name` means: an id, a path, a file name, or part of a title."""
        return self.engine.library.catalog.documents.find(name, collection)

    def document(self, document_id: str) -> Document:
        """Return a document's text, blocks and pages."""
        return self.engine.library.catalog.documents.get(document_id)

    def page(self, document_id: str, number: int) -> Page | None:
        """Return one page, with the way back to what stands on it."""
        return self.engine.library.catalog.documents.page(document_id, number)

    def original(self, document_id: str) -> Path | None:
        """Return the kept original of a document."""
        return self.engine.library.original(document_id)

    def remove(self, name: str, *, collection: str | None = None) -> DocumentInfo:
        """Remove a document, wholly; return what it was."""
        info = self.find(name, collection)
        self.engine.library.remove(info.document_id, collection)
        return info

    def tags(self, name: str) -> list[str]:
        """Return a document's tags: those that a person gave, and what its path tells."""
        from rag.question.scope import all_tags

        covers = self.engine.library.profiles
        covers.refresh()
        cover = covers.all().get(self.find(name).document_id)
        return all_tags(cover) if cover else []  # nothing is read of one that failed

    def tag(self, name: str, tags: Sequence[str], *, remove: bool = False) -> list[str]:
        """Give a document tags, or take them away; return those it has then. "week 5" corrects what its path says."""
        from rag.errors import InputError

        wanted = [" ".join(tag.split()) for tag in tags]
        if not all(wanted) or any(len(tag) > 100 or not tag.isprintable() for tag in wanted):
            message = "That is no tag."
            raise InputError(message, remedy="Use 1 to 100 printable characters.")
        self.engine.library.profiles.tag(self.find(name).document_id, wanted, remove=remove)
        return self.tags(name)

    def collections(self) -> list[CollectionInfo]:
        """Return a line per collection."""
        return self.engine.library.catalog.collections.all()

    def create_collection(self, name: str) -> None:
        """Make a collection; nothing happens when it is there."""
        self.engine.library.catalog.collections.create(name)

    def remove_collection(self, name: str) -> None:
        """Remove a collection and what only it holds."""
        self.engine.library.remove_collection(name)

    # ---- questions

    @property
    def chain(self) -> Chain:
        """The query chain, a LangChain Runnable, with the model of the settings."""
        return self.engine.chain()

    def as_retriever(self, *, k: int = 4, collection: str | None = None) -> StudyhallRetriever:
        """Return retrieval as a LangChain retriever."""
        from rag.retrieve.retriever import StudyhallRetriever

        return StudyhallRetriever(chain=self.engine.chain(""), k=k, collection=collection)

    def ask(
        self,
        question: str,
        *,
        collection: str | None = None,
        document: str | None = None,
        model: str | None = None,
        quote: bool = False,
        history: Sequence[Turn] = (),
        within: Filter = EVERYWHERE,
    ) -> Answer:
        """Return the answer to a question, with its citations; ``Filter(until=5)`` bounds what is searched."""
        asked = Question(question, collection, document, quote, tuple(history), within)
        return self.engine.chain("" if quote else model).invoke(asked)

    def ask_events(
        self, question: Question, *, model: str | None = None, cancelled: threading.Event | None = None
    ) -> Iterator[AnswerEvent]:
        """Answer, yielding the passages, the quoted answer, the written text as it grows, and the Answer."""
        return self.engine.chain("" if question.quote else model).stream(question, cancelled=cancelled)

    def search(
        self,
        query: str,
        *,
        k: int = 10,
        collection: str | None = None,
        document: str | None = None,
        within: Filter = EVERYWHERE,
    ) -> SearchResult:
        """Return the `k` best passages for a query."""
        return self.engine.chain("").search(Question(query, collection, document, filter=within), most=k)

    # ---- evaluation

    def evaluate(
        self,
        questions: str | Path | Sequence[EvalQuestion],
        *,
        collection: str | None = None,
        model: str | None = None,
        quote: bool = False,
        search_only: bool = False,
        against: Mapping[str, str] | None = None,
    ) -> Evaluation:
        """Measure search and answers on questions with known answers: a file of them, or the questions themselves.

        `against` are settings that are compared with the home's, such as ``{"dense_weight": "0.6"}``.
        """
        from rag.evaluation.questions import read_questions
        from rag.evaluation.report import Evaluation

        asked = read_questions(Path(questions)) if isinstance(questions, str | Path) else questions
        for event in self.evaluate_events(
            asked, collection=collection, model=model, quote=quote, search_only=search_only, against=against
        ):
            if isinstance(event, Evaluation):
                return event
        message = "the last event is the evaluation"
        raise AssertionError(message)

    def evaluate_events(
        self,
        questions: Sequence[EvalQuestion],
        *,
        collection: str | None = None,
        model: str | None = None,
        quote: bool = False,
        search_only: bool = False,
        against: Mapping[str, str] | None = None,
        stopped: threading.Event | None = None,
    ) -> Iterator[Evaluating | Evaluation]:
        """Measure, yielding the progress; the last event is the evaluation."""
        from rag.evaluation.evaluate import evaluate

        chosen = "" if quote or search_only else model
        chains = [({}, self.engine.chain(chosen)), *self._against(against, chosen)]
        return evaluate(questions, chains, collection=collection, quote=quote, search_only=search_only, stopped=stopped)

    def _against(self, values: Mapping[str, str] | None, model: str | None) -> list[tuple[Mapping[str, str], Chain]]:
        if not values:
            return []
        from rag.evaluation.evaluate import comparable

        settings = comparable(self.engine.settings, values)
        return [(values, self.engine.chain(settings.model if "model" in values else model, settings))]

    def draft_questions(
        self,
        *,
        collection: str | None = None,
        most: int = 30,
        model: str | None = None,
        stopped: threading.Event | None = None,
    ) -> Iterator[EvalQuestion]:
        """Draft questions from the documents for a person to confirm; a language model writes them, if there is one."""
        from rag.evaluation.draft import draft

        name = self.engine.settings.model if model is None else model
        writer = self.engine.writer(name) if name else None
        return draft(self.engine.library.catalog, collection=collection, most=most, writer=writer, stopped=stopped)
