"""Another embedder: the old vectors answer until the new ones are complete, and then they go."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.pipeline import Ingestion, ingest
from ingest.report import Embedding, IngestReport, Renewing, Status
from rag.library.repair import examine, repair
from rag.models.embedder import SentenceEmbedder
from rag.ports import Choice
from rag.types import DocumentState
from tests.tiny_embedder import write_model
from ui.hall import Studyhall

pytestmark = pytest.mark.slow

COURSE = {
    "tries.md": "# Tries\n\nA trie stores strings by their letters.\n",
    "heaps.md": "# Heaps\n\nA heap keeps the smallest element at its root.\n",
    "graphs.md": "# Graphs\n\nA graph has nodes and edges between them.\n",
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    for name, text in COURSE.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@contextmanager
def opened(home: Path, embedder: str | Path = "") -> Iterator[Studyhall]:
    """Open a home with an embedder in its settings."""
    home.mkdir(exist_ok=True)
    (home / "studyhall.toml").write_text(f"embedder = {str(embedder)!r}\n", encoding="utf-8")
    with Studyhall.open(home) as hall:
        yield hall


def fingerprints(hall: Studyhall) -> set[str]:
    return {fingerprint for _, _, fingerprint in hall.engine.library.embedding_state.all()}


def by_meaning(hall: Studyhall) -> list[str]:
    return [Path(p.source).name for p in hall.search("What keeps the least one on top?").passages if p.dense]


def test_the_old_vectors_answer_until_the_new_ones_are_complete(tmp_path: Path, course: Path, tiny: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as hall:
        hall.ingest([course])
        before = by_meaning(hall)
        old = fingerprints(hall)
    with opened(home, tiny) as hall:
        assert by_meaning(hall) == before
        found = hall.search("smallest element")
        assert any("searched with studyhall-en-de, int8" in note and "3 documents" in note for note in found.notes)
        events = list(hall.ingest_events([]))
        assert [event for event in events if isinstance(event, Renewing)] == [Renewing(3, "tiny, int8")]
        assert [event.done for event in events if isinstance(event, Embedding)][-1] == 3
        assert fingerprints(hall) == {hall.engine.library.fingerprint} != old
        assert [index[1] for index in hall.engine.library.vectors.indexes()] == [hall.engine.library.fingerprint]
        assert hall.search("smallest element").notes == ()
        assert len(by_meaning(hall)) == 3
        assert [finding for finding in examine(hall.engine.library) if not finding.well] == []


def test_a_renewal_that_was_stopped_goes_on_where_it_was(tmp_path: Path, course: Path, tiny: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as hall:
        hall.ingest([course])
        before = by_meaning(hall)
    with opened(home, tiny) as hall:
        stopping = Stopping(Path(os.environ["STUDYHALL_CACHE"]), str(tiny))
        list(ingest([], Ingestion(hall.engine.library, stopping, "main", stopped=stopping.stopped)))
        assert len(fingerprints(hall)) == 2
        assert by_meaning(hall) == before
    with opened(home, tiny) as hall:
        left = [event for event in hall.ingest_events([]) if isinstance(event, Renewing)]
        assert left
        assert left[0].documents == 2
        assert len(fingerprints(hall)) == 1


def test_what_is_new_is_embedded_before_what_is_embedded_anew(tmp_path: Path, course: Path, tiny: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as hall:
        hall.ingest([course])
    (course / "queues.md").write_text("# Queues\n\nA queue gives first what came first.\n", encoding="utf-8")
    with opened(home, tiny) as hall:
        stopped = threading.Event()
        for event in hall.ingest_events([course], stopped=stopped):
            if isinstance(event, Renewing):
                assert hall.find("queues.md").state is DocumentState.READY
                assert hall.find("heaps.md").state is DocumentState.PARSED
                stopped.set()


def test_where_the_old_embedder_is_gone_words_serve_and_the_answer_says_so(
    tmp_path: Path, course: Path, tiny: Path
) -> None:
    home, old = tmp_path / "home", tmp_path / "old"
    shutil.copytree(tiny, old)
    with opened(home, old) as hall:
        hall.ingest([course])
    shutil.rmtree(old)
    with opened(home) as hall:
        found = hall.search("smallest element")
        assert Path(found.passages[0].source).name == "heaps.md"
        assert found.passages[0].dense is None
        assert any("can't be searched by meaning" in note and "doctor --repair" in note for note in found.notes)
        hall.ingest([])
        assert hall.search("smallest element").notes == ()
        assert len(by_meaning(hall)) == 3


def test_without_its_embedder_a_home_lists_removes_and_finds_by_words(tmp_path: Path, course: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as hall:
        hall.ingest([course])
    with opened(home, "no/such-model") as hall:
        assert len(hall.documents()) == 3
        assert hall.search("smallest element").passages
        report = hall.ingest([course])
        assert any("no/such-model" in (document.error or "") for document in report.documents)
        hall.remove("tries.md")
        assert len(hall.documents()) == 2


def test_lost_vectors_are_told_and_repaired(tmp_path: Path, course: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as hall:
        hall.ingest([course])
    shutil.rmtree(home / "chroma")
    with opened(home) as hall:
        found = hall.search("smallest element")
        assert found.passages
        assert any("lacks 3 of its 3 vectors" in note and "doctor --repair" in note for note in found.notes)
        repair(hall.engine.library)
        hall.ingest([])
        assert hall.search("smallest element").notes == ()
        assert len(by_meaning(hall)) == 3


def test_vectors_that_cannot_be_read_are_told_and_words_serve(tmp_path: Path, course: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as hall:
        hall.ingest([course])
    for path in (home / "chroma").glob("chroma.sqlite3*"):
        path.write_bytes(b"no database at all " * 500)
    with opened(home) as hall:
        found = hall.search("smallest element")
        assert Path(found.passages[0].source).name == "heaps.md"
        assert any("can't be searched by meaning" in note and "doctor --repair" in note for note in found.notes)
        repair(hall.engine.library)
        hall.ingest([])
        assert hall.search("smallest element").notes == ()


def test_a_repair_keeps_the_vectors_that_are_right(tmp_path: Path, course: Path) -> None:
    with opened(tmp_path / "home") as hall:
        hall.ingest([course])
        library = hall.engine.library
        number, lost = library.catalog.collections.number("main"), hall.find("heaps.md").document_id
        library.vectors.remove(number, lost)
        repair(library)
        assert library.embedding_state.pending() == [(number, lost)]


def test_a_file_of_two_collections_is_embedded_once(tmp_path: Path, course: Path) -> None:
    with opened(tmp_path / "home") as hall:
        hall.ingest([course])
        library = hall.engine.library
        plan = Ingestion(library, Refusing(Path(os.environ["STUDYHALL_CACHE"])), "twin")
        report = list(ingest([course], plan))[-1]
        assert isinstance(report, IngestReport)
        assert {document.status for document in report.documents} == {Status.ADDED}
        one, two = (library.catalog.collections.number(name) for name in ("main", "twin"))
        assert library.vectors.count(one) == library.vectors.count(two) == 3
        keys = [key for info in hall.documents("twin") for key, _ in library.catalog.chunks.keys(info.document_id)]
        first, second = library.vectors.vectors(one, keys), library.vectors.vectors(two, keys)
        assert all(first[key] == pytest.approx(second[key], abs=1e-6) for key in keys)
        assert all(info.state is DocumentState.READY for info in hall.documents())


class Refusing(SentenceEmbedder):
    """Embeds no document: its vectors must come from elsewhere."""

    def embed_whole(self, texts: Sequence[str]) -> NoReturn:
        raise AssertionError(texts)


class Stopping(SentenceEmbedder):
    """Stops the ingestion once it has embedded something."""

    def __init__(self, cache: Path, model: str = "") -> None:
        super().__init__(cache, Choice(model))
        self.stopped = threading.Event()

    def embed_whole(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = super().embed_whole(texts)
        self.stopped.set()
        return vectors


def test_embedding_that_was_stopped_within_a_document_goes_on_there(tmp_path: Path) -> None:
    sections = "\n\n".join(f"## Section {n}\n\n{'A heap keeps the smallest element. ' * 30}" for n in range(60))
    path = tmp_path / "long.md"
    path.write_text(f"# Heaps\n\n{sections}\n", encoding="utf-8")
    with opened(tmp_path / "home") as hall:
        library, stopping = hall.engine.library, Stopping(Path(os.environ["STUDYHALL_CACHE"]))
        list(ingest([path], Ingestion(library, stopping, "main", stopped=stopping.stopped)))
        number = library.catalog.collections.number("main")
        done = library.vectors.count(number)
        chunks = library.catalog.documents.counts(hall.documents()[0].document_id)[1]
        assert 0 < done < chunks
        assert [finding.seen for finding in examine(library) if not finding.well] == ["1 documents not embedded yet"]
        first = next(event for event in hall.ingest_events([]) if isinstance(event, Embedding))
        assert first.done >= done


def test_a_report_ends_an_ingestion_without_targets_and_makes_no_collection(tmp_path: Path) -> None:
    with opened(tmp_path / "home") as hall:
        assert isinstance(list(hall.ingest_events([]))[-1], IngestReport)
        assert hall.collections() == []
