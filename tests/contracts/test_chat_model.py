"""What any chat model does."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from rag.errors import Cancelled, ModelError, PromptTooLong
from rag.events import Progress, Text
from rag.models.adapters import LangChainModel, LlamaModel
from rag.models.remote import RemoteModel, open_remote
from rag.ports import ChatModel, Usage
from rag.settings import Settings
from tests.fake_parts import ScriptedModel
from tests.loopback_chat import LoopbackChat, serving
from tests.tiny_gguf import write_tiny_gguf

TALK = [SystemMessage("Be brief."), HumanMessage("What is a trie?")]
REPLY = "A trie is a tree of letters, and it finds words by their prefixes."
CONTEXT = 512


def count_words(text: str) -> int:
    return len(text.split())


def scripted(_request: pytest.FixtureRequest) -> ChatModel:
    return ScriptedModel(always=REPLY, context_tokens=CONTEXT)


def of_langchain(_request: pytest.FixtureRequest) -> ChatModel:
    chat = GenericFakeChatModel(messages=itertools.cycle([AIMessage(REPLY)]))
    return LangChainModel(lambda: chat, "generic", context_tokens=CONTEXT, count=count_words)


def of_server(request: pytest.FixtureRequest) -> ChatModel:
    pytest.importorskip("langchain_openai", reason="langchain-openai is an extra")
    remote = RemoteModel("desk", "tiny", request.getfixturevalue("server").url)
    return LangChainModel(
        lambda: open_remote(remote, Settings()), remote.name, context_tokens=CONTEXT, count=count_words
    )


def of_llama(request: pytest.FixtureRequest) -> ChatModel:
    from rag.models.chat import LlamaChat

    path = write_tiny_gguf(request.getfixturevalue("tmp_path") / "tiny.gguf", context=CONTEXT)
    return LlamaModel(LlamaChat(model_path=path, answer_tokens=24, threads=1), "tiny")


COUNTING = [
    pytest.param(scripted, id="scripted"),
    pytest.param(of_llama, id="llama.cpp", marks=pytest.mark.slow),
]


@pytest.fixture
def server() -> Iterator[LoopbackChat]:
    with serving(LoopbackChat(REPLY)) as chat:
        yield chat


@pytest.fixture(
    params=[*COUNTING, pytest.param(of_langchain, id="LangChain"), pytest.param(of_server, id="OpenAI-compatible")]
)
def model(request: pytest.FixtureRequest) -> Iterator[ChatModel]:
    made = request.param(request)
    yield made
    made.close()


@pytest.fixture(params=COUNTING)
def counting(request: pytest.FixtureRequest) -> Iterator[ChatModel]:
    """A model that knows its own tokens."""
    made = request.param(request)
    yield made
    made.close()


def said(model: ChatModel, messages: Sequence[BaseMessage] = TALK) -> tuple[str, list[float], Usage]:
    """Return what a model writes, what it tells of its reading, and its usage."""
    steps, text, read = model.stream(messages, threading.Event()), "", list[float]()
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return text, read, end.value
        if isinstance(step, Progress):
            assert not text, "progress is of the prompt"
            read.append(step.read)
        else:
            assert step.piece
            text += step.piece


def test_it_is_a_chat_model(model: ChatModel) -> None:
    assert isinstance(model, ChatModel)
    assert model.name
    assert model.context_tokens == CONTEXT


def test_the_text_comes_in_pieces_after_the_progress(model: ChatModel) -> None:
    pieces = [step for step in model.stream(TALK, threading.Event()) if isinstance(step, Text)]
    text, read, usage = said(model)
    assert len(pieces) > 5
    assert "".join(step.piece for step in pieces) == text
    assert read == sorted(read)
    assert all(0 <= share <= 1 for share in read)
    assert isinstance(usage, Usage)


def test_the_same_question_gets_the_same_answer(model: ChatModel) -> None:
    assert said(model)[0] == said(model)[0]


def test_an_answer_does_not_depend_on_what_was_asked_before(model: ChatModel) -> None:
    expected = said(model)[0]
    for _ in model.stream([*TALK[:-1], HumanMessage("What is a graph of graphs?")], threading.Event()):
        pass
    text, _, usage = said(model)
    assert text == expected
    assert usage.read_tokens in {0, usage.prompt_tokens}  # all of the prompt is read anew, where the model tells it


def test_stopping_between_pieces_ends_the_answer_and_the_model_goes_on(model: ChatModel) -> None:
    expected, cancelled, text = said(model)[0], threading.Event(), ""
    with pytest.raises(Cancelled):
        for step in model.stream(TALK, cancelled):
            text += step.piece if isinstance(step, Text) else ""
            if text:
                cancelled.set()
    assert text != expected
    assert expected.startswith(text)
    assert said(model)[0] == expected


def test_what_was_stopped_before_it_began_writes_nothing(model: ChatModel) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Cancelled):
        list(model.stream(TALK, cancelled))


def test_a_stream_that_is_closed_early_gives_the_model_free(model: ChatModel) -> None:
    expected, steps = said(model)[0], model.stream(TALK, threading.Event())
    next(step for step in steps if isinstance(step, Text))
    steps.close()
    assert said(model)[0] == expected


def test_closing_a_stream_does_not_press_the_stop_of_its_caller(model: ChatModel) -> None:
    cancelled = threading.Event()
    steps = model.stream(TALK, cancelled)
    next(step for step in steps if isinstance(step, Text))
    steps.close()
    assert not cancelled.is_set()
    assert [step for step in model.stream(TALK, cancelled) if isinstance(step, Text)]


def test_a_closed_model_answers_again(model: ChatModel) -> None:
    expected = said(model)[0]
    model.close()
    assert said(model)[0] == expected


def test_a_prompt_has_no_fewer_tokens_than_its_texts(model: ChatModel) -> None:
    assert model.count_tokens("") == 0
    assert model.count_tokens("A trie is a tree.") > model.count_tokens("A trie")
    assert model.prompt_tokens(TALK) >= sum(model.count_tokens(str(message.content)) for message in TALK)


def test_its_usage_is_what_it_counts(counting: ChatModel) -> None:
    assert counting.counts_exactly
    text, _, usage = said(counting)
    assert usage.prompt_tokens == counting.prompt_tokens(TALK)
    assert usage.answer_tokens == counting.count_tokens(text)


def test_a_prompt_that_does_not_fit_is_refused_and_one_that_does_is_not(counting: ChatModel) -> None:
    with pytest.raises(PromptTooLong):
        said(counting, [HumanMessage("word " * CONTEXT)])
    assert said(counting)[0]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(ScriptedModel, id="scripted"),
        pytest.param(
            lambda: LangChainModel(
                lambda: GenericFakeChatModel(messages=iter([])), "scripted", context_tokens=CONTEXT, count=count_words
            ),
            id="LangChain",
        ),
    ],
)
def test_whatever_fails_in_a_model_is_an_error_of_ours_that_names_it(make: Callable[[], ChatModel]) -> None:
    with pytest.raises(ModelError, match="scripted failed"):
        said(make())
