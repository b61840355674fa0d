"""The reader looks at the best hits, and the order follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.question.analyse import read_question
from rag.retrieve.rerank import rerank
from rag.types import Hit
from tests.fake_parts import OverlapRanker
from tests.fakes import a_chunk, a_hit

QUESTION = read_question("What is a trie?")


def hits(*texts: str) -> list[Hit]:
    """Return hits in the order given, each a tenth worse than the one before."""
    chunks = [a_chunk(text, ordinal=number, start=1000 * number) for number, text in enumerate(texts)]
    return [a_hit(chunk, 1.0 - number / 10) for number, chunk in enumerate(chunks)]


def texts(found: list[Hit]) -> list[str]:
    return [hit.chunk.text for hit in found]


def test_the_hit_that_the_reader_likes_comes_first() -> None:
    found = rerank(QUESTION, hits("a", "b", "a trie"), OverlapRanker(), most=3, weight=0.8)
    assert texts(found) == ["a trie", "a", "b"]


def test_without_weight_the_order_stays() -> None:
    found = rerank(QUESTION, hits("a", "b", "a trie"), OverlapRanker(), most=3, weight=0.0)
    assert texts(found) == ["a", "b", "a trie"]


def test_only_the_best_are_read_and_the_rest_stays_behind_them() -> None:
    ranker = OverlapRanker()
    found = rerank(QUESTION, hits("a", "b", "a trie", "c"), ranker, most=2, weight=0.8)
    assert len(ranker.seen) == 2
    assert texts(found) == ["a", "b", "a trie", "c"]
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert [hit.reading is not None for hit in found] == [True, True, False, False]


def test_an_answer_is_placed_in_the_document() -> None:
    found = rerank(QUESTION, hits("a", "see the trie"), OverlapRanker(), most=2, weight=0.8)
    reading = found[0].reading
    assert reading is not None
    assert (reading.start, reading.end, reading.peaks) == (1008, 1012, ((1008, 0.9),))


def test_the_score_is_the_weighted_mean_of_relevance_and_fusion() -> None:
    """Relevance 4 as a probability is 0.982; 0.8 · 0.982 + 0.2 · 1.0 = 0.986."""
    found = rerank(QUESTION, hits("a trie"), OverlapRanker(), most=1, weight=0.8)
    assert found[0].score == pytest.approx(0.986, abs=0.001)


def test_the_ranker_is_told_the_languages_of_question_and_passages() -> None:
    english, german, unknown = (
        replace(hit, language=language)
        for hit, language in zip(hits("a trie", "b trie", "c"), ("en", "de", ""), strict=True)
    )
    ranker = OverlapRanker()
    found = rerank(replace(QUESTION, language="de"), [english, german, unknown], ranker, most=3, weight=0.8)
    assert ranker.languages == [{"de", "en"}, {"de"}, {"de"}]
    assert {hit.chunk.text for hit in found} == {"a trie", "b trie", "c"}
    assert all(hit.reading is not None for hit in found)


def test_nothing_is_read_when_nothing_was_found() -> None:
    assert rerank(QUESTION, [], OverlapRanker(), most=3, weight=0.8) == []
