"""The engine builds the components on first use: the only file that names concrete classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from rag.answer.forms import FORMS, USUAL, PromptForm
from rag.answer.generate import Writer
from rag.answer.presets import Presets
from rag.errors import EmbedderError, ModelError, NotFound, SettingsError
from rag.library.home import Home, cache_folder
from rag.library.library import Library
from rag.library.repair import Finding
from rag.library.salvage import Salvaged, salvage
from rag.models import packaged
from rag.models.adapters import LangChainModel, LlamaModel
from rag.models.catalogue import catalogue
from rag.models.crossencoder import CrossEncoder
from rag.models.embedder import SentenceEmbedder
from rag.models.gguf import read_header
from rag.models.kept_forms import KeptForms
from rag.models.reader import ShippedReaders
from rag.models.remote import RemoteModel, open_remote
from rag.models.remote_models import find_remote
from rag.platform.memory import require_memory
from rag.platform.offline import stay_local
from rag.platform.priority import Priority
from rag.ports import ChatModel, Choice, Embedder, Ranker, VectorStore
from rag.settings import Settings, load_settings

if TYPE_CHECKING:
    from rag.chain import Chain

NO_EMBEDDER = "none0000"  # the fingerprint while the embedder of the settings is missing


@dataclass(frozen=True, slots=True)
class Components:
    """Components given to an engine in place of those it would build from the settings, by a test or another program.

    The keys of `rankers` and `models` are the names used in settings and questions.
    """

    embedder: Embedder | None = None
    vectors: VectorStore | None = None
    rankers: Mapping[str, Ranker] = field(default_factory=dict)
    models: Mapping[str, ChatModel] = field(default_factory=dict)


class Engine:
    """The components that answer questions about one home. Heavy ones are loaded on first use."""

    def __init__(self, folder: Path, *, version: str = "", given: Components | None = None) -> None:
        stay_local()
        require_memory()
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
            # Listing, removal and lexical search need no embedder; the operations that do report the error.
            fingerprint = NO_EMBEDDER
        return Library(self.home, fingerprint, self._given.vectors)

    def salvage(self) -> Salvaged | None:
        """Save what can be read of a damaged catalog, before anything has opened it; None if it is intact."""
        return None if "library" in self.__dict__ else salvage(self.home.database)

    @property
    def ranker(self) -> Ranker | None:
        """The reranker of the settings: the bundled reader, a cross-encoder, or None."""
        return self._ranker(self.settings.reranker)

    def chain(self, model: str | None = None, settings: Settings | None = None) -> Chain:
        """Return the query chain with the named model, or by default the one in the settings; with "" it quotes.

        Pass `settings` to compare others with the home's.
        """
        from rag.chain import Chain

        used = settings or self.settings
        name = used.model if model is None else model
        writer = self.writer(name) if name else None
        return Chain(self.library, self.embedder, used, writer, self.priority, self._ranker(used.reranker))

    def writer(self, name: str) -> Writer:
        """Return a chat model by path, by file name in the home's models folder, or by its name on another server.

        Of a file only the header is read, and no server is asked: that is for the first answer. Raises NotFound,
        NotAModel, ModelError or SettingsError.
        """
        with self._building:
            if name not in self._writers:
                presets = Presets(self.home.folder)
                presets.text(self.settings.preset, "en")  # so that a wrong name is told before the answer begins
                key = f"prompt_speed:{name}"
                known = self.library.meta.recall(key)
                self._writers[name] = Writer(
                    self._given.models.get(name) or self._model(name),
                    self.settings,
                    form=self._form(name),
                    manner=lambda language: presets.text(self.settings.preset, language),
                    speed=float(known) if known else None,
                    on_speed=lambda speed: self.library.meta.remember(key, f"{speed:.1f}"),
                )
            return self._writers[name]

    def use_model(self, name: str) -> None:
        """Make this the default model until the engine is closed."""
        self.settings = replace(self.settings, model=name)

    def remote(self, name: str) -> RemoteModel | None:
        """Return the model on another server that a name means; None for a file, or a model that was given.

        Raises SettingsError or ModelError where that can't be told.
        """
        return None if name in self._given.models else find_remote(name, self.home.models)

    def check_embedder(self) -> Finding:
        """Return a finding on whether the embedder loads; its first use on this machine exports it."""
        try:
            self.embedder.prepare()
        except EmbedderError as exc:
            return Finding("embedder", well=False, seen=str(exc))
        return Finding("embedder", well=True, seen=str(self.embedder.choice))

    def check_model(self) -> Finding:
        """Return a finding on whether the model of the settings can be used; its weights are not loaded."""
        name = self.settings.model
        if not name:
            return Finding("language model", well=True, seen="none: answers are quotes")
        if name in self._given.models:
            return Finding("language model", well=True, seen=f"{name}, given")
        try:
            if remote := self.remote(name):
                open_remote(remote, self.settings)
                return Finding("language model", well=True, seen=f"{name}: {remote.model} on {remote.host}")
            header = read_header(model_path(name, self.home.models))
        except (NotFound, ModelError, SettingsError) as exc:
            return Finding("language model", well=False, seen=str(exc))
        return Finding("language model", well=True, seen=f"{header.path} ({header.architecture})")

    def close(self) -> None:
        """Release models, library and home."""
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
            return ShippedReaders(threads=self.settings.threads)

        return CrossEncoder(name, cache_folder(), threads=self.settings.threads)

    def _form(self, name: str) -> PromptForm:
        """Return the form that a model was found to answer best from, or the usual one."""
        if name in self._given.models or self.remote(name):
            return USUAL
        kept = KeptForms(self.home.models).get(model_path(name, self.home.models))
        return FORMS.get(kept, USUAL)

    def _model(self, name: str) -> ChatModel:
        settings = self.settings
        if remote := self.remote(name):
            return LangChainModel(
                lambda: open_remote(remote, settings),
                remote.name,
                context_tokens=settings.context_tokens,
                count=self.embedder.count_tokens,  # an approximation: the model's own tokenizer is on the server
                silence_s=settings.server_seconds,
            )
        return local_model(model_path(name, self.home.models), settings, Path(name).name)


def local_model(path: Path, settings: Settings, name: str = "") -> LlamaModel:
    """Return a GGUF file as a chat model; only its header is read. Raises NotAModel or ModelError."""
    read_header(path)
    try:
        from rag.models.chat import LlamaChat
    except ImportError as exc:
        message = "llama-cpp-python is not installed."
        raise ModelError(message, remedy="Run: pip install llama-cpp-python") from exc
    chat = LlamaChat(
        model_path=path,
        context_tokens=settings.context_tokens,
        answer_tokens=settings.answer_tokens,
        temperature=settings.temperature,
        seed=settings.seed,
        gpu_layers=settings.gpu_layers,
        threads=settings.threads,
    )
    idle_s = 60 * settings.unload_after_minutes or None
    return LlamaModel(chat, name or path.name, unload_after_s=idle_s)


def model_path(name: str, folder: Path) -> Path:
    """Return the GGUF file for `name`: a path, a file of the models folder (also without .gguf), or a catalogue name.

    Raises NotFound, which lists the available names.
    """
    pulled = [entry.hub_file.name for entry in catalogue() if entry.name == name.casefold()]
    for path in (Path(name).expanduser(), *(folder / file for file in (name, f"{name}.gguf", *pulled))):
        if path.exists():
            return path
    if name.casefold() == packaged.NAME:
        return packaged.packaged_model()
    if pulled:
        message = f"The model {name} isn't here yet."
        raise NotFound(message, remedy=f"Download it: studyhall models pull {name}")
    there = ", ".join(sorted(path.name for path in folder.glob("*.gguf")))
    message = f"There is no model {name!r}."
    listed = f" (there are: {there})" if there else ""
    raise NotFound(message, remedy=f"Give the path of a GGUF file, or put one into {folder}{listed}.")
