"""From messages to the prompt that a model was trained on: its own chat template, or a format for old files.

Chat templates are Jinja, written for the environment of Hugging Face's `transformers`
(https://huggingface.co/docs/transformers/chat_templating); this is that environment, sandboxed, because a
template comes with a file from anywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rag.errors import ModelError
from rag.models.gguf import GgufHeader

Turn = Mapping[str, str]  # {"role": "system" | "user" | "assistant", "content": text}, as templates expect it

# What a template may raise of itself or through the Python operations that it calls.
_TEMPLATE_FAULTS = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """How one family of models is spoken to: a Jinja template, and the strings that end its answer."""

    name: str
    template: str
    stop: tuple[str, ...] = ()


def render(template: str, messages: Sequence[Turn], *, bos: str, eos: str, enable_thinking: bool = False) -> str:
    r"""Return the prompt that `template` makes of `messages`, open for the model's answer.

    A system message that the template refuses or drops goes in front of the first user message, and turns of
    one role that follow each other become one, where the template insists on taking turns.

    >>> render(FORMATS["gemma"].template, [{"role": "system", "content": "Be brief."},
    ...                                    {"role": "user", "content": "Hi"}], bos="", eos="")
    '<start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\n'

    Raises ModelError when the template can't be used or loses the question.
    """
    needed = _needed(messages)
    fault = "it leaves out the question"
    for variant in _variants(messages):
        try:
            text = _compiled(template).render(
                messages=variant,
                bos_token=bos,
                eos_token=eos,
                add_generation_prompt=True,
                enable_thinking=enable_thinking,
                tools=None,
                documents=None,
                strftime_now=_strftime_now,
            )
        except _TEMPLATE_FAULTS as exc:
            fault = str(exc) or type(exc).__name__
            continue
        if all(content in text for content in needed):
            return text
    message = f"The chat template of this model can't be used: {fault}."
    raise ModelError(message, remedy=f"Choose a chat format for it: {', '.join(FORMATS)}.")


def choose_format(header: GgufHeader, vocabulary_words: Container[str]) -> ChatFormat:
    """Return the format for a file without a chat template.

    The special tokens of the vocabulary decide; without any, the words in the name of the file, then in
    `general.name`; ChatML when nothing is known. `header.special_tokens` serves as `vocabulary_words`.
    """
    for words, name in _BY_TOKENS:
        if all(word in vocabulary_words for word in words):
            return FORMATS[name]
    for title in (header.path.name, header.name):
        plain = re.sub(r"[\s_]+", "-", title.lower())
        for pattern, name in _BY_NAME:
            if re.search(pattern, plain):
                return FORMATS[name]
    return FORMATS["chatml"]


def _needed(messages: Sequence[Turn]) -> list[str]:
    """Return the contents that must not get lost: the system messages and the last question."""
    system = [turn["content"].strip() for turn in messages if turn["role"] == "system"]
    question = [turn["content"].strip() for turn in messages if turn["role"] == "user"][-1:]
    return system + question


def _variants(messages: Sequence[Turn]) -> Iterator[list[dict[str, object]]]:
    """Yield the messages in the forms that templates want, the plainest first."""
    plain = [(turn["role"], turn["content"]) for turn in messages]
    folded = [("assistant" if role == "assistant" else "user", content) for role, content in plain]
    for turns in (plain, _taking_turns(plain), _taking_turns(folded)):
        yield [{"role": role, "content": content} for role, content in turns]
        # Templates of models that also see pictures may take only a list of parts.
        yield [{"role": role, "content": [{"type": "text", "text": content}]} for role, content in turns]


def _taking_turns(turns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the turns with those of one role that follow each other as one."""
    groups = groupby(turns, key=lambda turn: turn[0])
    return [(role, "\n\n".join(content for _, content in group)) for role, group in groups]


class _GenerationTag(Extension):
    """`{% generation %}` marks the assistant's part for training; here its body is all there is to it."""

    tags = {"generation"}  # noqa: RUF012  # Jinja's own way of declaring it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        parser.stream.skip(1)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


@lru_cache(maxsize=16)
def _compiled(template: str) -> jinja2.Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_GenerationTag, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _tojson
    environment.globals["raise_exception"] = _raise_exception
    return environment.from_string(template)


