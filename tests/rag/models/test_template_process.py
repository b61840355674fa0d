"""A file's own chat template is a program of unknown origin: it runs in a process with limits."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from rag.errors import ModelError
from rag.models.template_process import TemplateProcess, rendered
from rag.models.templates import FORMATS, render

TALK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is a trie? “ä”\n𝑛"}]
PLAIN = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"


@pytest.fixture(scope="module")
def process() -> Iterator[TemplateProcess]:
    made = TemplateProcess(seconds=3.0)
    yield made
    made.close()


def test_it_writes_what_a_template_writes_here(process: TemplateProcess) -> None:
    for template in (PLAIN, FORMATS["gemma"].template, FORMATS["chatml"].template):
        expected = render(template, TALK, bos="<s>", eos="</s>")
        assert process.render(template, TALK, bos="<s>", eos="</s>") == expected
        assert rendered(template, TALK, bos="<s>", eos="</s>") == expected


def test_a_template_that_fails_is_said_as_here(process: TemplateProcess) -> None:
    with pytest.raises(ModelError, match="can't be used: no tools") as raised:
        process.render("{{ raise_exception('no tools') }}", TALK, bos="", eos="")
    assert "chatml" in raised.value.remedy


@pytest.mark.parametrize(
    "template",
    [
        pytest.param(
            "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}"
            "{% endfor %}",
            id="nested loops",
        ),
        pytest.param("{{ 'a' * 10**10 }}", id="a long text"),
        pytest.param("{{ '%1000000000s' % 'a' }}", id="a wide field"),
        pytest.param("{{ 9**9**9 }}", id="a large number"),
        pytest.param("{% set n = namespace(a='a') %}{% for i in range(50) %}{% set n.a = n.a ~ n.a %}{% endfor %}",
                     id="doubling"),
        pytest.param("{{ 'a'.center(10**10) }}", id="padding"),
        pytest.param("{% set n = namespace(a=[]) %}{% for i in range(99999) %}{% set n.a = [n.a] %}{% endfor %}"
                     "{{ n.a | tojson }}", id="a deep list"),
        pytest.param(PLAIN + "{{ 'a' * 9000000 }}", id="a long prompt"),
    ],
)  # fmt: skip
def test_a_template_without_end_costs_seconds_and_not_the_program(template: str, process: TemplateProcess) -> None:
    with pytest.raises(ModelError, match="can't be used"):
        process.render(template, TALK, bos="", eos="")
    assert process.render(PLAIN, TALK[:1], bos="", eos="") == "<system>Be brief."


def test_several_threads_may_ask(process: TemplateProcess) -> None:
    texts: dict[int, str] = {}

    def ask(number: int) -> None:
        texts[number] = process.render(PLAIN, [{"role": "user", "content": str(number)}], bos="", eos="")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == {number: f"<user>{number}" for number in range(8)}
