"""What any catalog does."""

from __future__ import annotations

import pytest

from rag.errors import NotFound
from rag.library.library import Library
from rag.ports import Catalog
from tests.contracts.conftest import HEAPS, TRIES


@pytest.fixture
def catalog(filled: Library) -> Catalog:
    return filled.catalog


@pytest.fixture
def tries(catalog: Catalog) -> str:
    return catalog.documents("one")[0].document_id


@pytest.fixture
def heaps(catalog: Catalog) -> str:
    return catalog.documents("two")[0].document_id


def test_it_is_a_catalog(catalog: Catalog) -> None:
    assert isinstance(catalog, Catalog)


def test_collections_and_their_documents_are_listed(catalog: Catalog) -> None:
    assert [(line.name, line.documents) for line in catalog.collections()] == [("one", 1), ("two", 1)]
    assert [name for _, name in catalog.searchable()] == ["one", "two"]
    assert {info.source for info in catalog.documents()} == {"/tries.md", "/heaps.md"}
    assert catalog.collection_id("one") != catalog.collection_id("two")


def test_the_languages_are_those_of_the_documents(catalog: Catalog) -> None:
    assert catalog.languages() == catalog.languages("one") == ["en"]


def test_a_text_is_the_slice_asked_for(catalog: Catalog, tries: str) -> None:
    assert catalog.text(tries) == TRIES
    assert catalog.text(tries, 2, 7) == TRIES[2:7]
    assert catalog.document(tries).text == TRIES


def test_what_is_not_there_is_said_to_be_so(catalog: Catalog, tries: str) -> None:
    for ask in (catalog.text, catalog.document, catalog.collection_id):
        with pytest.raises(NotFound):
            ask("nothing")
    assert catalog.page(tries, 1) is None
    assert catalog.chunks(["nothing"]) == {}
    assert catalog.heading_at("nothing", 3) is None


def test_a_page_is_a_span_of_the_text(catalog: Catalog, heaps: str) -> None:
    page = catalog.page(heaps, 2)
    assert page is not None
    assert HEAPS[page.start : page.end] == "A heap keeps its smallest element at the root."
    assert catalog.page(heaps, 3) is None


def test_a_place_knows_its_heading(catalog: Catalog, tries: str) -> None:
    assert catalog.heading_at(tries, TRIES.index("tree")) == "# Tries"
    assert catalog.heading_at(tries, TRIES.index("finds")) == "## Prefixes"


def test_chunks_are_slices_in_order_and_cover_the_text(catalog: Catalog, tries: str) -> None:
    chunks = catalog.neighbours(tries, 0, 99)
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    assert all(chunk.text == TRIES[chunk.start : chunk.end] for chunk in chunks)
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join(TRIES.split())
    assert catalog.neighbours(tries, 50, 99) == []
    found = catalog.chunks([chunk.id for chunk in chunks], "one")
    assert [found[chunk.id] for chunk in chunks] == [(chunk, "/tries.md", "Tries") for chunk in chunks]


def test_the_index_of_now_serves_what_it_holds(filled: Library, catalog: Catalog) -> None:
    assert catalog.serving(catalog.collection_id("one"), filled.fingerprint) == filled.fingerprint


def test_small_facts_are_kept(catalog: Catalog) -> None:
    assert catalog.recall("speed") is None
    catalog.remember("speed", "120")
    catalog.remember("speed", "130")
    assert catalog.recall("speed") == "130"
