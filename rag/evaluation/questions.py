"""Questions with known answers, one JSON object per line, read strictly so that no line is skipped silently."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.question.language import question_language

_SHOWN = 5  # bad lines named in an error
_MOST_CHARACTERS = 20_000  # of a question, as everywhere
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORMAT = "`studyhall eval --help` shows the format."


@dataclass(frozen=True, slots=True)
class Evidence:
    """The place of an answer; the more fields are given, the stricter the judgement."""

    source: str = ""  # a path, URL, file name or title
    page: int | None = None  # 1-based
    quote: str = ""  # verbatim

    def row(self) -> dict[str, Any]:
        """Return it as fields of a line of the file."""
        return {"source": self.source or None, "page": self.page, "quote": self.quote or None}


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """A question with its known answers and evidence."""

    id: str
    text: str
    language: str
    answerable: bool = True
    evidence: tuple[Evidence, ...] = ()  # all of it should be found
    answers: tuple[str, ...] = ()  # each is right
    confirmed: bool = True  # False for a draft that no person has confirmed

    @property
    def references(self) -> tuple[str, ...]:
        """The references of a right answer: the answers, or else the quotes."""
        return (*self.answers, *(evidence.quote for evidence in self.evidence if evidence.quote))

    def line(self) -> str:
        """Return the question as a line of the file; a single piece of evidence is written flat."""
        first = self.evidence[0] if self.evidence else Evidence()
        answer = self.answers[0] if len(self.answers) == 1 else list(self.answers) or None
        row = {"id": self.id, "language": self.language, "question": self.text, "answerable": self.answerable}
        row |= {**first.row(), "answer": answer, "confirmed": self.confirmed}
        if len(self.evidence) > 1:
            row["evidence"] = [one.row() for one in self.evidence]
        return json.dumps(row, ensure_ascii=False)


def read_questions(path: Path) -> list[EvalQuestion]:
    """Return the questions of a file; raises InputError naming every invalid line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        message = f"{path} can't be read: {exc.strerror or exc}."
        raise InputError(message, remedy="Check the path.") from exc
    except UnicodeDecodeError as exc:
        message = f"{path} is no text in UTF-8: byte {exc.start} is {exc.object[exc.start]:#04x}."
        raise InputError(message, remedy="Save it as UTF-8.") from exc
    return parse_questions(text, str(path))


def parse_questions(text: str, name: str) -> list[EvalQuestion]:
    """Return the questions in the text of a file; empty lines are skipped but count for line numbers."""
    found: list[EvalQuestion] = []
    bad: list[str] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            question = _question(line, number)
            if question.id in seen:
                _refuse(f"the id {question.id!r} stands in line {seen[question.id]} already")
            seen[question.id] = number
            found.append(question)
        except _BadLine as exc:
            bad.append(f"line {number}: {exc}")
    if bad:
        more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        message = f"{name} can't be used: {'; '.join(bad[:_SHOWN])}{more}."
        raise InputError(message, remedy=_FORMAT)
    if not found:
        message = f"{name} holds no question."
        raise InputError(message, remedy=f"Write one a line, or draft some with `studyhall eval --make`. {_FORMAT}")
    return found


class _BadLine(Exception):
    """The error in a line, reported with the line's number."""


def _refuse(what: str) -> None:
    raise _BadLine(what)


def _question(line: str, number: int) -> EvalQuestion:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as exc:
        what = f"no JSON ({exc.msg} at column {exc.colno})" if isinstance(exc, json.JSONDecodeError) else "no JSON"
        raise _BadLine(what) from exc
    if not isinstance(row, dict):
        _refuse("no JSON object")
    if _SURROGATE.search(json.dumps(row, ensure_ascii=False)):
        _refuse("half a character (a lone surrogate)")
    text = _string(row, "question").strip()
    if not text:
        _refuse('"question" is missing')
    if len(text) > _MOST_CHARACTERS:
        _refuse(f"a question of {len(text):,} characters; {_MOST_CHARACTERS:,} are read")
    answerable, evidence, answers = _flag(row, "answerable"), _all_evidence(row), _answers(row)
    if answerable and not evidence and not answers:
        _refuse('neither "source", "quote" nor "answer" says what is right, nor "answerable": false that nothing is')
    language = _string(row, "language") or question_language(text) or "en"
    if not answerable:
        evidence, answers = (), ()
    name = str(row.get("id") or f"line-{number}")
    return EvalQuestion(name, text, language, answerable, evidence, answers, _flag(row, "confirmed"))


def _all_evidence(row: Mapping[str, Any]) -> tuple[Evidence, ...]:
    listed = row.get("evidence")
    if listed is None:
        one = _evidence(row)
        return () if one is None else (one,)
    if not isinstance(listed, list) or not all(isinstance(part, dict) for part in listed):
        _refuse('"evidence" is no list of objects')
        return ()
    return tuple(one for part in listed if (one := _evidence(part)) is not None)


def _evidence(row: Mapping[str, Any]) -> Evidence | None:
    """Return the evidence in a row; "document" is a synonym of "source"."""
    source, quote = _string(row, "source") or _string(row, "document"), _string(row, "quote")
    page = row.get("page")
    if page is not None and (isinstance(page, bool) or not isinstance(page, int) or page < 1):
        _refuse(f'"page" is {page!r}, but must be a number from 1')
    if page is not None and not source:
        _refuse('"page" without "source"')
    return Evidence(source, page, quote) if source or quote.strip() else None


def _answers(row: Mapping[str, Any]) -> tuple[str, ...]:
    given = row.get("answers", row.get("answer"))
    listed: Sequence[Any] = given if isinstance(given, list) else [] if given is None else [given]
    if not all(isinstance(answer, str) for answer in listed):
        _refuse('"answer" is neither text nor a list of texts')
    return tuple(answer.strip() for answer in listed if answer.strip())


def _string(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        _refuse(f'"{name}" is no text')
    return value or ""


def _flag(row: Mapping[str, Any], name: str) -> bool:
    value = row.get(name)
    if value is not None and not isinstance(value, bool):
        _refuse(f'"{name}" is neither true nor false')
    return value is not False
