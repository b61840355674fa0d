"""A chat model over llama.cpp: a GGUF file as a LangChain `BaseChatModel` that streams and can be stopped."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ChatMessage, SystemMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from rag.errors import InputError, ModelError, PromptTooLong
from rag.models.estimate import ModelMemory
from rag.models.gguf import GgufHeader, read_header
from rag.models.llama import THINK, THOUGHT, Counts, LoadedModel, Progress, check, ignore
from rag.models.template_process import rendered
from rag.models.templates import FORMATS, ChatFormat, Turn, choose_format
from rag.platform.turns import Turns

_TURN_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>")


class LlamaChat(BaseChatModel):
    """A GGUF file as a chat model; the file is loaded on the first use.

    Besides LangChain's arguments, `stream` and `invoke` take: `cancelled`, a `threading.Event` that stops the
    answer at once with `Cancelled`, also while it waits for its turn or reads the prompt;
    `on_prompt_progress`, called with the share of the prompt read so far, 0 to 1; `on_place`, called with the
    number of answers before this one, whenever it is another; `answer_tokens`, the maximum
    number of tokens of this answer; `reuse`, False to read the prompt from its start even where its beginning is
    still in the cache, so that the answer depends on nothing that was asked before.

    The last chunk carries `usage_metadata` and, as `response_metadata`, `model_name`, `finish_reason`
    ("stop", or "length" for a truncated answer), `prompt_s` (seconds from its turn to the first
    token) and `prompt_tokens_read` (without the tokens still in the cache). One answer is written at a
    time; others wait. Raises NotAModel, ModelError, PromptTooLong and Cancelled.
    """

    model_path: Path
    context_tokens: int = 8192  # maximum of prompt and answer together
    answer_tokens: int = 512  # maximum of an answer
    temperature: float = 0.0  # 0: always the most likely token
    seed: int = 7  # of the sampling, if temperature is above 0
    gpu_layers: int = 0  # layers on the GPU; -1: all of them, -2: as many as fit
    threads: int = 0  # 0: one per core
    chat_format: str = ""  # a name in `templates.FORMATS`; empty: the file's own template

    _header: GgufHeader | None = PrivateAttr(default=None)
    _format: ChatFormat | None = PrivateAttr(default=None)
    _engine: LoadedModel | None = PrivateAttr(default=None)
    _loading: threading.Lock = PrivateAttr(default_factory=threading.Lock)
    _turns: Turns = PrivateAttr(default_factory=Turns)

    @property
    def header(self) -> GgufHeader:
        """The file's header, read without loading the model."""
        if self._header is None:
            self._header = read_header(self.model_path)
        return self._header

    @property
    def context_length(self) -> int:
        """The maximum number of tokens of prompt and answer together: the setting, or the model's own maximum."""
        made_for = self.header.context_length
        return min(made_for, self.context_tokens) if made_for else self.context_tokens

    @property
    def model_name(self) -> str:
        """The name of the file without its suffix."""
        return self.model_path.stem

    @property
    def format(self) -> ChatFormat:
        """The chat format: the chosen one, else the file's own template, else a likely format.

        Raises ModelError for a `chat_format` that doesn't exist.
        """
        if self._format is None:
            self._format = _find_format(self.header, self.chat_format)
        return self._format

    @property
    def memory(self) -> ModelMemory:
        """The memory that the loaded model takes; loads it."""
        return self._loaded().memory

    def render(self, messages: Sequence[BaseMessage]) -> str:
        """Return the prompt for messages as text, as the file's template makes it."""
        return self._render([_as_turn(message) for message in messages])

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of `text` as part of a message; thread-safe."""
        return len(self._loaded().tokenize(text, special=False))

    def prompt_tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Return the number of tokens of the prompt for `messages`, with the template's additions."""
        return len(self._prompt(self._loaded(), messages))

    @property
    def loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._engine is not None

    def load(self) -> None:
        """Load the model now rather than for the first answer. Raises NotAModel and ModelError."""
        self._loaded()

    def close(self) -> None:
        """Free the memory, after the current answer; the next question loads the model again."""
        # An answer in progress holds the engine, which is freed with its last reference.
        self._engine = None

    def get_token_ids(self, text: str) -> list[int]:
        """Return the tokens of `text`, without the special tokens at a prompt's start and end."""
        return self._loaded().tokenize(text, special=False)

    def get_num_tokens(self, text: str) -> int:
        """Return the number of tokens of `text`."""
        return self.count_tokens(text)

    def get_num_tokens_from_messages(self, messages: list[BaseMessage], tools: Sequence[Any] | None = None) -> int:
        """Return the number of tokens of the prompt for `messages`; tools aren't supported and don't count."""
        return self.prompt_tokens(messages)

    @property
    def _llm_type(self) -> str:
        return "llama"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return self.model_dump(include=type(self).model_fields.keys() - BaseChatModel.model_fields.keys(), mode="json")

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        cancelled: threading.Event | None = None,
        on_prompt_progress: Progress | None = None,
        on_place: Callable[[int], None] | None = None,
        answer_tokens: int | None = None,
        reuse: bool = True,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        engine = self._loaded()
        prompt = self._prompt(engine, messages)
        limit = self._answer_limit(len(prompt), answer_tokens or self.answer_tokens)
        run = Counts(len(prompt))
        with self._turns.take(check=lambda: check(cancelled), on_place=on_place or ignore), self._dropped_on_failure():
            engine = self._loaded()  # an answer before this one may have dropped the other
            started = time.perf_counter()
            run.reused = engine.read(prompt, cancelled, on_prompt_progress or ignore, reuse=reuse)
            pieces = engine.write(limit, run, cancelled, temperature=self.temperature, seed=self.seed)
            answer = _without_thoughts(pieces, begun=engine.text(prompt[-12:]).rstrip().endswith(THINK))
            for text in _until(answer, (*self.format.stop, *(stop or ()))):
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))
            yield self._last_chunk(run, (run.first_token_at or time.perf_counter()) - started)

    def _answer_limit(self, prompt: int, wanted: int) -> int:
        """Return the maximum number of tokens of the answer; raises PromptTooLong if too few are left."""
        context = self.context_length
        # In a tiny context, an answer of the usual length would leave no room for a question.
        reserve = min(wanted, context // 4)
        if prompt + reserve > context:
            message = (
                f"The prompt has {prompt:,} tokens and its answer needs {reserve:,}, "
                f"but the context of {self.model_name} holds {context:,}."
            )
            raise PromptTooLong(message, remedy=_more_room(self.header, self.context_tokens))
        return min(wanted, context - prompt)

    def _last_chunk(self, run: Counts, prompt_s: float) -> ChatGenerationChunk:
        message = AIMessageChunk(
            content="",
            chunk_position="last",
            usage_metadata={
                "input_tokens": run.prompt,
                "output_tokens": run.written,
                "total_tokens": run.prompt + run.written,
                "input_token_details": {"cache_read": run.reused},
            },
            response_metadata={
                "model_name": self.model_name,
                "finish_reason": "length" if run.hit_limit else "stop",
                "prompt_s": prompt_s,
                "prompt_tokens_read": run.prompt - run.reused,
            },
        )
        return ChatGenerationChunk(message=message)

    def _loaded(self) -> LoadedModel:
        engine = self._engine
        if engine is None:
            with self._loading:
                engine = self._engine
                if engine is None:
                    engine = self._engine = LoadedModel(
                        self.header, self.context_length, gpu_layers=self.gpu_layers, threads=self.threads
                    )
        return engine

    def _prompt(self, engine: LoadedModel, messages: Sequence[BaseMessage]) -> list[int]:
        """Return the tokens of the prompt; text in a message that looks like a control token stays text."""
        turns = [_as_turn(message) for message in messages]
        if not turns:
            problem = "There is no message to answer."
            raise InputError(problem)
        contents = [turn["content"] for turn in turns]
        if all(engine.tokenize(text, special=True) == engine.tokenize(text, special=False) for text in contents):
            return engine.with_bos(engine.tokenize(self._render(turns), special=True))
        # Render placeholders of private-use characters, then tokenise the contents in their place as text.
        marked = [{**turn, "content": f"\ue000{i}\ue001"} for i, turn in enumerate(turns)]
        tokens: list[int] = []
        for i, part in enumerate(re.split("\ue000([0-9]+)\ue001", self._render(marked))):
            is_content = i % 2 == 1
            text = contents[int(part)] if is_content else part
            tokens += engine.tokenize(text, special=not is_content)
        return engine.with_bos(tokens)

    def _render(self, turns: Sequence[Turn]) -> str:
        return rendered(self.format.template, turns, bos=self.header.bos, eos=self.header.eos)

    @contextmanager
    def _dropped_on_failure(self) -> Iterator[None]:
        """Give up a model that failed while it computed: the next answer loads it anew."""
        try:
            yield
        except ModelError as exc:
            self._engine = None
            raise type(exc)(exc.what, remedy=exc.remedy or "Ask again: the model is loaded anew.") from exc


def _more_room(header: GgufHeader, context_tokens: int) -> str:
    most = header.context_length
    if most > context_tokens:
        return f"Set context_tokens higher (this model takes {most:,}), or ask with fewer passages."
    return "Ask with fewer passages, or choose a model with a larger context."


def _find_format(header: GgufHeader, chosen: str) -> ChatFormat:
    if chosen:
        if chosen not in FORMATS:
            message = f"There is no chat format {chosen!r}."
            raise ModelError(message, remedy=f"Choose one of {', '.join(FORMATS)}.")
        return FORMATS[chosen]
    own = header.chat_template
    if own and _is_usable(own, header):
        # In some vocabularies these are tokens, which end the answer as such; fine-tunes may have to spell them.
        return ChatFormat("the file's own template", own, tuple(mark for mark in _TURN_ENDS if mark in own))
    return choose_format(header, header.special_tokens)


def _is_usable(template: str, header: GgufHeader) -> bool:
    """Say whether the file's own template makes a prompt of an ordinary conversation."""
    turns = [{"role": "system", "content": "A"}, {"role": "user", "content": "B"}]
    try:
        rendered(template, turns, bos=header.bos, eos=header.eos)
    except ModelError:
        return False
    return True


def _as_turn(message: BaseMessage) -> dict[str, str]:
    if isinstance(message.content, list):
        other = [block for block in message.content if isinstance(block, dict) and block.get("type") != "text"]
        if other:
            kind = other[0].get("type", "unknown")
            problem = f"This model reads text, and a message has a part of the type {kind!r}."
            raise InputError(problem)
    if isinstance(message, ChatMessage):
        role = message.role
    elif isinstance(message, SystemMessage):
        role = "system"
    else:
        role = "assistant" if isinstance(message, AIMessage) else "user"
    return {"role": role, "content": str(message.text)}


def _without_thoughts(pieces: Iterable[str], *, begun: bool) -> Iterator[str]:
    """Yield the answer without leading white space, and without the thoughts that some models put first.

    `begun` says that the prompt itself has opened the thoughts.
    """
    held, inside, answering = "", begun, False
    for piece in pieces:
        if answering:
            yield piece
            continue
        held = (held + piece).lstrip()
        # Text that may still become the opening mark is held back.
        if not inside and held.startswith(THINK):
            inside = True
        if inside and THOUGHT in held:
            held, inside = held.partition(THOUGHT)[2].lstrip(), False
        elif inside or THINK.startswith(held):
            continue
        if held:
            answering = True
            yield held
    if not answering and not inside:
        yield held


def _until(pieces: Iterable[str], stops: Sequence[str]) -> Iterator[str]:
    """Yield the text up to the first of `stops`, holding back a possible beginning of one.

    >>> list(_until(["One", " E", "ND two"], ["END"]))
    ['One', ' ']
    """
    held = ""
    for piece in pieces:
        held += piece
        found = [held.index(stop) for stop in stops if stop and stop in held]
        if found:
            held = held[: min(found)]
            break
        longest = max((len(stop) for stop in stops), default=1) - 1
        keep = next(
            (n for n in range(min(longest, len(held)), 0, -1) if any(s.startswith(held[-n:]) for s in stops)),
            0,
        )
        if len(held) > keep:
            yield held[: len(held) - keep]
            held = held[len(held) - keep :]
    if held:
        yield held
