"""Adapters of chat models to the port `ChatModel`: one for llama.cpp, one for any that streams as LangChain's do."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from rag.errors import Cancelled, ModelError, StudyhallError
from rag.events import Progress, Queued, Step, Text
from rag.platform.idle import IdleTimer
from rag.ports import Usage

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

    from rag.models.chat import LlamaChat
    from rag.models.estimate import ModelMemory

_GLANCE_S = 0.05  # between a waiting answer's looks at Stop
_SILENCE_S = 120.0
_TURN_TOKENS = 8  # of a chat template around a message; more than most templates add


class LlamaModel:
    """A GGUF file. It counts with its own tokenizer, reports its progress and stops in the middle of a step.

    Its memory is freed `unload_after_s` seconds after the last answer; None: never.
    """

    counts_exactly = True

    def __init__(self, chat: LlamaChat, name: str, *, unload_after_s: float | None = None) -> None:
        self.name = name
        self._chat = chat
        self._idle = IdleTimer(unload_after_s, chat.close) if unload_after_s else None

    @property
    def context_tokens(self) -> int:
        """The maximum number of tokens of prompt and answer together."""
        return self._chat.context_length

    @property
    def memory(self) -> ModelMemory:
        """The memory that the loaded model takes; loads it."""
        return self._chat.memory

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a text as part of a message."""
        return self._chat.count_tokens(text)

    def prompt_tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Return the number of tokens of the prompt for `messages`, with the template's additions."""
        return self._chat.prompt_tokens(messages)

    def stream(self, messages: Sequence[BaseMessage], cancelled: threading.Event) -> Generator[Step, None, Usage]:
        """Yield progress and text, generated in a thread of the model's own; return the usage."""
        usage = Usage()
        with _errors_of(self.name), self._idle.busy() if self._idle else nullcontext():
            for step in self._steps(messages, cancelled):
                if isinstance(step, Progress | Queued):
                    yield step
                    continue
                usage = _usage(step, usage)
                if step.text:
                    yield Text(str(step.text))
        return usage

    def prepare(self) -> None:
        """Begin to load the model, and return at once; where that fails, the next answer tells why."""

        def load() -> None:
            with suppress(StudyhallError):
                self._chat.load()

        threading.Thread(target=load, name="load", daemon=True).start()

    def close(self) -> None:
        """Free the memory; a later question loads the model again."""
        self._chat.close()

    def _steps(
        self, messages: Sequence[BaseMessage], cancelled: threading.Event
    ) -> Iterator[Queued | Progress | AIMessageChunk]:
        """Yield the model's chunks, and its place and progress in between."""
        steps: queue.SimpleQueue[Queued | Progress | AIMessageChunk | Exception | None] = queue.SimpleQueue()
        stop = _Stop(cancelled)

        def work() -> None:
            try:
                chunks = self._chat.stream(
                    list(messages),
                    cancelled=stop,
                    on_prompt_progress=lambda share: steps.put(Progress(share)),
                    on_place=lambda before: steps.put(Queued(before)),
                    reuse=False,  # the same question gets the same answer, whatever was asked before
                )
                for chunk in chunks:
                    steps.put(chunk)
                steps.put(None)
            except Exception as exc:  # noqa: BLE001  # raised again in the caller's thread
                steps.put(exc)

        thread = threading.Thread(target=work, name="generate", daemon=True)
        thread.start()
        try:
            while (step := steps.get()) is not None:
                if isinstance(step, Exception):
                    raise step
                _check(cancelled)  # the model may finish long before its text is read
                yield step
            _check(cancelled)
        finally:
            stop.set()  # a caller that stops reading must stop the model too: nothing else could
            thread.join()


class _Stop(threading.Event):
    """An event that is also set when the caller's is; setting it leaves the caller's as it was."""

    def __init__(self, caller: threading.Event) -> None:
        super().__init__()
        self._caller = caller

    def is_set(self) -> bool:
        return self._caller.is_set() or super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        return self._caller.is_set() or super().wait(timeout) or self._caller.is_set()


class StreamingChat(Protocol):
    """A chat model that streams without blocking a thread, as all of LangChain do."""

    def astream(self, messages: list[BaseMessage], /) -> AsyncIterator[AIMessageChunk]:
        """Yield the pieces of an answer; closed or cancelled, it lets go of its connection."""


