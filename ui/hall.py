"""Studyhall, the Python face: opens a home, ingests, asks.

    from ui import Studyhall

    with Studyhall.open("~/courses") as hall:
        hall.ingest(["lectures/"])
        print(hall.ask("What is an inverted index?").text)

The types of the methods are imported here for real, since the table of operations reads them. An import inside a
method spares those that only list or search a heavy library.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import ModelError, SettingsError, StudyhallError
from rag.evaluation.questions import EvalQuestion, read_questions
from rag.evaluation.report import Evaluating, Evaluation
from rag.events import Event as AnswerEvent
from rag.library.backup import Backup, back_up, restore, restore_vectors
from rag.library.conversations import Conversations
from rag.library.home import Home, default_home
from rag.library.repair import Finding, examine, repair
from rag.models.remote_models import RemoteModels
from rag.settings import Settings
from rag.types import (
    EVERYWHERE,
    Answer,
    Filter,
    Question,
    SearchResult,
    Turn,
)
from ui.holdings import Holdings, last
from ui.version import VERSION

if TYPE_CHECKING:
    from rag.chain import Chain
    from rag.retrieve.retriever import StudyhallRetriever


class Studyhall(Holdings):
    """One home, opened: documents go in, answers with citations come out.

    Raises HomeInUse when another process has it open, SettingsError for settings that can't be used.
    """

    # ---- the home

    def health(self) -> dict[str, str]:
        """Return which program this is, and its version."""
        return {"name": "studyhall", "version": VERSION}

    @property
    def settings(self) -> Settings:
        """The settings of the home, with the model that was chosen since."""
        return self.engine.settings

    @property
    def folder(self) -> Path:
        """The folder of the home."""
        return self.engine.home.folder

    @property
    def uploads(self) -> Path:
        """The folder that the browser page uploads into."""
        return self.engine.home.uploads

    @property
    def models_folder(self) -> Path:
        """The folder where GGUF files are looked for by name."""
        return self.engine.home.models

    def models(self) -> list[str]:
        """Return the names of the GGUF files in the models folder, then of the models that were added."""
        added: list[str] = []
        with suppress(SettingsError):  # a file that can't be read is told where one of its models is to answer
            added = [*RemoteModels(self.models_folder).all()]
        return sorted(path.name for path in self.models_folder.glob("*.gguf")) + added

    def written_on(self, name: str) -> str:
        """Return the other computer where a model writes its answers; "" for one on this computer."""
        with suppress(SettingsError, ModelError):
            if (remote := self.engine.remote(name)) and not remote.is_here:
                return remote.host
        return ""

    def use_model(self, name: str) -> None:
        """Answer with this model until the home is closed; raises NotFound or NotAModel for one that can't be used."""
        self.engine.writer(name)
        self.engine.use_model(name)

    def announce(self, *, port: int | None = None, token: str | None = None) -> None:
        """Write down for other commands where the server of this home listens; without a port, that there is none."""
        self.engine.home.announce(port=port, token=token)

    def back_up(self, file: str | Path, *, vectors: bool = True, replace: bool = False) -> Backup:
        """Write the home, without its models, into one file; it may be in use meanwhile.

        Raises InputError for a file that is there already, unless it may be replaced, and HomeError.
        """
        path = Path(file).expanduser().absolute()
        return back_up(self.engine.library, path, with_vectors=vectors, replace=replace)

    @classmethod
    def restore(cls, file: str | Path, home: str | Path | None = None) -> Studyhall:
        """Put a backup into a home without documents, and open it; the next ingestion makes missing vectors.

        Raises InputError for another file, or for a home that has documents.
        """
        path = Path(file).expanduser().absolute()
        folder = (Path(home).expanduser() if home is not None else default_home()).absolute()
        empty = Home(folder, version=VERSION)
        try:
            restore(path, empty)
        finally:
            empty.release()
        hall = cls.open(folder)
        try:
            restore_vectors(path, hall.engine.library)
        except StudyhallError:
            hall.close()
            raise
        return hall

    def examine(self) -> list[Finding]:
        """Return the findings of an examination: catalog, indexes, vectors, originals, embedder and model."""
        engine = self.engine
        home = Finding("home", well=True, seen=str(engine.home.folder))
        older = len(self.outdated())
        told = f"{older} documents were read by an older version: see `studyhall docs refresh --outdated`"
        readings = Finding("readings", well=not older, seen=told if older else "of this version")
        return [home, *examine(engine.library), readings, engine.check_embedder(), engine.check_model()]

    def repair(self) -> list[str]:
        """Save what can be read of a damaged catalog, make the lexical index anew and drop wrong vectors.

        The next ingestion embeds again. Returns sentences about what was found. Raises HomeError.
        """
        salvaged = self.engine.salvage()
        repair(self.engine.library)
        return [str(salvaged)] if salvaged else []

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
        """Return the answer to a question, with its citations; ``Filter(until=5)`` bounds the search."""
        asked = Question(question, collection, document, quote, tuple(history), within)
        return last(self.ask_events(asked, model=model), Answer)

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

    # ---- conversations

    @property
    def conversations(self) -> Conversations:
        """The conversations of the page, which are kept in the home."""
        return self.engine.library.conversations

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
        asked = read_questions(Path(questions)) if isinstance(questions, str | Path) else questions
        events = self.evaluate_events(
            asked, collection=collection, model=model, quote=quote, search_only=search_only, against=against
        )
        return last(events, Evaluation)

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
