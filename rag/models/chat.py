"""A chat model over llama.cpp: a GGUF file as a LangChain `BaseChatModel` that streams and can be stopped.

llama.cpp is used through llama-cpp-python's low-level functions, which mirror `llama.h`, and not through its
class `Llama` (0.3.36): that one detokenises the whole answer again at every token, sends file descriptors 1
and 2 of the whole process to the null device while it loads, doesn't load a file whose chat template it can't
parse, and offers no moment to stop or to show progress while a prompt is read.
"""

from __future__ import annotations

import codecs
import ctypes
import os
import re
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ChatMessage, SystemMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from rag.errors import Cancelled, InputError, ModelError, NotAModel, PromptTooLong
from rag.models.gguf import GgufHeader, read_header
from rag.models.templates import FORMATS, ChatFormat, Turn, choose_format, render

Progress = Callable[[float], None]

_POLL_S = 0.02  # how often a waiting thread looks whether it was cancelled

# Tokens that are read at a time. A small slice shows progress every few seconds on a processor, where a
# larger one gains next to nothing; graphics cards want more.
_SLICE_CPU, _SLICE_GPU = 128, 512

_THINK, _THOUGHT = "<think>", "</think>"
_TURN_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>")


class LlamaChat(BaseChatModel):
    """A GGUF file as a chat model; the file is loaded when something is first asked of its tokens.

    `stream` and `invoke` take, beside LangChain's own arguments: `cancelled`, a `threading.Event` that stops
    the answer at once with `Cancelled`, also while it waits for its turn or reads the prompt;
    `on_prompt_progress`, called with the share of the prompt that is read, 0 to 1; `answer_tokens`, the most
    tokens of this answer.

    The last chunk carries `usage_metadata` and, as `response_metadata`, `model_name`, `finish_reason`
    ("stop", or "length" for an answer that was cut off), `prompt_s` (seconds from its turn to the first
    token) and `prompt_tokens_read` (without those that were still in the cache). One answer is written at a
    time; others wait. Raises NotAModel, ModelError, PromptTooLong and Cancelled.
    """

    model_path: Path
    context_tokens: int = 8192  # most tokens of prompt and answer together
    answer_tokens: int = 512  # most tokens of an answer
    temperature: float = 0.0  # 0: always the likeliest token
    seed: int = 7  # of the sampling, when temperature is above 0
    gpu_layers: int = 0  # layers on the GPU; -1: all of them
    threads: int = 0  # 0: as many as there are cores
    chat_format: str = ""  # a name in `templates.FORMATS`; empty: the file's own template

    _header: GgufHeader | None = PrivateAttr(default=None)
    _format: ChatFormat | None = PrivateAttr(default=None)
    _engine: _Engine | None = PrivateAttr(default=None)
    _loading: threading.Lock = PrivateAttr(default_factory=threading.Lock)
    _turn: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def header(self) -> GgufHeader:
        """What the file says of itself; reads the header, loads nothing."""
        if self._header is None:
            self._header = read_header(self.model_path)
        return self._header

    @property
    def context_length(self) -> int:
        """The most tokens of prompt and answer together: the setting, or what the model was made for."""
        made_for = self.header.context_length
        return min(made_for, self.context_tokens) if made_for else self.context_tokens

    @property
    def model_name(self) -> str:
        """The name of the file without its suffix."""
        return self.model_path.stem

    @property
    def format(self) -> ChatFormat:
        """How the model is spoken to: the chosen format, else the file's own template, else a likely format.

        Raises ModelError for a `chat_format` that doesn't exist.
        """
        if self._format is None:
            self._format = _find_format(self.header, self.chat_format)
        return self._format

    def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` has as part of a message; any thread may ask at any time."""
        return len(self._loaded().tokenize(text, special=False))

    def prompt_tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Return how many tokens the prompt for `messages` has, with all that the template adds."""
        return len(self._prompt(self._loaded(), messages))

    def close(self) -> None:
        """Give the memory back, after the answer that is being written; the next question loads it again."""
        # An answer that is under way holds the engine: it is freed with the last reference.
        self._engine = None

    def get_token_ids(self, text: str) -> list[int]:
        """Return the tokens of `text`, without those that a prompt begins or ends with."""
        return self._loaded().tokenize(text, special=False)

    def get_num_tokens(self, text: str) -> int:
        """Return how many tokens `text` has."""
        return self.count_tokens(text)

    def get_num_tokens_from_messages(self, messages: list[BaseMessage], tools: Sequence[Any] | None = None) -> int:
        """Return how many tokens the prompt for `messages` has; tools aren't supported and don't count."""
        return self.prompt_tokens(messages)

    @property
    def _llm_type(self) -> str:
        return "llama"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return self.model_dump(include=set(_OWN_FIELDS), mode="json")

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
        answer_tokens: int | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        engine = self._loaded()
        prompt = self._prompt(engine, messages)
        limit = self._answer_limit(len(prompt), answer_tokens or self.answer_tokens)
        run = _Run(len(prompt))
        with self._own_turn(cancelled):
            started = time.perf_counter()
            run.reused = engine.read(prompt, cancelled, on_prompt_progress or _ignore)
            pieces = engine.write(limit, run, cancelled, temperature=self.temperature, seed=self.seed)
            answer = _without_thoughts(pieces, begun=engine.text(prompt[-12:]).rstrip().endswith(_THINK))
            for text in _until(answer, (*self.format.stop, *(stop or ()))):
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))
            yield self._last_chunk(run, (run.first_token_at or time.perf_counter()) - started)

    def _answer_limit(self, prompt: int, wanted: int) -> int:
        """Return how many tokens the answer may have; raises PromptTooLong when too few are left for it."""
        context = self.context_length
        # In a tiny context an answer of the usual length would leave no room for any question.
        reserve = min(wanted, context // 4)
        if prompt + reserve > context:
            message = (
                f"The prompt has {prompt:,} tokens and its answer needs {reserve:,}, "
                f"but the context of {self.model_name} holds {context:,}."
            )
            raise PromptTooLong(message, remedy=_more_room(self.header, self.context_tokens))
        return min(wanted, context - prompt)

    def _last_chunk(self, run: _Run, prompt_s: float) -> ChatGenerationChunk:
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

    def _loaded(self) -> _Engine:
        engine = self._engine
        if engine is None:
            with self._loading:
                engine = self._engine
                if engine is None:
                    engine = self._engine = _Engine(
                        self.header, self.context_length, gpu_layers=self.gpu_layers, threads=self.threads
                    )
        return engine

    def _prompt(self, engine: _Engine, messages: Sequence[BaseMessage]) -> list[int]:
        """Return the tokens of the prompt; what looks like a control token in a message stays plain text."""
        turns = [_as_turn(message) for message in messages]
        if not turns:
            problem = "There is no message to answer."
            raise InputError(problem)
        contents = [turn["content"] for turn in turns]
        if all(engine.tokenize(text, special=True) == engine.tokenize(text, special=False) for text in contents):
            return engine.with_bos(engine.tokenize(self._render(turns), special=True))
        # Render with stand-ins of private-use characters, and tokenise what they stand for as text.
        marked = [{**turn, "content": f"\ue000{i}\ue001"} for i, turn in enumerate(turns)]
        tokens: list[int] = []
        for i, part in enumerate(re.split("\ue000([0-9]+)\ue001", self._render(marked))):
            is_content = i % 2 == 1
            text = contents[int(part)] if is_content else part
            tokens += engine.tokenize(text, special=not is_content)
        return engine.with_bos(tokens)

    def _render(self, turns: Sequence[Turn]) -> str:
        return render(self.format.template, turns, bos=self.header.bos, eos=self.header.eos)

    @contextmanager
    def _own_turn(self, cancelled: threading.Event | None) -> Iterator[None]:
        # A plain lock, because async callers may go on with a generator in another thread.
        while not self._turn.acquire(timeout=_POLL_S):
            _check(cancelled)
        try:
            yield
        finally:
            self._turn.release()


_OWN_FIELDS = tuple(name for name in LlamaChat.model_fields if name not in BaseChatModel.model_fields)


@dataclass(slots=True)
class _Run:
    """What is counted while an answer is written."""

    prompt: int  # tokens
    reused: int = 0  # tokens of the prompt that were in the cache
    written: int = 0  # tokens
    hit_limit: bool = False
    first_token_at: float | None = None  # time.perf_counter


class _Engine:
    """One loaded model with one context and its cache; only the tokenizer may be used by several threads."""

    def __init__(self, header: GgufHeader, context: int, *, gpu_layers: int, threads: int) -> None:
        self._llama = llama = _library()
        self._name = header.path.name
        self._slice = _SLICE_GPU if gpu_layers else _SLICE_CPU
        _ERRORS.clear()
        self._model = _load_model(llama, header, gpu_layers)
        try:
            self._context = _open_context(llama, self._model, header, context, self._slice, threads)
        except ModelError:
            llama.llama_model_free(self._model)
            raise
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self._memory = llama.llama_get_memory(self._context)
        self._cached: list[int] = []  # the tokens whose keys and values the cache holds
        weakref.finalize(self, _free, llama, self._context, self._model)
        # Some vocabularies mark these as control tokens, which are written as nothing, and then the thoughts
        # couldn't be told from the answer.
        marks = (self.tokenize(mark, special=True) for mark in (_THINK, _THOUGHT))
        self._shown = {tokens[0] for tokens in marks if len(tokens) == 1}

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of `text`; control tokens in it count as such only if `special`."""
        data = text.encode("utf-8", errors="replace")
        room = len(data) + 8  # a token has at least one byte; some vocabularies put a space in front
        tokens = (ctypes.c_int32 * room)()
        count = self._llama.llama_tokenize(self._vocabulary, data, len(data), tokens, room, False, special)
        if count < 0:
            message = f"{self._name} can't turn a text of {len(data):,} bytes into tokens."
            raise ModelError(message)
        return list(tokens[:count])

    def with_bos(self, tokens: list[int]) -> list[int]:
        """Return the prompt with exactly one token that begins it, where the vocabulary wants one."""
        llama, first = self._llama, self._llama.llama_vocab_bos(self._vocabulary)
        if llama.llama_vocab_get_add_bos(self._vocabulary) and first >= 0 and tokens[:1] != [first]:
            return [first, *tokens]
        return tokens

    def text(self, tokens: Iterable[int]) -> str:
        """Return the text of `tokens`."""
        return b"".join(self._piece(token) for token in tokens).decode("utf-8", errors="replace")

    def read(self, prompt: list[int], cancelled: threading.Event | None, progress: Progress) -> int:
        """Bring the cache to `prompt` and return how many of its tokens were there already.

        Raises Cancelled as soon as `cancelled` is set, in the middle of a slice too on a processor; on a
        graphics card llama.cpp goes on until the end of the slice.
        """
        kept = self._keep(prompt)
        progress(kept / len(prompt))
        with self._stoppable(cancelled):
            for start in range(kept, len(prompt), self._slice):
                _check(cancelled)
                self._decode(prompt[start : start + self._slice])
                progress(len(self._cached) / len(prompt))
        return kept

    def write(
        self, limit: int, run: _Run, cancelled: threading.Event | None, *, temperature: float, seed: int
    ) -> Iterator[str]:
        """Yield the answer's text, token by token, up to `limit` tokens, and count in `run`."""
        llama = self._llama
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        with self._sampler(temperature, seed) as sampler:
            while True:
                _check(cancelled)
                token = llama.llama_sampler_sample(sampler, self._context, -1)
                run.first_token_at = run.first_token_at or time.perf_counter()
                if llama.llama_vocab_is_eog(self._vocabulary, token):
                    break
                run.written += 1
                # A character may span several tokens; the decoder keeps its first bytes.
                yield decoder.decode(self._piece(token))
                if run.written >= limit:
                    run.hit_limit = True
                    break
                self._decode([token])
        yield decoder.decode(b"", final=True)

    def _keep(self, prompt: list[int]) -> int:
        """Cut the cache back to what it has in common with `prompt` and return how many tokens that is."""
        common = 0
        # The last token is always read again: its logits are where the answer begins.
        for cached, wanted in zip(self._cached, prompt[:-1], strict=False):
            if cached != wanted:
                break
            common += 1
        self._cut(common)
        return len(self._cached)

    def _cut(self, length: int) -> None:
        # The state of recurrent and hybrid models (Mamba, LFM2, Qwen3.5) can't be taken back to an earlier
        # token: llama.cpp refuses, and the prompt is read from the start. Going on needs no cut.
        if not self._llama.llama_memory_seq_rm(self._memory, 0, length, -1):
            self._llama.llama_memory_clear(self._memory, True)
            length = 0
        del self._cached[length:]

    def _decode(self, tokens: list[int]) -> None:
        llama = self._llama
        array = (ctypes.c_int32 * len(tokens))(*tokens)
        code = llama.llama_decode(self._context, llama.llama_batch_get_one(array, len(tokens)))
        if code == 0:
            self._cached += tokens
            return
        # Part of the slice may have been read before it ended.
        self._cut(len(self._cached))
        if code == 2:
            raise Cancelled(_STOPPED)
        raise ModelError(f"{self._name} failed while it was computing (llama.cpp: {code}). {_reason()}".strip())

    def _piece(self, token: int) -> bytes:
        llama, special = self._llama, token in self._shown
        for room in (64, 4096):
            buffer = ctypes.create_string_buffer(room)
            length = llama.llama_token_to_piece(self._vocabulary, token, buffer, room, 0, special)
            if length >= 0:
                return buffer.raw[:length]
        return b""

    @contextmanager
    def _sampler(self, temperature: float, seed: int) -> Iterator[Any]:
        llama = self._llama
        chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        if temperature <= 0:
            parts = [llama.llama_sampler_init_greedy()]
        else:
            parts = [
                llama.llama_sampler_init_top_k(40),
                llama.llama_sampler_init_top_p(0.95, 1),
                llama.llama_sampler_init_min_p(0.05, 1),
                llama.llama_sampler_init_temp(temperature),
                llama.llama_sampler_init_dist(seed),
            ]
        for part in parts:
            llama.llama_sampler_chain_add(chain, part)
        try:
            yield chain
        finally:
            llama.llama_sampler_free(chain)  # and with it its parts

    @contextmanager
    def _stoppable(self, cancelled: threading.Event | None) -> Iterator[None]:
        """Let `cancelled` end a `llama_decode` that is running."""
        if cancelled is None:
            yield
            return
        llama = self._llama
        # llama.cpp asks its abort callback at each node of the graph, more than a thousand times a slice. In
        # Python each call waits for the interpreter's lock: with one other busy thread 1,024 tokens of a tiny
        # model took 3.5 to 20 s instead of 0.5 to 0.9 s. So the callback is C's `strlen` on two bytes: 0
        # until a thread of ours writes the first one, which makes it 1.
        flag = ctypes.create_string_buffer(2)
        done = threading.Event()
        callback = ctypes.cast(_strlen(), llama.ggml_abort_callback)
        llama.llama_set_abort_callback(self._context, callback, ctypes.addressof(flag))
        threading.Thread(target=_raise_flag, args=(cancelled, done, flag), daemon=True).start()
        try:
            yield
        finally:
            done.set()
            llama.llama_set_abort_callback(self._context, llama.ggml_abort_callback(), None)


_STOPPED = "The answer was stopped."

# What llama.cpp said of errors since the last load; the newest.
_ERRORS: deque[str] = deque(maxlen=20)
_LEVEL_ERROR, _LEVEL_CONTINUED = 4, 5  # of ggml's log
_KEPT_ALIVE: list[Any] = []


@cache
def _library() -> Any:
    """Return llama.cpp's functions, its log turned away from the terminal."""
    try:
        import llama_cpp
    except ImportError as exc:
        message = "llama-cpp-python is missing."
        raise ModelError(message, remedy="pip install llama-cpp-python") from exc
    functions = llama_cpp.llama_cpp
    log = functions.llama_log_callback(_keep_error)
    _KEPT_ALIVE.append(log)  # the C side keeps a bare pointer
    functions.llama_log_set(log, None)
    functions.llama_backend_init()
    return functions


def _keep_error(level: int, text: bytes, _data: object) -> None:
    if level == _LEVEL_ERROR:
        _ERRORS.append(text.decode("utf-8", errors="replace").strip())
    elif level == _LEVEL_CONTINUED and _ERRORS:
        _ERRORS[-1] += text.decode("utf-8", errors="replace").rstrip()


def _reason() -> str:
    """Return the last error that llama.cpp logged, in parentheses, without the function that said it."""
    said = [re.sub(r"^\w+: ", "", line) for line in _ERRORS if line]
    return f"({said[0]})" if said else ""


@cache
def _strlen() -> Any:
    if sys.platform == "win32":
        return ctypes.cdll.msvcrt.strlen
    return ctypes.CDLL(None).strlen


def _raise_flag(cancelled: threading.Event, done: threading.Event, flag: Any) -> None:
    while not done.is_set():
        if cancelled.wait(_POLL_S):
            flag[0] = b"\1"
            return


def _load_model(llama: Any, header: GgufHeader, gpu_layers: int) -> Any:
    parameters = llama.llama_model_default_params()
    parameters.n_gpu_layers = gpu_layers if gpu_layers >= 0 else 0x7FFFFFFF
    # GCC 12 compiles llama.cpp's code for AMX wrong: its amxtileintrin.h names 8 of the 64 bytes of the tile
    # configuration as read, so the others are never written, and the first token of a quantised model ends
    # the process (0.3.36). pip builds with the machine's compiler, so AMX isn't used where it was built in.
    if b"AMX_INT8 = 1" in llama.llama_print_system_info():
        parameters.use_extra_bufts = False
    model = llama.llama_model_load_from_file(str(header.path).encode(), parameters)
    if model:
        return model
    if any("unknown model architecture" in line for line in _ERRORS):
        message = f"{header.path.name} is of the architecture {header.architecture}, unknown to this llama.cpp."
        raise NotAModel(message, remedy="Update llama-cpp-python, or choose another model.")
    if any(re.search(r"alloc|memory", line, re.IGNORECASE) for line in _ERRORS):
        message = f"There isn't enough memory for {header.path.name}. {_reason()}"
        raise ModelError(message, remedy=_SMALLER)
    message = f"{header.path.name} can't be loaded. {_reason()}"
    raise NotAModel(message, remedy="Download it again.")


def _open_context(llama: Any, model: Any, header: GgufHeader, context: int, batch: int, threads: int) -> Any:
    parameters = llama.llama_context_default_params()
    parameters.n_ctx = context
    parameters.n_batch = parameters.n_ubatch = min(batch, context)
    parameters.n_threads = parameters.n_threads_batch = threads or _cores()
    # Models with a sliding window would otherwise forget what a shorter prefix needs (it is the default too).
    parameters.swa_full = True
    opened = llama.llama_init_from_model(model, parameters)
    if not opened:
        message = f"There isn't enough memory for {header.path.name} with a context of {context:,} tokens."
        raise ModelError(f"{message} {_reason()}".strip(), remedy=_SMALLER)
    return opened


_SMALLER = "Set context_tokens lower, or choose a smaller model."


def _free(llama: Any, context: Any, model: Any) -> None:
    llama.llama_free(context)
    llama.llama_model_free(model)


def _cores() -> int:
    """Return how many cores this process may use, which in a container are fewer than the machine has."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
        # Where these are tokens of their own they end the answer as such; fine-tunes may have to spell them.
        return ChatFormat("the file's own template", own, tuple(mark for mark in _TURN_ENDS if mark in own))
    return choose_format(header, header.special_tokens)


def _is_usable(template: str, header: GgufHeader) -> bool:
    """Tell whether the file's own template makes a prompt of an ordinary conversation."""
    turns = [{"role": "system", "content": "A"}, {"role": "user", "content": "B"}]
    try:
        render(template, turns, bos=header.bos, eos=header.eos)
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


def _check(cancelled: threading.Event | None) -> None:
    if cancelled is not None and cancelled.is_set():
        raise Cancelled(_STOPPED)


def _ignore(_fraction: float) -> None:
    """Show no progress."""


def _without_thoughts(pieces: Iterable[str], *, begun: bool) -> Iterator[str]:
    """Yield the answer without white space in front and without the thoughts that some models put there.

    `begun` says that the prompt itself has opened them.
    """
    held, inside, answering = "", begun, False
    for piece in pieces:
        if answering:
            yield piece
            continue
        held = (held + piece).lstrip()
        if not inside and held.startswith(_THINK):
            inside = True
        if inside and _THOUGHT in held:
            held, inside = held.partition(_THOUGHT)[2].lstrip(), False
        elif inside or _THINK.startswith(held):
            continue
        if held:
            answering = True
            yield held
    if not answering and not inside:
        yield held


def _until(pieces: Iterable[str], stops: Sequence[str]) -> Iterator[str]:
    """Yield the text up to the first of `stops`, holding back what may be the beginning of one.

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
