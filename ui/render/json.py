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
from rag.types import Answer, BlockKind, Citation, Document, DocumentInfo, Passage, SearchResult
from ui.render.words import section_of


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


@json_of.register
def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.question,
        "answer": answer.text,
        "status": answer.status,
        "citations": answer.citations,
        "sentences": answer.sentences,
        "confidence": answer.confidence,
        "model": answer.model,
        "about": answer.about,
        "notes": answer.notes,
        "understood": answer.understood,
        "timings": answer.timings,
        "tokens": answer.tokens,
    }


@json_of.register
def _citation(citation: Citation) -> dict[str, Any]:
    return fields_of(citation) | {"section": section_of(citation)}


@json_of.register
def _search(result: SearchResult) -> dict[str, Any]:
    return {
        "query": result.query,
        "understood": result.understood,
        "passages": [{"rank": rank} | _passage(passage) for rank, passage in enumerate(result.passages, start=1)],
        "notes": result.notes,
        "timings": {"retrieve_s": result.retrieve_s},
    }


def _passage(passage: Passage) -> dict[str, Any]:
    values = fields_of(passage) | {"heading": " > ".join(passage.headings)}
    return {name: values[name] for name in _PASSAGE.split()}


_PASSAGE = """score dense lexical document defines fused rerank text source title page page_end page_label heading
start end document_id chunk_id also"""


@json_of.register
def _ingestion(report: IngestReport) -> dict[str, Any]:
    return {
        "documents": report.documents,
        **{status.value: report.count(status) for status in Status},
        "skipped": report.skipped,
        "removed": report.removed,
        "seconds": report.seconds,
        "estimate": report.estimate,
    }


def document_json(info: DocumentInfo, document: Document, tags: Sequence[str], *, with_text: bool) -> dict[str, Any]:
    """Return one document in the form that scripts rely on."""
    headings = [document.text[block.start : block.end] for block in document.blocks if block.kind is BlockKind.HEADING]
    text = {"text": document.text} if with_text else {}
    return {**fields_of(info), "tags": tags, "headings": headings, **text}


@json_of.register
def _evaluation(evaluation: Evaluation) -> dict[str, Any]:
    first, *others = evaluation.sides
    against = {"against": _against(evaluation, others[0])} if others else {}
    return {
        "questions": evaluation.questions,
        "unanswerable": evaluation.unanswerable,
        "measures": first.measures,
        "search_ms": round(first.milliseconds, 2),
        "model": evaluation.model,
        "per_question": first.judged,
        "notes": evaluation.notes,
        "seconds": round(evaluation.seconds, 3),
        **against,
    }


def _against(evaluation: Evaluation, other: Side) -> dict[str, Any]:
    return {
        "settings": other.settings,
        "measures": other.measures,
        "search_ms": round(other.milliseconds, 2),
        "differences": {
            one.measure: {"value": one.value, "low": one.low, "high": one.high, "clear": one.clear}
            for one in evaluation.differences
        },
        "per_question": other.judged,
    }


@json_of.register
def _judged(judged: Judged) -> dict[str, Any]:
    return {
        "id": judged.id,
        "question": judged.question,
        "language": judged.language,
        "ranks": judged.ranks,
        "status": judged.status or None,
        "answer": judged.answer or None,
        "measures": {name: above / below for name, (above, below) in judged.marks.items() if below},
    }
