"""What any store of vectors does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.library.vector_process import VectorProcess
from rag.library.vectors import VectorIndex
from rag.ports import VectorStore
from tests.fake_parts import MemoryVectors

NOW, BEFORE = "abcd1234", "0000ffff"
AXES = np.eye(4, dtype=np.float32)


STORES = {
    "memory": lambda _, fingerprint: MemoryVectors(fingerprint),
    "Chroma": VectorIndex,
    "Chroma, in a process of its own": VectorProcess,
}


@pytest.fixture(params=[name if name == "memory" else pytest.param(name, marks=pytest.mark.slow) for name in STORES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
    opened = STORES[request.param](tmp_path / "chroma", NOW)
    yield opened
    opened.close()


def keys(found: list[tuple[str, float]]) -> list[str]:
    return [key for key, _ in found]


def between(*weights: float) -> NDArray[np.float32]:
    """Return a unit vector between the axes."""
    vector = np.array(weights, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def test_it_is_a_vector_store(store: VectorStore) -> None:
    assert isinstance(store, VectorStore)


def test_an_index_that_was_never_written_to_is_empty(store: VectorStore) -> None:
    store.warm()
    store.probe(1)
    store.remove(1, "nothing")
    assert (store.count(1), store.document_ids(1), store.present(1, ["a"])) == (0, {}, set())
    assert store.search(1, AXES[0], limit=5) == []
    assert store.compare(1, AXES[0], ["a"]) == {}
    assert store.vectors(1, ["a"]) == {}


def test_the_nearest_come_first_with_their_cosine(store: VectorStore) -> None:
    store.add(1, "d", ["a", "b", "c"], AXES[:3])
    asked = between(0.0, 0.8, 0.6, 0.0)
    assert store.search(1, asked, limit=3) == [
        ("b", pytest.approx(0.8, abs=1e-5)),
        ("c", pytest.approx(0.6, abs=1e-5)),
        ("a", pytest.approx(0.0, abs=1e-5)),
    ]
    assert keys(store.search(1, asked, limit=1)) == ["b"]
    assert store.compare(1, asked, ["c", "b", "z"]) == {
        "b": pytest.approx(0.8, abs=1e-5),
        "c": pytest.approx(0.6, abs=1e-5),
    }


def test_what_is_kept_comes_back(store: VectorStore) -> None:
    store.add(1, "d", ["a", "b"], AXES[:2])
    found = store.vectors(1, ["b", "z", "a"])
    assert found.keys() == {"a", "b"}
    assert np.asarray(found["b"]) == pytest.approx(AXES[1], abs=1e-6)
    assert store.present(1, ["z", "a"]) == {"a"}


def test_what_is_added_again_is_overwritten(store: VectorStore) -> None:
    store.add(1, "d", ["a", "b"], AXES[:2])
    store.add(1, "d", ["a"], AXES[2:3])
    assert store.count(1) == 2
    assert keys(store.search(1, AXES[2], limit=1)) == ["a"]


def test_nothing_can_be_added(store: VectorStore) -> None:
    store.add(1, "d", [], AXES[:0])
    assert (store.count(1), store.document_ids(1)) == (0, {})


def test_a_search_is_bounded_to_documents(store: VectorStore) -> None:
    for number, document in enumerate(("d", "e", "f")):
        store.add(1, document, [f"{document}0"], AXES[number : number + 1])
    assert keys(store.search(1, AXES[0], limit=3, documents=["e", "f", "unknown"])) in (["e0", "f0"], ["f0", "e0"])
    assert store.search(1, AXES[0], limit=3, documents=[]) == []
    assert store.document_ids(1) == {"d": 1, "e": 1, "f": 1}


def test_collections_and_embedders_have_indexes_of_their_own(store: VectorStore) -> None:
    store.add(1, "d", ["a"], AXES[:1])
    store.add(2, "d", ["a", "b"], AXES[:2])
    assert (store.count(1), store.count(2)) == (1, 2)
    assert store.count(1, BEFORE) == 0
    assert {(1, NOW), (2, NOW)} <= set(store.indexes())
    store.drop_index(2, NOW)
    assert (2, NOW) not in store.indexes()
    assert (store.count(1), store.count(2)) == (1, 0)


def test_a_document_is_removed_from_one_collection(store: VectorStore) -> None:
    for collection in (1, 2):
        store.add(collection, "d", ["a"], AXES[:1])
        store.add(collection, "e", ["b"], AXES[1:2])
    store.remove(1, "d")
    assert (store.document_ids(1), store.document_ids(2)) == ({"e": 1}, {"d": 1, "e": 1})
    assert keys(store.search(1, AXES[0], limit=5)) == ["b"]


def test_a_tidied_store_holds_what_it_held(store: VectorStore) -> None:
    store.add(1, "d", ["a"], AXES[:1])
    store.add(1, "e", ["b"], AXES[1:2])
    store.remove(1, "d")
    store.tidy()
    assert keys(store.search(1, AXES[1], limit=5)) == ["b"]


def test_dropped_everything_is_gone_and_the_store_goes_on(store: VectorStore) -> None:
    store.add(1, "d", ["a"], AXES[:1])
    store.drop()
    assert store.count(1) == 0
    store.add(1, "d", ["a"], AXES[:1])
    store.probe(1)
    assert store.count(1) == 1
