"""The probe of a language model."""

from __future__ import annotations

import re

import pytest

from rag.answer.forms import FORMS
from rag.answer.generate import Writer
from rag.answer.prompt import refusal
from rag.evaluation.probe import ProbeCase, best_form, cases, excerpts_of, probe
from rag.settings import Settings
from tests.fake_parts import ScriptedModel

PLAIN, EXAMPLE = FORMS["plain"], FORMS["example"]


def test_there_are_twenty_cases_of_every_kind_in_both_languages() -> None:
    assert len(cases()) == 20
    assert {case.kind for case in cases()} == {"one", "two", "number", "list", "command", "absent"}
    assert {case.language for case in cases()} == {"en", "de"}
    assert len({case.question for case in cases()}) == 20


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.question)
def test_each_case_can_be_answered_from_its_excerpts_alone(case: ProbeCase) -> None:
    assert bool(case.expected) == (case.kind != "absent")
    for pattern in (*case.expected, *case.wrong):
        re.compile(pattern)
    shown = " ".join(passage.text for passage in excerpts_of(case))
    for pattern in case.expected:
        assert re.search(pattern, shown, re.IGNORECASE) or case.kind in {"one", "two"}


def a_writer(answers: list[str]) -> Writer:
    return Writer(ScriptedModel(*answers), Settings())


def right_answer(case: ProbeCase) -> str:
    return " ".join(case.excerpts) if case.expected else refusal(case.language)


def test_who_repeats_the_excerpts_is_right_where_they_hold_the_answer_and_nothing_else() -> None:
    found = list(probe(a_writer([right_answer(case) for case in cases()]), [PLAIN]))
    wrong = {one.case.question for one in found if not one.right}
    assert wrong <= {case.question for case in cases() if case.wrong}
    assert all(one.tokens[1] for one in found)


def test_who_makes_something_up_is_wrong() -> None:
    found = list(probe(a_writer(["Napoleon marched to Moscow with cannons."] * 20), [PLAIN]))
    assert {one.case.kind for one in found if one.right} == {"absent"}


def test_the_form_with_most_right_answers_is_the_best_and_of_equals_the_first() -> None:
    silent, right = ["Napoleon marched."] * 20, [right_answer(case) for case in cases()]
    assert best_form(list(probe(a_writer(silent + right), [PLAIN, EXAMPLE]))) is EXAMPLE
    assert best_form(list(probe(a_writer(right + right), [PLAIN, EXAMPLE]))) is PLAIN
