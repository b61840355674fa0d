"""The memory of a model, estimated from its header."""

from __future__ import annotations

import doctest
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

import rag.models.estimate
from rag.models.estimate import ModelShape, estimate_memory, shape_of
from rag.models.gguf import read_header
from rag.models.gguf_values import Value
from rag.models.llama import LoadedModel
from tests.tiny_gguf import write_tiny_gguf


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.models.estimate).failed == 0


@pytest.mark.parametrize("context", [256, 512, 1024])
def test_weights_and_cache_are_what_llama_cpp_says_it_takes(context: int, tmp_path: Path) -> None:
    header = read_header(write_tiny_gguf(tmp_path / "tiny.gguf", context=1024))
    taken = LoadedModel(header, context, gpu_layers=0, threads=1).memory
    estimated = estimate_memory(shape_of(header), context)
    assert estimated.cache == context * 2 * 2 * 32 * 2  # two layers, keys and values, 32 numbers of two bytes
    assert taken.cache == pytest.approx(estimated.cache, abs=10_500)  # its log rounds to a hundredth of 2**20
    assert estimated.weights == pytest.approx(taken.weights, abs=100_000)  # the file has a header besides
    assert taken.repacked == estimated.repacked == 0
    assert 0 < taken.compute < estimated.total


def test_only_layers_that_attend_to_all_tokens_keep_keys_and_values(tmp_path: Path) -> None:
    header = read_header(write_tiny_gguf(tmp_path / "tiny.gguf", layers=8))
    plain = shape_of(header)

    def shape_with(key: str, value: Value) -> ModelShape:
        return shape_of(replace(header, metadata=MappingProxyType({**header.metadata, f"llama.{key}": value})))

    assert shape_with("full_attention_interval", 4).cache_per_token * 4 == plain.cache_per_token
    assert shape_with("attention.head_count_kv", (2, 0) * 4).cache_per_token * 2 == plain.cache_per_token


def test_a_recurrent_layer_has_a_state_of_fixed_size(tmp_path: Path) -> None:
    shape = shape_of(read_header(write_tiny_gguf(tmp_path / "tiny.gguf", architecture="mamba")))
    assert estimate_memory(shape, 256).total <= estimate_memory(shape, 4096).total
