"""What any ranker does."""

from __future__ import annotations

import pytest

from rag.models.reader import BILINGUAL, Reader, ShippedReaders, shipped
from rag.ports import Ranker
from tests.fake_parts import OverlapRanker

QUESTION = "What does an inverted index list?"
ANSWERS = ("Inverted indexes < Notes\n", "An inverted index lists, for each term, the documents that contain it.")
OTHERS = [("Cows\n", "Cows eat grass, and much of it."), ("", "def total(numbers): return sum(numbers)"), ("", "🎓")]


@pytest.fixture(
    scope="module",
    params=["overlap", *(pytest.param(name, marks=pytest.mark.slow) for name in ("english", "bilingual", "shipped"))],
)
def ranker(request: pytest.FixtureRequest) -> Ranker:
    match request.param:
        case "english":
            return Reader(shipped(), threads=2)
        case "bilingual":
            return Reader(shipped(BILINGUAL), threads=2)
        case "shipped":
            return ShippedReaders(threads=2)
    return OverlapRanker()


def test_it_is_a_ranker(ranker: Ranker) -> None:
    assert isinstance(ranker, Ranker)


def test_no_passages_have_no_readings(ranker: Ranker) -> None:
    assert ranker.read(QUESTION, []) == []


@pytest.mark.parametrize("at", range(len(OTHERS) + 1))
def test_the_passage_that_answers_is_the_most_relevant_wherever_it_stands(ranker: Ranker, at: int) -> None:
    passages = [*OTHERS[:at], ANSWERS, *OTHERS[at:]]
    found = [reading.relevance for reading in ranker.read(QUESTION, passages)]
    assert len(found) == len(passages)
    assert found.index(max(found)) == at


def test_a_reading_depends_on_its_passage_alone(ranker: Ranker) -> None:
    passages = [*OTHERS, ANSWERS]
    assert ranker.read(QUESTION, passages) == [ranker.read(QUESTION, [passage])[0] for passage in passages]


@pytest.mark.parametrize("text", ["", "a", ANSWERS[1], "index " * 2000], ids=["empty", "a letter", "usual", "long"])
def test_what_it_points_at_stands_in_the_text(ranker: Ranker, text: str) -> None:
    reading = ranker.read(QUESTION, [("Notes\n", text)])[0]
    assert 0 <= reading.start <= reading.end <= len(text)
    assert all(0 <= at < max(len(text), 1) and 0 <= likely <= 1 for at, likely in reading.peaks)


@pytest.mark.parametrize("question", ["", "?", "why " * 900], ids=["empty", "a sign", "long"])
def test_any_question_is_read(ranker: Ranker, question: str) -> None:
    assert len(ranker.read(question, [ANSWERS])) == 1
