"""Hits to passages: neighbours merge, the budget holds, the best is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.library.library import Library
from rag.ports import Embedder
from rag.retrieve.passages import fit, grow, merge
from rag.types import Document, Hit, Passage
from tests.fake_parts import a_library
from tests.fakes import a_chunk, a_document, a_hit, put

LONG = "\n\n".join(
    f"# Chapter {number}\n\n" + f"Sentence of chapter {number} that says something about subject {number}. " * 12
    for number in range(8)
)


@dataclass(frozen=True, repr=False)
class Stocked:
    library: Library
    document: Document
    document_id: str
    hits: list[Hit]  # one per chunk, in the document's order


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Stocked]:
    library = a_library(tmp_path_factory.mktemp("expand") / "home", embedder)
    document = a_document(LONG, pages=[0, 1500, 4000])
    document_id = put(library, embedder, document, embed=False)
    chunks = library.catalog.chunks.neighbours(document_id, 0, 99)
    yield Stocked(library, document, document_id, [a_hit(chunk) for chunk in chunks])
    library.close()


def words(text: str) -> int:
    return len(text.split())


def scored(stocked: Stocked, scores: dict[int, float]) -> list[Hit]:
    """Return hits of these chunks, best first."""
    hits = [a_hit(stocked.hits[ordinal].chunk, score) for ordinal, score in scores.items()]
    return sorted(hits, key=lambda hit: -hit.score)


def passages(stocked: Stocked, scores: dict[int, float], *, budget: int = 10_000, most: int = 20) -> list[Passage]:
    return fit(scored(stocked, scores), words, stocked.library.catalog, most=most, budget=budget)


def test_neighbours_become_one_span() -> None:
    hits = [a_hit(a_chunk(ordinal=ordinal, start=100 * ordinal), score) for ordinal, score in ((3, 1), (2, 3), (7, 2))]
    spans = merge(hits, most=9)
    assert [[hit.chunk.ordinal for hit in span.hits] for span in spans] == [[2, 3], [7]]
    assert (spans[0].start, spans[0].best.score) == (200, 3)


def test_a_small_gap_between_two_hits_is_filled_and_a_larger_one_is_not(stocked: Stocked) -> None:
    near, far = passages(stocked, {0: 1.0, 2: 0.9}), passages(stocked, {0: 1.0, 3: 0.9})
    assert [(passage.start, passage.end) for passage in near] == [
        (stocked.hits[0].chunk.start, stocked.hits[2].chunk.end)
    ]
    assert stocked.hits[1].chunk.text in near[0].text
    assert len(far) == 2


def test_a_passage_grows_within_its_section_as_far_as_the_budget_goes(library: Library, embedder: Embedder) -> None:
    section = "".join(f"Sentence {number} of this section says a few words.\n\n" for number in range(120))
    key = put(library, embedder, f"# One\n\n{section}# Two\n\n{section}", embed=False)
    chunks = library.catalog.chunks.neighbours(key, 0, 99)
    second = next(at for at, chunk in enumerate(chunks) if chunk.headings == ("Two",))
    bare = fit([a_hit(chunks[second + 1])], words, library.catalog, most=1, budget=10_000)
    text = library.catalog.documents.text(key)
    for budget in (0, 200, 400, 10_000):
        (grown,) = grow(bare, words, library.catalog, budget=budget)
        assert grown.text == text[grown.start : grown.end]
        assert grown.start >= chunks[second].start
        assert words(grown.text) <= max(budget, words(bare[0].text))
    assert grown.start == chunks[second].start
    assert len(grown.text) > 2 * len(bare[0].text)


def test_no_passage_grows_into_another(stocked: Stocked) -> None:
    catalog = stocked.library.catalog
    apart = fit(scored(stocked, {0: 1.0, 3: 0.9}), words, catalog, most=9, budget=10_000)
    first, second = grow(apart, words, catalog, budget=10_000)
    assert first.end <= second.start


def test_neighbours_of_different_documents_stay_apart() -> None:
    hits = [a_hit(a_chunk(document_id="d1", ordinal=0)), a_hit(a_chunk(document_id="d2", ordinal=1))]
    assert len(merge(hits, most=9)) == 2


def test_only_the_best_hits_are_merged() -> None:
    hits = [a_hit(a_chunk(ordinal=ordinal), 1.0 - ordinal / 10) for ordinal in range(9)]
    assert [len(span.hits) for span in merge(hits, most=3)] == [3]
    assert merge([], most=3) == []
    assert merge(hits, most=0) == []


def test_a_passage_is_a_slice_of_its_document(stocked: Stocked) -> None:
    found = passages(stocked, {0: 1.0, 1: 0.9, 4: 0.5})
    for passage in found:
        assert passage.text == stocked.document.text[passage.start : passage.end]
    first, second = stocked.hits[0].chunk, stocked.hits[1].chunk
    assert (found[0].start, found[0].end) == (first.start, second.end)
    assert (found[0].chunk_id, found[0].score) == (first.id, 1.0)


def test_a_passage_names_its_pages(stocked: Stocked) -> None:
    everything = passages(stocked, dict.fromkeys(range(len(stocked.hits)), 1.0))[0]
    assert (everything.page, everything.page_end, everything.page_label) == (1, 3, "p1")
    assert everything.page_of(everything.start) == (1, "p1")
    assert everything.page_of(1499) == (1, "p1")
    assert everything.page_of(1500) == (2, "p2")
    assert everything.page_of(everything.end - 1) == (3, "p3")
    for offset in range(everything.start, everything.end, 97):
        page = stocked.document.page_at(offset)
        assert page is not None
        assert everything.page_of(offset) == (page.number, page.label)


def test_a_span_too_large_is_reduced_to_its_best_hits(stocked: Stocked) -> None:
    size = words(stocked.hits[1].chunk.text)
    (only,) = passages(stocked, {0: 0.5, 1: 1.0, 2: 0.5}, budget=size + 30)
    assert only.chunk_id == stocked.hits[1].chunk.id
    assert only.text == stocked.hits[1].chunk.text


def test_a_chapter_full_of_hits_keeps_as_many_of_the_best_as_there_is_room_for(stocked: Stocked) -> None:
    """Together they are too large, and what the first of them says is not all."""
    scores = {ordinal: 1.0 - abs(ordinal - 4) / 10 for ordinal in range(8)}
    room = sum(words(stocked.hits[ordinal].chunk.text) + 60 for ordinal in (3, 4, 5))
    found = passages(stocked, scores, budget=room)
    assert all(stocked.hits[ordinal].chunk.text in found[0].text for ordinal in (3, 4, 5))


def test_what_lies_between_gives_way_to_a_hit(stocked: Stocked) -> None:
    room = sum(words(stocked.hits[ordinal].chunk.text) + 30 for ordinal in (0, 2, 5))
    found = passages(stocked, {0: 1.0, 2: 0.9, 5: 0.5}, budget=room)
    assert [passage.chunk_id for passage in found] == [stocked.hits[ordinal].chunk.id for ordinal in (0, 2, 5)]


SCORES = st.dictionaries(st.integers(0, 7), st.floats(0.01, 1.0), min_size=1)


@settings(deadline=None)
@given(scores=SCORES, budget=st.integers(0, 2000))
def test_the_budget_holds_and_numbers_count_up(stocked: Stocked, scores: dict[int, float], budget: int) -> None:
    found = passages(stocked, scores, budget=budget)
    assert sum(words(passage.text) for passage in found) <= budget
    assert [passage.number for passage in found] == list(range(1, len(found) + 1))
    assert [passage.score for passage in found] == sorted((passage.score for passage in found), reverse=True)


@settings(deadline=None)
@given(scores=SCORES, budget=st.integers(0, 2000))
def test_the_best_is_never_dropped_for_a_worse_one(stocked: Stocked, scores: dict[int, float], budget: int) -> None:
    found = passages(stocked, scores, budget=budget)
    best = [stocked.hits[ordinal].chunk for ordinal, score in scores.items() if score == max(scores.values())]
    if found:
        assert any(found[0].start <= chunk.start < found[0].end for chunk in best)


def test_a_best_hit_larger_than_the_budget_does_not_give_way_to_a_worse_one(
    library: Library, embedder: Embedder
) -> None:
    long = put(library, embedder, "A long sentence that answers. " * 30, uri="/long.md", embed=False)
    short = put(library, embedder, "Short and beside the point.", uri="/short.md", embed=False)
    best, worse = (library.catalog.chunks.neighbours(key, 0, 0)[0] for key in (long, short))
    found = fit([a_hit(best, 1.0), a_hit(worse, 0.1)], words, library.catalog, most=9, budget=60)
    assert [passage.document_id for passage in found][:1] in ([], [long])


def test_nothing_fits_no_budget(stocked: Stocked) -> None:
    assert passages(stocked, {0: 1.0}, budget=0) == []
    assert fit([], words, stocked.library.catalog, most=9, budget=100) == []
