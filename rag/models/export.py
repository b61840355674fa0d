"""Exports a sentence-transformers model to one ONNX graph, once per machine: token ids in, unit vector out."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import EmbedderError
from rag.models.bert import is_bert, write_bert
from rag.models.embedder_spec import MINILM, EmbedderSpec, read_spec

if TYPE_CHECKING:
    import onnxruntime
    from numpy.typing import NDArray

EXPORT = 3  # increased when the export changes, so that old files are not used
_OPSET = 17
_LARGE = 300_000_000  # bytes of a model from which all cores work on one text
_SAME = 0.999  # least cosine between the vectors of the exported graph and the model
# onnxruntime 1.31 fuses additions into its layer norms, and the fused kernel takes eight times as long as the
# plain one: without this fusion a text of 212 tokens takes 13.1 ms instead of 15.4.
SLOWER = ["SkipLayerNormFusion"]

logger = logging.getLogger(__name__)


def onnx_sessions(
    path: Path, wanted: int, shared: Mapping[str, NDArray[Any]] | None = None
) -> list[onnxruntime.InferenceSession]:
    """Return a session per thread; of a large model, one session that uses all cores.

    All entries are the same session: any number of threads may run it, and the weights are held once. `shared` are
    weights that the model's file leaves out, by name.
    """
    import onnxruntime

    size = path.stat().st_size
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1 if size < _LARGE else wanted
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only
    if shared:
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in shared.values()]
        options.add_external_initializers(list(shared), values)
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER
    )
    return [session] * (wanted if size < _LARGE else 1)


def exported(cache: Path, quantisation: str, spec: EmbedderSpec | None = None, weights: str = "") -> Path:
    """Return the exported model's file, creating it if necessary.

    The file appears as a whole or not at all, so two processes may export at once. If the model can't be exported, its
    own folder is returned, and torch runs the model.
    """
    spec = spec or read_spec(MINILM)
    name = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in spec.name)
    folder = cache / f"{name}-{(weights or minilm_sha256())[:12]}-{EXPORT}"
    path = folder / f"{quantisation}.onnx"
    reason = folder / "not-exported.txt"
    if reason.is_file():
        return spec.folder
    if not path.is_file():
        logger.info("Exporting %s to ONNX (%s), once on this machine.", spec.name, quantisation)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                _export(Path(scratch), quantisation, spec).replace(path)
        except OSError as exc:
            message = f"The embedding model can't be written to {folder}: {exc.strerror or exc}."
            raise EmbedderError(message, remedy="Free some space, or set STUDYHALL_CACHE.") from exc
        except Exception as exc:  # the exporter fails in as many ways as there are models
            if spec.name == MINILM:
                raise
            # The exporter raises errors of any class.
            logger.warning("%s can't be exported to ONNX, so torch runs it, more slowly: %s", spec.name, exc)
            reason.write_text(f"{type(exc).__name__}: {exc}\n", encoding="utf-8")
            return spec.folder
    return path


def _export(scratch: Path, quantisation: str, spec: EmbedderSpec) -> Path:
    """Write the encoder with its pooling and normalisation as one ONNX graph: token ids in, unit vector out.

    Pooling and the modules after it are taken from the model's modules.json. MiniLM's graph is written from its
    weights; another's is traced by torch, and compared with torch's results.
    """
    if spec.name == MINILM and spec.is_plain_mean and is_bert(spec.folder):
        graph = scratch / f"{quantisation}.onnx"
        write_bert(spec.folder, graph, quantisation)
        return graph
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    with _quiet():
        # Eager attention exports to plain matrix products, which run a sixth faster here than the default's graph.
        eager = {"attn_implementation": "eager"}
        model = SentenceTransformer(str(spec.folder), device="cpu", local_files_only=True, model_kwargs=eager).eval()
        encoder = model[0].auto_model

        class Mean(torch.nn.Module):  # type: ignore[misc]  # torch is unchecked: it takes mypy minutes
            """The mean over all tokens, without the mask that a single text doesn't need: a smaller graph."""

            def __init__(self) -> None:
                super().__init__()
                self.encoder = encoder

            def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
                states = self.encoder(input_ids, attention_mask=torch.ones_like(input_ids)).last_hidden_state
                return torch.nn.functional.normalize(states.mean(dim=1), dim=-1)

        pooled = Mean() if spec.is_plain_mean else whole(model)
        plain = scratch / "fp32.onnx"
        trace(pooled, plain, ["input_ids"], ["embedding"], {"input_ids": {0: "batch", 1: "tokens"}})
        if spec.name != MINILM:
            _check_same(whole(model), plain, spec)
    if quantisation == "fp32":
        return plain
    from onnxruntime.quantization import QuantType, quantize_dynamic

    small = scratch / "int8.onnx"
    with _quiet():
        # Per channel: mean cosine to fp32 0.994 where per tensor gave 0.944, at the same speed.
        quantize_dynamic(plain, small, weight_type=QuantType.QInt8, per_channel=True)
    return small


def trace(
    network: Any, path: Path, inputs: list[str], outputs: list[str], sizes: Mapping[str, Mapping[int, str]]
) -> None:
    """Write the graph of a torch module that takes token ids, and token types where `inputs` names two.

    `sizes` are the axes whose length isn't fixed, by the name of what has them.
    """
    import torch

    example = torch.ones(1, 16, dtype=torch.long)
    with _quiet():
        # dynamo=True needs onnxscript and takes four times as long; the old exporter warns of its age.
        torch.onnx.export(
            network,
            (example, torch.zeros_like(example))[: len(inputs)],
            str(path),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=sizes,
            opset_version=_OPSET,
            dynamo=False,
        )


def whole(model: Any) -> Any:
    """Return all modules of a sentence-transformers model as one function from token ids to a unit vector."""
    import torch

    class Whole(torch.nn.Module):  # type: ignore[misc]  # see above
        def __init__(self) -> None:
            super().__init__()
            self.modules_in_turn = torch.nn.ModuleList(list(model))

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            features = {"input_ids": input_ids, "attention_mask": torch.ones_like(input_ids)}
            for module in self.modules_in_turn:
                features = module(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)

    return Whole().eval()


def _check_same(model: Any, path: Path, spec: EmbedderSpec) -> None:
    """Raise ValueError unless the exported graph agrees with the model, for short texts and long ones."""
    import torch

    session = onnx_sessions(path, 1)[0]
    for length in (3, 16, spec.max_tokens):
        ids = torch.arange(5, 5 + length).remainder(50).unsqueeze(0)
        with torch.no_grad():
            expected = model(ids)[0].numpy()
        found = session.run(None, {"input_ids": ids.numpy()})[0][0]
        if float(expected @ found) < _SAME:
            message = f"the exported graph differs for {length} tokens: cosine {float(expected @ found):.4f}"
            raise ValueError(message)


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the exporter's advice to developers."""
    import warnings

    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


@cache
def minilm_sha256() -> str:
    """Return the hash of the installed MiniLM's weights, computed once: they are 90 MB."""
    weights = read_spec(MINILM).folder / "model.safetensors"
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
