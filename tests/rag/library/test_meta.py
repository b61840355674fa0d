"""What a home remembers: small facts, and which embedder a fingerprint is of."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from rag.library.library import Library
from rag.ports import Choice


def test_many_threads_write_at_once(library: Library) -> None:
    meta = library.meta
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: meta.remember(f"key {number % 4}", str(number)), range(200)))
    assert sorted(int(meta.recall(f"key {number}") or -1) % 4 for number in range(4)) == [0, 1, 2, 3]
    assert meta.recall("never") is None


def test_the_embedder_of_a_fingerprint_is_remembered_as_it_was_first_recorded(library: Library) -> None:
    meta = library.meta
    assert meta.recorded_embedder("ab12") is None
    meta.record_embedder("ab12", Choice("tiny", "fp32", "ask: ", "text: "))
    meta.record_embedder("ab12", Choice("other"))
    assert meta.recorded_embedder("ab12") == Choice("tiny", "fp32", "ask: ", "text: ")
