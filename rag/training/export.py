"""Exports trained weights to the shipped ONNX file: ``python -m rag.training.export``, with what ``--help`` says.

Weights of several successive runs are averaged: the mean is better than each (Wortsman et al. 2022).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.models.export import trace
from rag.platform.offline import stay_local
from rag.training.network import build

PRECISIONS = ("int8", "fp32")


def export(encoder: Path, weights: Sequence[Path], out: Path, precision: str) -> Path:
    """Write ``reader.onnx`` and its tokenizer into `out`; return the file.

    `encoder`: the folder that the runs began with; `weights`: files of one or more of them, which are averaged.
    `precision`: fp32, or int8, which quantises the weights of every product per channel and activations dynamically.
    """
    network = build(encoder, eager=True)
    network.load_state_dict(averaged(weights))
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        plain = Path(scratch) / "plain.onnx"
        _to_onnx(network.eval(), plain)
        made = Path(scratch) / "made.onnx"
        {"fp32": _as_is, "int8": _quantised}[precision](plain, made)
        made.replace(out / "reader.onnx")
    shutil.copyfile(encoder / "tokenizer.json", out / "tokenizer.json")
    return out / "reader.onnx"


def averaged(files: Sequence[Path]) -> dict[str, Any]:
    """Return the mean of the files' weights, by name."""
    import torch

    runs = [torch.load(file, weights_only=True) for file in files]
    return {name: sum(run[name] for run in runs) / len(runs) for name in runs[0]}


def _to_onnx(network: Any, path: Path) -> None:
    import torch

    class Pair(torch.nn.Module):  # type: ignore[misc]  # torch is unchecked: it takes mypy minutes
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, ids: torch.Tensor, types: torch.Tensor) -> Any:
            return self.network(ids, types, torch.ones_like(ids))

    sizes = {0: "pairs", 1: "tokens"}
    inputs, spans = ["ids", "types"], ["start", "end"]
    named = dict.fromkeys(inputs + spans, sizes) | {"relevance": {0: "pairs"}}
    trace(Pair(), path, inputs, [*spans, "relevance"], named)


def _as_is(plain: Path, made: Path) -> None:
    shutil.copyfile(plain, made)


def _quantised(plain: Path, made: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(plain, made, weight_type=QuantType.QInt8, per_channel=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the one of `rag.training.train`")
    parser.add_argument("--weights", type=Path, required=True, nargs="+", help="of one run, or of several to average")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--precision", choices=PRECISIONS, default="int8")
    asked = parser.parse_args()
    stay_local()
    path = export(asked.encoder, asked.weights, asked.out, asked.precision)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (asked.out / "reader.json").write_text(json.dumps({"sha256": digest, "precision": asked.precision}) + "\n")


if __name__ == "__main__":
    main()
