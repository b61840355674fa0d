"""What any catalog does."""

from __future__ import annotations

import pytest

from rag.errors import NotFound
from rag.library.library import Library
from rag.ports import Catalog, CatalogChunks, CatalogCollections, CatalogDocuments
from tests.contracts.conftest import HEAPS, TRIES


@pytest.fixture
def catalog(filled: Library) -> Catalog:
    return filled.catalog


@pytest.fixture
def tries(catalog: Catalog) -> str:
    return catalog.documents.all("one")[0].document_id


@pytest.fixture
def heaps(catalog: Catalog) -> str:
    return catalog.documents.all("two")[0].document_id


def test_it_is_a_catalog(catalog: Catalog) -> None:
    assert isinstance(catalog, Catalog)
    assert isinstance(catalog.collections, CatalogCollections)
    assert isinstance(catalog.documents, CatalogDocuments)
    assert isinstance(catalog.chunks, CatalogChunks)


def test_collections_and_their_documents_are_listed(catalog: Catalog) -> None:
    assert [(line.name, line.documents) for line in catalog.collections.all()] == [("one", 1), ("two", 1)]
    assert [name for _, name in catalog.collections.searchable()] == ["one", "two"]
    assert {info.source for info in catalog.documents.all()} == {"/tries.md", "/heaps.md"}
    assert catalog.collections.number("one") != catalog.collections.number("two")


def test_the_languages_are_those_of_the_documents(catalog: Catalog) -> None:
    assert catalog.documents.languages() == catalog.documents.languages("one") == ["en"]


def test_a_text_is_the_slice_asked_for(catalog: Catalog, tries: str) -> None:
    documents = catalog.documents
    assert documents.text(tries) == documents.get(tries).text == documents.body(tries).text == TRIES
    assert documents.text(tries, 2, 7) == TRIES[2:7]


def test_what_is_not_there_is_said_to_be_so(catalog: Catalog, tries: str) -> None:
    for ask in (catalog.documents.text, catalog.documents.get, catalog.documents.body, catalog.collections.number):
        with pytest.raises(NotFound):
            ask("nothing")
    assert catalog.documents.page(tries, 1) is None
    assert catalog.documents.heading_at("nothing", 3) is None
    assert (catalog.chunks.get(["nothing"]), catalog.chunks.origins(["nothing"])) == ({}, {})


def test_a_page_is_a_span_of_the_text(catalog: Catalog, heaps: str) -> None:
    page, start = catalog.documents.page(heaps, 2), HEAPS.index("A heap")
    assert page is not None
    assert HEAPS[page.start : page.end] == "A heap keeps its smallest element at the root."
    assert catalog.documents.page(heaps, 3) is None
    assert catalog.documents.page_starts(heaps, 0, len(HEAPS)) == ((0, 1, "p1"), (start, 2, "p2"))
    assert catalog.documents.page_starts(heaps, start + 1, start + 2) == ((start, 2, "p2"),)


def test_a_place_knows_its_heading(catalog: Catalog, tries: str) -> None:
    assert catalog.documents.heading_at(tries, TRIES.index("tree")) == "# Tries"
    assert catalog.documents.heading_at(tries, TRIES.index("finds")) == "## Prefixes"


def test_chunks_are_slices_in_order_and_cover_the_text(catalog: Catalog, tries: str) -> None:
    chunks = catalog.chunks.neighbours(tries, 0, 99)
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    assert all(chunk.text == TRIES[chunk.start : chunk.end] for chunk in chunks)
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join(TRIES.split())
    assert catalog.chunks.neighbours(tries, 50, 99) == []
    found = catalog.chunks.get([chunk.id for chunk in chunks], "one")
    assert [found[chunk.id] for chunk in chunks] == [(chunk, "/tries.md", "Tries") for chunk in chunks]
    assert catalog.chunks.origins(found) == dict.fromkeys(found, (tries, "en"))


def test_chunks_are_on_the_pages_that_they_touch(catalog: Catalog, heaps: str) -> None:
    keys = {chunk.id for chunk in catalog.chunks.neighbours(heaps, 0, 99)}
    assert catalog.chunks.on_pages(keys, (1, 2)) == keys
    assert catalog.chunks.on_pages(keys, (3, 9)) == set()
