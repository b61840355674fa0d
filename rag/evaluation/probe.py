"""A short probe of a language model: which form of a prompt it answers best from.

Twenty cases of ours, each with its excerpts, from ``data/models/probe.toml``. They are put to the model as a question
with evidence is, and its text is judged as an answer is: by what the excerpts support.
"""

from __future__ import annotations

import re
import threading
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from rag.answer.cite import cite
from rag.answer.forms import PromptForm
from rag.answer.generate import Writer, last
from rag.answer.prompt import evidence_messages
from rag.answer.support import Judge, word_groups
from rag.answer.written import is_supported
from rag.platform.data import shipped
from rag.types import Passage

_SUPPORTED_FROM = 0.5


@dataclass(frozen=True, slots=True)
class ProbeCase:
    """A question with its excerpts, and patterns of what a right answer says, and of what only a wrong one does."""

    kind: str
    language: str
    question: str
    excerpts: tuple[str, ...]
    expected: tuple[str, ...] = ()  # none where no excerpt answers
    wrong: tuple[str, ...] = ()

    def is_right(self, text: str, *, answered: bool) -> bool:
        """Say whether a text is right; `answered` says that it stands on the excerpts."""
        if not self.expected:
            return not answered
        said = [re.search(pattern, text, re.IGNORECASE) is not None for pattern in self.expected]
        return answered and all(said) and not any(re.search(pattern, text, re.IGNORECASE) for pattern in self.wrong)


@dataclass(frozen=True, slots=True)
class Probed:
    """What a model made of a case in a form."""

    case: ProbeCase
    form: PromptForm
    text: str
    right: bool
    read_s: float  # seconds until the first token
    write_s: float  # seconds from then on
    tokens: tuple[int, int]  # read and written


@cache
def cases() -> tuple[ProbeCase, ...]:
    """Return the cases of the probe."""
    tables = tomllib.loads(shipped("probe.toml").read_text(encoding="utf-8"))["case"]
    return tuple(
        ProbeCase(
            case["kind"],
            case["language"],
            case["question"],
            tuple(case["excerpts"]),
            tuple(case.get("expected", ())),
            tuple(case.get("wrong", ())),
        )
        for case in tables
    )


def probe(writer: Writer, forms: Sequence[PromptForm], cancelled: threading.Event | None = None) -> Iterator[Probed]:
    """Put every case to a model in each form; raises ModelError and Cancelled."""
    for form in forms:
        for case in cases():
            yield _put(writer, case, form, cancelled)


def best_form(found: Sequence[Probed]) -> PromptForm:
    """Return the form with the most right answers; of equally good ones the first that was tried."""
    forms = list(dict.fromkeys(one.form for one in found))
    return max(forms, key=lambda form: sum(one.right for one in found if one.form is form))


def _put(writer: Writer, case: ProbeCase, form: PromptForm, cancelled: threading.Event | None) -> Probed:
    passages = excerpts_of(case)
    began = time.perf_counter()
    prompt = evidence_messages(case.question, passages, language=case.language, form=form)
    written = last(writer.write(prompt, cancelled))
    first = written.first_token_at or time.perf_counter()
    cited = cite(
        written.text,
        passages,
        Judge(lambda stems: dict.fromkeys(stems, 1.0), [case.language], word_groups(case.question, [case.language])),
        supported_from=_SUPPORTED_FROM,
    )
    return Probed(
        case,
        form,
        written.text,
        case.is_right(cited.text, answered=is_supported(cited)),
        first - began,
        time.perf_counter() - first,
        (written.prompt_tokens or 0, written.answer_tokens or 0),
    )


def excerpts_of(case: ProbeCase) -> list[Passage]:
    """Return the excerpts of a case as the passages of a prompt."""
    return [
        Passage(number, f"probe-{number}", "", "probe", f"Notes {number}", 0, len(text), text, 1.0)
        for number, text in enumerate(case.excerpts, start=1)
    ]
