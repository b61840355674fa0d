"""From messages to prompts: chat templates as model files carry them, and formats for files without one."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from rag.errors import ModelError
from rag.models.gguf import GgufHeader
from rag.models.templates import FORMATS, choose_format, render
from tests.tiny_gguf import CHATML

SYSTEM = {"role": "system", "content": "Be brief."}
FIRST = {"role": "user", "content": "What is a graph?"}
REPLY = {"role": "assistant", "content": "Nodes and edges."}
SECOND = {"role": "user", "content": "And a tree?"}
TALK = [SYSTEM, FIRST, REPLY, SECOND]

# In the manner of Gemma and Mistral: no system, and users and assistant in turn.
STRICT = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}[{{ m.role }}]{{ m.content | trim }}{% endfor %}"
)


def _render(template: str, messages: list[dict[str, str]]) -> str:
    return render(template, messages, bos="<s>", eos="</s>")


def test_the_template_writes_the_prompt_and_opens_the_answer() -> None:
    assert _render(CHATML, [SYSTEM, FIRST]) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat is a graph?<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_refused_system_message_goes_in_front_of_the_question() -> None:
    assert _render(STRICT, TALK) == (
        "<s>[user]Be brief.\n\nWhat is a graph?[assistant]Nodes and edges.[user]And a tree?"
    )


def test_a_dropped_system_message_goes_in_front_of_the_question() -> None:
    dropping = "{% for m in messages if m.role != 'system' %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    assert _render(dropping, [SYSTEM, FIRST]) == "[user]Be brief.\n\nWhat is a graph?"


def test_two_questions_in_a_row_become_one_where_the_template_wants_turns() -> None:
    assert _render(STRICT, [FIRST, SECOND]) == "<s>[user]What is a graph?\n\nAnd a tree?"


def test_two_questions_in_a_row_stay_two_where_it_does_not() -> None:
    assert _render(CHATML, [FIRST, SECOND]).count("<|im_start|>user") == 2


def test_a_template_that_takes_lists_of_parts_gets_them() -> None:
    listing = (
        "{% for m in messages %}[{{ m.role }}]{% for part in m.content %}{% if part.type == 'text' %}"
        "{{ part.text }}{% endif %}{% endfor %}{% endfor %}"
    )
    assert _render(listing, [SYSTEM, FIRST]) == "[system]Be brief.[user]What is a graph?"


def test_thinking_is_switched_off_unless_asked_for() -> None:
    thinking = CHATML + "{% if not enable_thinking %}<think>\n\n</think>\n\n{% endif %}"
    assert _render(thinking, [FIRST]).endswith("</think>\n\n")
    assert render(thinking, [FIRST], bos="", eos="", enable_thinking=True).endswith("assistant\n")


@pytest.mark.parametrize(
    ("template", "written"),
    [
        pytest.param("{% for m in messages %}{{ m.content }}{% break %}{% endfor %}", "Q", id="break"),
        pytest.param("{% generation %}{{ messages[0].content }}{% endgeneration %}", "Q", id="generation"),
        pytest.param("{{ messages[0].content }}{{ {'a': '<ü>'} | tojson }}", 'Q{"a": "<ü>"}', id="tojson"),
        pytest.param("{{ messages[0].content }}{{ strftime_now('%%') }}", "Q%", id="strftime_now"),
        pytest.param("  {% if true %}\n{{ messages[0].content }}{% endif %}\n", "Q", id="white space"),
        pytest.param("{{ messages[0].content }}{% if tools %}T{% endif %}{{ eos_token }}", "Q</s>", id="tools"),
    ],
)
def test_templates_find_what_they_expect(template: str, written: str) -> None:
    assert _render(template, [{"role": "user", "content": "Q"}]) == written


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("{% for %}", id="syntax"),
        pytest.param("Hello", id="loses the question"),
        pytest.param("{{ messages[0].content + 1 }}", id="type"),
        pytest.param("{{ ''.__class__.__mro__[1].__subclasses__() }}", id="sandbox"),
        pytest.param("{{ messages.clear() }}", id="immutable"),
    ],
)
def test_a_template_that_fails_is_said_with_the_formats_to_choose(template: str) -> None:
    with pytest.raises(ModelError, match=r"chat template.*chatml, openchat"):
        _render(template, [FIRST])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_carries_the_whole_talk_in_order(name: str) -> None:
    prompt = _render(FORMATS[name].template, TALK)
    places = [prompt.index(turn["content"]) for turn in TALK]
    assert places == sorted(places)
    assert FORMATS[name].stop


# From the tables in FastChat's conversation.py and llama.cpp's llama-chat.cpp.
@pytest.mark.parametrize(
    ("name", "prompt"),
    [
        ("alpaca", "Be brief.\n\n### Instruction:\nWhat is a graph?\n\n### Response:\n"),
        ("vicuna", "Be brief. USER: What is a graph? ASSISTANT:"),
        ("llama-2", "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nWhat is a graph? [/INST]"),
        ("mistral-v1", "[INST] Be brief.\n\nWhat is a graph? [/INST]"),
        ("zephyr", "<|system|>\nBe brief.</s>\n<|user|>\nWhat is a graph?</s>\n<|assistant|>\n"),
        ("openassistant", "<|prompter|>Be brief.\n\nWhat is a graph?</s><|assistant|>"),
        ("phi-3", "<|system|>\nBe brief.<|end|>\n<|user|>\nWhat is a graph?<|end|>\n<|assistant|>\n"),
        (
            "gemma",
            "<start_of_turn>user\nBe brief.\n\nWhat is a graph?<end_of_turn>\n<start_of_turn>model\n",
        ),
        (
            "llama-3",
            "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nWhat is a graph?<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n",
        ),
    ],
)
def test_formats_are_written_as_the_models_learned_them(name: str, prompt: str) -> None:
    assert _render(FORMATS[name].template, [SYSTEM, FIRST]) == prompt


def _header(file_name: str, name: str = "") -> GgufHeader:
    return GgufHeader(
        path=Path(file_name),
        architecture="llama",
        name=name,
        context_length=2048,
        chat_template=None,
        tensor_count=1,
        tokenizer_model="llama",
        bos="<s>",
        eos="</s>",
        special_tokens=frozenset(),
        vocabulary=0,
        repacked=0,
        size_bytes=1,
        metadata=MappingProxyType({}),
    )


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ({"<|im_start|>", "<|im_end|>"}, "chatml"),
        ({"<|start_header_id|>"}, "llama-3"),
        ({"<start_of_turn>"}, "gemma"),
        ({"<|end|>", "<|assistant|>"}, "phi-3"),
        ({"<|prompter|>"}, "openassistant"),
        ({"[INST]"}, "mistral-v3"),
    ],
)
def test_special_tokens_decide_before_the_name(words: set[str], name: str) -> None:
    assert choose_format(_header("vicuna-7b.gguf"), words).name == name


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("vicuna-13b-v1.5.Q4_K_M.gguf", "vicuna"),
        ("llama-2-7b-chat.Q4_K_M.gguf", "llama-2"),
        ("WizardLM-13B-V1.2.gguf", "vicuna"),
        ("wizardcoder-python-13b.gguf", "alpaca"),
        ("Nous-Hermes-13B.gguf", "alpaca"),
        ("mistral-7b-openorca.gguf", "chatml"),
        ("dolphin-2.1-mistral-7b.gguf", "chatml"),
        ("mistral-7b-instruct-v0.2.gguf", "mistral-v1"),
        ("mistral-7b-instruct-v0.3.gguf", "mistral-v3"),
        ("zephyr-7b-beta.gguf", "zephyr"),
        ("orca_mini_3b.gguf", "orca-mini"),
        ("oasst-sft-4-pythia-12b.gguf", "openassistant"),
        ("gpt4all-falcon-newbpe-q4_0.gguf", "alpaca"),
        ("em_german_mistral_v01.Q4_0.gguf", "vicuna"),
        ("ghost-7b-v0.9.1-Q4_0.gguf", "zephyr"),
        ("falcon-7b-instruct.gguf", "falcon"),
        ("model.gguf", "chatml"),
    ],
)
def test_without_special_tokens_the_name_decides(file_name: str, name: str) -> None:
    assert choose_format(_header(file_name), frozenset()).name == name


def test_the_name_within_the_file_counts_where_the_file_name_says_nothing() -> None:
    assert choose_format(_header("model.gguf", "Vicuna 13B"), frozenset()).name == "vicuna"
