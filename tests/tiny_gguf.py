"""Tiny real GGUF files, written when a test needs one: random weights, and any text can be spelled.

The vocabulary is byte-level BPE without merges, so a text has as many tokens as bytes, and the control tokens
of ChatML. The models write printable ASCII and never end by themselves: the first number of each embedding is
the same and no layer changes it, so that in the output it serves as a bias for some words.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role + '\n' + message.content }}<|im_end|>{{ '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant{{ '\n' }}{% endif %}"
)
IM_START = "<|im_start|>"
CONTROL_TOKENS = ("<|endoftext|>", IM_START, "<|im_end|>")
ASCII = bytes(range(32, 127))

_WIDTH = 32
_HEADS = 2
_NORMAL, _CONTROL = 1, 3


def write_tiny_gguf(
    path: Path,
    *,
    context: int = 512,
    template: str | None = CHATML,
    name: str = "tiny",
    layers: int = 2,
    architecture: str = "llama",
    bos: bool = False,
    seed: int = 7,
    likely: bytes = ASCII,
    more_control_tokens: tuple[str, ...] = (),
    weights: bool = True,
    quantised: bool = False,
) -> Path:
    """Write a model to `path` and return it: 0.01 s, 130 KB.

    `architecture` is "llama", or "mamba" for a recurrent one; `quantised` makes a llama's layers Q8_0.
    """
    words = [*_byte_words(), *CONTROL_TOKENS, *more_control_tokens]
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name(name)
    writer.add_context_length(context)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(layers)
    writer.add_layer_norm_rms_eps(1e-5)
    _add_vocabulary(writer, words, bos=bos)
    if template is not None:
        writer.add_chat_template(template)
    add_layers = {"llama": _add_llama, "mamba": _add_mamba}[architecture]
    if weights:
        random = np.random.default_rng(seed)
        _add_ends(writer, len(words), [_byte_words().index(_letter(byte)) for byte in likely], random)
        add_layers(writer, layers, random, quantised)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


_PLAIN = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
_OTHERS = [byte for byte in range(256) if byte not in _PLAIN]


def _letter(byte: int) -> str:
    """Return the letter that stands for a byte in GPT-2's vocabulary."""
    return chr(byte) if byte in _PLAIN else chr(256 + _OTHERS.index(byte))


def _byte_words() -> list[str]:
    return [_letter(byte) for byte in (*_PLAIN, *_OTHERS)]


def _add_vocabulary(writer: gguf.GGUFWriter, words: list[str], *, bos: bool) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(words)
    writer.add_token_types([_NORMAL if i < 256 else _CONTROL for i in range(len(words))])
    writer.add_token_merges(["! !"])  # the loader wants one, and this one never applies: no such word
    writer.add_bos_token_id(words.index("<|endoftext|>"))
    writer.add_eos_token_id(words.index("<|im_end|>"))
    writer.add_add_bos_token(bos)


def _add_ends(writer: gguf.GGUFWriter, words: int, likely: list[int], random: np.random.Generator) -> None:
    embeddings = random.standard_normal((words, _WIDTH), dtype=np.float32)
    embeddings[:, 0] = 8
    output = random.standard_normal((words, _WIDTH), dtype=np.float32)
    output[:, 0] = -100
    output[likely, 0] = 100
    writer.add_tensor("token_embd.weight", embeddings)
    writer.add_tensor("output_norm.weight", np.ones(_WIDTH, dtype=np.float32))
    writer.add_tensor("output.weight", output)


def _weights(random: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    return random.standard_normal(shape, dtype=np.float32) * np.float32(0.5)


def _back_to_width(random: np.random.Generator, inner: int, scale: float = 0.1) -> NDArray[np.float32]:
    """Return weights that leave the bias alone and are small enough that what they add doesn't drown it."""
    weights = _weights(random, _WIDTH, inner) * np.float32(scale)
    weights[0] = 0
    return weights


def _add_llama(writer: gguf.GGUFWriter, layers: int, random: np.random.Generator, quantised: bool) -> None:
    def add(name: str, weights: NDArray[np.float32]) -> None:
        if quantised:
            q8_0 = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(weights, q8_0), raw_dtype=q8_0)
        else:
            writer.add_tensor(name, weights)

    inner = 32
    writer.add_feed_forward_length(inner)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    for layer in range(layers):
        block = f"blk.{layer}."
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}{norm}.weight", np.ones(_WIDTH, dtype=np.float32))
        for part in ("q", "k", "v"):
            add(f"{block}attn_{part}.weight", _weights(random, _WIDTH, _WIDTH))
        add(f"{block}attn_output.weight", _back_to_width(random, _WIDTH))
        for part in ("gate", "up"):
            add(f"{block}ffn_{part}.weight", _weights(random, inner, _WIDTH))
        add(f"{block}ffn_down.weight", _back_to_width(random, inner))


def _add_mamba(writer: gguf.GGUFWriter, layers: int, random: np.random.Generator, _quantised: bool) -> None:
    inner, state, kernel, rank = 2 * _WIDTH, 8, 4, 4
    writer.add_ssm_conv_kernel(kernel)
    writer.add_ssm_inner_size(inner)
    writer.add_ssm_state_size(state)
    writer.add_ssm_time_step_rank(rank)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    for layer in range(layers):
        block = f"blk.{layer}."
        writer.add_tensor(f"{block}attn_norm.weight", np.ones(_WIDTH, dtype=np.float32))
        writer.add_tensor(f"{block}ssm_in.weight", _weights(random, 2 * inner, _WIDTH))
        writer.add_tensor(f"{block}ssm_conv1d.weight", _weights(random, inner, kernel))
        writer.add_tensor(f"{block}ssm_conv1d.bias", _weights(random, inner))
        writer.add_tensor(f"{block}ssm_x.weight", _weights(random, rank + 2 * state, inner))
        writer.add_tensor(f"{block}ssm_dt.weight", _weights(random, inner, rank))
        writer.add_tensor(f"{block}ssm_dt.bias", _weights(random, inner))
        writer.add_tensor(f"{block}ssm_a", -np.abs(_weights(random, inner, state)))
        writer.add_tensor(f"{block}ssm_d", _weights(random, inner))
        writer.add_tensor(f"{block}ssm_out.weight", _back_to_width(random, inner, scale=0.001))
