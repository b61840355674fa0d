"""The library: catalog, lexical index, vectors and originals go together."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest

from rag.errors import HomeError, NotFound
from rag.library.home import Home
from rag.library.library import Library
from rag.library.repair import examine
from rag.ports import Embedder
from tests.fakes import a_source, put

TREES = "# Trees\n\nA tree is a graph without cycles.\n\n# Forests\n\nA forest is many trees."


def number(library: Library, collection: str = "main") -> int:
    return library.catalog.collections.number(collection)


def rows(library: Library, table: str) -> int:
    """Count a table's rows, past the catalog."""
    with sqlite3.connect(library.home.database) as db:
        count = int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    db.close()
    return count


def originals(library: Library) -> list[str]:
    return [path.name for path in library.home.files.glob("*/*") if not path.suffix]


def found_by_words(library: Library, stem: str) -> int:
    return len(library.lexical.search([(stem,)], limit=9))


def test_removing_a_document_removes_all_of_it(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, TREES)
    assert (found_by_words(library, "tree"), library.vectors.count(number(library))) != (0, 0)
    library.remove(document_id)
    tables = ("documents", "pages", "chunks", "holdings", "vectors", "vector_removals", "jobs", "chunk_vocabulary")
    assert {table: rows(library, table) for table in tables} == dict.fromkeys(tables, 0)
    assert found_by_words(library, "tree") == 0
    assert library.vectors.count(number(library)) == 0
    assert originals(library) == []
    with pytest.raises(NotFound):
        library.catalog.documents.text(document_id)


def test_a_document_of_two_collections_stays_for_the_other(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, TREES, collection="one")
    put(library, embedder, TREES, collection="two")
    library.remove(document_id, "one")
    assert [info.collection for info in library.catalog.documents.all()] == ["two"]
    assert library.vectors.count(number(library, "one")) == 0
    assert library.vectors.count(number(library, "two")) == library.catalog.documents.counts(document_id)[1]
    assert library.original(document_id) is not None
    assert all(finding.well for finding in examine(library))


def test_a_document_added_again_is_whole_again(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, TREES)
    library.remove(document_id)
    put(library, embedder, TREES)
    assert found_by_words(library, "tree") == library.catalog.documents.counts(document_id)[1]
    assert library.vectors.count(number(library)) == library.catalog.documents.counts(document_id)[1]
    assert library.original(document_id) is not None
    assert all(finding.well for finding in examine(library))


def test_a_document_added_again_to_one_of_two_collections_is_embedded_there(
    library: Library, embedder: Embedder
) -> None:
    document_id = put(library, embedder, TREES, collection="one")
    put(library, embedder, TREES, collection="two")
    library.remove(document_id, "one")
    put(library, embedder, TREES, collection="one")
    assert library.vectors.count(number(library, "one")) == library.catalog.documents.counts(document_id)[1]


def test_one_of_two_paths_of_a_document_can_change(library: Library, embedder: Embedder) -> None:
    put(library, embedder, TREES, uri="/a.md")
    put(library, embedder, TREES, uri="/b.md")
    new = put(library, embedder, "Something else about leaves.", uri="/a.md")
    assert {info.source: info.document_id == new for info in library.catalog.documents.all()} == {
        "/a.md": True,
        "/b.md": False,
    }
    assert all(finding.well for finding in examine(library))


def test_an_update_leaves_nothing_of_the_old_version(library: Library, embedder: Embedder) -> None:
    put(library, embedder, TREES)
    document_id = put(library, embedder, "Something else about leaves.")
    assert found_by_words(library, "tree") == 0
    assert library.vectors.document_ids(number(library)) == {document_id: 1}
    assert originals(library) == [library.catalog.documents.sha256(document_id)]


def test_removing_a_file_that_is_still_queued_removes_its_original(library: Library) -> None:
    source = a_source(TREES, "/a.md")
    collection = library.catalog.collections.create("main")
    library.originals.keep(TREES.encode(), source.sha256)
    library.queue.add(collection, "d", source)
    library.remove("d")
    assert library.queue.jobs() == []
    assert originals(library) == []


