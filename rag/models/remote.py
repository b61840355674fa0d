"""Chat models on other servers: where each one is, what leaves this computer when it answers, and its client."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.errors import InputError, ModelError
from rag.platform.import_lock import IMPORT_LOCK
from rag.platform.offline import check_sending, is_this_computer
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.models.adapters import StreamingChat

OPENAI = "openai"
_NAMED = 10  # models named in an error
_OPENAI_URL = "https://api.openai.com/v1"
_OPENAI_URLS = ("OPENAI_API_BASE", "OPENAI_BASE_URL")  # the variables that name another one
_OPENAI_KEY = "OPENAI_API_KEY"
_OLLAMA, _OLLAMA_HOST, _OLLAMA_URL = "ollama", "OLLAMA_HOST", "http://127.0.0.1:11434"


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """A model on another server: one that a person added, at any OpenAI-compatible address, or `provider:model`."""

    name: str  # that a person types
    model: str  # as the server calls it
    url: str = ""  # the base of its API; empty: only the provider's package knows
    key_from: str = ""  # the environment variable that holds its key; empty: none is sent
    provider: str = ""  # of LangChain's `init_chat_model`; empty: it was added with its url

    @property
    def host(self) -> str:
        """The computer where answers are written, as people are told."""
        return urlsplit(self.url).hostname or f"the servers of {self.provider}"

    @property
    def is_here(self) -> bool:
        """Whether that is this computer."""
        return is_this_computer(self.host)

    @property
    def warning(self) -> str:
        """What is sent where, in a sentence; empty where nothing leaves this computer."""
        if self.is_here:
            return ""
        clear = " The connection is not encrypted." if self.url.startswith("http:") else ""
        return f"Questions and excerpts of your documents are sent to {self.host}, where {self.name} answers.{clear}"


def is_remote(name: str) -> bool:
    """Say whether a model's name is `provider:model` rather than a file; `C:/models` is a file.

    >>> is_remote("ollama:qwen3"), is_remote("C:/models/qwen.gguf"), is_remote("qwen.gguf")
    (True, False, False)
    """
    provider, colon, model = name.partition(":")
    return bool(colon) and len(provider) > 1 and bool(model) and not model.startswith(("/", "\\"))


def of_provider(name: str, environ: Mapping[str, str] = os.environ) -> RemoteModel:
    """Return the model that `provider:model` names; raises ModelError where a variable holds no address for it.

    >>> of_provider("ollama:qwen3", {"OLLAMA_HOST": "gpu.example:11434"}).host
    'gpu.example'
    """
    provider, _, model = name.partition(":")
    if provider == OPENAI:
        variable = next((variable for variable in _OPENAI_URLS if environ.get(variable)), "")
        return RemoteModel(name, model, _checked(environ.get(variable, _OPENAI_URL), variable), _OPENAI_KEY, provider)
    if provider == _OLLAMA:
        url = environ.get(_OLLAMA_HOST) or _OLLAMA_URL
        url = _checked(url if "//" in url else f"http://{url}", _OLLAMA_HOST)
        return RemoteModel(name, model, url, provider=provider)
    return RemoteModel(name, model, provider=provider)


def open_remote(remote: RemoteModel, settings: Settings) -> StreamingChat:
    """Return the client of a model on another server; nothing is sent yet.

    Raises ModelError if its package or its key is missing, or if Studyhall is to stay offline and it is elsewhere.
    """
    check_sending(remote.host)
    if remote.provider not in {"", OPENAI}:
        return _of_langchain(remote, settings)
    _import_client(remote)
    from rag.models.openai_server import OpenAIServer

    return OpenAIServer(remote, settings)


def only_model(remote: RemoteModel) -> str:
    """Ask a server for its models and return the only one.

    Raises ModelError where it can't be asked, InputError where it has none or several.
    """
    check_sending(remote.host)
    _import_client(remote)
    from rag.models.openai_server import served_models

    there = served_models(remote)
    if len(there) != 1:
        names = ", ".join(there[:_NAMED]) + (" …" if len(there) > _NAMED else "")
        message = f"{remote.host} has {len(there)} models: {names}." if there else f"{remote.host} lists no model."
        raise InputError(message, remedy="Name one with --model.")
    return there[0]


def _import_client(remote: RemoteModel) -> None:
    try:
        with IMPORT_LOCK:
            import rag.models.openai_server  # noqa: F401  # here only its absence counts
    except ImportError as exc:
        message = f"{remote.name} needs the package langchain-openai."
        raise ModelError(message, remedy="Run: pip install langchain-openai") from exc


def _of_langchain(remote: RemoteModel, settings: Settings) -> StreamingChat:
    from langchain.chat_models import init_chat_model

    try:
        return init_chat_model(remote.name, temperature=settings.temperature, max_tokens=settings.answer_tokens)
    except Exception as exc:  # each provider's package raises errors of its own, for a missing key for instance
        message = f"The model {remote.name} can't be used: {str(exc).rstrip('.')}."
        remedy = "Install the package or set the variable that it names, or use a GGUF file."
        raise ModelError(message, remedy=remedy) from exc


def is_address(url: str) -> bool:
    """Say whether a text is the address of a server, without user, password, query or fragment.

    >>> is_address("http://127.0.0.1:8080/v1"), is_address("http://me:secret@host/v1"), is_address("host:8080")
    (True, False, False)
    """
    try:
        parts = urlsplit(url)
        well = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return well and url.isascii() and url.isprintable() and not re.search(r"[\s@?#\\]", url)


def _checked(url: str, variable: str) -> str:
    """Return the address that an environment variable holds; raises ModelError if it is none."""
    if not is_address(url):
        message = f"The variable {variable} holds no address of a server."
        raise ModelError(message, remedy="Correct it, as in http://127.0.0.1:8080/v1, or unset it.")
    return url
