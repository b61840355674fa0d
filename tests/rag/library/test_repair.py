"""What doesn't agree in a home is named, and made anew from the truth."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ingest.index import embed_document
from rag.library.home import Home
from rag.library.library import Library
from rag.library.repair import examine, repair
from rag.ports import Embedder
from tests.fakes import a_source, put

pytestmark = pytest.mark.slow

TREES = "# Trees\n\nA tree is a graph without cycles."


@pytest.fixture
def library(library_on_disk: Library) -> Library:
    """What is repaired is a folder of Chroma's."""
    return library_on_disk


def ill(library: Library) -> dict[str, str]:
    """Return what is not well, with what was seen."""
    return {finding.what: finding.seen for finding in examine(library) if not finding.well}


def embed_all(library: Library, embedder: Embedder) -> None:
    for number, document_id in library.embedding_state.pending():
        embed_document(library, embedder, number, document_id, progress=lambda _: None, wanted=lambda: True)


def spoil(library: Library, statement: str) -> None:
    """Change the file past the catalog."""
    db = sqlite3.connect(library.home.database)
    with db:
        db.execute(statement)
    db.close()


def test_an_empty_and_a_full_library_are_well(library: Library, embedder: Embedder) -> None:
    assert ill(library) == {}
    put(library, embedder, TREES)
    assert ill(library) == {}
    assert [finding.what for finding in examine(library)] == [
        "catalog",
        "lexical index",
        "queue",
        "vectors",
        "originals",
    ]


def test_a_document_without_vectors_is_seen(library: Library, embedder: Embedder) -> None:
    put(library, embedder, TREES, embed=False)
    assert ill(library) == {"vectors": "1 documents not embedded yet"}


def test_a_queued_file_is_seen(library: Library) -> None:
    library.queue.add(library.catalog.collections.create("main"), "d", a_source(TREES, "/a.md"))
    assert ill(library) == {"queue": "1 accepted, not read yet"}


def test_a_missing_original_is_seen(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, TREES)
    path = library.original(document_id)
    assert path is not None
    path.unlink()
    assert list(ill(library)) == ["originals"]


def test_lost_vectors_are_seen_and_made_anew(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, TREES)
    number = library.catalog.collections.number("main")
    library.vectors.remove(number, document_id)
    assert list(ill(library)) == ["vectors"]
    repair(library)
    embed_all(library, embedder)
    assert ill(library) == {}


def test_vectors_of_an_unknown_document_are_seen_and_dropped(library: Library, embedder: Embedder) -> None:
    put(library, embedder, TREES)
    number = library.catalog.collections.number("main")
    library.vectors.add(number, "unknown", ["x"], embedder.embed(["x"]))
    assert list(ill(library)) == ["vectors"]
    repair(library)
    embed_all(library, embedder)
    assert ill(library) == {}


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("INSERT INTO chunk_words (chunk_words) VALUES ('delete-all')", id="emptied"),
        pytest.param("INSERT INTO chunk_words (rowid, stems) VALUES (4711, 'ghost')", id="a chunk that isn't there"),
        pytest.param("UPDATE chunks SET stems = 'other'", id="a chunk of other words"),
    ],
)
def test_a_lexical_index_that_lies_is_seen_and_made_anew(statement: str, library: Library, embedder: Embedder) -> None:
    put(library, embedder, TREES)
    spoil(library, statement)
    assert list(ill(library)) == ["lexical index"]
    repair(library)
    embed_all(library, embedder)
    assert ill(library) == {}


def test_a_damaged_vector_folder_is_seen_and_repaired(tmp_path: Path, embedder: Embedder) -> None:
    library = Library(Home(tmp_path / "spoilt"), embedder.fingerprint)
    put(library, embedder, TREES)
    library.close()
    for path in (tmp_path / "spoilt" / "chroma").glob("chroma.sqlite3*"):
        path.write_bytes(b"no database at all " * 500)
    library = Library(Home(tmp_path / "spoilt"), embedder.fingerprint)
    try:
        assert list(ill(library)) == ["vectors"]
        repair(library)
        embed_all(library, embedder)
        assert ill(library) == {}
    finally:
        library.close()


def test_repairing_deletes_nothing_that_somebody_gave(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, TREES)
    library.originals.keep(b"orphan", "0" * 64)
    repair(library)
    assert library.originals.path("0" * 64) is not None
    assert library.original(document_id) is not None
    assert "1 are here that no document names" in ill(library)["originals"]
