"""Which models of the catalogue fit this computer, how much memory they take, and about how fast they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.models.catalogue import CatalogueEntry
from rag.models.estimate import ModelShape, estimate_memory, layers_on_card
from rag.platform.hardware import Hardware, Speed

if TYPE_CHECKING:
    from rag.models.llama import GraphicsCard

# Calibrated with two models on two cores (EPYC, AVX-512): Qwen2.5 1.5B in Q4_K_M read 94 and wrote 25 tokens a second,
# SmolLM2 135M in Q4_1 268 and 105. Other processors differ: the figures are told as "about".
_USED_BANDWIDTH = 0.4  # share of the memory's speed that writing reaches
_PER_TOKEN_S = 0.005  # seconds that a written token takes besides reading the weights
_USED_OPERATIONS = 3.2  # products of 4-bit weights, beside those of small matrices of 32-bit numbers
_OPERATIONS_PER_BYTE = 3.3  # of a file in Q4_K_M, for each token that is read: two for each of its weights
_BESIDE = 800_000_000  # bytes of memory for embedder, reader and library
_KEPT_FREE, _KEPT_SHARE = 2_000_000_000, 0.25  # memory for the rest of the computer: the larger of bytes and share
_SLOWEST_WRITING, _SLOWEST_READING = 5.0, 40.0  # tokens a second, from which a model is recommended
_UNKNOWN_SHARE = 1.2  # memory of a model whose numbers aren't known, beside its file


@dataclass(frozen=True, slots=True)
class Fit:
    """A model on this computer; bytes, and tokens a second."""

    entry: CatalogueEntry
    memory: int
    fits: bool  # into the memory that is free, beside what else Studyhall needs
    enough_disk: bool
    reads_per_s: float  # estimated, on the processor
    writes_per_s: float
    card_layers: int = 0  # of its layers that fit on the graphics card; all of them is `entry.layers`

    @property
    def quick(self) -> bool:
        """Whether it is quick enough to be waited for."""
        on_card = bool(self.card_layers) and self.card_layers == self.entry.layers
        return on_card or (self.reads_per_s >= _SLOWEST_READING and self.writes_per_s >= _SLOWEST_WRITING)


@dataclass(frozen=True, slots=True)
class Computer:
    """What models run on; `disk` is the free bytes where they are kept."""

    hardware: Hardware
    speed: Speed
    disk: int
    cards: Sequence[GraphicsCard] = ()

    @property
    def room(self) -> int:
        """The memory that a model may take, in bytes."""
        kept = max(_KEPT_FREE, int(_KEPT_SHARE * self.hardware.memory))
        return min(self.hardware.free_memory, self.hardware.memory - kept) - _BESIDE


def fits(entries: Iterable[CatalogueEntry], computer: Computer, context: int) -> list[Fit]:
    """Return each model with what it takes on a computer, in the order given."""
    return [_fit(entry, computer, context) for entry in entries]


def best(found: Iterable[Fit]) -> Fit | None:
    """Return the largest model that fits and is quick enough; None if there is none."""
    able = [one for one in found if one.fits and one.enough_disk and one.quick]
    return max(able, key=lambda one: one.entry.bytes, default=None)


def shape_of_entry(entry: CatalogueEntry) -> ModelShape | None:
    """Return the shape of a model of the catalogue; None where its numbers aren't known."""
    if not (entry.kv_layers and entry.vocabulary and entry.hidden):
        return None
    every = entry.local_per_global + 1 if entry.local_per_global else 1
    whole = entry.kv_layers // every if entry.local_per_global else 0
    window = (entry.kv_layers - whole) * 2 * entry.kv_heads * entry.head_length
    heads, length = entry.global_kv_heads or entry.kv_heads, entry.global_head_length or entry.head_length
    per_token = window + whole * (1 if entry.global_key_is_value else 2) * heads * length
    return ModelShape(entry.bytes, 0, 2 * per_token, 0, entry.hidden, entry.vocabulary)


def _fit(entry: CatalogueEntry, computer: Computer, context: int) -> Fit:
    shape = shape_of_entry(entry)
    memory = estimate_memory(shape, context).total if shape else int(_UNKNOWN_SHARE * entry.bytes)
    writing = 1 / (_PER_TOKEN_S + entry.bytes / (_USED_BANDWIDTH * computer.speed.bytes_per_s))
    reading = _USED_OPERATIONS * computer.speed.operations_per_s / (_OPERATIONS_PER_BYTE * entry.bytes)
    layers = _card_layers(entry, shape, computer.cards, context)
    return Fit(entry, memory, memory <= computer.room, entry.bytes <= computer.disk, reading, writing, layers)


def _card_layers(entry: CatalogueEntry, shape: ModelShape | None, cards: Sequence[GraphicsCard], context: int) -> int:
    """Return how many layers fit on the card with the most free memory."""
    if not shape or not cards:
        return 0
    card = max(cards, key=lambda one: one.free_memory)
    return layers_on_card(shape, entry.layers, context, free=card.free_memory, total=card.memory)
