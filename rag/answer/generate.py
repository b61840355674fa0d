"""Messages become text: a chat model as a writer, with prompt limits, speed measurement and token counts."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag import lexicon
from rag.answer.budget import PromptLimits, passage_budget
from rag.answer.forms import USUAL, PromptForm
from rag.events import Step, Text
from rag.lexicon import either
from rag.ports import ChatModel, Usage
from rag.settings import Settings
from rag.text.sentences import sentence_spans
from rag.texts import say, sayable

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_DECLINES = re.compile(either("declines"), re.IGNORECASE)
_LINE_TOKENS = 96  # most pieces of a line
_REPEATABLE = 4  # least words of a repeated sentence: "Yes." may come twice
_CUT_OFF = sayable("The answer was cut off at the most tokens an answer may have (answer_tokens).")
_REPEATED = sayable("The language model began to repeat itself and was stopped there.")
_MEASURABLE = 64  # prompt tokens from which a measured speed is meaningful


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A generated text, with its token counts and notes."""

    text: str
    first_token_at: float | None = None  # on the clock of time.perf_counter
    prompt_tokens: int | None = None  # None: not told
    answer_tokens: int | None = None
    notes: tuple[str, ...] = ()


class Writer:
    """A chat model with its prompt limits, the form of its prompts and its measured reading speed."""

    def __init__(
        self,
        model: ChatModel,
        settings: Settings,
        *,
        form: PromptForm = USUAL,
        manner: Callable[[str], str] = lambda language: "",
        speed: float | None = None,
        on_speed: Callable[[float], None] = lambda speed: None,
    ) -> None:
        self.model = model
        self.name = model.name
        self.count = model.count_tokens
        self.form = form  # of its prompts
        self.manner = manner  # that of the preset, by language
        self._settings = settings
        self._speed = speed  # prompt tokens per second, measured earlier
        self._on_speed = on_speed

    def prepare(self) -> None:
        """Begin to load the model, and return at once."""
        self.model.prepare()

    def passage_budget(self, bare: Sequence[BaseMessage]) -> int:
        """Return the token budget for passages beside `bare`, the messages without passages; raises PromptTooLong."""
        context = self.model.context_tokens
        return passage_budget(
            PromptLimits(
                context=context,
                answer=min(self._settings.answer_tokens, context // 4),
                overhead=self.model.prompt_tokens(bare),
                passages=self._settings.passage_tokens,
                seconds=self._settings.prompt_seconds,
                speed=self._speed,
            )
        )

    def write(
        self, prompt: Sequence[BaseMessage], cancelled: threading.Event | None = None
    ) -> Generator[Step, None, WrittenText]:
        """Yield the progress on the prompt, then the text piece by piece; return the whole text.

        The model is stopped at the first sentence that it repeats: small models go on for ever. Raises Cancelled,
        PromptTooLong or ModelError.
        """
        text, count = "", 0
        first_at: float | None = None
        steps = self.model.stream(prompt, cancelled or threading.Event())
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                usage: Usage = end.value
                break
            if isinstance(step, Text):
                first_at = first_at or time.perf_counter()
                text, count = text + step.piece, count + 1
            yield step
            if isinstance(step, Text) and (again := repetition(text)) is not None:
                steps.close()
                usage = Usage(self.model.prompt_tokens(prompt), count) if self.model.counts_exactly else Usage()
                return self._written(text[:again].strip(), first_at, usage, say(_REPEATED))
        return self._written(text.strip(), first_at, usage, *([say(_CUT_OFF)] if usage.cut_off else []))

    def line(self, prompt: Sequence[BaseMessage], cancelled: threading.Event | None = None) -> str:
        """Return the first line that the model generates, about `_LINE_TOKENS` pieces at most.

        Raises Cancelled, PromptTooLong or ModelError.
        """
        said, count = "", 0
        steps = self.model.stream(prompt, cancelled or threading.Event())
        try:
            for step in steps:
                if isinstance(step, Text):
                    said, count = said + step.piece, count + 1
                if "\n" in said.lstrip() or count >= _LINE_TOKENS:
                    break
        finally:
            steps.close()
        return said.strip()

    def _written(self, text: str, first_at: float | None, usage: Usage, *notes: str) -> WrittenText:
        if usage.read_s and usage.read_tokens >= _MEASURABLE:
            measured = usage.read_tokens / usage.read_s
            self._speed = (self._speed + measured) / 2 if self._speed else measured  # one busy moment tells little
            self._on_speed(self._speed)
        return WrittenText(text, first_at, usage.prompt_tokens, usage.answer_tokens, notes)


def last(writing: Generator[Step, None, WrittenText]) -> WrittenText:
    """Return what is written in the end, without its events."""
    while True:
        try:
            next(writing)
        except StopIteration as end:
            written: WrittenText = end.value
            return written


def repetition(text: str) -> int | None:
    """Return the offset of the first complete sentence that repeats an earlier one; None without one.

    >>> repetition("Tries are trees of letters. They are fast. Tries are trees of letters."), repetition("A. A.")
    (43, None)
    """
    if text.rstrip()[-1:] not in {*".!?\n"}:
        return None
    seen: set[str] = set()
    for start, end in sentence_spans(text):
        said = _bare(text[start:end])
        if said in seen and len(said.split()) >= _REPEATABLE:
            return start
        seen.add(said)
    return None


def is_refusal(text: str) -> bool:
    """Say whether a text is the refusal of a language and nothing more, markers aside."""
    return _bare(text) in {_bare(lexicon.text("refusal", language)) for language in lexicon.LANGUAGES}


def declines(text: str) -> bool:
    """Say whether the first sentence of a text declines, in any wording: the model found no answer.

    Later sentences don't count: an answer may end with what the documents leave open.

    >>> declines("The excerpts do not mention when it was built."), declines("It was built in 1960.")
    (True, False)
    """
    start, end = next(iter(sentence_spans(text)), (0, 0))
    return is_refusal(text) or _DECLINES.search(text, start, end) is not None


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[\[【][\d,;–\-\s]*[\]】]|[^\w\s]", "", text).casefold().split())
