"""The catalog: what stands in it is the truth."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InputError, NotFound
from rag.library.catalog import SqliteCatalog
from rag.library.embedding_state import EmbeddingState
from rag.library.library import Library
from rag.ports import Embedder
from rag.types import Alignment, AlignmentRun, Block, BlockKind, Document, DocumentState, Page, RunKind
from tests.fakes import a_document, a_source, put

TWO_PAGES = "# Graphs\n\nA graph has nodes.\n\n# Trees\n\nA tree is a graph. Ümläute 🎓 too."


@pytest.fixture
def catalog(library: Library) -> SqliteCatalog:
    return library.catalog


def test_a_document_comes_back_as_it_was(library: Library, embedder: Embedder) -> None:
    document = Document(
        text="Ünï 𝑛 🎓\n\nrest",
        title="Tïtle",
        language="de",
        blocks=(Block(0, 7, BlockKind.HEADING, 2, 1), Block(9, 13, BlockKind.TABLE, 0, None)),
        pages=(
            Page(1, 0, 9, "iv", Alignment((AlignmentRun(0, 5, 2), AlignmentRun(2, 0, 1, RunKind.INSERTED)))),
            Page(2, 9, 13),
        ),
        notes=("page 3 has no text",),
    )
    document_id = put(library, embedder, document)
    assert library.catalog.documents.get(document_id) == document
    assert library.catalog.documents.page(document_id, 1) == document.pages[0]
    assert library.catalog.documents.page(document_id, 3) is None


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), ends=st.data())
def test_a_part_of_the_text_is_a_slice_of_it(library_of_session: Library, text: str, ends: st.DataObject) -> None:
    start = ends.draw(st.integers(0, len(text)))
    end = ends.draw(st.integers(start, len(text)))
    catalog, source = library_of_session.catalog, a_source(text, "/a.md")
    number = catalog.collections.create("main")
    library_of_session.queue.add(number, "d", source)
    assert catalog.memberships.store(number, "d", source, Document(text, "t"), [], [])
    assert catalog.documents.text("d", start, end) == text[start:end]
    assert catalog.documents.text("d", start) == text[start:]


def test_chunks_are_slices_with_their_source(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, a_document(TWO_PAGES, pages=[0, 30]))
    chunks = library.catalog.chunks.neighbours(document_id, 0, 99)
    assert [part.ordinal for part in chunks] == list(range(len(chunks)))
    assert all(part.text == TWO_PAGES[part.start : part.end] for part in chunks)
    found = library.catalog.chunks.get([chunks[0].id, "none", chunks[-1].id])
    assert found == {part.id: (part, "/notes/a.md", "Notes") for part in (chunks[0], chunks[-1])}


def test_thousands_of_chunks_can_be_asked_for_at_once(catalog: SqliteCatalog) -> None:
    assert catalog.chunks.get([str(number) for number in range(3000)]) == {}


def test_the_pages_of_a_span_are_named(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, a_document(TWO_PAGES, pages=[0, 30]))
    assert library.catalog.documents.page_starts(document_id, 31, 40) == ((30, 2, "p2"),)
    assert library.catalog.documents.page_starts(document_id, 5, 40) == ((0, 1, "p1"), (30, 2, "p2"))


def test_what_is_missing_is_named(catalog: SqliteCatalog) -> None:
    documents = catalog.documents
    for ask in (documents.text, documents.get, documents.body, documents.info, documents.find):
        with pytest.raises(NotFound, match="There is no document 'nothing'"):
            ask("nothing")
    with pytest.raises(NotFound, match="There are none yet"):
        catalog.collections.number("nothing")
    catalog.collections.create("Übungen WS 24")
    with pytest.raises(NotFound, match="There are: Übungen WS 24"):
        catalog.collections.number("nothing")


def test_making_a_collection_twice_is_one_collection(catalog: SqliteCatalog) -> None:
    assert catalog.collections.create("one") == catalog.collections.create(" one ")
    assert [info.name for info in catalog.collections.all()] == ["one"]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101, "a\x00b"])
def test_odd_names_of_collections_are_refused(name: str, catalog: SqliteCatalog) -> None:
    with pytest.raises(InputError):
        catalog.collections.create(name)


def test_the_same_document_under_two_paths_is_counted_once(library: Library, embedder: Embedder) -> None:
    put(library, embedder, "A graph has nodes.", uri="/a.md")
    put(library, embedder, "A graph has nodes.", uri="/b.md")
    assert [info.source for info in library.catalog.documents.all()] == ["/a.md", "/b.md"]
    assert [(info.documents, info.chunks) for info in library.catalog.collections.all()] == [(1, 1)]


def test_an_accepted_file_is_queued_until_it_is_stored(library: Library, embedder: Embedder) -> None:
    number, source = library.catalog.collections.create("main"), a_source("A graph.", "/a.md")
    library.queue.add(number, "d", source)
    assert [(job.collection, job.document_id, job.source) for job in library.queue.jobs()] == [("main", "d", source)]
    assert [info.state for info in library.catalog.documents.all()] == [DocumentState.QUEUED]
    library.catalog.memberships.store(number, "d", source, a_document("A graph."), [], [])
    assert library.queue.jobs() == []
    assert [info.state for info in library.catalog.documents.all()] == [DocumentState.PARSED]


def test_a_document_is_ready_when_its_vectors_are_in(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, "A graph has nodes.", embed=False)
    assert library.catalog.documents.info(document_id).state is DocumentState.PARSED
    put(library, embedder, "A graph has nodes.")
    assert library.catalog.documents.info(document_id).state is DocumentState.READY


def test_a_document_embedded_for_another_embedder_only_is_not_ready(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, "A graph has nodes.", embed=False)
    other = EmbeddingState(library.database, "another")
    other.record(library.catalog.collections.number("main"), document_id)
    assert library.embedding_state.pending() != []
    assert library.catalog.documents.info(document_id).state is DocumentState.PARSED


def test_a_new_version_takes_the_place_of_the_old_one(library: Library, embedder: Embedder) -> None:
    old = put(library, embedder, "A graph has nodes.")
    new = put(library, embedder, "A graph has nodes and edges.")
    assert [info.document_id for info in library.catalog.documents.all()] == [new]
    with pytest.raises(NotFound):
        library.catalog.documents.get(old)


def test_a_failure_is_kept_with_its_reason_and_replaced_by_success(library: Library, embedder: Embedder) -> None:
    number = library.catalog.collections.create("main")
    document = "A graph has nodes."
    source = a_source(document, "/notes/a.md")
    library.queue.add(number, source.sha256[:20], source)
    library.catalog.memberships.store_failure(number, source.sha256[:20], source, "a.md", "It is broken.")
    assert [(info.state, info.error) for info in library.catalog.documents.all()] == [
        (DocumentState.FAILED, "It is broken.")
    ]
    put(library, embedder, document)
    assert [(info.state, info.error) for info in library.catalog.documents.all()] == [(DocumentState.READY, None)]


def test_a_failed_update_keeps_the_version_that_works(library: Library, embedder: Embedder) -> None:
    old = put(library, embedder, "A graph has nodes.")
    broken = a_source("broken", "/notes/a.md")
    number = library.catalog.collections.number("main")
    library.queue.add(number, "broken", broken)
    library.catalog.memberships.store_failure(number, "broken", broken, "a.md", "It is broken.")
    assert [(info.document_id, info.state) for info in library.catalog.documents.all()] == [(old, DocumentState.READY)]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("/courses/IR/Lecture 1.md", id="path"),
        pytest.param("lecture 1.md", id="file name in any case"),
        pytest.param("IR/Lecture", id="part of the path"),
        pytest.param("ginni", id="part of the title"),
    ],
)
def test_a_document_is_found_by_any_of_its_names(name: str, library: Library, embedder: Embedder) -> None:
    wanted = put(library, embedder, a_document("A.", title="Beginnings"), uri="/courses/IR/Lecture 1.md")
    put(library, embedder, a_document("B.", title="Ends"), uri="/courses/DB/Lecture 2.md")
    assert library.catalog.documents.find(name).document_id == wanted
    assert library.catalog.documents.find(wanted[:6]).document_id == wanted


def test_a_name_that_fits_several_documents_names_them(library: Library, embedder: Embedder) -> None:
    put(library, embedder, "A.", uri="/one/notes.md")
    put(library, embedder, "B.", uri="/two/notes.md")
    with pytest.raises(NotFound, match="Several documents fit") as caught:
        library.catalog.documents.find("notes.md")
    assert "/one/notes.md" in str(caught.value)
    assert "/two/notes.md" in str(caught.value)


def test_a_document_is_named_by_the_path_of_the_collection_asked(library: Library, embedder: Embedder) -> None:
    put(library, embedder, "A graph.", uri="/a/notes.md", collection="one")
    put(library, embedder, "A graph.", uri="/b/notes.md", collection="two")
    assert library.catalog.documents.find("notes.md", "two").source == "/b/notes.md"


def test_a_document_is_looked_up_by_its_very_id(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, "A graph.", uri="/b/notes.md", collection="two")
    put(library, embedder, "A graph.", uri="/a/notes.md", collection="one")
    documents = library.catalog.documents
    assert documents.info(document_id) == documents.all("one")[0]
    assert documents.info(document_id, "two").source == "/b/notes.md"
    with pytest.raises(NotFound):
        documents.info(document_id[:8])


def test_a_queued_document_is_looked_up_by_its_id_too(library: Library) -> None:
    library.queue.add(library.catalog.collections.create("main"), "d", a_source("A graph.", "/notes/a.md"))
    info = library.catalog.documents.info("d")
    assert (info.state, info.title, info.source) == (DocumentState.QUEUED, "a.md", "/notes/a.md")


def test_a_broken_transaction_leaves_nothing(library: Library, embedder: Embedder) -> None:
    document = a_document("A graph has nodes.")
    document_id = put(library, embedder, document)
    chunk = library.catalog.chunks.neighbours(document_id, 0, 0)[0]
    twice = [chunk, replace(chunk, ordinal=1)]
    source = a_source("other", "/notes/b.md")
    library.queue.add(1, "other", source)
    with pytest.raises(Exception, match="UNIQUE"):
        library.catalog.memberships.store(1, "other", source, document, twice, ["graph", "graph"])
    assert [info.source for info in library.catalog.documents.all() if info.chunks] == ["/notes/a.md"]
    assert [job.document_id for job in library.queue.jobs()] == ["other"]
    assert library.lexical.integrity() == ""


def test_what_is_removed_while_it_is_parsed_is_not_stored(library: Library) -> None:
    number, source = library.catalog.collections.create("main"), a_source("A graph.", "/a.md")
    library.queue.add(number, "d", source)
    library.catalog.memberships.remove("d")
    assert not library.catalog.memberships.store(number, "d", source, a_document("A graph."), [], [])
    library.catalog.memberships.store_failure(number, "d", source, "a", "damaged")
    assert library.catalog.documents.all() == []


def test_removing_a_document_removes_its_new_version_from_the_queue(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, "A graph.", uri="/a.md")
    library.queue.add(library.catalog.collections.number("main"), "new", a_source("A tree.", "/a.md"))
    library.catalog.memberships.remove(document_id)
    assert library.catalog.documents.all() == []


def test_storing_a_version_leaves_a_newer_one_in_the_queue(library: Library) -> None:
    number, old, new = library.catalog.collections.create("main"), a_source("old", "/a.md"), a_source("new", "/a.md")
    library.queue.add(number, "old", old)
    library.queue.add(number, "new", new)
    assert not library.catalog.memberships.store(number, "old", old, a_document("old"), [], [])
    assert [job.document_id for job in library.queue.jobs()] == ["new"]


def test_the_body_of_a_document_is_all_but_its_alignments(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, a_document(TWO_PAGES, pages=[0, 30]))
    body, whole = library.catalog.documents.body(document_id), library.catalog.documents.get(document_id)
    assert body == replace(whole, notes=(), pages=tuple(Page(p.number, p.start, p.end, p.label) for p in whole.pages))
    with pytest.raises(NotFound):
        library.catalog.documents.body("nowhere")
