"""Chat models of other servers: what can't be used is told in a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.models.remote import remote_chat
from rag.settings import Settings

# A provider's package, as langchain-openai is: its client has errors of its own.
PACKAGE = """
class NoKey(Exception):
    pass

class ChatOpenAI:
    def __init__(self, **_):
        raise NoKey("The api_key option must be set by OPENAI_API_KEY.")
"""


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ModelError, match="langchain-groq") as told:
        remote_chat("groq:some-model", Settings())
    assert "Install the package" in told.value.remedy


def test_a_missing_key_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "langchain_openai.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match="OPENAI_API_KEY") as told:
        remote_chat("openai:some-model", Settings())
    assert "\n" not in str(told.value)


def test_an_unknown_provider_is_told() -> None:
    with pytest.raises(ModelError, match="nowhere:some-model"):
        remote_chat("nowhere:some-model", Settings())
