"""Chat models of other servers: where they are, what leaves this computer, and what can't be used is told in a line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.models.remote import RemoteModel, of_provider, only_model, open_remote
from rag.settings import Settings

FAR = RemoteModel("campus", "qwen3", "https://llm.example.edu/v1")
REPOSITORY = Path(__file__).parents[3]
WITHOUT_THE_PACKAGE = """
import sys
sys.modules["langchain_openai"] = None
from rag.models.remote import RemoteModel, open_remote
from rag.settings import Settings
open_remote(RemoteModel("desk", "tiny", "http://127.0.0.1:1/v1"), Settings())
"""


def test_the_package_of_a_provider_that_is_missing_is_named() -> None:
    with pytest.raises(ModelError, match="langchain-groq") as told:
        open_remote(of_provider("groq:some-model"), Settings())
    assert "Install the package" in told.value.remedy


def test_a_missing_client_is_named_with_the_command_that_installs_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_PACKAGE], capture_output=True, text=True, cwd=REPOSITORY, check=False
    )
    told = done.stderr.splitlines()[-1]
    assert told.endswith("desk needs the package langchain-openai. Run: pip install langchain-openai")


def test_an_unknown_provider_is_told() -> None:
    with pytest.raises(ModelError, match="nowhere:some-model"):
        open_remote(of_provider("nowhere:some-model"), Settings())


@pytest.mark.parametrize(
    ("name", "environ", "host", "here"),
    [
        pytest.param("openai:gpt-5", {}, "api.openai.com", False, id="OpenAI"),
        pytest.param("openai:m", {"OPENAI_BASE_URL": "http://localhost:8000/v1"}, "localhost", True, id="OpenAI here"),
        pytest.param("openai:m", {"OPENAI_API_BASE": "http://gpu:8000/v1"}, "gpu", False, id="OpenAI elsewhere"),
        pytest.param("ollama:qwen3", {}, "127.0.0.1", True, id="Ollama"),
        pytest.param("ollama:qwen3", {"OLLAMA_HOST": "0.0.0.0"}, "0.0.0.0", True, id="Ollama on all addresses"),
        pytest.param("ollama:qwen3", {"OLLAMA_HOST": "gpu.example:11434"}, "gpu.example", False, id="Ollama elsewhere"),
        pytest.param("ollama:qwen3", {"OLLAMA_HOST": "https://gpu.example"}, "gpu.example", False, id="Ollama by url"),
        pytest.param("groq:m", {}, "the servers of groq", False, id="a provider with an address of its own"),
    ],
)
def test_a_provider_is_where_its_variables_say(name: str, environ: dict[str, str], host: str, here: bool) -> None:
    remote = of_provider(name, environ)
    assert (remote.name, remote.host, remote.is_here) == (name, host, here)


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://gpu/v1", "http://", "http://me:secret@gpu:port/v1", "http://[::1/v1"]
)
def test_a_variable_without_an_address_is_named_and_what_it_holds_is_not_shown(url: str) -> None:
    with pytest.raises(ModelError, match="The variable OPENAI_BASE_URL holds no address") as told:
        of_provider("openai:m", {"OPENAI_BASE_URL": url})
    assert "secret" not in str(told.value)


def test_what_is_sent_to_another_computer_is_told_and_what_stays_here_is_not() -> None:
    assert FAR.warning == "Questions and excerpts of your documents are sent to llm.example.edu, where campus answers."
    assert RemoteModel("desk", "tiny", "http://127.0.0.1:8080/v1").warning == ""
    assert RemoteModel("gpu", "m", "http://10.0.0.7:8080/v1").warning.endswith("The connection is not encrypted.")


def test_whoever_is_offline_opens_no_model_of_another_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYHALL_OFFLINE", "1")
    for remote in (FAR, of_provider("openai:gpt-5", {}), of_provider("groq:some-model")):
        with pytest.raises(ModelError, match=r"STUDYHALL_OFFLINE is set, and .+ is another computer\. Unset it"):
            open_remote(remote, Settings())
        with pytest.raises(ModelError, match="STUDYHALL_OFFLINE is set"):
            only_model(remote)
