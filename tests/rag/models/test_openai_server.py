"""Models behind an OpenAI-compatible API, on a real server on loopback that misbehaves in every way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from rag.errors import Cancelled, InputError, ModelError
from rag.events import Text
from rag.models.adapters import LangChainModel
from rag.models.remote import RemoteModel, of_provider, only_model, open_remote
from rag.ports import Usage
from rag.settings import Settings
from tests.llama_server import serving_llama
from tests.loopback_chat import PROMPT_TOKENS, REPLY, LoopbackChat, Manner, refusal, serving
from tests.tiny_gguf import write_tiny_gguf

pytest.importorskip("langchain_openai", reason="langchain-openai is an extra")

TALK = [SystemMessage("Be brief."), HumanMessage("What is a trie?")]
KEY = "sk-0123456789"
NOT_RETRIED = {"x-should-retry": "false"}


@pytest.fixture
def chat() -> Iterator[LoopbackChat]:
    with serving(LoopbackChat()) as served:
        yield served


@pytest.fixture
def desk(chat: LoopbackChat) -> RemoteModel:
    """The model of the server."""
    return RemoteModel("desk", "tiny", chat.url)


def a_model(remote: RemoteModel, *, silence_s: float = 60, **settings: float) -> LangChainModel:
    used = replace(Settings(), **settings)
    return LangChainModel(
        lambda: open_remote(remote, used), remote.name, context_tokens=512, count=len, silence_s=silence_s
    )


def said(remote: RemoteModel, **settings: float) -> tuple[str, Usage]:
    steps, text = a_model(remote, **settings).stream(TALK, threading.Event()), ""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return text, end.value
        assert isinstance(step, Text)
        text += step.piece


def failure(remote: RemoteModel) -> str:
    """Return the one line that is told where a model fails."""
    with pytest.raises(ModelError) as told:
        said(remote)
    line = str(told.value)
    assert "\n" not in line
    assert told.value.remedy
    return line


# ---- what is sent and what comes


def test_the_server_is_sent_the_messages_and_the_settings(chat: LoopbackChat, desk: RemoteModel) -> None:
    assert said(desk, answer_tokens=40, temperature=0.5)[0] == REPLY
    (asked,) = chat.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.body == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is a trie?"}],
        "max_tokens": 40,
        "temperature": 0.5,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_a_server_is_sent_its_own_key_and_nothing_that_belongs_to_another(
    chat: LoopbackChat, desk: RemoteModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, "of-another")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: of-another")
    monkeypatch.setenv("DESK_KEY", f" {KEY}\n")
    said(desk)
    said(replace(desk, key_from="DESK_KEY"))
    first, second = (asked.headers for asked in chat.asked)
    assert "authorization" not in first
    assert second["authorization"] == f"Bearer {KEY}"
    assert second["user-agent"] == "studyhall"
    assert not [name for name in second if name.startswith("x-")]
    assert "of-another" not in str(chat.asked)


def test_a_proxy_does_not_see_what_stays_on_this_computer(
    desk: RemoteModel, chat: LoopbackChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(LoopbackChat()) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OPENAI_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        assert said(desk)[0] == REPLY
        assert not proxy.asked


def test_the_models_of_openai_are_asked_where_its_variable_says(
    chat: LoopbackChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", chat.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert said(of_provider("openai:tiny"), answer_tokens=40)[0] == REPLY
    (asked,) = chat.asked
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["max_completion_tokens"] == 40  # their new name for it


# ---- tokens


def test_the_tokens_are_those_that_the_server_counts(desk: RemoteModel) -> None:
    usage = said(desk)[1]
    assert (usage.prompt_tokens, usage.answer_tokens) == (PROMPT_TOKENS, len(REPLY.split()))


def test_where_the_server_counts_none_their_number_is_not_known(chat: LoopbackChat, desk: RemoteModel) -> None:
    chat.counts = False
    text, usage = said(desk)
    assert text == REPLY
    assert (usage.prompt_tokens, usage.answer_tokens) == (None, None)


def test_a_server_that_refuses_to_be_asked_for_tokens_answers_without(chat: LoopbackChat, desk: RemoteModel) -> None:
    chat.knows_stream_options = False
    text, usage = said(desk)
    assert text == REPLY
    assert usage.prompt_tokens is None
    assert ["stream_options" in asked.body for asked in chat.asked] == [True, False]


def test_a_server_that_claims_an_empty_prompt_has_not_counted(chat: LoopbackChat, desk: RemoteModel) -> None:
    piece = '{"choices": [{"delta": {"content": "A tree."}}], "usage": {"prompt_tokens": 0, "completion_tokens": 0}}'
    chat.manners.append(Manner(lines=(piece,)))
    chat.counts = False
    text, usage = said(desk)
    assert text == "A tree."
    assert (usage.prompt_tokens, usage.answer_tokens) == (None, None)


# ---- what goes wrong


@pytest.mark.parametrize(
    ("manner", "told"),
    [
        pytest.param(refusal(401, f"Wrong key {KEY}"), "refuses the key (401). Check the variable DESK_KEY.", id="401"),
        pytest.param(refusal(403, "Not for you"), "refuses the key (403). Check the variable DESK_KEY.", id="403"),
        pytest.param(refusal(404, "No such path"), "or no such address (404): “No such path”. Check the url", id="404"),
        pytest.param(refusal(429, "Slow down."), "(429): “Slow down”. Wait a moment and ask again.", id="429"),
        pytest.param(refusal(500, "CUDA\nerror"), "failed (500): “CUDA error”. Ask again in a moment", id="500"),
        pytest.param(refusal(503, "Loading model"), "failed (503): “Loading model”. Ask again", id="503"),
        pytest.param(refusal(500, f"{KEY} is the key"), "failed (500): “… is the key”.", id="the key in an error"),
        pytest.param(Manner(502, "<html>Bad gateway", NOT_RETRIED), "failed (502). Ask again", id="502 as HTML"),
        pytest.param(refusal(307, Location="http://127.0.0.1:1/"), "sends requests elsewhere (307)", id="a redirect"),
        pytest.param(Manner(breaks_after=0), "broke off before its answer was whole", id="breaks off at once"),
        pytest.param(Manner(breaks_after=5), "broke off before its answer was whole", id="breaks off in the middle"),
        pytest.param(Manner(ends=False), "broke off before its answer was whole", id="ends without an end"),
        pytest.param(Manner(lines=('{"choices": [',)), "no answer of an OpenAI-compatible server", id="no JSON"),
        pytest.param(Manner(lines=('{"choices": "x"}',)), "no answer of an OpenAI-compatible", id="other JSON"),
        pytest.param(Manner(lines=("[1, 2]",)), "no answer of an OpenAI-compatible server", id="a list"),
        pytest.param(Manner(body="<html>Log in"), "no answer of an OpenAI-compatible server", id="a web page"),
        pytest.param(
            Manner(lines=('{"error": {"message": "out of memory"}}',)),
            "an error: “out of memory”",
            id="an error within",
        ),
    ],
)
def test_a_server_that_fails_is_told_in_a_line_with_what_to_do(
    manner: Manner, told: str, chat: LoopbackChat, desk: RemoteModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_KEY", KEY)
    chat.manners.append(manner)
    line = failure(replace(desk, key_from="DESK_KEY"))
    assert line.startswith(f"The server 127.0.0.1:{chat.port} ")
    assert told in line
    assert KEY not in line


def test_a_request_that_is_refused_is_told_in_the_servers_words(chat: LoopbackChat, desk: RemoteModel) -> None:
    long = refusal(400, "The prompt is too long. " * 100)
    chat.manners += [long, long]
    line = failure(desk)
    assert "refused the request (400): “The prompt is too long." in line
    assert len(line) < 400


def test_a_model_that_the_server_has_not_is_named(desk: RemoteModel) -> None:
    assert "has no model 'other'" in failure(replace(desk, model="other"))


def test_a_server_that_wants_a_key_says_how_to_name_one(chat: LoopbackChat, desk: RemoteModel) -> None:
    chat.manners.append(refusal(401))
    assert "wants a key (401)" in (line := failure(desk))
    assert "--key-from" in line


def test_a_variable_that_is_not_set_is_named(desk: RemoteModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert "the variable DESK_KEY is not set" in failure(replace(desk, key_from="DESK_KEY"))
    assert "the variable OPENAI_API_KEY is not set" in failure(of_provider("openai:gpt-5", {}))


@pytest.mark.parametrize("key", ["two words", "a\nb", "schlüssel"])
def test_a_key_that_can_be_none_is_told_and_not_shown(
    key: str, desk: RemoteModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_KEY", key)
    line = failure(replace(desk, key_from="DESK_KEY"))
    assert "DESK_KEY holds no key" in line
    assert key not in line


def test_a_server_that_is_not_there_is_told(chat: LoopbackChat, desk: RemoteModel) -> None:
    with serving(LoopbackChat()) as gone:
        url = gone.url
    assert "can't be reached: nothing answers there. Start it" in failure(replace(desk, url=url))


def test_a_name_that_leads_nowhere_is_told(desk: RemoteModel, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    too_long = ".".join(["a" * 60] * 5)  # no name server has to be asked
    assert "a name that leads nowhere" in failure(replace(desk, url=f"http://{too_long}/v1"))


def test_a_connection_that_is_not_secure_is_told(desk: RemoteModel) -> None:
    assert "offers no secure connection (" in failure(replace(desk, url=desk.url.replace("http:", "https:")))


def test_what_passes_is_tried_again(chat: LoopbackChat, desk: RemoteModel) -> None:
    chat.manners.append(Manner(503, "{}", {"retry-after-ms": "1"}))
    assert said(desk)[0] == REPLY
    assert len(chat.asked) == 2


@pytest.mark.parametrize("words", [0, 3], ids=["from the start", "in the middle"])
def test_a_silent_server_is_left_after_a_while(words: int, chat: LoopbackChat, desk: RemoteModel) -> None:
    chat.manners.append(Manner(silent_after=words))
    with pytest.raises(ModelError, match=r"desk sent nothing for 0\.3 seconds.+server_seconds"):
        list(a_model(desk, silence_s=0.3).stream(TALK, threading.Event()))


@pytest.mark.parametrize("words", [0, 3], ids=["from the start", "in the middle"])
def test_stop_does_not_wait_for_a_silent_server(words: int, chat: LoopbackChat, desk: RemoteModel) -> None:
    """The server stays silent for as long as somebody listens: it hears that nobody does any more."""
    chat.manners.append(Manner(silent_after=words))
    cancelled = threading.Event()
    stopping = threading.Thread(target=lambda: chat.waiting.wait(30) and cancelled.set())
    stopping.start()
    with pytest.raises(Cancelled):
        list(a_model(desk).stream(TALK, cancelled))
    stopping.join()
    assert chat.hung_up.wait(30)
    assert said(desk)[0] == REPLY


def test_a_model_that_could_not_be_opened_is_opened_by_the_next_answer(
    desk: RemoteModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = a_model(replace(desk, key_from="DESK_KEY"))
    with pytest.raises(ModelError, match="DESK_KEY"):
        list(model.stream(TALK, threading.Event()))
    monkeypatch.setenv("DESK_KEY", KEY)
    assert list(model.stream(TALK, threading.Event()))


# ---- the list of a server's models


def test_the_only_model_of_a_server_needs_no_name(chat: LoopbackChat, desk: RemoteModel) -> None:
    assert only_model(replace(desk, model="")) == "tiny"
    assert chat.asked[0].path == "/v1/models"


@pytest.mark.parametrize(
    ("models", "told"), [((), "lists no model. Name one"), (("a", "b"), "has 2 models: a, b. Name one with --model.")]
)
def test_one_of_several_models_must_be_named(
    models: tuple[str, ...], told: str, chat: LoopbackChat, desk: RemoteModel
) -> None:
    chat.models = models
    with pytest.raises(InputError, match=told):
        only_model(desk)


@pytest.mark.parametrize(
    ("manner", "told"),
    [
        pytest.param(refusal(404), "no such address", id="404"),
        pytest.param(Manner(body="<html>"), "no answer of an OpenAI-compatible server", id="a web page"),
    ],
)
def test_a_server_without_a_list_is_told(manner: Manner, told: str, chat: LoopbackChat, desk: RemoteModel) -> None:
    chat.manners.append(manner)
    with pytest.raises(ModelError, match=told):
        only_model(desk)


# ---- the server of llama.cpp


@pytest.mark.slow
def test_the_server_of_llama_cpp_answers(tmp_path: Path) -> None:
    for package in ("sse_starlette", "starlette_context"):
        pytest.importorskip(package, reason="it belongs to llama.cpp's server")
    with serving_llama(write_tiny_gguf(tmp_path / "tiny.gguf", context=1024)) as url:
        desk = RemoteModel("desk", only_model(RemoteModel("desk", "", url)), url)
        text, usage = said(desk, answer_tokens=16)
        assert len(text) == 16  # a letter is a token of the tiny model, which writes until it is stopped
        assert usage.cut_off
        assert usage.answer_tokens in {16, None}
        cancelled = threading.Event()
        with pytest.raises(Cancelled):
            for _ in a_model(desk, answer_tokens=300).stream(TALK, cancelled):
                cancelled.set()
        assert said(desk, answer_tokens=16)[0] == text
