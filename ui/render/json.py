"""How a record becomes JSON: its fields, and the forms that scripts rely on, where keys are a contract."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from functools import singledispatch
from typing import Any

from ingest.report import IngestReport, Status
from rag.evaluation.judge import Judged
from rag.evaluation.report import Evaluation, Side
from rag.types import Answer, AnswerStatus, BlockKind, Citation, Document, DocumentInfo, Passage, SearchResult
from ui.render.words import section_of

_PASSAGE = """rank score dense lexical document defines fused rerank text source title page page_end page_label heading
start end document_id chunk_id also"""


NEAREST = 3  # passages under a refusal


def print_json(value: object) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=json_of) + "\n")


def fields_of(record: Any) -> dict[str, Any]:
    """Return a record's fields in their order: its JSON wherever no other form is asked for."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


@singledispatch
def json_of(record: Any) -> dict[str, Any]:
    """Return a record in the form that scripts rely on."""
    return fields_of(record)


def _form(record: object, keys: str, **other: Any) -> dict[str, Any]:
    """Return these keys in this order, with the record's own values where no other is given."""
    return {key: other[key] if key in other else getattr(record, key) for key in keys.split()}


@json_of.register
def _answer(answer: Answer) -> dict[str, Any]:
    keys = """question answer status citations sentences nearest confidence model about notes understood language
    timings tokens"""
    close = answer.passages[:NEAREST] if answer.status is AnswerStatus.NOT_IN_DOCUMENTS else ()
    nearest = [_passage(rank, found) for rank, found in enumerate(close, start=1)]
    return _form(answer, keys, answer=answer.text, nearest=nearest)


@json_of.register
def _citation(citation: Citation) -> dict[str, Any]:
    return fields_of(citation) | {"section": section_of(citation)}


@json_of.register
def _search(result: SearchResult) -> dict[str, Any]:
    passages = [_passage(rank, passage) for rank, passage in enumerate(result.passages, start=1)]
    timings = {"retrieve_s": result.retrieve_s}
    return _form(result, "query understood passages notes timings", passages=passages, timings=timings)


def _passage(rank: int, passage: Passage) -> dict[str, Any]:
    return _form(passage, _PASSAGE, rank=rank, heading=" > ".join(passage.headings))


@json_of.register
def _ingestion(report: IngestReport) -> dict[str, Any]:
    keys = "documents added updated unchanged failed skipped removed seconds estimate"
    return _form(report, keys, **{status.value: report.count(status) for status in Status})


def document_json(info: DocumentInfo, document: Document, tags: Sequence[str], *, with_text: bool) -> dict[str, Any]:
    """Return one document in the form that scripts rely on."""
    headings = [document.text[block.start : block.end] for block in document.blocks if block.kind is BlockKind.HEADING]
    text = {"text": document.text} if with_text else {}
    return {**fields_of(info), "tags": tags, "headings": headings, **text}


@json_of.register
def _evaluation(evaluation: Evaluation) -> dict[str, Any]:
    keys = "questions unanswerable measures search_ms model per_question notes seconds"
    first, *others = evaluation.sides
    form = _form(evaluation, keys, **_measured(first), seconds=round(evaluation.seconds, 3))
    if others:
        differences = {one.measure: _form(one, "value low high clear") for one in evaluation.differences}
        keys = "settings measures search_ms differences per_question"
        form["against"] = _form(others[0], keys, **_measured(others[0]), differences=differences)
    return form


def _measured(side: Side) -> dict[str, Any]:
    return {"measures": side.measures, "search_ms": round(side.milliseconds, 2), "per_question": side.judged}


@json_of.register
def _judged(judged: Judged) -> dict[str, Any]:
    measures = {name: above / below for name, (above, below) in judged.marks.items() if below}
    status, answer = judged.status or None, judged.answer or None
    keys = "id question language ranks status answer measures"
    return _form(judged, keys, status=status, answer=answer, measures=measures)
