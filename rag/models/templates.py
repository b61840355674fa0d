"""Renders messages as the prompt that a model was trained on: with its chat template, or a format for old files.

Chat templates are Jinja, written for the environment of Hugging Face's `transformers`
(https://huggingface.co/docs/transformers/chat_templating). This is that environment, sandboxed, because a
template comes with a file of unknown origin.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rag.errors import ModelError
from rag.models.gguf import GgufHeader

Turn = Mapping[str, str]  # {"role": "system" | "user" | "assistant", "content": text}, the templates' input

# Errors of a template, or of the Python operations it calls.
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
    """The chat format of one family of models: a Jinja template, and the strings that end an answer.

    `tokens` of a vocabulary and `names`, a pattern of words in a model's name, identify a family without a template.
    """

    name: str
    template: str
    stop: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    names: str = ""


def render(template: str, messages: Sequence[Turn], *, bos: str, eos: str, enable_thinking: bool = False) -> str:
    r"""Return the prompt that `template` makes of `messages`, open for the model's answer.

    A system message that the template refuses or drops is put before the first user message. If the template insists
    on alternating roles, successive turns of one role are joined.

    >>> render(FORMATS["gemma"].template, [{"role": "system", "content": "Be brief."},
    ...                                    {"role": "user", "content": "Hi"}], bos="", eos="")
    '<start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\n'

    Raises ModelError if the template can't be used or loses the question.
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
    raise unusable(fault)


def unusable(fault: str) -> ModelError:
    """Return the error of a template with a fault."""
    message = f"The chat template of this model can't be used: {fault}."
    return ModelError(message, remedy=f"Choose a chat format for it: {', '.join(FORMATS)}.")


def choose_format(header: GgufHeader, vocabulary_words: Container[str]) -> ChatFormat:
    """Return the format for a file without a chat template.

    The vocabulary's special tokens decide; without any, the words in the file's name, then in
    `general.name`; otherwise ChatML. `header.special_tokens` serves as `vocabulary_words`.
    """
    for form in FORMATS.values():
        if form.tokens and all(word in vocabulary_words for word in form.tokens):
            return form
    for title in (header.path.name, header.name):
        plain = re.sub(r"[\s_]+", "-", title.lower())
        for form in FORMATS.values():
            if form.names and re.search(form.names, plain):
                return form
    return FORMATS["chatml"]


def _needed(messages: Sequence[Turn]) -> list[str]:
    """Return the contents that the prompt must keep: the system messages and the last question."""
    system = [turn["content"].strip() for turn in messages if turn["role"] == "system"]
    question = [turn["content"].strip() for turn in messages if turn["role"] == "user"][-1:]
    return system + question


def _variants(messages: Sequence[Turn]) -> Iterator[list[dict[str, object]]]:
    """Yield the messages in the forms that templates accept, the plainest first."""
    plain = [(turn["role"], turn["content"]) for turn in messages]
    folded = [("assistant" if role == "assistant" else "user", content) for role, content in plain]
    # As given, with alternating roles, and with system messages as part of the user's turn.
    for turns in (plain, _taking_turns(plain), _taking_turns(folded)):
        yield [{"role": role, "content": content} for role, content in turns]
        # Templates of models with vision may accept only a list of parts.
        yield [{"role": role, "content": [{"type": "text", "text": content}]} for role, content in turns]


def _taking_turns(turns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the turns with successive ones of one role joined."""
    groups = groupby(turns, key=lambda turn: turn[0])
    return [(role, "\n\n".join(content for _, content in group)) for role, group in groups]


class _GenerationTag(Extension):
    """`{% generation %}` marks the assistant's part for training; here only its body is rendered."""

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
    # Jinja's own filter escapes <, > and & for HTML, which models were not trained on.
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, **options)  # type: ignore[arg-type]  # sort_keys and separators, as templates pass them


def _raise_exception(message: str) -> str:
    raise jinja2.TemplateError(message)


def _strftime_now(form: str) -> str:
    return datetime.now().strftime(form)


def _read_formats() -> dict[str, ChatFormat]:
    """Read the formats from before chat templates."""
    text = Path(__file__).with_name("chat_formats.toml").read_text(encoding="utf-8")
    return {name: _format(name, given) for name, given in tomllib.loads(text).items()}


def _format(name: str, given: Mapping[str, Any]) -> ChatFormat:
    by_role = {role: given[role] for role in ("system", "user", "assistant") if role in given}
    turns = "".join(f"{{% if m.role == '{role}' %}}{form}{{% endif %}}" for role, form in by_role.items())
    turns = given.get("turn", turns).replace("{}", "{{ m.content }}")
    # Jinja drops line ends behind a block and at the end; within an expression they stay.
    template = f"{{% for m in messages %}}{turns}{{% endfor %}}{given.get('opens', '')}".replace("\n", "{{ '\\n' }}")
    return ChatFormat(name, template, tuple(given["stop"]), tuple(given.get("tokens", ())), given.get("names", ""))


FORMATS: Mapping[str, ChatFormat] = _read_formats()
