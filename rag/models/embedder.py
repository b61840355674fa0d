"""The embedder: the model that comes along, or a sentence-transformers model, exported once per machine to ONNX.

It is run with one text per call. This is not slower, and it makes an embedding a function of its text alone: dynamic
int8 quantisation scales a batch's activations together, so a text's embedding would depend on its batch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import EmbedderError, TextTooLong
from rag.models.embedder_spec import DEFAULT_MODEL, GRAPH, MINILM, EmbedderSpec, read_spec, weights_sha256
from rag.models.export import EXPORT, SLOWER, exported, minilm_sha256, onnx_sessions
from rag.models.tokenizer import LETTERS, load_tokenizer
from rag.models.torch_session import TorchSession
from rag.platform.import_lock import IMPORT_LOCK
from rag.platform.threads import cores
from rag.ports import Choice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

DEFAULT_CHOICE = Choice(DEFAULT_MODEL)
_WINDOWS = 16  # of a question; a longer one is a document, and would take seconds


class SentenceEmbedder:
    """Embeds texts as unit vectors.

    Nothing is loaded before the first use. The default is ready to run. Of another model the first use on a machine
    writes the graph into `cache`, which takes ten seconds; after that neither torch nor transformers is imported.
    Raises EmbedderError if the model is missing, and TextTooLong rather than truncate.
    """

    def __init__(
        self,
        cache: Path,
        choice: Choice = DEFAULT_CHOICE,
        *,
        threads: int = 0,
        models: Path | None = None,
    ) -> None:
        self.choice = replace(choice, model=choice.model or DEFAULT_MODEL)
        if self.choice.model == DEFAULT_MODEL:
            self.choice = replace(self.choice, quantisation="int8")  # it is shipped so, and in no other form
        self._cache = cache
        self._models = models  # where models are looked for by name, beside the usual places
        self._sessions_wanted = threads or cores()

    def like(self, choice: Choice) -> SentenceEmbedder:
        """Return another embedder on this machine, with this one's cache and threads."""
        return SentenceEmbedder(self._cache, choice, threads=self._sessions_wanted, models=self._models)

    @cached_property
    def spec(self) -> EmbedderSpec:
        """The model's properties, read from its files."""
        choice = self.choice
        return read_spec(
            choice.model, self._models, query_prefix=choice.query_prefix, document_prefix=choice.document_prefix
        )

    @cached_property
    def fingerprint(self) -> str:
        """Eight hex digits that identify weights, quantisation, pooling, prefixes and maximum length.

        A model that is neither shipped nor MiniLM is exported first if necessary, because its vectors depend on whether
        it can be exported.
        """
        facts = [*self._facts, EXPORT, *SLOWER, LETTERS]
        if not self.spec.graph_sha256 and self.spec.name != MINILM and not self._path.suffix:
            facts.append("torch")
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:8]

    @cached_property
    def _facts(self) -> list[object]:
        spec = self.spec
        prefixes = [spec.query_prefix, spec.document_prefix]
        return [spec.name, self._weights, self.choice.quantisation, spec.pooling, *prefixes, spec.max_tokens]

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self.spec.dimensions

    @property
    def languages(self) -> frozenset[str]:
        """The languages that the model knows, as ISO 639-1 codes."""
        return frozenset(self.spec.languages)

    @cached_property
    def room(self) -> int:
        """The number of tokens embedded at once: the model's maximum, without its special tokens and the prefix."""
        head, tail = self._frame
        return self.spec.max_tokens - len(head) - len(tail) - len(self._ids(self.spec.document_prefix))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the embeddings of `texts` as a (texts, dimensions) array of unit vectors, in order."""
        return self._run_all([self._encode(text) for text in texts])

    def embed_whole(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the embeddings of `texts`; a text beyond the model's maximum gets the mean of its windows.

        Chunks were cut for the embedder of their time; this one may have a lower maximum, or more tokens for the words.
        """
        return self._run_windows([self._windows(text, self.spec.document_prefix) for text in texts])

    def embed_question(self, question: str) -> NDArray[np.float32]:
        """Return the embedding of a question, shape (dimensions,).

        A question beyond the model's maximum gets the mean of its windows; beyond 16 windows, of 16 spread evenly.
        """
        windows = self._windows(question, self.spec.query_prefix)
        step = max(len(windows) / _WINDOWS, 1.0)
        spread = [windows[int(at * step)] for at in range(min(len(windows), _WINDOWS))]
        vector: NDArray[np.float32] = self._run_windows([spread])[0]
        return vector

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of `text`, without special tokens."""
        return len(self._ids(text))

    def prepare(self) -> None:
        """Load the model, after exporting it if necessary."""
        _ = self._sessions, self.tokenizer

    @property
    def tokenizer_file(self) -> Path:
        """The tokenizer file for chunking, for processes that don't embed."""
        return self.spec.tokenizer_file

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer, without truncation."""
        return load_tokenizer(self.spec.tokenizer_file)

    @cached_property
    def _weights(self) -> str:
        spec = self.spec
        if spec.graph_sha256:
            return spec.graph_sha256
        return minilm_sha256() if spec.name == MINILM else weights_sha256(spec.folder, self._cache / "weights")

    @cached_property
    def _path(self) -> Path:
        """The graph, or the folder of a model that can't be exported."""
        if self.spec.graph_sha256:
            return self.spec.folder / GRAPH
        return exported(self._cache, self.choice.quantisation, self.spec, self._weights)

    @cached_property
    def _sessions(self) -> list[Any]:
        # Exporting and loading import more than any other step.
        with IMPORT_LOCK:
            path = self._path
            try:
                if not path.suffix:
                    return [TorchSession(path)]
                return onnx_sessions(path, self._sessions_wanted)
            except Exception as exc:  # onnxruntime's errors have no common base class
                message = f"The embedding model {path} can't be loaded: {exc}."
                made_here = not self.spec.graph_sha256
                remedy = "Remove this file: it is made anew." if made_here else "Install Studyhall again."
                raise EmbedderError(message, remedy=remedy) from exc

    @cached_property
    def _frame(self) -> tuple[list[int], list[int]]:
        """The special tokens before and after a text."""
        encoded = self.tokenizer.encode("a")
        inner = [at for at, special in enumerate(encoded.special_tokens_mask) if not special]
        return encoded.ids[: inner[0]], encoded.ids[inner[-1] + 1 :]

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(self._cased(text), add_special_tokens=False).ids
        return ids

    def _cased(self, text: str) -> str:
        return text.lower() if self.spec.lower else text

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(self._cased(self.spec.document_prefix + text)).ids
        if len(ids) > self.spec.max_tokens:
            message = (
                f"A text of {len(ids)} tokens can't be embedded whole: {text[:40]!r}… "
                f"({self.spec.name} reads {self.spec.max_tokens})."
            )
            raise TextTooLong(message, remedy="Split it into smaller chunks.")
        return ids

    def _windows(self, text: str, prefix: str) -> list[list[int]]:
        """Return the token ids of a text, in as few windows of one size as the model's maximum allows."""
        head, tail = self._frame
        before = self._ids(prefix) if prefix else []
        whole = self._ids(prefix + text)
        room = self.spec.max_tokens - len(head) - len(tail)
        if len(whole) <= room:
            return [[*head, *whole, *tail]]
        if room <= len(before):
            message = f"{self.spec.name} reads {room} tokens, and its prefix alone has {len(before)}."
            raise EmbedderError(message, remedy="Set a shorter prefix.")
        rest = self._ids(text)
        count = -(-len(rest) // (room - len(before)))
        size = -(-len(rest) // count)
        return [[*head, *before, *rest[at : at + size], *tail] for at in range(0, len(rest), size)]

    def _run_windows(self, windows: Sequence[Sequence[list[int]]]) -> NDArray[np.float32]:
        """Return a unit vector per text: the mean of its windows' vectors."""
        with IMPORT_LOCK:
            import numpy as np

        vectors = self._run_all([ids for group in windows for ids in group])
        ends = np.cumsum([len(group) for group in windows])
        for row, (end, group) in enumerate(zip(ends, windows, strict=True)):
            vector = vectors[end - len(group) : end].mean(axis=0) if len(group) > 1 else vectors[end - 1]
            vectors[row] = vector / max(float(np.linalg.norm(vector)), 1e-12) if len(group) > 1 else vector
        return vectors[: len(windows)]

    def _run_all(self, encoded: list[list[int]]) -> NDArray[np.float32]:
        with IMPORT_LOCK:
            import numpy as np

        if len(encoded) < 2:
            return self._run(0, encoded) if encoded else np.zeros((0, self.dimensions), dtype=np.float32)
        # One text per core: int8 on short texts gains little from several threads per text.
        sessions = len(self._sessions)
        parts = [encoded[start::sessions] for start in range(sessions)]
        vectors = np.empty((len(encoded), self.dimensions), dtype=np.float32)
        # The threads belong to this call: a question doesn't queue behind an ingestion, and they inherit its priority.
        with ThreadPoolExecutor(sessions, thread_name_prefix="embed") as pool:
            for start, part in enumerate(pool.map(self._run, range(sessions), parts)):
                vectors[start::sessions] = part
        return vectors

    def _run(self, session: int, encoded: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        with IMPORT_LOCK:
            import numpy as np

        runner = self._sessions[session]
        vectors = np.empty((len(encoded), self.dimensions), dtype=np.float32)
        for row, ids in enumerate(encoded):
            vectors[row] = runner.run(None, {"input_ids": np.array([ids], dtype=np.int64)})[0][0]
        return vectors