class LangChainModel:
    """A chat model behind `astream`, mostly on another server; `count` estimates its tokens.

    `open_chat` is called by the first answer, which tells what it raises. An answer fails after `silence_s` seconds
    without a piece of it.
    """

    counts_exactly = False

    def __init__(
        self,
        open_chat: Callable[[], StreamingChat],
        name: str,
        *,
        context_tokens: int,
        count: Callable[[str], int],
        silence_s: float = _SILENCE_S,
    ) -> None:
        self.name = name
        self.context_tokens = context_tokens
        self.count_tokens = count
        self._open_chat = open_chat
        self._silence_s = silence_s

    def prompt_tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Return the estimated number of tokens of the prompt for `messages`."""
        return sum(self.count_tokens(str(message.content)) + _TURN_TOKENS for message in messages)

    def stream(self, messages: Sequence[BaseMessage], cancelled: threading.Event) -> Generator[Step, None, Usage]:
        """Yield the text as it arrives; return the usage, if the server reports it."""
        usage = Usage()
        with _errors_of(self.name):
            for chunk in self._chunks(list(messages), cancelled):
                usage = _usage(chunk, usage)
                if chunk.text:
                    yield Text(str(chunk.text))
        return usage

    def prepare(self) -> None:
        """Begin to load the client of the model's server, and return at once."""

        def load() -> None:
            with suppress(Exception):  # the answer meets it again, and tells it
                _ = self._chat

        threading.Thread(target=load, name="load", daemon=True).start()

    def close(self) -> None:
        """Do nothing: the memory belongs to the model's server."""

    @cached_property
    def _chat(self) -> StreamingChat:
        return self._open_chat()

    def _chunks(self, messages: list[BaseMessage], cancelled: threading.Event) -> Iterator[AIMessageChunk]:
        """Yield the chunks, received in the background: a server that is silent doesn't keep anyone from stopping."""
        import asyncio

        from rag.platform.background import background_loop

        _check(cancelled)
        chat = self._chat
        came: queue.SimpleQueue[AIMessageChunk | None] = queue.SimpleQueue()

        async def receive() -> None:
            try:
                async for chunk in chat.astream(messages):
                    came.put(chunk)
            finally:
                came.put(None)

        receiving = asyncio.run_coroutine_threadsafe(receive(), background_loop())
        try:
            while (chunk := self._next(came, cancelled)) is not None:
                yield chunk
            receiving.result()  # raises what went wrong
        finally:
            receiving.cancel()  # lets go of the connection, so that the server stops too

    def _next(
        self, came: queue.SimpleQueue[AIMessageChunk | None], cancelled: threading.Event
    ) -> AIMessageChunk | None:
        """Return the next chunk, or None behind the last; raises Cancelled, or ModelError if none comes in time."""
        until = time.monotonic() + self._silence_s
        while True:
            _check(cancelled)
            with suppress(queue.Empty):
                return came.get(timeout=_GLANCE_S)
            if time.monotonic() > until:
                message = f"{self.name} sent nothing for {self._silence_s:g} seconds."
                raise ModelError(message, remedy="Ask again, or wait longer: the setting server_seconds.")


def _check(cancelled: threading.Event) -> None:
    """Raise Cancelled if the answer was stopped."""
    if cancelled.is_set():
        message = "The answer was stopped."
        raise Cancelled(message)


@contextmanager
def _errors_of(name: str) -> Iterator[None]:
    """Translate a model's errors."""
    try:
        yield
    except StudyhallError:
        raise
    except Exception as exc:  # a remote model's client raises errors of any class
        message = f"The language model {name} failed: {' '.join(str(exc).split())}."
        raise ModelError(message, remedy="Check that it runs, or choose another with `studyhall models use`.") from exc


def _usage(chunk: AIMessage, before: Usage) -> Usage:
    """Return what a chunk tells of the usage; what was told before, where it tells nothing."""
    metadata, counted = chunk.response_metadata, chunk.usage_metadata
    # No prompt is empty: a server that says so doesn't count.
    told = counted if counted and counted["input_tokens"] else None
    return Usage(
        prompt_tokens=told["input_tokens"] if told else before.prompt_tokens,
        answer_tokens=told["output_tokens"] if told else before.answer_tokens,
        read_tokens=metadata.get("prompt_tokens_read", before.read_tokens),
        read_s=metadata.get("prompt_s", before.read_s),
        cut_off=before.cut_off or metadata.get("finish_reason") == "length",
    )