def _tojson(value: object, indent: int | None = None, ensure_ascii: bool = False, **options: bool) -> str:
    # Jinja's own filter escapes <, > and & for HTML, which models have not been trained on.
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, **options)  # type: ignore[arg-type]  # sort_keys and separators, as templates pass them


def _raise_exception(message: str) -> str:
    raise jinja2.TemplateError(message)


def _strftime_now(form: str) -> str:
    return datetime.now().strftime(form)


def _format(name: str, *, turns: str, opens: str, stop: tuple[str, ...] = ()) -> ChatFormat:
    return ChatFormat(name, "{% for m in messages %}" + turns + "{% endfor %}" + opens, stop)


def _by_role(**forms: str) -> str:
    """Return a Jinja choice by role: `_by_role(user="Q: {}")` writes a user's content behind `Q: `."""
    choices = (
        "{% if m.role == '" + role + "' %}" + form.replace("{}", "{{ m.content }}") + "{% endif %}"
        for role, form in forms.items()
    )
    return "".join(choices)


_LLAMA_2_USER = (
    "[INST] {% if loop.index0 == 1 and messages[0].role == 'system' %}"
    "<<SYS>>{{ '\\n' + messages[0].content + '\\n' }}<</SYS>>{{ '\\n\\n' }}{% endif %}{} [/INST]"
)

# Formats of the time before templates, from the tables in llama.cpp's src/llama-chat.cpp and FastChat's
# conversation.py. A format without a system role gets the system's words in the first user turn (`render`).
# BOS isn't part of them: the vocabulary says whether a prompt begins with it.
FORMATS: Mapping[str, ChatFormat] = {
    form.name: form
    for form in (
        _format(
            "chatml",
            turns="<|im_start|>{{ m.role + '\\n' + m.content }}<|im_end|>{{ '\\n' }}",
            opens="<|im_start|>assistant{{ '\\n' }}",
            stop=("<|im_end|>", "<|im_start|>"),
        ),
        _format(
            "llama-3",
            turns="<|start_header_id|>{{ m.role }}<|end_header_id|>{{ '\\n\\n' + m.content }}<|eot_id|>",
            opens="<|start_header_id|>assistant<|end_header_id|>{{ '\\n\\n' }}",
            stop=("<|eot_id|>",),
        ),
        _format(
            "llama-2",
            turns=_by_role(user=_LLAMA_2_USER, assistant=" {} {{ eos_token + bos_token }}"),
            opens="",
            stop=("</s>", "[INST]"),
        ),
        _format(
            "mistral-v1",
            turns=_by_role(user="[INST] {} [/INST]", assistant=" {}{{ eos_token }}"),
            opens="",
            stop=("</s>", "[INST]"),
        ),
        _format(
            "mistral-v3",
            turns=_by_role(user="[INST] {}[/INST]", assistant=" {}{{ eos_token }}"),
            opens="",
            stop=("</s>", "[INST]"),
        ),
        _format(
            "gemma",
            turns=_by_role(
                user="<start_of_turn>user{{ '\\n' }}{}<end_of_turn>{{ '\\n' }}",
                assistant="<start_of_turn>model{{ '\\n' }}{}<end_of_turn>{{ '\\n' }}",
            ),
            opens="<start_of_turn>model{{ '\\n' }}",
            stop=("<end_of_turn>",),
        ),
        _format(
            "phi-3",
            turns="<|{{ m.role }}|>{{ '\\n' + m.content }}<|end|>{{ '\\n' }}",
            opens="<|assistant|>{{ '\\n' }}",
            stop=("<|end|>", "<|endoftext|>", "<|user|>"),
        ),
        _format(
            "phi-2",
            turns=_by_role(user="Instruct: {}{{ '\\n' }}", assistant="Output: {}{{ '\\n' }}"),
            opens="Output:",
            stop=("<|endoftext|>", "Instruct:"),
        ),
        _format(
            "granite",
            turns="<|start_of_role|>{{ m.role }}<|end_of_role|>{{ m.content }}<|end_of_text|>{{ '\\n' }}",
            opens="<|start_of_role|>assistant<|end_of_role|>",
            stop=("<|end_of_text|>", "<|start_of_role|>"),
        ),
        _format(
            "zephyr",
            turns="<|{{ m.role }}|>{{ '\\n' + m.content + eos_token + '\\n' }}",
            opens="<|assistant|>{{ '\\n' }}",
            stop=("</s>", "<|user|>", "<|endoftext|>"),
        ),
        _format(
            "openchat",
            turns=_by_role(
                system="{}<|end_of_turn|>",
                user="GPT4 Correct User: {}<|end_of_turn|>",
                assistant="GPT4 Correct Assistant: {}<|end_of_turn|>",
            ),
            opens="GPT4 Correct Assistant:",
            stop=("<|end_of_turn|>", "GPT4 Correct User:"),
        ),
        _format(
            "openassistant",
            turns=_by_role(user="<|prompter|>{}{{ eos_token }}", assistant="<|assistant|>{}{{ eos_token }}"),
            opens="<|assistant|>",
            stop=("<|endoftext|>", "</s>", "<|prompter|>"),
        ),
        _format(
            "vicuna",
            turns=_by_role(system="{} ", user="USER: {} ", assistant="ASSISTANT: {}{{ eos_token }}"),
            opens="ASSISTANT:",
            stop=("</s>", "USER:"),
        ),
        _format(
            "vicuna-v0",
            turns=_by_role(
                system="{}{{ '\\n\\n' }}",
                user="### Human: {}{{ '\\n' }}",
                assistant="### Assistant: {}{{ '\\n' }}",
            ),
            opens="### Assistant:",
            stop=("###",),
        ),
        _format(
            "alpaca",
            turns=_by_role(
                system="{}{{ '\\n\\n' }}",
                user="### Instruction:{{ '\\n' }}{}{{ '\\n\\n' }}",
                assistant="### Response:{{ '\\n' }}{}{{ '\\n\\n' }}",
            ),
            opens="### Response:{{ '\\n' }}",
            stop=("</s>", "### Instruction"),
        ),
        _format(
            "orca-mini",
            turns=_by_role(
                system="### System:{{ '\\n' }}{}{{ '\\n\\n' }}",
                user="### User:{{ '\\n' }}{}{{ '\\n\\n' }}",
                assistant="### Response:{{ '\\n' }}{}{{ '\\n\\n' }}",
            ),
            opens="### Response:{{ '\\n' }}",
            stop=("</s>", "### User"),
        ),
        _format(
            "falcon",
            turns=_by_role(user="User: {}{{ '\\n\\n' }}", assistant="Assistant: {}{{ '\\n\\n' }}"),
            opens="Assistant:",
            stop=("<|endoftext|>", "\nUser"),
        ),
    )
}

