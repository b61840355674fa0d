"""Writes a BERT encoder as an ONNX graph, straight from its weights: of the embedder, token ids in, unit vector out.

An exporter traces every operation of torch. Written for this one architecture, the graph is smaller and a twelfth
faster, and neither torch nor transformers is needed. It takes one text at a time, so nothing is masked:

    Q, K and V are one product, with the scale of Q · K in its weights
    int8: weights per output channel, activations dynamically; the bias is added at the rescaling of the product
    the table of word embeddings is int8 too, with a scale per word: it is half of all weights

Mean pooling over all tokens, a linear map where the model has one (sentence-transformers' Dense), then normalisation
to unit length.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_OPSET = 17
_CONTRIB = "com.microsoft"  # onnxruntime's operations beyond the standard
_MOST = 127  # of an int8 weight: symmetric, so that there is no zero point to subtract
DENSE = "2_Dense"  # folder of the linear map behind the pooling


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
    if (folder / DENSE).is_dir():
        weights |= load_file(folder / DENSE / "model.safetensors")
    graph = BertGraph(weights, _read(folder / "config.json"), in_int8=quantisation == "int8")
    vector = graph.mean(graph.states("input_ids"))
    if "linear.weight" in weights:
        vector = graph.plain_linear(vector, "linear")
    graph.node("LpNormalization", [vector], "embedding", axis=-1, p=2)
    onnx.save(graph.model(["input_ids"], {"embedding": [1, weights["embeddings.LayerNorm.bias"].shape[0]]}), target)


def without_table(model: Any, name: str) -> None:
    """Leave the table of words out of a quantised graph: `name` tells where it is, for whoever reads the file."""
    from onnx import TensorProto

    for tensor in table_tensors(model):
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        place = tensor.external_data.add()
        place.key, place.value = "location", name


def table_of_words(path: Path) -> dict[str, NDArray[Any]]:
    """Return the table of words of a quantised graph, and its scales, by the names of the initialisers."""
    import onnx
    from onnx import numpy_helper

    return {tensor.name: numpy_helper.to_array(tensor) for tensor in table_tensors(onnx.load(path))}


def table_tensors(model: Any) -> list[Any]:
    """Return the two initialisers that hold the table of words of a quantised graph: they come first."""
    return list(model.graph.initializer[:2])


class BertGraph:
    """Writes a graph node by node; each method returns the name of its output.

    `weights` are named as in transformers' BertModel, and any that `plain_linear` asks for.
    """

    def __init__(self, weights: dict[str, NDArray[np.float32]], config: dict[str, Any], *, in_int8: bool) -> None:
        self._weights = weights
        self._config = config
        self._in_int8 = in_int8
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self, inputs: Sequence[str], outputs: Mapping[str, Sequence[int | str]]) -> Any:
        """Return the complete model: its inputs have the shape (1, tokens), its outputs those that are given."""
        from onnx import TensorProto, helper

        graph = helper.make_graph(
            self._nodes,
            "bert",
            [helper.make_tensor_value_info(name, TensorProto.INT64, [1, "tokens"]) for name in inputs],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
            self._constants,
        )
        versions = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB, 1)]
        # onnx's default is the newest format, which an older onnxruntime may not read.
        return helper.make_model(graph, opset_imports=versions, ir_version=8)

    def states(self, ids: str, types: str = "") -> str:
        """Add the encoder, for the input with token ids and, of a pair, that with token types."""
        states = self._embeddings(ids, types)
        for number in range(self._config["num_hidden_layers"]):
            layer = f"encoder.layer.{number}"
            attended = self._linear(
                self._attention(states, f"{layer}.attention.self"), f"{layer}.attention.output.dense"
            )
            states = self._added(attended, states, f"{layer}.attention.output.LayerNorm")
            widened = self.node("Gelu", [self._linear(states, f"{layer}.intermediate.dense")], domain=_CONTRIB)
            states = self._added(self._linear(widened, f"{layer}.output.dense"), states, f"{layer}.output.LayerNorm")
        return states

    def mean(self, states: str) -> str:
        """Add the mean over all tokens."""
        return self.node("ReduceMean", [states], axes=[1], keepdims=0)

    def plain_linear(self, given: str, name: str) -> str:
        """Add a linear map in full precision, for one that is too small to cost anything."""
        product = self.node("MatMul", [given, self.constant(self._weight(name))])
        return self.node("Add", [product, self.constant(self._bias(name))])

    def squeezed(self, given: str, name: str) -> str:
        """Add the output `name`: the input without its last dimension, which has one element."""
        import numpy as np

        return self.node("Squeeze", [given, self.constant(np.array([-1]))], name)

    def split(self, given: str, *names: str) -> Sequence[str]:
        """Add an output for each element of the last dimension."""
        parts = [f"{given}.{name}" for name in names]
        self.node("Split", [given], *parts, axis=-1)
        return [self.squeezed(part, name) for part, name in zip(parts, names, strict=True)]

    def first(self, states: str) -> str:
        """Add the state of the first token, of shape (1, size)."""
        import numpy as np

        token = self.node("Gather", [states, self.constant(np.array([0]))], axis=1)
        return self.node("Squeeze", [token, self.constant(np.array([1]))])

    def _embeddings(self, ids: str, types: str) -> str:
        """Add the sum of word, position and token type embeddings."""
        import numpy as np

        table = self._weights["embeddings.word_embeddings.weight"]
        if self._in_int8:
            small, scale = _int8(table, axis=1)
            rows = self.node("Cast", [self.node("Gather", [self.constant(small), ids])], to=1)
            words = self.node("Mul", [rows, self.node("Gather", [self.constant(scale), ids])])
        else:
            words = self.node("Gather", [self.constant(table), ids])
        places, kinds = (self._weights[f"embeddings.{kind}_embeddings.weight"] for kind in ("position", "token_type"))
        if types:
            words = self.node("Add", [words, self.node("Gather", [self.constant(kinds), types])])
        else:  # all tokens are of type 0
            places = places + kinds[0]
        zero, one = (self.constant(np.array([number])) for number in (0, 1))
        tokens = self.node("Shape", [ids], start=1, end=2)
        used = self.node("Slice", [self.constant(places[None]), zero, tokens, one])
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
        shape = self.constant(np.array([-1, 3, heads, size // heads]))
        by_head = self.node("Transpose", [self.node("Reshape", [together, shape])], perm=[1, 2, 0, 3])
        query, key, value = (f"{by_head}.{part}" for part in range(3))
        self.node("Split", [by_head], query, key, value, axis=0)
        likeness = self.node("MatMul", [query, self.node("Transpose", [key], perm=[0, 1, 3, 2])])
        taken = self.node("MatMul", [self.node("Softmax", [likeness], axis=-1), value])
        flat = self.constant(np.array([1, -1, size]))
        return self.node("Reshape", [self.node("Transpose", [taken], perm=[0, 2, 1, 3]), flat])

    def _linear(self, states: str, name: str) -> str:
        return self._product(states, self._weight(name), self._bias(name))

    def _product(self, states: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        if not self._in_int8:
            return self.node("Add", [self.node("MatMul", [states, self.constant(weight)]), self.constant(bias)])
        small, scale = _int8(weight, axis=0)
        inputs = [states, self.constant(small), self.constant(scale[0]), "", self.constant(bias)]
        return self.node("DynamicQuantizeMatMul", inputs, domain=_CONTRIB)

    def _added(self, one: str, other: str, norm: str) -> str:
        scale, shift = (self.constant(self._weights[f"{norm}.{part}"]) for part in ("weight", "bias"))
        both = self.node("Add", [one, other])
        return self.node("LayerNormalization", [both, scale, shift], axis=-1, epsilon=self._config["layer_norm_eps"])

    def _weight(self, name: str) -> NDArray[np.float32]:
        return self._weights[f"{name}.weight"].T  # torch stores a row per output

    def _bias(self, name: str) -> NDArray[np.float32]:
        return self._weights[f"{name}.bias"]

    def node(self, operation: str, inputs: list[str], *outputs: str, **attributes: Any) -> str:
        """Add an operation of ONNX."""
        from onnx import helper

        name = f"{operation}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(operation, inputs, outputs or [name], name=name, **attributes))
        return outputs[0] if outputs else name

    def constant(self, array: NDArray[Any]) -> str:
        """Add an array."""
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
