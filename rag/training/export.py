"""Exports trained weights to the shipped ONNX file: ``python -m rag.training.export``, with what ``--help`` says.

Weights of several successive runs are averaged: the mean is better than each (Wortsman et al. 2022).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.models.bert import BertGraph, table_of_words, table_tensors, without_table
from rag.models.embedder_spec import GRAPH as EMBEDDER_GRAPH
from rag.models.reader import GRAPH, PROPERTIES
from rag.platform import data
from rag.platform.offline import stay_local

PRECISIONS = ("int8", "fp32")


def export(encoder: Path, weights: Sequence[Path], out: Path, precision: str, *, words: str = "") -> Path:
    """Write ``reader.onnx`` and its tokenizer into `out`; return the file.

    `encoder`: the folder that the runs began with; `weights`: files of one or more of them, which are averaged.
    `precision`: fp32, or int8, which quantises the weights of every product per channel, activations dynamically, and
    the table of words per word. `words`: the shipped model that has the same table of words and the same tokenizer,
    which are left out then.
    """
    out.mkdir(parents=True, exist_ok=True)
    config = json.loads((encoder / "config.json").read_text(encoding="utf-8"))
    model = _graph(averaged(weights), config, in_int8=precision == "int8")
    if words:
        _check_same(model, data.shipped(words) / EMBEDDER_GRAPH)
        without_table(model, words)
    else:
        shutil.copyfile(encoder / "tokenizer.json", out / "tokenizer.json")
    (out / GRAPH).write_bytes(model.SerializeToString())
    digest = hashlib.sha256((out / GRAPH).read_bytes()).hexdigest()
    properties = {"sha256": digest, "precision": precision} | ({"words": words} if words else {})
    (out / PROPERTIES).write_text(json.dumps(properties) + "\n")
    return out / GRAPH


def _check_same(model: Any, other: Path) -> None:
    from onnx import numpy_helper

    theirs = table_of_words(other)
    for tensor in table_tensors(model):
        if not (numpy_helper.to_array(tensor) == theirs[tensor.name]).all():
            message = f"The table of words in {other} is another one."
            raise ValueError(message)


def _graph(weights: Mapping[str, Any], config: dict[str, Any], *, in_int8: bool) -> Any:
    """Return the encoder under the heads of `rag.training.network`, for one pair."""
    named = {name.removeprefix("encoder."): weight.float().numpy() for name, weight in weights.items()}
    graph = BertGraph(named, config, in_int8=in_int8)
    states = graph.states("ids", "types")
    start, end = graph.split(graph.plain_linear(states, "spans"), "start", "end")
    first = graph.node("Tanh", [graph.plain_linear(graph.first(states), "pooled")])
    graph.squeezed(graph.plain_linear(first, "relevance"), "relevance")
    return graph.model(["ids", "types"], {start: [1, "tokens"], end: [1, "tokens"], "relevance": [1]})


def averaged(files: Sequence[Path]) -> dict[str, Any]:
    """Return the mean of the files' weights, by name."""
    import torch

    runs = [torch.load(file, weights_only=True) for file in files]
    return {name: sum(run[name] for run in runs) / len(runs) for name in runs[0]}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the one of `rag.training.train`")
    parser.add_argument("--weights", type=Path, required=True, nargs="+", help="of one run, or of several to average")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--precision", choices=PRECISIONS, default="int8")
    parser.add_argument("--words", default="", help="the shipped model with the same table of words: embedder")
    asked = parser.parse_args()
    stay_local()
    export(asked.encoder, asked.weights, asked.out, asked.precision, words=asked.words)


if __name__ == "__main__":
    main()
