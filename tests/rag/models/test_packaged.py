"""Real weights: SmolLM2 from its package, loaded, asked, stopped and measured by llama.cpp."""

from __future__ import annotations

import threading
from itertools import islice
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from rag.answer.forms import USUAL
from rag.answer.generate import Writer, repetition
from rag.engine import local_model, model_path
from rag.errors import Cancelled, PromptTooLong
from rag.evaluation.probe import probe
from rag.events import Progress, Text
from rag.models.adapters import LlamaModel
from rag.models.estimate import estimate_memory, shape_of
from rag.models.gguf import read_header
from rag.models.llama import LoadedModel
from rag.models.packaged import NAME, is_installed, packaged_model
from rag.settings import Settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not is_installed(), reason="the package with SmolLM2 is not installed"),
]
TALK = [SystemMessage("Answer in a sentence."), HumanMessage("What is the capital of France?")]


@pytest.fixture(scope="module")
def model() -> LlamaModel:
    return local_model(packaged_model(), Settings(context_tokens=2048, answer_tokens=64), NAME)


def text_of(model: LlamaModel, talk: list[SystemMessage | HumanMessage], most: int = 10_000) -> str:
    steps = model.stream(talk, threading.Event())
    return "".join(step.piece for step in islice(steps, most) if isinstance(step, Text))


def test_it_goes_by_its_name(tmp_path: Path) -> None:
    assert model_path(NAME, tmp_path) == packaged_model()


def test_it_answers_in_its_own_template_and_says_how_far_it_has_read(model: LlamaModel) -> None:
    steps = list(model.stream(TALK, threading.Event()))
    read = [step.read for step in steps if isinstance(step, Progress)]
    assert read[-1] == 1.0
    text = "".join(step.piece for step in steps if isinstance(step, Text))
    assert "Paris" in text
    assert "<|im_" not in text


def test_the_same_question_gets_the_same_answer_after_another_one(model: LlamaModel) -> None:
    first = text_of(model, TALK)
    text_of(model, [SystemMessage("Answer in a sentence."), HumanMessage("Why is the sky blue?")])
    assert text_of(model, TALK) == first


def test_a_stop_ends_it_while_it_writes(model: LlamaModel) -> None:
    stop = threading.Event()
    steps = model.stream([HumanMessage("Tell a long story.")], stop)
    next(step for step in steps if isinstance(step, Text))
    stop.set()
    with pytest.raises(Cancelled):
        list(steps)


def test_a_prompt_that_does_not_fit_is_refused_before_it_is_read(model: LlamaModel) -> None:
    with pytest.raises(PromptTooLong, match="2,048"):
        list(model.stream([HumanMessage("word " * 3000)], threading.Event()))


def test_a_text_that_repeats_itself_ends_at_the_repetition(model: LlamaModel) -> None:
    writer = Writer(model, Settings(answer_tokens=64))
    for one in islice(probe(writer, [USUAL]), 4):
        assert repetition(one.text) is None


@pytest.mark.parametrize("context", [512, 2048, 8192])
def test_the_memory_is_estimated_within_a_tenth_of_what_it_takes(context: int) -> None:
    header = read_header(packaged_model())
    taken, estimated = (
        LoadedModel(header, context, gpu_layers=0, threads=1).memory,
        estimate_memory(shape_of(header), context),
    )
    assert estimated.total == pytest.approx(taken.total, rel=0.1)
    assert estimated.repacked == pytest.approx(taken.repacked, rel=0.1)
