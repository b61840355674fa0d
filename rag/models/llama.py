"""llama.cpp: loads a GGUF file, tokenises, and generates an answer token by token.

llama.cpp is used through llama-cpp-python's low-level functions, which mirror `llama.h`, and not through its
class `Llama` (0.3.36): this class detokenises the whole answer again at every token, sends file descriptors 1
and 2 of the whole process to the null device while it loads, doesn't load a file whose chat template it can't
parse, and can neither stop nor show progress while a prompt is read.
"""

from __future__ import annotations

import codecs
import ctypes
import re
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from rag.errors import Cancelled, ModelError, NotAModel
from rag.models.estimate import AUTOMATIC, BATCH, CARD_BATCH, ModelMemory, layers_on_card, shape_of
from rag.models.gguf import GgufHeader
from rag.platform.threads import cores, wait_asleep

Progress = Callable[[float], None]

POLL_S = 0.02  # between a waiting thread's checks for cancellation
THINK, THOUGHT = "<think>", "</think>"

# The batch size in tokens. A small batch shows progress every few seconds on a processor, where a larger one gains
# next to nothing; graphics cards need more.
_SLICE_CPU, _SLICE_GPU = BATCH, CARD_BATCH
_STOPPED = "The answer was stopped."
# What llama.cpp said of errors since the last load; the newest.
_ERRORS: deque[str] = deque(maxlen=20)
_LEVEL_ERROR, _LEVEL_CONTINUED = 4, 5  # of ggml's log
# What llama.cpp said of the memory it took since the last load: (kind of buffer, MiB).
_BUFFERS: deque[tuple[str, float]] = deque(maxlen=100)
_BUFFER = re.compile(r"(REPACK model|model|KV|RS|compute|output) buffer size *= *([\d.]+) MiB")
_LOADING = threading.Lock()  # one model at a time, for the log is one
_GRAPHICS = {1, 2}  # ggml's types of devices: a graphics card, or one that shares the memory
_NO_INSTRUCTIONS = {"LLAMAFILE", "OPENMP", "REPACK", "ACCELERATE"}  # other things that llama.cpp tells beside them
_KEPT_ALIVE: list[Any] = []
_SMALLER = "Set context_tokens lower, or choose a smaller model."


@dataclass(slots=True)
class Counts:
    """Counts and times of an answer being generated."""

    prompt: int  # tokens
    reused: int = 0  # tokens of the prompt found in the cache
    written: int = 0  # tokens
    hit_limit: bool = False
    first_token_at: float | None = None  # time.perf_counter


@dataclass(frozen=True, slots=True)
class GraphicsCard:
    """A graphics card that this build of llama.cpp can use; bytes of its memory."""

    name: str
    free_memory: int
    memory: int


