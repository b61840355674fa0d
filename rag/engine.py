"""Builds the parts on first use: the only file that names concrete classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from rag.answer.generate import Writer
from rag.errors import EmbedderError, ModelError, NotFound
from rag.library.home import Home, cache_folder
from rag.library.library import Library
from rag.library.repair import Finding
from rag.models.adapters import LangChainModel, LlamaModel
from rag.models.crossencoder import CrossEncoder
from rag.models.embedder import SentenceEmbedder
from rag.models.gguf import read_header
from rag.models.reader import Reader, shipped
from rag.models.remote import is_remote, remote_chat
from rag.platform.memory import overwrite_freed
from rag.platform.offline import stay_local
from rag.platform.priority import Priority
from rag.ports import ChatModel, Choice, Embedder, Ranker, VectorStore
from rag.settings import Settings, load_settings

if TYPE_CHECKING:
    from rag.chain import Chain

NO_EMBEDDER = "none0000"  # the fingerprint while the embedder of the settings isn't there


@dataclass(frozen=True, slots=True)
class Components:
    """What an engine is given instead of building it from the settings: by a test, or a program with parts of its own.

    `rankers` and `models` are by the names that settings and questions call them.
    """

    embedder: Embedder | None = None
    vectors: VectorStore | None = None
    rankers: Mapping[str, Ranker] = field(default_factory=dict)
    models: Mapping[str, ChatModel] = field(default_factory=dict)


class Engine:
    """The parts that answer questions of one home. Nothing heavy is loaded before it is used."""

    def __init__(self, folder: Path, *, version: str = "", given: Components | None = None) -> None:
        stay_local()
        overwrite_freed()
        self.settings: Settings = load_settings(folder)
        self.home = Home(folder, version=version)
        self._writers: dict[str, Writer] = {}
        self._given = given or Components()
        self._rankers = dict(self._given.rankers)
        self._building = RLock()
        self.priority = Priority()

    @cached_property
    def embedder(self) -> Embedder:
        """The embedder, shared by ingestion and questions."""
        if self._given.embedder is not None:
            return self._given.embedder

        settings = self.settings
        choice = Choice(settings.embedder, settings.quantisation, settings.query_prefix, settings.document_prefix)
        return SentenceEmbedder(cache_folder(), choice, threads=settings.threads, models=self.home.models)

    @cached_property
    def library(self) -> Library:
        """The library of the home."""
        try:
            fingerprint = self.embedder.fingerprint
        except EmbedderError:
            # Lists, removals and search by words need none; what does need it says what is wrong.
            fingerprint = NO_EMBEDDER
        return Library(self.home, fingerprint, self._given.vectors)

    @property
    def ranker(self) -> Ranker | None:
        """What reads the best hits together with the question: the reader that comes along, or a cross-encoder."""
        return self._ranker(self.settings.reranker)

    def chain(self, model: str | None = None, settings: Settings | None = None) -> Chain:
        """Return the query chain with a model: the one named, the one in the settings, or none: it quotes.

        Other `settings` than the home's are for comparing them.
        """
        from rag.chain import Chain

        used = settings or self.settings
        name = used.model if model is None else model
        writer = self.writer(name) if name else None
        return Chain(self.library, self.embedder, used, writer, self.priority, self._ranker(used.reranker))

    def writer(self, name: str) -> Writer:
        """Return a chat model by path, by the name of a file in the home's models folder, or `provider:model`.

        Raises NotFound or NotAModel; the file's header is read, its weights are not loaded yet.
        """
        with self._building:
            if name not in self._writers:
                key = f"prompt_speed:{name}"
                known = self.library.meta.recall(key)
                self._writers[name] = Writer(
                    self._given.models.get(name) or self._model(name),
                    self.settings,
                    speed=float(known) if known else None,
                    on_speed=lambda speed: self.library.meta.remember(key, f"{speed:.1f}"),
                )
            return self._writers[name]

    def use_model(self, name: str) -> None:
        """Answer with this model from now on."""
        self.settings = replace(self.settings, model=name)

    def check_embedder(self) -> Finding:
        """Say whether the embedder can be loaded; it is exported first where this machine hasn't yet."""
        try:
            self.embedder.prepare()
        except EmbedderError as exc:
            return Finding("embedder", well=False, seen=str(exc))
        return Finding("embedder", well=True, seen=str(self.embedder.choice))

    def check_model(self) -> Finding:
        """Say whether the model of the settings can be used."""
        name = self.settings.model
        if not name:
            return Finding("language model", well=True, seen="none: answers are quotes")
        if is_remote(name):
            return Finding("language model", well=True, seen=f"{name}, on another server")
        try:
            header = read_header(model_path(name, self.home.models))
        except (NotFound, ModelError) as exc:
            return Finding("language model", well=False, seen=str(exc))
        return Finding("language model", well=True, seen=f"{header.path} ({header.architecture})")

    def close(self) -> None:
        """Let go of models, library and home."""
        for writer in self._writers.values():
            writer.model.close()
        self._writers.clear()
        if "library" in self.__dict__:
            self.library.close()
        else:
            self.home.release()

    def _ranker(self, name: str) -> Ranker | None:
        if name == "none":
            return None
        with self._building:
            if name not in self._rankers:
                self._rankers[name] = self._load_ranker(name)
            return self._rankers[name]

    def _load_ranker(self, name: str) -> Ranker:
        if name == "reader":
            return Reader(shipped(), threads=self.settings.threads)

        return CrossEncoder(name, cache_folder(), threads=self.settings.threads)

    def _model(self, name: str) -> ChatModel:

        settings, called = self.settings, Path(name).name
        if is_remote(name):
            chat = remote_chat(name, settings)
            count = self.embedder.count_tokens  # near enough: its own tokenizer is on the server
            return LangChainModel(chat, called, context_tokens=settings.context_tokens, count=count)
        path = model_path(name, self.home.models)
        from rag.models.chat import LlamaChat

        read_header(path)
        try:
            own = LlamaChat(
                model_path=path,
                context_tokens=settings.context_tokens,
                answer_tokens=settings.answer_tokens,
                temperature=settings.temperature,
                seed=settings.seed,
                gpu_layers=settings.gpu_layers,
                threads=settings.threads,
            )
        except ImportError as exc:
            message = "llama-cpp-python is not installed."
            raise ModelError(message, remedy="Run: pip install llama-cpp-python") from exc
        return LlamaModel(own, called)


def model_path(name: str, folder: Path) -> Path:
    """Return the GGUF file that `name` means: a path, or the name of a file in the models folder.

    Raises NotFound with the names there are.
    """
    for path in (Path(name).expanduser(), folder / name, folder / f"{name}.gguf"):
        if path.exists():
            return path
    there = ", ".join(sorted(path.name for path in folder.glob("*.gguf")))
    message = f"There is no model {name!r}."
    listed = f" (there are: {there})" if there else ""
    raise NotFound(message, remedy=f"Give the path of a GGUF file, or put one into {folder}{listed}.")
