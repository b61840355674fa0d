"""Messages to text: any LangChain chat model as a writer, with what an answer wants to know of it."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage

from rag.answer.budget import Limits, passage_budget
from rag.errors import Cancelled, ModelError, StudyhallError
from rag.events import Progress, Text
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote."""

    text: str
    first_token_at: float | None = None  # on the clock of time.perf_counter
    prompt_tokens: int = 0
    answer_tokens: int = 0
    notes: tuple[str, ...] = ()


class Writer:
    """A chat model with its name, its tokenizer and its limits.

    `count` gives the tokens of a text; models that have their own `count_tokens` use that.
    """

    def __init__(
        self,
        model: BaseChatModel,
        settings: Settings,
        *,
        name: str,
        count: Callable[[str], int],
        speed: float | None = None,
        on_speed: Callable[[float], None] = lambda speed: None,
    ) -> None:
        self.model = model
        self.name = name
        self._settings = settings
        self._counter = count
        self._speed = speed  # prompt tokens a second, as measured before
        self._on_speed = on_speed

    def count(self, text: str) -> int:
        """Return how many of the model's tokens a text has."""
        counter = getattr(self.model, "count_tokens", self._counter)
        return int(counter(text))

    def passage_budget(self, bare: Sequence[BaseMessage]) -> int:
        """Return the tokens of passages that fit beside the messages without them."""
        context = int(getattr(self.model, "context_length", self._settings.context_tokens))
        counter = getattr(self.model, "prompt_tokens", None)
        overhead = counter(list(bare)) if counter else sum(self.count(str(part.content)) + 8 for part in bare)
        return passage_budget(
            Limits(
                context=context,
                answer=min(self._settings.answer_tokens, context // 4),
                overhead=overhead,
                passages=self._settings.passage_tokens,
                seconds=self._settings.prompt_seconds,
                speed=self._speed,
            )
        )

    def write(
        self, prompt: Sequence[BaseMessage], cancelled: threading.Event | None = None
    ) -> Generator[Progress | Text, None, Written]:
        """Yield the progress of reading and the text as it grows; return all of it.

        Raises Cancelled, PromptTooLong or ModelError.
        """
        pieces: list[str] = []
        last: AIMessageChunk | None = None
        first_at: float | None = None
        for step in self._steps(prompt, cancelled or threading.Event()):
            if isinstance(step, Progress):
                yield step
                continue
            piece = str(step.text)
            if piece:
                first_at = first_at or time.perf_counter()
                pieces.append(piece)
                yield Text(piece)
            last = step if step.usage_metadata or step.response_metadata else last
        return self._written("".join(pieces).strip(), first_at, last)

    def line(self, prompt: Sequence[BaseMessage], cancelled: threading.Event | None = None) -> str:
        """Return the first line of what the model writes, at most `_LINE_TOKENS` tokens of it.

        Raises Cancelled, PromptTooLong or ModelError.
        """
        enough, said = threading.Event(), ""
        steps = self._steps(prompt, enough)
        try:
            for count, step in enumerate(steps):
                if cancelled is not None and cancelled.is_set():
                    message = "The answer was stopped."
                    raise Cancelled(message)
                said += "" if isinstance(step, Progress) else str(step.text)
                if "\n" in said.lstrip() or (not isinstance(step, Progress) and count > _LINE_TOKENS):
                    break
        finally:
            steps.close()
        return said.strip()

    def _steps(self, prompt: Sequence[BaseMessage], cancelled: threading.Event) -> Generator[Any]:
        """Yield message chunks, and progress while the prompt is read where the model tells it."""
        try:
            if not hasattr(self.model, "prompt_tokens"):  # not ours: it takes no arguments of ours
                yield from _stoppable(self.model.stream(list(prompt)), cancelled)
            else:
                yield from _with_progress(self.model, prompt, cancelled)
        except StudyhallError:
            raise
        except Exception as exc:  # a remote model's client has errors of its own, of any class
            message = f"The language model {self.name} failed: {exc}."
            raise ModelError(
                message, remedy="Check that it runs, or choose another with `studyhall models use`."
            ) from exc

    def _written(self, text: str, first_at: float | None, last: AIMessageChunk | None) -> Written:
        usage = (last.usage_metadata if last else None) or {"input_tokens": 0, "output_tokens": 0}
        told = last.response_metadata if last else {}
        seconds, tokens = told.get("prompt_s"), told.get("prompt_tokens_read", 0)
        if seconds and tokens >= _MEASURABLE:
            self._speed = tokens / seconds
            self._on_speed(self._speed)
        cut = told.get("finish_reason") == "length"
        notes = ("The answer was cut off at the most tokens an answer may have (answer_tokens).",) if cut else ()
        return Written(text, first_at, usage["input_tokens"], usage["output_tokens"], notes)


_LINE_TOKENS = 96  # steps of a line: tokens, and what is told of the reading
_MEASURABLE = 64  # prompt tokens from which a speed means something


def _stoppable(chunks: Iterator[AIMessageChunk], cancelled: threading.Event) -> Iterator[AIMessageChunk]:
    for chunk in chunks:
        if cancelled.is_set():
            message = "The answer was stopped."
            raise Cancelled(message)
        yield chunk


def _with_progress(model: BaseChatModel, prompt: Sequence[BaseMessage], cancelled: threading.Event) -> Iterator[Any]:
    """Yield a model's chunks from a thread of its own, so that its progress can be told in between."""
    steps: queue.SimpleQueue[Any] = queue.SimpleQueue()
    end = object()

    def work() -> None:
        try:
            for chunk in model.stream(
                list(prompt), cancelled=cancelled, on_prompt_progress=lambda share: steps.put(Progress(share))
            ):
                steps.put(chunk)
            steps.put(end)
        except Exception as exc:  # noqa: BLE001  # raised again in the thread that asked
            steps.put(exc)

    thread = threading.Thread(target=work, name="generate", daemon=True)
    thread.start()
    try:
        while (step := steps.get()) is not end:
            if isinstance(step, Exception):
                raise step
            yield step
    finally:
        # Whoever stops listening stops the model too: nobody else could.
        if thread.is_alive():
            cancelled.set()
            thread.join()


def is_refusal(text: str, refusals: Sequence[str]) -> bool:
    """Say whether a model answered with a refusal sentence and nothing more.

    >>> is_refusal("The documents don't say [1].", ["The documents don't say."])
    True
    """
    return _bare(text) in {_bare(sentence) for sentence in refusals}


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[\[【][\d,;–\-\s]*[\]】]|[^\w\s]", "", text).casefold().split())
