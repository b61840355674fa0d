"""The vector index, over real Chroma in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.errors import HomeError
from rag.library.vectors import VectorIndex

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(7)


def unit(count: int, dimensions: int = 384) -> NDArray[np.float32]:
    """Return random unit vectors."""
    vectors = RANDOM.normal(size=(count, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[VectorIndex]:
    opened = VectorIndex(tmp_path / "chroma", "abcd1234")
    yield opened
    opened.close()


def ids(
    index: VectorIndex, vector: NDArray[np.float32], *, collection: int = 1, document: str | None = None
) -> list[str]:
    return [key for key, _ in index.search(collection, vector, limit=10, documents=document and [document])]


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert index.count(1) == 0
    assert ids(index, unit(1)[0]) == []
    assert index.document_ids(1) == {}
    index.remove(1, "nothing")


def test_what_is_added_is_counted_and_found_nearest_first(index: VectorIndex) -> None:
    axes = np.eye(3, dtype=np.float32)
    index.add(1, "d", ["a", "b", "c"], axes)
    assert index.count(1) == 3
    assert index.document_ids(1) == {"d": 3}
    assert ids(index, 0.9 * axes[1] + 0.3 * axes[2]) == ["b", "c", "a"]


def test_scores_are_cosines_and_that_of_itself_is_one(index: VectorIndex) -> None:
    vectors = unit(20)
    index.add(1, "d", [str(number) for number in range(20)], vectors)
    scores = dict(index.search(1, vectors[3], limit=20))
    assert scores["3"] == pytest.approx(1.0, abs=1e-5)
    assert list(scores.values()) == sorted(scores.values(), reverse=True)
    assert scores == {str(number): pytest.approx(float(vectors[number] @ vectors[3]), abs=1e-4) for number in range(20)}


def test_comparing_gives_the_cosine_of_each_chunk_that_has_a_vector(index: VectorIndex) -> None:
    vectors = unit(5)
    index.add(1, "d", list("abcde"), vectors)
    scores = index.compare(1, vectors[2], ["a", "c", "nobody"])
    assert scores == {"a": pytest.approx(float(vectors[0] @ vectors[2]), abs=1e-5), "c": pytest.approx(1.0, abs=1e-5)}
    assert index.compare(1, vectors[2], ["nobody"]) == {}


def test_adding_twice_changes_nothing_and_adding_anew_overwrites(index: VectorIndex) -> None:
    old, new = unit(2)
    for _ in range(2):
        index.add(1, "d", ["a"], old[None, :])
    index.add(1, "d", ["a"], new[None, :])
    assert index.count(1) == 1
    assert index.search(1, new, limit=1)[0][1] == pytest.approx(1.0, abs=1e-5)


def test_nothing_can_be_added(index: VectorIndex) -> None:
    index.add(1, "d", [], unit(0))
    assert index.count(1) == 0


def test_a_document_is_found_alone_and_removed_alone(index: VectorIndex) -> None:
    index.add(1, "one", ["a", "b"], unit(2))
    index.add(1, "two", ["c"], unit(1))
    assert ids(index, unit(1)[0], document="two") == ["c"]
    assert ids(index, unit(1)[0], document="none") == []
    index.remove(1, "one")
    assert index.document_ids(1) == {"two": 1}


def test_collections_are_apart(index: VectorIndex) -> None:
    index.add(1, "d", ["a"], unit(1))
    index.add(2, "d", ["b"], unit(1))
    assert ids(index, unit(1)[0], collection=2) == ["b"]
    index.remove(1, "d")
    assert (index.count(1), index.count(2)) == (0, 1)


def test_vectors_are_there_after_opening_again(tmp_path: Path) -> None:
    vectors = unit(5)
    first = VectorIndex(tmp_path / "chroma", "abcd1234")
    first.add(1, "d", list("abcde"), vectors)
    first.close()
    again = VectorIndex(tmp_path / "chroma", "abcd1234")
    assert again.count(1) == 5
    assert ids(again, vectors[4])[0] == "e"
    again.close()


def test_a_closed_index_opens_again_when_it_is_used(index: VectorIndex) -> None:
    index.add(1, "d", ["a"], unit(1))
    index.close()
    index.close()
    assert index.count(1) == 1


def test_each_embedder_has_an_index_of_its_own(tmp_path: Path, index: VectorIndex) -> None:
    index.add(1, "d", ["a"], unit(1))
    index.close()
    other = VectorIndex(tmp_path / "chroma", "ffff0000")
    assert other.count(1) == 0
    other.close()


def test_a_removed_document_is_gone_from_the_indexes_of_all_embedders(tmp_path: Path, index: VectorIndex) -> None:
    """Whoever changes the embedder and removes a document must not keep vectors of it."""
    index.add(1, "d", ["a"], unit(1))
    index.add(1, "stays", ["b"], unit(1))
    index.close()
    other = VectorIndex(tmp_path / "chroma", "ffff0000")
    other.remove(1, "d")
    other.close()
    assert index.document_ids(1) == {"stays": 1}


def test_dropping_deletes_everything(index: VectorIndex) -> None:
    index.add(1, "d", ["a"], unit(1))
    index.add(2, "d", ["b"], unit(1))
    index.drop()
    assert (index.count(1), index.count(2)) == (0, 0)
    index.add(1, "d", ["a"], unit(1))
    assert index.count(1) == 1


def test_more_vectors_than_chroma_takes_at_once_can_be_added(index: VectorIndex) -> None:
    index.add(1, "d", [str(number) for number in range(6000)], unit(6000, 8))
    assert index.count(1) == 6000


def test_vectors_of_another_length_are_refused_in_words(index: VectorIndex) -> None:
    index.add(1, "d", ["a"], unit(1))
    with pytest.raises(HomeError, match="can't be used"):
        index.add(1, "d", ["b"], unit(1, 8))


def test_a_damaged_folder_is_told_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "chroma"
    folder.mkdir()
    (folder / "chroma.sqlite3").write_bytes(b"no database at all " * 500)
    with pytest.raises(HomeError, match="doctor --repair"):
        VectorIndex(folder, "abcd1234").count(1)
