"""What any index of words does."""

from __future__ import annotations

import pytest

from rag.library.library import Library
from rag.ports import LexicalIndex
from rag.types import Scope
from tests.fake_parts import FakeEmbedder
from tests.fakes import put


@pytest.fixture
def index(filled: Library) -> LexicalIndex:
    return filled.lexical


def sources(library: Library, found: list[tuple[str, float]]) -> set[str]:
    return {source for _, source, _ in library.catalog.chunks.get([key for key, _ in found]).values()}


def test_it_is_a_lexical_index(index: LexicalIndex) -> None:
    assert isinstance(index, LexicalIndex)


def test_what_has_more_and_rarer_words_comes_first(filled: Library, index: LexicalIndex) -> None:
    found = index.search([("tree",), ("trie",), ("letter",)], limit=10)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert sources(filled, found) == {"/tries.md", "/heaps.md"}
    assert sources(filled, found[:1]) == {"/tries.md"}
    assert index.search([("tree",), ("trie",)], limit=1) == index.search([("tree",), ("trie",)], limit=10)[:1]


def test_nothing_asked_or_nothing_there_is_nothing_found(index: LexicalIndex) -> None:
    assert index.search([], limit=10) == []
    assert index.search([("zebra",)], limit=10) == []


def test_the_forms_of_a_word_are_one_word(filled: Library, index: LexicalIndex) -> None:
    assert sources(filled, index.search([("zebra", "heap")], limit=10)) == {"/heaps.md"}


def test_a_phrase_is_found_as_it_stands(filled: Library, index: LexicalIndex) -> None:
    assert sources(filled, index.search([("smallest element",)], limit=10)) == {"/heaps.md"}
    assert index.search([("element smallest",)], limit=10) == []


def test_all_bounds_hold(filled: Library, index: LexicalIndex) -> None:
    tree = [("tree",)]
    heaps = filled.catalog.documents.find("heaps.md").document_id
    within = {
        Scope("one"): {"/tries.md"},
        Scope(documents=frozenset([heaps])): {"/heaps.md"},
        Scope("one", frozenset([heaps])): set(),
        Scope(documents=frozenset()): set(),
        Scope(documents=frozenset([heaps]), pages=(1, 1)): {"/heaps.md"},
        Scope(documents=frozenset([heaps]), pages=(7, 9)): set(),
    }
    for scope, found in within.items():
        assert sources(filled, index.search(tree, limit=10, scope=scope)) == found


def test_chunks_are_counted_and_what_is_rarer_weighs_more(index: LexicalIndex) -> None:
    counts = index.counts({"tree", "letter", "zebra"})
    assert counts["tree"] >= 2
    assert (counts["letter"], counts["zebra"]) == (1, 0)
    weights = index.weights(["tree", "letter", "zebra"])
    assert 0 <= weights["tree"] < weights["letter"] < weights["zebra"]


def test_stems_are_listed_by_letter_and_length(index: LexicalIndex) -> None:
    found = index.beginning_with("t", 4, 4)
    assert {"tree", "trie"} <= found.keys()
    assert all(stem.startswith("t") and len(stem) == 4 and count for stem, count in found.items())


def test_what_is_stored_is_found_at_once_and_what_is_removed_no_more(filled: Library, index: LexicalIndex) -> None:
    filled.remove(filled.catalog.documents.find("heaps.md").document_id)
    assert index.search([("heap",)], limit=10) == []
    put(filled, FakeEmbedder(), "Zebras live in herds.", uri="/zebras.md")
    assert sources(filled, index.search([("zebra",)], limit=10)) == {"/zebras.md"}
