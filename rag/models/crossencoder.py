"""Any cross-encoder as a reranker: exported to ONNX once, through sentence-transformers, then run one pair per call."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from rag.errors import ReaderError
from rag.models.export import onnx_sessions, trace
from rag.models.tokenizer import load_tokenizer
from rag.platform.threads import cores
from rag.types import Reading

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

_LONGEST = 512  # tokens of a pair, where the model says no less


class CrossEncoder:
    """Scores the relevance of a passage to a question; it predicts no answers.

    `name` is the folder of a sentence-transformers cross-encoder, or a name in this machine's Hugging Face cache:
    nothing is downloaded. Raises ReaderError if the model can't be loaded or exported.
    """

    def __init__(self, name: str, cache: Path, *, threads: int = 0) -> None:
        self._name = name
        self._folder = cache / f"cross-encoder-{hashlib.sha256(_identity(name).encode()).hexdigest()[:12]}"
        self._threads = threads or cores()
        self._loading = Lock()

    def read(
        self, question: str, passages: Sequence[tuple[str, str]], languages: Collection[str] = ()
    ) -> list[Reading]:
        """Return a reading for each passage, given as (context line, text), with a relevance and no answer.

        A pair longer than the model's input loses the end of its passage.
        """
        del languages  # one model for all
        session = self._session
        return [Reading(0, 0, self._score(session, question, f"{line}{text}"), 0.0) for line, text in passages]

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer, without truncation."""
        _ = self._session
        return load_tokenizer(self._folder / "tokenizer.json")

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        with self._loading:
            path = self._folder / "model.onnx"
            if not path.is_file():
                self._export(path)
            try:
                return onnx_sessions(path, 1)[0]
            except Exception as exc:  # onnxruntime's errors have no common base class
                message = f"The cross-encoder {path} can't be loaded: {exc}."
                raise ReaderError(message, remedy="Remove this file: it is made anew.") from exc

    def _score(self, session: Any, question: str, passage: str) -> float:
        import numpy as np

        pair = self.tokenizer.encode(question, passage)
        ids, types = pair.ids, pair.type_ids
        if len(ids) > _LONGEST:
            ids, types = [*ids[: _LONGEST - 1], ids[-1]], [*types[: _LONGEST - 1], types[-1]]
        given = {"ids": np.array([ids], dtype=np.int64), "types": np.array([types], dtype=np.int64)}
        wanted = {node.name for node in session.get_inputs()}  # some models have no token types
        logits = session.run(None, {name: value for name, value in given.items() if name in wanted})[0]
        return float(logits[0, 0])

    def _export(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
                made = Path(scratch) / "model.onnx"
                _to_onnx(self._name, made, path.parent)
                made.replace(path)
        except Exception as exc:  # loading and exporting raise errors of any class
            message = f"The cross-encoder {self._name!r} can't be used: {str(exc).splitlines()[0]}"
            remedy = 'Give the folder of a sentence-transformers cross-encoder, or set reranker = "reader".'
            raise ReaderError(message, remedy=remedy) from exc


def _to_onnx(name: str, path: Path, folder: Path) -> None:
    import torch
    from sentence_transformers import CrossEncoder as Loaded

    loaded = Loaded(name, device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"})
    network = loaded.model.eval()

    class Pair(torch.nn.Module):  # type: ignore[misc]  # torch is unchecked: it takes mypy minutes
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, ids: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
            more = {"token_type_ids": types} if getattr(network.config, "type_vocab_size", 0) > 1 else {}
            return self.network(input_ids=ids, attention_mask=torch.ones_like(ids), **more).logits

    sizes = {0: "pairs", 1: "tokens"}
    trace(Pair(), path, ["ids", "types"], ["logits"], {"ids": sizes, "types": sizes})
    loaded.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))


def _identity(name: str) -> str:
    """Return an identity for the cache: the name, and for a folder the time of its weights."""
    folder = Path(name).expanduser()
    weights = sorted(folder.glob("*.safetensors")) + sorted(folder.glob("*.bin")) if folder.is_dir() else []
    return "\0".join([name, *(f"{path.name} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in weights)])
