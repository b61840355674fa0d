"""Whole evaluations of a small library: through `Studyhall`, with real search."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.engine import Components, Engine
from rag.errors import Cancelled, InputError, SettingsError
from rag.evaluation.questions import EvalQuestion, Evidence
from rag.evaluation.report import ALL, Evaluating
from tests.fake_parts import FakeEmbedder, MemoryVectors, OverlapRanker
from tests.fakes import put
from ui.hall import Studyhall

HEAPS = "# Heaps\n\nA binary heap keeps its smallest element at the root. Taking it out costs logarithmic time.\n"
TRIES = "# Tries\n\nA trie is a tree of letters. It finds words by their prefixes.\n"
QUESTIONS = (
    EvalQuestion(
        "1",
        "Where does a binary heap keep its smallest element?",
        "en",
        evidence=(Evidence("heaps.md", None, "A binary heap keeps its smallest element at the root."),),
    ),
    EvalQuestion(
        "2", "How does a trie find words?", "en", evidence=(Evidence("tries.md"),), answers=("their prefixes",)
    ),
    EvalQuestion("3", "Who painted the ceiling of the Sistine Chapel?", "en", answerable=False),
    EvalQuestion("4", "What is a page?", "en", evidence=(Evidence("gone.pdf", 3),), confirmed=False),
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, _clean_environment: None) -> Iterator[Studyhall]:
    embedder = FakeEmbedder()
    given = Components(embedder, MemoryVectors(embedder.fingerprint), rankers={"reader": OverlapRanker()})
    with Studyhall(Engine(tmp_path_factory.mktemp("small") / "home", given=given)) as opened:
        for name, text in (("heaps", HEAPS), ("tries", TRIES)):
            put(opened.engine.library, embedder, text, uri=f"/{name}.md")
        yield opened


def test_an_evaluation_measures_search_answers_refusals_and_citations(small: Studyhall) -> None:
    found = small.evaluate(QUESTIONS)
    assert found.questions == {"en": 4, ALL: 4}
    assert found.unanswerable == 1
    measures = found.sides[0].measures[ALL]
    # One of three names a document that isn't here: whatever is found for it is wrong, and it is refused.
    assert measures["recall@1"] == pytest.approx(2 / 3)
    assert measures["refusal recall"] == 1
    assert measures["quote on its page"] == 1
    assert measures["citation precision"] == 1 / 2  # of two quotes one is the sentence before the answer
    assert measures["exact match"] is not None
    assert [one.id for one in found.sides[0].judged] == ["1", "2", "3", "4"]
    assert found.model is None


def test_drafts_and_missing_documents_are_warned_of(small: Studyhall) -> None:
    notes = small.evaluate(QUESTIONS, search_only=True).notes
    assert any("1 question is drafted and not confirmed" in note for note in notes)
    assert any("gone.pdf" in note and "1 of 4" in note for note in notes)
    assert small.evaluate(QUESTIONS[:3], search_only=True).notes == ()


def test_two_settings_are_measured_side_by_side(small: Studyhall) -> None:
    found = small.evaluate(QUESTIONS[:3], against={"refuse_below": "1"})
    assert [side.settings for side in found.sides] == [{}, {"refuse_below": "1"}]
    first, second = (side.measures[ALL] for side in found.sides)
    assert first["MRR"] == second["MRR"] == 1
    assert second["F1"] == 0  # everything is refused
    differences = {one.measure: one for one in found.differences}
    assert differences["MRR"].value == 0
    assert differences["F1"].value == pytest.approx(-(first["F1"] or 0))
    assert small.engine.settings.refuse_below == 0.5


def test_search_alone_asks_for_no_answers(small: Studyhall) -> None:
    found = small.evaluate(QUESTIONS[:2], search_only=True)
    assert {one.status for one in found.sides[0].judged} == {""}
    assert found.sides[0].measures[ALL]["F1"] is None


def test_settings_that_no_question_reads_are_refused(small: Studyhall) -> None:
    with pytest.raises(SettingsError, match="quantisation can't be compared"):
        small.evaluate(QUESTIONS, against={"quantisation": "fp32"})
    with pytest.raises(SettingsError, match="no setting 'densness'"):
        small.evaluate(QUESTIONS, against={"densness": "1"})
    with pytest.raises(SettingsError, match="between 0 and 1"):
        small.evaluate(QUESTIONS, against={"dense_weight": "2"})


def test_an_evaluation_tells_its_progress_and_can_be_stopped(small: Studyhall) -> None:
    stopped = threading.Event()
    events = small.evaluate_events(QUESTIONS[:2], stopped=stopped)
    assert next(events) == Evaluating(0, 2)
    assert next(events) == Evaluating(1, 2)
    stopped.set()
    with pytest.raises(Cancelled):
        list(events)


def test_a_file_of_questions_is_read(small: Studyhall, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(question.line() for question in QUESTIONS), encoding="utf-8")
    assert small.evaluate(path, search_only=True).questions[ALL] == 4
    with pytest.raises(InputError, match="line 1"):
        path.write_text("{", encoding="utf-8")
        small.evaluate(path)


def test_drafts_of_a_library_find_their_own_sentences(small: Studyhall) -> None:
    drafts = list(small.draft_questions(most=5))
    assert "What is a trie?" in [question.text for question in drafts]
    found = small.evaluate(drafts, search_only=True)
    assert found.sides[0].measures[ALL]["recall@10"] == 1
    assert any("not confirmed" in note for note in found.notes)
