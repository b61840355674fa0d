"""One question judged, by hand: ranks, answers, refusals and citations."""

from __future__ import annotations

import math

import pytest

from rag.evaluation.judge import judge
from rag.evaluation.questions import EvalQuestion, Evidence
from rag.evaluation.report import ALL, compared, side
from rag.types import Answer, AnswerStatus, Citation, Passage, Sentence
from tests.fakes import a_passage

QUOTE = "A heap keeps its smallest element at the root."
PLACE = Evidence("d1.md", 3, QUOTE)
ASKED = EvalQuestion("1", "Where is the smallest element?", "en", evidence=(PLACE,), answers=("at the root",))


def passages(*texts: str, page: int | None = None, document_id: str = "d1") -> list[Passage]:
    return [
        a_passage(text, number=number, start=100 * number, document_id=document_id, page=page, page_end=page)
        for number, text in enumerate(texts, 1)
    ]


def quoted(*quotes: str, page: int | None = 3, source: str = "/notes/d1.md") -> Answer:
    citations = tuple(
        Citation(number, source, "Notes", text, 0, len(text), "d1", page, page) for number, text in enumerate(quotes, 1)
    )
    sentences = tuple(Sentence(text, (number,), True, 1.0) for number, text in enumerate(quotes, 1))
    return Answer("q", " ".join(quotes), AnswerStatus.QUOTED, citations, sentences)


def refused() -> Answer:
    return Answer("q", "The documents don't say.", AnswerStatus.NOT_IN_DOCUMENTS)


def test_the_rank_is_that_of_the_passage_with_the_quote() -> None:
    found = passages("Something else.", f"Before. {QUOTE} After.")
    judged = judge(ASKED, found, None, lambda _: "")
    assert judged.ranks == (2,)
    assert judged.marks == {
        "recall@1": (0, 1),
        "recall@5": (1, 1),
        "recall@10": (1, 1),
        "MRR": (0.5, 1),
        "nDCG@10": (1 / math.log2(3), 1),
    }


def test_the_same_words_in_another_document_are_not_the_place() -> None:
    assert judge(ASKED, passages(QUOTE, document_id="d2"), None, lambda _: "").ranks == (0,)


def test_without_a_quote_the_page_counts_and_without_a_page_the_document() -> None:
    on_page = EvalQuestion("1", "Where?", "en", evidence=(Evidence("d1.md", 3),))
    assert judge(on_page, passages("x", page=3), None, lambda _: "").ranks == (1,)
    assert judge(on_page, passages("x", page=4), None, lambda _: "").ranks == (0,)
    anywhere = EvalQuestion("1", "Where?", "en", evidence=(Evidence("NOTES/d1.md"),))
    assert judge(anywhere, passages("x", page=9), None, lambda _: "").ranks == (1,)
    titled = EvalQuestion("1", "Where?", "en", evidence=(Evidence("Notes"),))
    assert judge(titled, passages("x"), None, lambda _: "").ranks == (1,)


def test_with_only_an_answer_the_passage_that_says_it_counts() -> None:
    asked = EvalQuestion("1", "Where?", "en", answers=("the root",))
    assert judge(asked, passages("beetroot", "It lies at the root."), None, lambda _: "").ranks == (2,)


def test_several_places_count_each() -> None:
    """Found: the first of two at rank 1; recall 1/2, gain 1 of 1 + 1/log2(3)."""
    asked = EvalQuestion("1", "Where?", "en", evidence=(PLACE, Evidence("d2.md")))
    marks = judge(asked, passages(QUOTE), None, lambda _: "").marks
    assert marks["recall@10"] == (0.5, 1)
    assert marks["nDCG@10"][0] == pytest.approx(1 / (1 + 1 / math.log2(3)))
    both = judge(asked, [*passages(QUOTE), *passages("x", document_id="d2")], None, lambda _: "").marks
    assert both["nDCG@10"] == (1.0, 1)


def test_one_passage_that_holds_two_places_is_a_perfect_order() -> None:
    asked = EvalQuestion("1", "Where?", "en", evidence=(PLACE, Evidence("d1.md")))
    assert judge(asked, passages(QUOTE), None, lambda _: "").marks["nDCG@10"] == (1.0, 1)


def test_an_answer_is_compared_with_the_answers_and_the_quotes() -> None:
    marks = judge(ASKED, [], quoted(QUOTE), lambda _: QUOTE).marks
    assert marks["exact match"] == (1, 1)
    marks = judge(ASKED, [], quoted("It is at the root."), lambda _: "It is at the root.").marks
    # "it is at root" against "at root": 2 * 2 / (4 + 2)
    assert marks["F1"] == (pytest.approx(2 / 3), 1)


def test_a_refusal_of_an_answerable_question_is_no_answer_and_a_wrong_refusal() -> None:
    marks = judge(ASKED, [], refused(), lambda _: "").marks
    assert (marks["F1"], marks["refusal precision"]) == ((0, 1), (0, 1))
    assert "refusal recall" not in marks
    assert "citation precision" not in marks


def test_a_question_without_answer_is_right_when_refused_and_counts_for_nothing_else() -> None:
    nothing = EvalQuestion("2", "Who?", "en", answerable=False)
    judged = judge(nothing, passages(QUOTE), refused(), lambda _: "")
    assert judged.ranks == ()
    assert judged.marks == {"refusal precision": (1, 1), "refusal recall": (1, 1)}
    assert judge(nothing, [], quoted(QUOTE), lambda _: QUOTE).marks == {"refusal recall": (0, 1)}


def test_a_citation_is_right_when_it_is_verbatim_on_its_page_and_holds_the_answer() -> None:
    other = "Taking it out costs logarithmic time."
    marks = judge(ASKED, [], quoted(QUOTE, other, "Never written at the root."), lambda _: f"{QUOTE} {other}").marks
    assert marks["quote on its page"] == (2, 3)
    assert marks["citation precision"] == (1, 3)


def test_a_citation_of_another_document_is_wrong_whatever_it_says() -> None:
    assert judge(ASKED, [], quoted(QUOTE, source="/notes/d2.md"), lambda _: QUOTE).marks["citation precision"] == (0, 1)


def test_where_only_a_page_is_known_a_citation_is_right_on_it() -> None:
    asked = EvalQuestion("1", "Where?", "en", evidence=(Evidence("d1.md", 3),))
    for page, right in ((3, 1), (4, 0)):
        marks = judge(asked, [], quoted("Any words.", page=page), lambda _: "Any words.").marks
        assert marks["citation precision"] == (right, 1)


def test_measures_are_summed_by_language_and_over_all() -> None:
    german = EvalQuestion("2", "Wo?", "de", evidence=(PLACE,))
    judged = [
        judge(question, found, None, lambda _: "") for question, found in ((ASKED, passages(QUOTE)), (german, []))
    ]
    measures = side({}, judged, 1.0).measures
    assert {name: values["recall@1"] for name, values in measures.items()} == {ALL: 0.5, "de": 0.0, "en": 1.0}
    assert measures[ALL]["F1"] is None
    assert list(side({}, judged[:1], 1.0).measures) == [ALL]


def test_two_settings_are_compared_question_by_question() -> None:
    good, bad = judge(ASKED, passages(QUOTE), None, lambda _: ""), judge(ASKED, [], None, lambda _: "")
    found = {one.measure: one for one in compared(side({}, [bad] * 20, 1.0), side({"x": "1"}, [good] * 20, 1.0))}
    assert (found["MRR"].value, found["MRR"].low, found["MRR"].high, found["MRR"].clear) == (1, 1, 1, True)
    assert "F1" not in found
