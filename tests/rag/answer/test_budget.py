"""How many tokens of passages a prompt may hold."""

from __future__ import annotations

import doctest
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag.answer.budget
from rag.answer.budget import LEAST, PromptLimits, passage_budget
from rag.errors import PromptTooLong

ROOMY = PromptLimits(context=8192, answer=512, overhead=300, passages=2500, seconds=15, speed=1000)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.answer.budget).failed == 0


@pytest.mark.parametrize(
    ("limits", "budget"),
    [
        pytest.param(ROOMY, 2500, id="what is useful"),
        pytest.param(replace(ROOMY, context=2048), 2048 - 512 - 300, id="what the context has room for"),
        pytest.param(replace(ROOMY, speed=100), 1500 - 300, id="what is read in time"),
        pytest.param(replace(ROOMY, speed=1), 400, id="a slow machine still gets some"),
        pytest.param(replace(ROOMY, speed=None, seconds=20), 60 * 20 - 300, id="an assumed speed"),
        pytest.param(replace(ROOMY, passages=100, speed=1), 100, id="few are wanted"),
        pytest.param(replace(ROOMY, context=512 + 300 + LEAST), LEAST, id="the least"),
    ],
)
def test_the_smallest_limit_counts(limits: PromptLimits, budget: int) -> None:
    assert passage_budget(limits) == budget


def test_no_room_is_told_with_the_numbers() -> None:
    with pytest.raises(PromptTooLong) as caught:
        passage_budget(replace(ROOMY, context=512 + 300 + LEAST - 1))
    assert str(512 + 300 + LEAST) in str(caught.value)
    assert str(512 + 300 + LEAST - 1) in str(caught.value)


LIMITS = st.builds(
    PromptLimits,
    context=st.integers(256, 100_000),
    answer=st.integers(16, 4000),
    overhead=st.integers(1, 9000),
    passages=st.integers(100, 10_000),
    seconds=st.floats(0.1, 3600),
    speed=st.none() | st.floats(0.01, 100_000),
)


@given(LIMITS)
def test_prompt_and_answer_always_fit_the_context(limits: PromptLimits) -> None:
    try:
        budget = passage_budget(limits)
    except PromptTooLong:
        assert limits.overhead + limits.answer + LEAST > limits.context
    else:
        assert LEAST <= budget <= limits.passages
        assert budget + limits.overhead + limits.answer <= limits.context
