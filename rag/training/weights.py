"""Restores a shipped reader's weights from its ONNX file: ``python -m rag.training.weights READER --out FILE``.

A run can start from the shipped reader if the files of its runs are gone. The rounding errors of int8 stay, and the
first few hundred pairs repair them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PREFIX = "network."
_INT8 = "_quantized"


def shipped_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return the weights in an ONNX file made by `rag.training.export`, by their names in the network.

    Products have lost their names in the file, and are identified by the biases added to them.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    kept = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    takers: dict[str, list[Any]] = {}
    for node in graph.node:
        for given in node.input:
            takers.setdefault(given, []).append(node)
    found = {}
    for name in {name.removesuffix(_INT8) for name in kept if not name.endswith(("_scale", "_zero_point"))}:
        taker = next(iter(takers.get(name + _INT8, takers.get(name, []))), None)
        if taker is not None and taker.op_type.startswith("MatMul"):
            found[_bias(taker, takers).replace(".bias", ".weight")] = _whole(name, kept).T
        elif name.startswith(_PREFIX):
            found[name] = _whole(name, kept)
    return {name.removeprefix(_PREFIX): array for name, array in found.items() if name.startswith(_PREFIX)}


def _whole(name: str, kept: dict[str, Any]) -> NDArray[np.float32]:
    """Return a weight without its quantisation, apart from the rounding."""
    import numpy as np

    if name in kept:
        return np.asarray(kept[name], dtype=np.float32)
    small, scale, zero = (kept[f"{name}{part}"].astype(np.float32) for part in (_INT8, "_scale", "_zero_point"))
    return np.asarray((small - zero) * scale)


def _bias(node: Any, takers: dict[str, list[Any]]) -> str:
    """Return the name of the bias added to a product, after its casts and scales; empty if there is none."""
    while len(following := takers.get(node.output[0], [])) == 1:
        (node,) = following
        biases = [str(given) for given in node.input if given.endswith(".bias")]
        if node.op_type == "Add" and biases:
            return biases[0]
    return ""


def main() -> None:
    """Run from the command line."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", type=Path, help="the folder of reader.onnx")
    parser.add_argument("--out", type=Path, required=True, help="for `rag.training.train --start`")
    asked = parser.parse_args()
    weights = shipped_weights(asked.reader / "reader.onnx")
    torch.save({name: torch.tensor(array.copy()) for name, array in weights.items()}, asked.out)


if __name__ == "__main__":
    main()
