"""Remote chat models, named `provider:model`: every provider of LangChain's `init_chat_model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import ModelError
from rag.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def is_remote(name: str) -> bool:
    """Say whether a model's name is `provider:model` rather than a file; `C:/models` is a file.

    >>> is_remote("ollama:qwen3"), is_remote("C:/models/qwen.gguf"), is_remote("qwen.gguf")
    (True, False, False)
    """
    provider, colon, model = name.partition(":")
    return bool(colon) and len(provider) > 1 and bool(model) and not model.startswith(("/", "\\"))


def remote_chat(name: str, settings: Settings) -> BaseChatModel:
    """Return the chat model of another server; raises ModelError if its package or its key is missing."""
    from langchain.chat_models import init_chat_model

    try:
        model = init_chat_model(name, temperature=settings.temperature, max_tokens=settings.answer_tokens)
    except Exception as exc:  # each provider's package raises errors of its own, for a missing key for instance
        message = f"The model {name} can't be used: {str(exc).rstrip('.')}."
        remedy = "Install the package or set the variable that it names, or use a GGUF file."
        raise ModelError(message, remedy=remedy) from exc
    return model
