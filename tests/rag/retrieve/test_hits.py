"""A question to hits: fusion, scopes, and questions of every kind."""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rag.retrieve.fuse
import rag.retrieve.hits
from rag.library.library import Library
from rag.ports import Embedder
from rag.retrieve.dense import search_dense
from rag.retrieve.fuse import FusionWeights, fuse
from rag.retrieve.hits import retrieve
from rag.types import Hit, Scope
from tests.fake_parts import a_library
from tests.fakes import a_document, asked, put

SCORES = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 100.0))
WEIGHT = st.floats(0.0, 1.0)


def order(scores: dict[str, float]) -> list[str]:
    return sorted(scores, key=lambda key: (-scores[key], key))


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.retrieve.fuse).failed == 0


def test_fusion_by_hand() -> None:
    """Scaled: dense a 1, b 0.5; lexical b 1, c 0.25. With 0.4: a 0.4, b 0.2 + 0.6 = 0.8, c 0.6 · 0.25 = 0.15."""
    fused = fuse({"a": 0.6, "b": 0.3}, {"b": 8.0, "c": 2.0}, weight=0.4)
    assert fused == {"a": pytest.approx(0.4), "b": pytest.approx(0.8), "c": pytest.approx(0.15)}


@given(SCORES, WEIGHT)
def test_fusing_a_list_with_itself_keeps_its_order(scores: dict[str, float], weight: float) -> None:
    fused = fuse(scores, scores, weight=weight)
    ranked = order(scores)
    assert set(fused) == set(scores)
    assert all(fused[one] >= fused[other] - 1e-9 for one, other in pairwise(ranked))


@given(SCORES, SCORES)
def test_a_weight_of_one_or_none_is_a_single_list(dense: dict[str, float], lexical: dict[str, float]) -> None:
    for weight, alone in ((1.0, dense), (0.0, lexical)):
        fused = fuse(dense, lexical, weight=weight)
        top = max(alone.values(), default=1.0)
        assert {key: fused[key] for key in alone} == {key: pytest.approx(score / top) for key, score in alone.items()}
        assert all(score == 0.0 for key, score in fused.items() if key not in alone)


@given(SCORES, SCORES, WEIGHT)
def test_fused_scores_are_shares_and_lose_nobody(
    dense: dict[str, float], lexical: dict[str, float], weight: float
) -> None:
    fused = fuse(dense, lexical, weight=weight)
    assert set(fused) == {*dense, *lexical}
    assert all(0.0 <= score <= 1.0 + 1e-9 for score in fused.values())


@given(SCORES, SCORES, WEIGHT, st.floats(0.1, 50.0))
def test_the_unit_of_a_score_does_not_matter(
    dense: dict[str, float], lexical: dict[str, float], weight: float, factor: float
) -> None:
    scaled = {key: score * factor for key, score in lexical.items()}
    expected = fuse(dense, lexical, weight=weight)
    assert fuse(dense, scaled, weight=weight) == {key: pytest.approx(score) for key, score in expected.items()}


def test_a_negative_cosine_is_as_good_as_none() -> None:
    assert fuse({"a": 0.5, "b": -0.2}, {}, weight=1.0) == {"a": 1.0, "b": 0.0}
    assert fuse({}, {}, weight=0.5) == {}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    library = a_library(tmp_path_factory.mktemp("retrieve") / "home", embedder)
    for name, collection, text in (
        ("index", "english", "An inverted index lists the documents of each term."),
        ("cell", "english", "The mitochondrion is the powerhouse of the cell."),
        ("car", "english", "An automobile needs fuel."),
        ("baum", "german", "Ein Suchbaum ordnet seine Schlüssel."),
    ):
        language = "de" if collection == "german" else "en"
        document = a_document(text, title=name, language=language)
        put(library, embedder, document, uri=f"/{name}.md", collection=collection)
    unembedded = a_document("Zipf's law is about words.", title="zipf")
    put(library, embedder, unembedded, uri="/zipf.md", collection="waiting", embed=False)
    library.catalog.collections.create("empty")
    yield library
    library.close()


def ask(
    library: Library,
    embedder: Embedder,
    question: str,
    *,
    scope: Scope | None = None,
    dense: float = 0.4,
    most: int = 50,
) -> list[Hit]:
    query = asked(question, library, scope or Scope())
    return retrieve(query, library, embedder, candidates=most, weights=FusionWeights(dense))