def test_removing_a_document_keeps_the_original_that_a_queued_file_needs(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, TREES, uri="/a.md")
    library.queue.add(library.catalog.collections.create("later"), "other id", a_source(TREES, "/b.txt"))
    library.remove(document_id)
    assert originals(library) == [a_source(TREES, "/b.txt").sha256]


def test_removing_a_collection_removes_what_only_it_holds(library: Library, embedder: Embedder) -> None:
    both = put(library, embedder, TREES, collection="one")
    put(library, embedder, TREES, collection="two")
    put(library, embedder, "Only in the first.", uri="/only.md", collection="one")
    library.remove_collection("one")
    assert [info.document_id for info in library.catalog.documents.all()] == [both]
    assert originals(library) == [library.catalog.documents.sha256(both)]
    assert all(finding.well for finding in examine(library))


def test_a_new_collection_does_not_inherit_the_vectors_of_a_removed_one(library: Library, embedder: Embedder) -> None:
    put(library, embedder, TREES, collection="old")
    library.remove_collection("old")
    library.catalog.collections.create("new")
    assert library.vectors.count(number(library, "new")) == 0


def test_vectors_left_by_a_kill_are_deleted_by_settling(library: Library, embedder: Embedder) -> None:
    """The rows go first, in one transaction; the process dies before Chroma is told."""
    document_id = put(library, embedder, TREES)
    library.catalog.memberships.remove(document_id)
    assert library.vectors.count(number(library)) > 0
    library.settle()
    assert library.vectors.count(number(library)) == 0
    assert library.embedding_state.removals() == []


def test_an_original_is_kept_whole_and_once(library: Library) -> None:
    data = b"bytes"
    digest = hashlib.sha256(data).hexdigest()
    path = library.originals.keep(data, digest)
    assert path == library.originals.keep(data, digest) == library.originals.path(digest)
    assert path.read_bytes() == data
    path.write_bytes(b"cut")
    assert library.originals.keep(data, digest).read_bytes() == data
    assert originals(library) == [digest]
    assert library.originals.path("") is None
    assert library.originals.path("0" * 64) is None


def test_what_no_document_and_no_job_names_is_found_and_can_be_discarded(library: Library, embedder: Embedder) -> None:
    document_id = put(library, embedder, TREES)
    orphan = hashlib.sha256(b"orphan").hexdigest()
    library.originals.keep(b"orphan", orphan)
    library.accept(number(library), "q", a_source("queued", "/q.md"), b"queued")
    kept = sorted([library.catalog.documents.sha256(document_id), a_source("queued", "/q.md").sha256])
    (found,) = library.orphans()
    assert Path(found.path).name == orphan
    library.discard(found)
    assert (library.orphans(), sorted(originals(library))) == ([], kept)


def test_an_orphan_knows_where_it_came_from(library: Library) -> None:
    source = a_source("queued", "/q.md")
    library.accept(library.catalog.collections.create("main"), "q", source, b"queued")
    with library.database.write() as db:
        db.execute("DELETE FROM jobs")
    (found,) = library.orphans()
    assert (found.uri, found.collection, found.size) == ("/q.md", "main", 6)


@pytest.mark.slow
def test_everything_is_there_after_opening_again(tmp_path: Path, embedder: Embedder) -> None:
    first = Library(Home(tmp_path / "again"), embedder.fingerprint)
    document_id = put(first, embedder, TREES)
    before = (first.catalog.documents.all(), first.vectors.count(number(first)), found_by_words(first, "tree"))
    first.close()
    second = Library(Home(tmp_path / "again"), embedder.fingerprint)
    assert (
        second.catalog.documents.all(),
        second.vectors.count(number(second)),
        found_by_words(second, "tree"),
    ) == before
    assert second.original(document_id) is not None
    second.close()


def test_a_library_file_that_is_none_is_told_in_words(tmp_path: Path, embedder: Embedder) -> None:
    home = Home(tmp_path / "broken")
    home.database.write_bytes(b"no database at all " * 500)
    with pytest.raises(HomeError, match="is damaged"):
        Library(home, embedder.fingerprint)
    home.release()
