"""Which document a question means."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.library.library import Library
from rag.ports import Embedder
from rag.retrieve.document_match import match_documents
from rag.retrieve.fuse import FusionWeights
from rag.retrieve.hits import retrieve
from rag.types import Scope
from tests.fake_parts import a_library
from tests.fakes import a_document, asked, put

SAME = "The company sold more than in the year before. Net sales rose, and so did its costs."


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    """Six reports that say the same: two companies, three quarters; only covers and names tell them apart."""
    library = a_library(tmp_path_factory.mktemp("evidence") / "home", embedder)
    for company, sign in (("Orchard Inc.", "ORCH"), ("Mill Corp.", "MILL")):
        for year, quarter in ((2022, 3), (2023, 1), (2023, 2)):
            text = f"Form 10-Q, {company}\n\nIn quarter {quarter} of {year}. {SAME}"
            uri = f"/reports/{year}_Q{quarter}_{sign}.pdf"
            put(library, embedder, a_document(text, title="Form 10-Q"), uri=uri, collection="reports")
    for number in range(1, 7):
        text = f"Solve these. {SAME} Name {number * 7} examples."
        put(library, embedder, a_document(text, title="Sheet"), uri=f"/ml/sheet{number}.md", collection="ml")
    yield library
    library.close()


def first(library: Library, embedder: Embedder, question: str, collection: str | None = None) -> str:
    query = asked(question, library, Scope(collection))
    hits = retrieve(query, library, embedder, candidates=20, weights=FusionWeights())
    return hits[0].source.rpartition("/")[2]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("How did net sales of Orchard develop in Q3 2022?", "2022_Q3_ORCH.pdf"),
        ("Orchard's net sales in the second quarter of 2023?", "2023_Q2_ORCH.pdf"),
        ("Did Mill sell more in Q1 2023?", "2023_Q1_MILL.pdf"),
        ("MILL net sales in 2022", "2022_Q3_MILL.pdf"),
        ("What are Orchard's costs in the most recent report?", "2023_Q2_ORCH.pdf"),
        ("What is to be solved on sheet 4?", "sheet4.md"),
        ("Welche examples stehen auf Übungsblatt 2?", "sheet2.md"),
    ],
)
def test_a_question_that_names_a_document_leads_to_it(
    question: str, name: str, reports: Library, embedder: Embedder
) -> None:
    assert first(reports, embedder, question) == name


def test_the_scores_are_shares(reports: Library) -> None:
    meant = match_documents(asked("Orchard in Q3 2022", reports), reports.profiles)
    assert max(meant.values()) > 0.9
    assert all(0 < score <= 1 for score in meant.values())


def test_a_word_that_all_documents_use_names_none(reports: Library) -> None:
    assert match_documents(asked("net sales and costs", reports, Scope("reports")), reports.profiles) == {}


def test_one_document_alone_needs_no_evidence(library: Library, embedder: Embedder) -> None:
    put(library, embedder, "A trie.", uri="/trie.md")
    assert match_documents(asked("trie", library), library.profiles) == {}


def test_a_document_that_moves_is_known_by_its_new_name(library: Library, embedder: Embedder) -> None:
    for name in ("a", "b", "sheet9"):
        document = put(library, embedder, f"{SAME} Of {name[0]}.", uri=f"/{name}.md")
    assert list(match_documents(asked("sheet 9", library), library.profiles)) == [document]
    number = library.catalog.collections.number("main")
    put(library, embedder, f"{SAME} Of s.", uri="/sheet5.md")
    library.catalog.memberships.release(number, "/sheet9.md")
    old, new = (match_documents(asked(f"sheet {number}", library), library.profiles)[document] for number in (9, 5))
    assert old <= 0.5 < new


def test_a_named_document_without_the_words_of_the_question_is_shown(library: Library, embedder: Embedder) -> None:
    for name in ("a", "b", "sheet9"):
        put(library, embedder, f"Graphs have nodes and edges {name}.", uri=f"/{name}.md", embed=False)
    query = asked("Worum geht Blatt 9?", library)
    hits = retrieve(query, library, embedder, candidates=20, weights=FusionWeights())
    assert [hit.source for hit in hits] == ["/sheet9.md"]


def test_a_document_that_is_removed_takes_its_cover_along(library: Library, embedder: Embedder) -> None:
    documents = [put(library, embedder, f"{SAME} {name}", uri=f"/{name}.md") for name in ("a", "b", "sheet9")]
    library.profiles.refresh()
    library.remove(documents[2])
    library.profiles.refresh()
    assert set(library.profiles.all()) == set(documents[:2])