# First match wins: these tokens, all in the vocabulary, and the format they mean.
_BY_TOKENS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("<|im_start|>",), "chatml"),
    (("<|start_header_id|>",), "llama-3"),
    (("<start_of_turn>",), "gemma"),
    (("<|start_of_role|>",), "granite"),
    (("<|end|>", "<|assistant|>"), "phi-3"),
    (("<|end_of_turn|>",), "openchat"),
    (("<|prompter|>",), "openassistant"),
    (("[INST]",), "mistral-v3"),
)

# First match wins: words in the name, in the order of FastChat's model_adapter.py.
_BY_NAME = (
    (r"openhermes-2|mistral.*openorca|dolphin.*mistral|orca-2|mpt-.*chat|chatml", "chatml"),
    (r"openchat|starling-lm", "openchat"),
    (r"zephyr|notus", "zephyr"),
    (r"stable-?vicuna|vicuna.*v0|guanaco", "vicuna-v0"),
    (r"vicuna|longchat|airoboros|camel|wizardlm", "vicuna"),
    (r"wizardcoder|alpaca|nous-hermes|dolly-v2|mpt-.*instruct|platypus|chronos|lazarus|supercot", "alpaca"),
    (r"orca-mini|stable-?beluga", "orca-mini"),
    (r"oasst|open-?assistant", "openassistant"),
    (r"falcon", "falcon"),
    (r"llama-?2|codellama", "llama-2"),
    (r"llama-?3", "llama-3"),
    (r"mistral.*v0\.3", "mistral-v3"),
    (r"mistral|mixtral", "mistral-v1"),
    (r"gemma", "gemma"),
    (r"phi-?3", "phi-3"),
    (r"phi-?2", "phi-2"),
)
