"""The reader's exported graph gives what its network gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from rag.training.export import export
from rag.training.network import build
from tests.tiny_teacher import write_teacher

pytestmark = pytest.mark.slow

IDS = np.array([[0, 6, 7, 8, 2, 9, 10, 11, 12, 2]])
TYPES = np.array([[0, 0, 0, 0, 0, 1, 1, 1, 1, 1]])


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    return write_teacher(tmp_path / "encoder")


def given(folder: Path) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(folder / "reader.onnx")
    return [np.asarray(output) for output in session.run(None, {"ids": IDS, "types": TYPES})]


@pytest.mark.parametrize(("precision", "apart"), [("fp32", 1e-4), ("int8", 0.5)])
def test_start_end_and_relevance_are_those_of_the_network(
    encoder: Path, tmp_path: Path, precision: str, apart: float
) -> None:
    network = build(encoder, eager=True).eval()
    torch.save(network.state_dict(), tmp_path / "reader.pt")
    (encoder / "tokenizer.json").touch()
    export(encoder, [tmp_path / "reader.pt"], tmp_path / "out", precision)
    with torch.no_grad():
        wanted = network(torch.tensor(IDS), torch.tensor(TYPES), torch.ones(IDS.shape, dtype=torch.long))
    found = given(tmp_path / "out")
    assert [output.shape for output in found] == [(1, 10), (1, 10), (1,)]
    for output, expected in zip(found, wanted, strict=True):
        assert output == pytest.approx(expected.numpy(), abs=apart)
    assert not np.allclose(found[0], found[1])


def test_the_token_types_count(encoder: Path, tmp_path: Path) -> None:
    torch.save(build(encoder).state_dict(), tmp_path / "reader.pt")
    (encoder / "tokenizer.json").touch()
    folder = export(encoder, [tmp_path / "reader.pt"], tmp_path / "out", "fp32").parent
    session = onnxruntime.InferenceSession(folder / "reader.onnx")
    one, other = (session.run(None, {"ids": IDS, "types": types})[2] for types in (TYPES, np.zeros_like(TYPES)))
    assert one != pytest.approx(other)


def test_of_several_runs_the_mean_is_exported(encoder: Path, tmp_path: Path) -> None:
    network = build(encoder)
    (encoder / "tokenizer.json").touch()
    for name, value in (("one.pt", 1.0), ("two.pt", 3.0), ("mean.pt", 2.0)):
        torch.nn.init.constant_(network.relevance.bias, value)
        torch.save(network.state_dict(), tmp_path / name)
    export(encoder, [tmp_path / "one.pt", tmp_path / "two.pt"], tmp_path / "both", "fp32")
    export(encoder, [tmp_path / "mean.pt"], tmp_path / "mean", "fp32")
    assert given(tmp_path / "both")[2] == pytest.approx(given(tmp_path / "mean")[2], abs=1e-5)
