"""Writes a BERT encoder as an ONNX graph, straight from its weights: token ids in, unit vector out.

An exporter traces every operation of torch. Written for this one architecture, the graph is smaller and a twelfth
faster, and neither torch nor transformers is needed. It takes one text at a time, so nothing is masked:

    Q, K and V are one product, with the scale of Q · K in its weights
    int8: weights per output channel, activations dynamically; the bias is added at the rescaling of the product
    the table of word embeddings is int8 too, with a scale per word: it is half of all weights

Mean pooling over all tokens, then normalisation to unit length, as in sentence-transformers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_OPSET = 17
_CONTRIB = "com.microsoft"  # onnxruntime's operations beyond the standard
_MOST = 127  # of an int8 weight: symmetric, so that there is no zero point to subtract


def is_bert(folder: Path) -> bool:
    """Say whether a model's folder holds a BERT of this architecture with mean pooling."""
    config, pooling = _read(folder / "config.json"), _read(folder / "1_Pooling" / "config.json")
    plain = config.get("model_type") == "bert" and config.get("hidden_act") == "gelu"
    placed = config.get("position_embedding_type", "absolute") == "absolute"
    modes = {mode for mode, on in pooling.items() if mode.startswith("pooling_mode_") and on}
    return plain and placed and modes == {"pooling_mode_mean_tokens"} and (folder / "model.safetensors").is_file()


def write_bert(folder: Path, target: Path, quantisation: str) -> None:
    """Write the graph of the model in `folder` to `target`, with weights in `fp32` or `int8`."""
    import onnx
    from safetensors.numpy import load_file

    weights = {name.removeprefix("bert."): array for name, array in load_file(folder / "model.safetensors").items()}
    graph = _Bert(weights, _read(folder / "config.json"), in_int8=quantisation == "int8")
    onnx.save(graph.model(), target)


class _Bert:
    """Writes the graph node by node; each method returns the name of its output."""

    def __init__(self, weights: dict[str, NDArray[np.float32]], config: dict[str, Any], *, in_int8: bool) -> None:
        self._weights = weights
        self._config = config
        self._in_int8 = in_int8
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self) -> Any:
        """Return the complete model."""
        from onnx import TensorProto, helper

        self._encode()
        size = self._config["hidden_size"]
        graph = helper.make_graph(
            self._nodes,
            "bert",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, size])],
            self._constants,
        )
        versions = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB, 1)]
        # onnx's default is the newest format, which an older onnxruntime may not read.
        return helper.make_model(graph, opset_imports=versions, ir_version=8)

    def _encode(self) -> None:
        states = self._embeddings()
        for number in range(self._config["num_hidden_layers"]):
            layer = f"encoder.layer.{number}"
            attended = self._linear(
                self._attention(states, f"{layer}.attention.self"), f"{layer}.attention.output.dense"
            )
            states = self._added(attended, states, f"{layer}.attention.output.LayerNorm")
            widened = self._node("Gelu", [self._linear(states, f"{layer}.intermediate.dense")], domain=_CONTRIB)
            states = self._added(self._linear(widened, f"{layer}.output.dense"), states, f"{layer}.output.LayerNorm")
        mean = self._node("ReduceMean", [states], axes=[1], keepdims=0)
        self._node("LpNormalization", [mean], "embedding", axis=-1, p=2)

    def _embeddings(self) -> str:
        """Add the sum of word, position and token type embeddings."""
        import numpy as np

        table = self._weights["embeddings.word_embeddings.weight"]
        if self._in_int8:
            small, scale = _int8(table, axis=1)
            rows = self._node("Cast", [self._node("Gather", [self._constant(small), "input_ids"])], to=1)
            words = self._node("Mul", [rows, self._node("Gather", [self._constant(scale), "input_ids"])])
        else:
            words = self._node("Gather", [self._constant(table), "input_ids"])
        # All tokens are of type 0, since no embedded text is a pair.
        places = self._weights["embeddings.position_embeddings.weight"]
        places = places + self._weights["embeddings.token_type_embeddings.weight"][0]
        zero, one = (self._constant(np.array([number])) for number in (0, 1))
        tokens = self._node("Shape", ["input_ids"], start=1, end=2)
        used = self._node("Slice", [self._constant(places[None]), zero, tokens, one])
        return self._added(words, used, "embeddings.LayerNorm")

    def _attention(self, states: str, name: str) -> str:
        """Add self-attention, all heads side by side."""
        import numpy as np

        size, heads = self._config["hidden_size"], self._config["num_attention_heads"]
        scale = np.float32((size // heads) ** -0.5)
        parts = [(self._weight(f"{name}.{part}"), self._bias(f"{name}.{part}")) for part in ("query", "key", "value")]
        parts[0] = (parts[0][0] * scale, parts[0][1] * scale)
        together = self._product(
            states, np.concatenate([w for w, _ in parts], 1), np.concatenate([b for _, b in parts])
        )
        shape = self._constant(np.array([-1, 3, heads, size // heads]))
        by_head = self._node("Transpose", [self._node("Reshape", [together, shape])], perm=[1, 2, 0, 3])
        query, key, value = (f"{by_head}.{part}" for part in range(3))
        self._node("Split", [by_head], query, key, value, axis=0)
        likeness = self._node("MatMul", [query, self._node("Transpose", [key], perm=[0, 1, 3, 2])])
        taken = self._node("MatMul", [self._node("Softmax", [likeness], axis=-1), value])
        flat = self._constant(np.array([1, -1, size]))
        return self._node("Reshape", [self._node("Transpose", [taken], perm=[0, 2, 1, 3]), flat])

    def _linear(self, states: str, name: str) -> str:
        return self._product(states, self._weight(name), self._bias(name))

    def _product(self, states: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        if not self._in_int8:
            return self._node("Add", [self._node("MatMul", [states, self._constant(weight)]), self._constant(bias)])
        small, scale = _int8(weight, axis=0)
        inputs = [states, self._constant(small), self._constant(scale[0]), "", self._constant(bias)]
        return self._node("DynamicQuantizeMatMul", inputs, domain=_CONTRIB)

    def _added(self, one: str, other: str, norm: str) -> str:
        scale, shift = (self._constant(self._weights[f"{norm}.{part}"]) for part in ("weight", "bias"))
        both = self._node("Add", [one, other])
        return self._node("LayerNormalization", [both, scale, shift], axis=-1, epsilon=self._config["layer_norm_eps"])

    def _weight(self, name: str) -> NDArray[np.float32]:
        return self._weights[f"{name}.weight"].T  # torch stores a row per output

    def _bias(self, name: str) -> NDArray[np.float32]:
        return self._weights[f"{name}.bias"]

    def _node(self, operation: str, inputs: list[str], *outputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = f"{operation}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(operation, inputs, outputs or [name], name=name, **attributes))
        return outputs[0] if outputs else name

    def _constant(self, array: NDArray[Any]) -> str:
        import numpy as np
        from onnx import numpy_helper

        name = f"constant.{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def _int8(array: NDArray[np.float32], *, axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return an array in int8 and its scales, one scale per vector along `axis`."""
    import numpy as np

    scale = (np.abs(array).max(axis=axis, keepdims=True) / _MOST).clip(min=1e-12).astype(np.float32)
    return np.round(array / scale).astype(np.int8), scale


def _read(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
