"""LangChain's standard suites for chat models, on a tiny GGUF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from rag.models.chat import LlamaChat
from tests.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("standard") / "tiny.gguf", context=4096)


class _TinyModel:
    """What both suites are told: the file, and what our model doesn't do."""

    path: Path

    @pytest.fixture(autouse=True)
    def _use(self, tiny: Path) -> None:
        self.path = tiny

    @property
    def chat_model_class(self) -> type[LlamaChat]:
        return LlamaChat

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model_path": self.path, "answer_tokens": 32, "threads": 1}

    @property
    def has_tool_calling(self) -> bool:
        return False  # a model on a laptop answers; it calls nothing

    @property
    def has_structured_output(self) -> bool:
        return False

    @property
    def supports_model_override(self) -> bool:
        return False  # the file is the model


class TestLlamaChatUnit(_TinyModel, ChatModelUnitTests):
    pass


class TestLlamaChatIntegration(_TinyModel, ChatModelIntegrationTests):
    pass
