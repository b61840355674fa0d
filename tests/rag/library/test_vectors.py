"""What is Chroma's own of the vector index, in a folder of its own; the rest is any store's: tests/contracts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings
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


def test_scores_are_cosines_and_that_of_itself_is_one(index: VectorIndex) -> None:
    vectors = unit(20)
    index.add(1, "d", [str(number) for number in range(20)], vectors)
    scores = dict(index.search(1, vectors[3], limit=20))
    assert scores["3"] == pytest.approx(1.0, abs=1e-5)
    assert list(scores.values()) == sorted(scores.values(), reverse=True)
    assert scores == {str(number): pytest.approx(float(vectors[number] @ vectors[3]), abs=1e-4) for number in range(20)}


def test_vectors_are_there_after_opening_again(tmp_path: Path) -> None:
    vectors = unit(5)
    first = VectorIndex(tmp_path / "chroma", "abcd1234")
    first.add(1, "d", list("abcde"), vectors)
    first.close()
    again = VectorIndex(tmp_path / "chroma", "abcd1234")
    assert again.count(1) == 5
    assert again.search(1, vectors[4], limit=1)[0][0] == "e"
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


def test_more_vectors_than_chroma_takes_at_once_can_be_added(index: VectorIndex) -> None:
    index.add(1, "d", [str(number) for number in range(6000)], unit(6000, 8))
    assert index.count(1) == 6000


def size(folder: Path) -> int:
    """Return the bytes of a folder's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_adding_and_removing_again_and_again_takes_no_more_space(tmp_path: Path, index: VectorIndex) -> None:
    index.add(1, "stays", ["kept"], unit(1))
    sizes = []
    for cycle in range(6):
        index.add(1, "d", [f"{cycle}-{number}" for number in range(1200)], unit(1200))
        index.remove(1, "d")
        index.tidy()
        sizes.append(size(tmp_path / "chroma"))
    assert max(sizes[2:]) < 2 * sizes[0]
    assert index.document_ids(1) == {"stays": 1}


def test_the_folder_of_a_deleted_index_goes(tmp_path: Path, index: VectorIndex) -> None:
    index.add(1, "d", [str(number) for number in range(1500)], unit(1500))
    index.drop_index(1, "abcd1234")
    index.tidy()
    assert [path for path in (tmp_path / "chroma").iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("gone", [False, True])
def test_a_copy_that_a_kill_interrupted_is_undone_or_finished(tmp_path: Path, gone: bool) -> None:
    first = VectorIndex(tmp_path / "chroma", "abcd1234")
    first.add(1, "d", ["a", "b"], unit(2))
    first.close()
    client = chromadb.PersistentClient(str(tmp_path / "chroma"), settings=Settings(anonymized_telemetry=False))
    held = client.get_collection("c000001-abcd1234", embedding_function=None)
    if gone:  # killed after the index was deleted: the copy is whole
        held.modify(name="c000001-abcd1234-copy")
    else:
        client.create_collection("c000001-abcd1234-copy", embedding_function=None)
    client.close()
    again = VectorIndex(tmp_path / "chroma", "abcd1234")
    assert (again.indexes(), again.count(1)) == ([(1, "abcd1234")], 2)
    again.close()


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
