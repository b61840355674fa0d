"""The evidence: the best sentences with their neighbours, within a budget."""

from __future__ import annotations

from dataclasses import replace

from rag.answer.evidence import evidence
from rag.answer.quote import QuotedSentence
from rag.types import Passage
from tests.fakes import a_passage

TEXT = "Zero is first. One follows. Two is second. Three comes then. Four is late. Five ends it."


def words(text: str) -> int:
    return len(text.split())


def sentence(passage: Passage, said: str) -> QuotedSentence:
    at = passage.start + passage.text.index(said)
    return QuotedSentence(passage, at, at + len(said), 1.0)


def test_a_sentence_comes_with_its_neighbours() -> None:
    passage = a_passage(TEXT, start=100)
    (found,) = evidence([sentence(passage, "Two is second.")], words, budget=500)
    assert found.text == "One follows. Two is second. Three comes then."
    assert passage.text[found.start - 100 : found.end - 100] == found.text
    assert found.number == 1


def test_excerpts_that_touch_become_one_and_the_best_comes_first() -> None:
    one, other = a_passage(TEXT), a_passage(TEXT, document_id="other", number=2)
    found = evidence(
        [sentence(other, "Zero is first."), sentence(one, "One follows."), sentence(one, "Three comes then.")],
        words,
        budget=500,
    )
    assert [(part.document_id, part.number) for part in found] == [("other", 1), (one.document_id, 2)]
    assert found[1].text == "Zero is first. One follows. Two is second. Three comes then. Four is late."


def test_excerpts_on_both_sides_of_a_sentence_become_one_with_it() -> None:
    passage = a_passage(" ".join(f"This is number {n}." for n in range(9)))
    found = evidence([sentence(passage, f"This is number {n}.") for n in (1, 7, 4)], words, budget=500)
    assert [part.text for part in found] == [passage.text]


def test_the_budget_holds_and_the_best_sentence_is_there_in_any_case() -> None:
    one, other = a_passage(TEXT), a_passage(TEXT, document_id="other")
    quoted = [sentence(one, "Two is second."), sentence(other, "Five ends it.")]
    assert len(evidence(quoted, words, budget=30)) == 1
    (found,) = evidence(quoted, words, budget=5)
    assert found.text == "Two is second."
    assert evidence([], words, budget=500) == []


def test_a_sentence_far_behind_the_best_is_no_evidence() -> None:
    one, other = a_passage(TEXT), a_passage(TEXT, document_id="other")
    best, near = sentence(one, "Zero is first."), replace(sentence(other, "Zero is first."), score=0.8)
    far = replace(sentence(other, "Five ends it."), score=0.6)
    assert [part.text for part in evidence([best, near, far], words, budget=500)] == ["Zero is first. One follows."] * 2