class LoadedModel:
    """A loaded model with one context and its cache; only the tokenizer is thread-safe.

    `memory` is what llama.cpp says that it took.
    """

    def __init__(self, header: GgufHeader, context: int, *, gpu_layers: int, threads: int) -> None:
        self._llama = llama = _library()
        self._name = header.path.name
        gpu_layers = _layers_that_fit(header, context) if gpu_layers == AUTOMATIC else gpu_layers
        self._slice = _SLICE_GPU if gpu_layers else _SLICE_CPU
        with _LOADING:
            _ERRORS.clear()
            _BUFFERS.clear()
            self._model = _load_model(llama, header, gpu_layers)
            try:
                self._context = _open_context(llama, self._model, header, context, self._slice, threads)
            except ModelError:
                llama.llama_model_free(self._model)
                raise
            self.memory = _taken()
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self._memory = llama.llama_get_memory(self._context)
        self._cached: list[int] = []  # the tokens whose keys and values are cached
        weakref.finalize(self, _free, llama, self._context, self._model)
        # Some vocabularies mark these as control tokens, which have no text; the thoughts would then be part of the
        # answer.
        marks = (self.tokenize(mark, special=True) for mark in (THINK, THOUGHT))
        self._shown = {tokens[0] for tokens in marks if len(tokens) == 1}

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of `text`; control tokens in the text are recognised only if `special`."""
        data = text.encode("utf-8", errors="replace")
        room = len(data) + 8  # a token has at least one byte; some vocabularies prepend a space
        tokens = (ctypes.c_int32 * room)()
        count = self._llama.llama_tokenize(self._vocabulary, data, len(data), tokens, room, False, special)
        if count < 0:
            message = f"{self._name} can't turn a text of {len(data):,} bytes into tokens."
            raise ModelError(message)
        return list(tokens[:count])

    def with_bos(self, tokens: list[int]) -> list[int]:
        """Return the prompt with exactly one BOS token, if the vocabulary requires one."""
        llama, first = self._llama, self._llama.llama_vocab_bos(self._vocabulary)
        if llama.llama_vocab_get_add_bos(self._vocabulary) and first >= 0 and tokens[:1] != [first]:
            return [first, *tokens]
        return tokens

    def text(self, tokens: Iterable[int]) -> str:
        """Return the text of `tokens`."""
        return b"".join(self._piece(token) for token in tokens).decode("utf-8", errors="replace")

    def read(
        self, prompt: list[int], cancelled: threading.Event | None, progress: Progress, *, reuse: bool = True
    ) -> int:
        """Bring the cache to `prompt` and return the number of tokens reused.

        Where a batch begins changes the last digits of the logits, and so now and then a token of the answer. Without
        `reuse` every batch begins at the same token, whatever was read before.
        Raises Cancelled as soon as `cancelled` is set: on a processor within a batch, on a
        graphics card after the current batch.
        """
        kept = self._keep(prompt if reuse else prompt[:1])
        progress(kept / len(prompt))
        with self._stoppable(cancelled):
            for start in range(kept, len(prompt), self._slice):
                check(cancelled)
                self._decode(prompt[start : start + self._slice])
                progress(len(self._cached) / len(prompt))
        return kept

    def write(
        self, limit: int, run: Counts, cancelled: threading.Event | None, *, temperature: float, seed: int
    ) -> Iterator[str]:
        """Yield the answer's text, token by token, up to `limit` tokens, counting in `run`."""
        llama = self._llama
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        with self._sampler(temperature, seed) as sampler:
            while True:
                check(cancelled)
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
        """Truncate the cache to its common prefix with `prompt` and return the prefix's number of tokens."""
        common = 0
        # The last token is always read again, for its logits: the answer begins there.
        for cached, wanted in zip(self._cached, prompt[:-1], strict=False):
            if cached != wanted:
                break
            common += 1
        self._cut(common)
        return len(self._cached)

    def _cut(self, length: int) -> None:
        # The state of recurrent and hybrid models (Mamba, LFM2, Qwen3.5) can't be set back to an earlier token:
        # llama.cpp refuses, and the prompt is read from the start. Continuing needs no truncation.
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
        # Part of the batch may have been read before the interruption.
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
            llama.llama_sampler_free(chain)  # with its samplers

    @contextmanager
    def _stoppable(self, cancelled: threading.Event | None) -> Iterator[None]:
        """Let `cancelled` abort a running `llama_decode`."""
        if cancelled is None:
            yield
            return
        llama = self._llama
        # llama.cpp calls its abort callback at each node of the graph, more than a thousand times a batch. A callback
        # in Python waits for the interpreter's lock each time: with one other busy thread, 1,024 tokens of a tiny
        # model took 3.5 to 20 s instead of 0.5 to 0.9 s. So the callback is C's `strlen` on two bytes: 0 until a
        # thread of ours writes the first byte, which makes it 1.
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


@cache
def _library() -> Any:
    """Return llama.cpp's functions, its log turned away from the terminal."""
    wait_asleep()
    try:
        import llama_cpp
    except ImportError as exc:
        message = "llama-cpp-python is missing."
        raise ModelError(message, remedy="pip install llama-cpp-python") from exc
    functions = llama_cpp.llama_cpp
    log = functions.llama_log_callback(_keep_error)
    _KEPT_ALIVE.append(log)  # the C side keeps only a pointer
    functions.llama_log_set(log, None)
    functions.llama_backend_init()
    return functions