@pytest.mark.parametrize(
    ("question", "dense", "title"),
    [
        pytest.param("inverted indexes", 0.0, "index", id="words alone"),
        pytest.param("What does a car burn?", 1.0, "car", id="meaning alone"),
        pytest.param("Schlüssel", 0.4, "baum", id="German word"),
        pytest.param("Zipf", 0.4, "zipf", id="not embedded yet"),
        pytest.param("Zipf", 1.0, "zipf", id="not embedded yet, meaning alone"),
    ],
)
def test_the_best_document_comes_first(
    question: str, dense: float, title: str, stocked: Library, embedder: Embedder
) -> None:
    hits = ask(stocked, embedder, question, dense=dense)
    assert title in [hit.title for hit in hits]
    if title != "zipf":
        assert hits[0].title == title


def test_hits_carry_their_scores_best_first(stocked: Library, embedder: Embedder) -> None:
    hits = ask(stocked, embedder, "inverted index")
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].lexical is not None
    assert hits[0].dense == pytest.approx(0.7, abs=0.3)
    assert len({hit.chunk.id for hit in hits}) == len(hits)


def test_the_same_question_gets_the_same_hits(stocked: Library, embedder: Embedder) -> None:
    assert ask(stocked, embedder, "an index of cells") == ask(stocked, embedder, "an index of cells")


def test_the_scope_bounds_both_searches(stocked: Library, embedder: Embedder) -> None:
    german = ask(stocked, embedder, "index Schlüssel", scope=Scope("german"))
    assert {hit.title for hit in german} == {"baum"}
    cell = stocked.catalog.documents.find("/cell.md").document_id
    assert {hit.title for hit in ask(stocked, embedder, "index", scope=Scope(documents=frozenset({cell})))} == {"cell"}
    assert ask(stocked, embedder, "index", scope=Scope("german", frozenset({cell}))) == []
    assert ask(stocked, embedder, "index", scope=Scope("empty")) == []


def test_a_chunk_is_as_near_within_its_document_as_in_the_whole_library(stocked: Library, embedder: Embedder) -> None:
    def nearness(scope: Scope) -> float:
        return search_dense(asked("What does a car burn?", stocked, scope), stocked, embedder, limit=10)[car]

    document = stocked.catalog.documents.find("/car.md").document_id
    (car,) = stocked.catalog.chunks.few([document], 1)
    assert stocked.catalog.chunks.few([document], 0) == []
    assert nearness(Scope(documents=frozenset({document}))) == pytest.approx(nearness(Scope()), abs=1e-4)


def test_a_hit_names_the_path_in_the_collection_that_was_asked(library: Library, embedder: Embedder) -> None:
    """The same file can lie in two courses."""
    for name in ("one", "two"):
        put(library, embedder, "A trie is a tree of letters.", uri=f"/{name}/notes.md", collection=name)
    for name in ("one", "two"):
        assert [hit.source for hit in ask(library, embedder, "trie", scope=Scope(name))] == [f"/{name}/notes.md"]


@settings(max_examples=60, deadline=None)
@given(question=st.text(min_size=1).filter(str.strip))
def test_no_question_breaks_retrieval(stocked: Library, embedder: Embedder, question: str) -> None:
    hits = ask(stocked, embedder, question)
    assert all(0.0 <= hit.score <= 1.0 + 1e-6 for hit in hits)


@pytest.mark.parametrize("question", ["🎓", '"', "AND OR NOT", "index*", "\0", "?!"])
def test_odd_questions_find_what_they_can(question: str, stocked: Library, embedder: Embedder) -> None:
    assert all(hit.source for hit in ask(stocked, embedder, question))


def test_a_text_in_two_files_is_found_once_and_both_are_named(library: Library, embedder: Embedder) -> None:
    for name in ("one", "two"):  # the same bytes
        put(library, embedder, a_document("A trie is a tree of letters.", title="same"), uri=f"/{name}.md")
    put(library, embedder, a_document("A  trie is a tree\nof letters.", title="other"), uri="/three.md")
    (hit,) = ask(library, embedder, "trie")
    assert sorted([hit.source, *(twin.source for twin in hit.also)]) == ["/one.md", "/three.md", "/two.md"]
