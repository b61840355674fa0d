"""Which models fit a computer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.models.catalogue import catalogue, find
from rag.models.llama import GraphicsCard
from rag.models.recommend import Computer, best, fits, shape_of_entry
from rag.platform.hardware import Hardware, Speed

GB = 1_000_000_000
LAPTOP = Computer(Hardware(cores=8, memory=16 * GB, free_memory=10 * GB), Speed(60e9, 400e9), disk=200 * GB)


def names(computer: Computer) -> list[str]:
    return [one.entry.name for one in fits(catalogue(), computer, 8192) if one.fits]


def test_more_memory_fits_more_models() -> None:
    small = replace(LAPTOP, hardware=Hardware(2, 4 * GB, 3 * GB))
    assert set(names(small)) < set(names(LAPTOP))
    assert "qwen3-14b" not in names(LAPTOP)
    assert names(replace(LAPTOP, hardware=Hardware(2, 2 * GB, GB))) == []


def test_memory_is_left_for_the_rest_of_the_computer() -> None:
    assert LAPTOP.room == 10 * GB - 800_000_000
    assert replace(LAPTOP, hardware=Hardware(8, 16 * GB, 16 * GB)).room == 12 * GB - 800_000_000


def test_the_largest_is_recommended_that_fits_and_is_quick() -> None:
    fast = best(fits(catalogue(), replace(LAPTOP, speed=Speed(600e9, 9000e9)), 8192))
    slow = best(fits(catalogue(), replace(LAPTOP, speed=Speed(15e9, 15e9)), 8192))
    assert fast
    assert slow
    assert fast.entry.bytes > 4 * GB > GB > slow.entry.bytes
    assert best(fits(catalogue(), replace(LAPTOP, speed=Speed(1e9, 1e9)), 8192)) is None


def test_a_disk_that_is_full_gets_no_recommendation() -> None:
    assert best(fits(catalogue(), replace(LAPTOP, disk=0), 8192)) is None


def test_layers_go_to_a_graphics_card_as_far_as_they_fit() -> None:
    def layers(free: int) -> int:
        card = GraphicsCard("card", free, free)
        (one,) = fits([find("qwen3-8b")], replace(LAPTOP, cards=[card]), 8192)
        return one.card_layers

    assert layers(24 * GB) == 36
    assert 0 < layers(4 * GB) < 36
    assert layers(GB) == 0


@pytest.mark.parametrize(
    ("name", "per_token"),
    [("qwen3-8b", 147_456), ("qwen3.5-2b", 12_288), ("qwen2.5-1.5b", 28_672), ("smollm2-1.7b", 196_608)],
)
def test_the_cache_of_a_model_has_the_published_size(name: str, per_token: int) -> None:
    shape = shape_of_entry(find(name))
    assert shape
    assert shape.cache_per_token == per_token


def test_a_longer_context_takes_more() -> None:
    short, long = (fits([find("qwen3-8b")], LAPTOP, context)[0].memory for context in (2048, 16_384))
    assert long - short == 14_336 * 147_456


def test_a_model_of_unknown_shape_takes_more_than_its_file() -> None:
    unknown = replace(find("qwen3-8b"), layers=0, kv_layers=0)
    assert shape_of_entry(unknown) is None
    assert fits([unknown], LAPTOP, 8192)[0].memory > unknown.bytes