def graphics_cards() -> list[GraphicsCard]:
    """Return the graphics cards that this build of llama.cpp can use: none where it was built for the processor."""
    if not _library().llama_supports_gpu_offload():
        return []
    try:
        from llama_cpp._ggml import libggml  # the package binds none of these functions
    except ImportError:
        return []
    libggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    libggml.ggml_backend_dev_description.restype = ctypes.c_char_p
    cards = []
    for at in range(libggml.ggml_backend_dev_count()):
        device = ctypes.c_void_p(libggml.ggml_backend_dev_get(ctypes.c_size_t(at)))
        if libggml.ggml_backend_dev_type(device) in _GRAPHICS:
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            libggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            name = libggml.ggml_backend_dev_description(device).decode("utf-8", errors="replace")
            cards.append(GraphicsCard(name, free.value, total.value))
    return [card for card in cards if card.memory]


def _layers_that_fit(header: GgufHeader, context: int) -> int:
    """Return the layers that fit on the graphics card with the most free memory; all of them as -1."""
    card = max(graphics_cards(), key=lambda one: one.free_memory, default=None)
    if card is None:
        return 0
    layers = int(str(header.metadata.get(f"{header.architecture}.block_count", 0)))
    found = layers_on_card(shape_of(header), layers, context, free=card.free_memory, total=card.memory)
    return -1 if found == layers else found


def instruction_sets() -> list[str]:
    """Return the instruction sets of the processor that this build of llama.cpp uses, such as "AVX2"."""
    told = _library().llama_print_system_info().decode()
    return [name for name, on in re.findall(r"(\w+) = (\d)", told) if on == "1" and name not in _NO_INSTRUCTIONS]


def _keep_error(level: int, text: bytes, _data: object) -> None:
    if level == _LEVEL_ERROR:
        _ERRORS.append(text.decode("utf-8", errors="replace").strip())
    elif level == _LEVEL_CONTINUED and _ERRORS:
        _ERRORS[-1] += text.decode("utf-8", errors="replace").rstrip()
    elif (found := _BUFFER.search(text.decode("utf-8", errors="replace"))) is not None:
        _BUFFERS.append((found[1], float(found[2])))


def _taken() -> ModelMemory:
    """Return the memory that llama.cpp's log tells of the last load."""
    taken = {kind: int(sum(size for other, size in _BUFFERS if other == kind) * 2**20) for kind, _ in _BUFFERS}
    cache, compute = taken.get("KV", 0) + taken.get("RS", 0), taken.get("compute", 0) + taken.get("output", 0)
    return ModelMemory(taken.get("model", 0), taken.get("REPACK model", 0), cache, compute)


def _reason() -> str:
    """Return the last error in llama.cpp's log, in parentheses, without its function's name."""
    said = [re.sub(r"^\w+: ", "", line) for line in _ERRORS if line]
    return f"({said[0]})" if said else ""


@cache
def _strlen() -> Any:
    if sys.platform == "win32":
        return ctypes.cdll.msvcrt.strlen
    return ctypes.CDLL(None).strlen


def _raise_flag(cancelled: threading.Event, done: threading.Event, flag: Any) -> None:
    while not done.is_set():
        if cancelled.wait(POLL_S):
            flag[0] = b"\1"
            return


def _load_model(llama: Any, header: GgufHeader, gpu_layers: int) -> Any:
    parameters = llama.llama_model_default_params()
    parameters.n_gpu_layers = gpu_layers if gpu_layers >= 0 else 0x7FFFFFFF
    # GCC 12 miscompiles llama.cpp's code for AMX: its amxtileintrin.h declares 8 of the 64 bytes of the tile
    # configuration as read, so the others are never written, and the first token of a quantised model ends
    # the process (0.3.36). pip builds with the machine's compiler, so a build with AMX doesn't use it here.
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
    parameters.n_threads = parameters.n_threads_batch = threads or cores()
    # Models with a sliding window would otherwise forget parts that a shorter prefix needs (also the default).
    parameters.swa_full = True
    opened = llama.llama_init_from_model(model, parameters)
    if not opened:
        message = f"There isn't enough memory for {header.path.name} with a context of {context:,} tokens."
        raise ModelError(f"{message} {_reason()}".strip(), remedy=_SMALLER)
    return opened


def _free(llama: Any, context: Any, model: Any) -> None:
    llama.llama_free(context)
    llama.llama_model_free(model)


def check(cancelled: threading.Event | None) -> None:
    """Raise Cancelled if the answer was stopped."""
    if cancelled is not None and cancelled.is_set():
        raise Cancelled(_STOPPED)


def ignore(_told: float) -> None:
    """Ignore a progress or a place."""
