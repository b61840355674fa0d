"""The graph written from a BERT's weights, against the model that torch runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from rag.models.bert import DENSE, is_bert, write_bert

CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 8,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "intermediate_size": 16,
    "layer_norm_eps": 1e-12,
    "vocab_size": 30,
    "max_position_embeddings": 12,
    "type_vocab_size": 2,
}
TEXTS = [[1], [1, 7, 2], [1, 29, 4, 4, 8, 15, 16, 23, 3, 11, 0, 2]]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return the folder of a BERT of two small layers with arbitrary weights."""
    size, wide, chance = CONFIG["hidden_size"], CONFIG["intermediate_size"], np.random.default_rng(1)
    assert isinstance(size, int)
    assert isinstance(wide, int)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (30, size),
        "embeddings.position_embeddings.weight": (12, size),
        "embeddings.token_type_embeddings.weight": (2, size),
    }
    norms = ["embeddings.LayerNorm"]
    for number in range(2):
        layer = f"encoder.layer.{number}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{layer}.{part}.weight": (size, size), f"{layer}.{part}.bias": (size,)}
        shapes |= {f"{layer}.intermediate.dense.weight": (wide, size), f"{layer}.intermediate.dense.bias": (wide,)}
        shapes |= {f"{layer}.output.dense.weight": (size, wide), f"{layer}.output.dense.bias": (size,)}
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    shapes |= {f"{norm}.{part}": (size,) for norm in norms for part in ("weight", "bias")}
    weights = {name: chance.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    save_file(weights, tmp_path / "model.safetensors")
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling/config.json").write_text('{"pooling_mode_mean_tokens": true, "word_embedding_dimension": 8}')
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    return tmp_path


def embedded(graph: Path) -> list[Any]:
    """Return the vectors of the texts."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    return [session.run(None, {"input_ids": np.array([ids], dtype=np.int64)})[0][0] for ids in TEXTS]


@pytest.mark.slow
def test_the_graph_computes_what_torch_does(model: Path) -> None:
    import torch
    from transformers import BertConfig, BertModel

    reference = BertModel(BertConfig(**CONFIG), add_pooling_layer=False).eval()
    from safetensors.torch import load_file

    reference.load_state_dict(load_file(model / "model.safetensors"))
    write_bert(model, model / "fp32.onnx", "fp32")
    for ids, vector in zip(TEXTS, embedded(model / "fp32.onnx"), strict=True):
        with torch.no_grad():
            mean = reference(torch.tensor([ids])).last_hidden_state.mean(dim=1)[0].numpy()
        assert vector == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


def test_a_linear_map_behind_the_pooling_is_part_of_the_graph(model: Path) -> None:
    write_bert(model, model / "plain.onnx", "fp32")
    chance = np.random.default_rng(2)
    weight, bias = chance.normal(size=(8, 8)).astype(np.float32), np.full(8, 1000.0, dtype=np.float32)
    (model / DENSE).mkdir()
    save_file({"linear.weight": weight, "linear.bias": bias}, model / DENSE / "model.safetensors")
    write_bert(model, model / "mapped.onnx", "fp32")
    for vector in embedded(model / "mapped.onnx"):
        assert vector == pytest.approx(np.full(8, 8**-0.5), abs=0.01)  # so large a bias leaves nothing else
    save_file({"linear.weight": weight, "linear.bias": 0 * bias}, model / DENSE / "model.safetensors")
    write_bert(model, model / "mapped.onnx", "fp32")
    for plain, mapped in zip(embedded(model / "plain.onnx"), embedded(model / "mapped.onnx"), strict=True):
        assert mapped == pytest.approx(weight @ plain / np.linalg.norm(weight @ plain), abs=1e-5)


def test_small_numbers_change_little(model: Path) -> None:
    for quantisation in ("fp32", "int8"):
        write_bert(model, model / f"{quantisation}.onnx", quantisation)
    for plain, small in zip(embedded(model / "fp32.onnx"), embedded(model / "int8.onnx"), strict=True):
        assert np.linalg.norm(small) == pytest.approx(1.0, abs=1e-5)
        assert plain @ small > 0.99


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"model_type": "roberta"}, id="another model"),
        pytest.param({"hidden_act": "relu"}, id="another activation"),
        pytest.param({"position_embedding_type": "relative_key"}, id="other positions"),
    ],
)
def test_what_is_no_plain_bert_is_not_taken_for_one(model: Path, change: dict[str, str]) -> None:
    assert is_bert(model)
    (model / "config.json").write_text(json.dumps(CONFIG | change))
    assert not is_bert(model)


def test_a_folder_without_pooling_by_the_mean_is_not_taken_for_one(model: Path) -> None:
    (model / "1_Pooling/config.json").write_text('{"pooling_mode_cls_token": true}')
    assert not is_bert(model)
    shutil.rmtree(model / "1_Pooling")
    assert not is_bert(model)
