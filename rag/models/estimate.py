"""Estimates the memory that llama.cpp takes for a model, from the numbers in its header or in the catalogue.

The formulas are llama.cpp's own allocations, as its log tells them: the weights as in the file, a cache of keys and
values (f16) for each layer with full attention, a state of fixed size for each recurrent layer (f32), and buffers of
a batch that is computed. A sliding window saves nothing: the cache is opened for the whole context.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.models.gguf import GgufHeader

AUTOMATIC = -2  # layers on a graphics card: as many as fit
CARD_BATCH = 512  # tokens computed at once on a graphics card
_CARD_KEPT, _CARD_SHARE = 1 << 30, 0.1  # of a card's memory for others: the larger of bytes and share
BATCH = 128  # tokens computed at once on a processor; a graphics card takes more
_F16, _F32 = 2, 4  # bytes
_FIXED = 1_200_000  # bytes that a context takes beside its buffers


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The numbers of a model that its memory depends on; bytes where not said otherwise."""

    file: int  # size of its file or files
    repacked: int  # of its layers that are copied in another order
    cache_per_token: int  # keys and values of all layers that keep them
    state: int  # of its recurrent layers; 0 without any
    hidden: int  # numbers in a hidden state
    vocabulary: int  # tokens


@dataclass(frozen=True, slots=True)
class ModelMemory:
    """The memory of a loaded model, estimated or taken, in bytes."""

    weights: int  # mapped from its file
    repacked: int  # copied from the file in another order; that part of the file isn't needed any more
    cache: int
    compute: int

    @property
    def total(self) -> int:
        """The memory that has to be free, which counts what is copied once."""
        return self.weights + self.cache + self.compute


def estimate_memory(shape: ModelShape, context: int, *, batch: int = BATCH) -> ModelMemory:
    """Return the memory of a model with a context of some tokens.

    >>> estimate_memory(ModelShape(1_111_370_240, 0, 28_672, 0, 1536, 151_936), 2048).total // 2**20
    1192
    """
    cache = -(-context // 256) * 256 * shape.cache_per_token + shape.state  # llama.cpp pads the context
    compute = _F32 * batch * (shape.hidden + shape.vocabulary) + _F32 * shape.vocabulary + _FIXED
    return ModelMemory(shape.file, shape.repacked, cache, compute)


def layers_on_card(shape: ModelShape, layers: int, context: int, *, free: int, total: int) -> int:
    """Return how many of a model's layers fit on a graphics card with so many bytes free of so many.

    >>> layers_on_card(ModelShape(1_111_370_240, 0, 28_672, 0, 1536, 151_936), 28, 2048, free=8 << 30, total=8 << 30)
    28
    """
    room = free - max(_CARD_KEPT, int(_CARD_SHARE * total))
    taken = estimate_memory(shape, context, batch=CARD_BATCH)
    per_layer = (taken.weights + taken.cache) / max(layers, 1)
    return max(0, min(layers, int((room - taken.compute) / per_layer)))


def shape_of(header: GgufHeader) -> ModelShape:
    """Return the shape of a model file; a number that its header lacks counts as the architecture's usual one."""
    layers, heads = _number(header, "block_count"), _number(header, "attention.head_count")
    hidden = _number(header, "embedding_length")
    length = hidden // heads if heads else 0
    keys, values = _number(header, "attention.key_length", length), _number(header, "attention.value_length", length)
    cached = _cached_heads(header, layers, heads)
    recurrent = sum(not count for count in cached)
    return ModelShape(
        file=header.size_bytes,
        repacked=header.repacked,
        cache_per_token=sum(cached) * (keys + values) * _F16,
        state=recurrent * _state_of_a_layer(header),
        hidden=hidden,
        vocabulary=header.vocabulary,
    )


def _cached_heads(header: GgufHeader, layers: int, heads: int) -> list[int]:
    """Return the key and value heads of each layer; 0 for a layer that is recurrent."""
    stated = header.metadata.get(f"{header.architecture}.attention.head_count_kv", heads)
    if isinstance(stated, Sequence) and not isinstance(stated, str):
        return [int(count) for count in stated]
    each = int(stated) if isinstance(stated, int | float) else heads
    every = _number(header, "full_attention_interval", 1)  # of some layers only the last attends to all tokens
    return [each if (layer + 1) % every == 0 else 0 for layer in range(layers)]


def _state_of_a_layer(header: GgufHeader) -> int:
    """Return the bytes of a recurrent layer's state: that of its convolution and that of its memory."""
    inner, state = _number(header, "ssm.inner_size"), _number(header, "ssm.state_size")
    kernel, groups = _number(header, "ssm.conv_kernel", 1), _number(header, "ssm.group_count")
    return _F32 * ((kernel - 1) * (inner + 2 * groups * state) + state * inner)


def _number(header: GgufHeader, key: str, default: int = 0) -> int:
    stated = header.metadata.get(f"{header.architecture}.{key}", default)
    return int(stated) if isinstance(stated, int | float) else default
