"""Records as lines of JSON, and back: what travels between a command and the server that owns the home."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from ingest import report
from rag import errors, types
from rag.errors import StudyhallError
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.report import Evaluating, Evaluation
from rag.events import Condensed, Draft, Progress, Retrieved, Text

_RECORDS: dict[str, type[Any]] = {
    record.__name__: record
    for record in (
        Condensed, Retrieved, Draft, Progress, Text, types.Answer, types.SearchResult, types.DocumentInfo,
        types.CollectionInfo, types.Document, report.Begun, report.Estimate, report.Taken, report.Queued,
        report.PageRead, report.FileRead, report.Embedding, report.Renewing, report.Pace, report.Done,
        report.IngestReport, Evaluating, Evaluation, EvalQuestion,
    )
}  # fmt: skip
_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def encode(record: object) -> str:
    """Return a record, or None, as one line of JSON."""
    name = type(record).__name__
    if name not in _RECORDS:
        return json.dumps({"kind": "value", "value": record})
    return json.dumps({"kind": name, "value": _adapter(name).dump_python(record, mode="json")})


def encode_error(error: StudyhallError) -> str:
    """Return an error as one line of JSON."""
    return json.dumps({"kind": "error", "class": type(error).__name__, "what": error.what, "remedy": error.remedy})


def decode(lines: Iterator[str]) -> Iterator[Any]:
    """Yield the records of the lines; raises the error that one of them carries."""
    for line in lines:
        if not line.strip():
            continue
        packed = json.loads(line)
        kind = packed["kind"]
        if kind == "error":
            found = getattr(errors, packed["class"], StudyhallError)
            raise found(packed["what"], remedy=packed["remedy"])
        yield packed["value"] if kind == "value" else _adapter(kind).validate_python(packed["value"])


def _adapter(name: str) -> TypeAdapter[Any]:
    if name not in _ADAPTERS:
        _ADAPTERS[name] = TypeAdapter(_RECORDS[name])
    return _ADAPTERS[name]
