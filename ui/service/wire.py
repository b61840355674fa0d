"""The JSON between a command and the server that owns the home: calls, and records as lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from inspect import signature
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from rag import errors
from rag.errors import InputError, StudyhallError
from ui.render.json import fields_of
from ui.service.operations import Operation


def encode_call(operation: Operation, arguments: Mapping[str, Any]) -> str:
    """Return a call as JSON."""
    sent = {name: operation.sent.get(name, lambda same: same)(value) for name, value in arguments.items()}
    return json.dumps({"call": operation.name, "arguments": sent}, default=fields_of)


def decode_arguments(operation: Operation, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as the method takes them; raises InputError for those that don't fit it."""
    try:
        signature(operation.method).bind(None, **arguments)
        return {
            name: _adapter(kind).validate_python(arguments[name])
            for name, kind in operation.parameters.items()
            if name in arguments
        }
    except TypeError as exc:
        message = f"{operation.name} can't be called so: {exc}."
        raise InputError(message) from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        message = f"{operation.name} can't be called with {first['input']!r}: {first['msg']}."
        raise InputError(message) from exc


def encode(record: object) -> str:
    """Return a record, or a plain value, as one line of JSON."""
    kind = type(record).__name__ if is_dataclass(record) else "value"
    return json.dumps({"kind": kind, "value": record}, default=fields_of)


def encode_error(error: StudyhallError) -> str:
    """Return an error as one line of JSON."""
    return json.dumps({"kind": "error", "class": type(error).__name__, "what": error.what, "remedy": error.remedy})


def decode(operation: Operation, lines: Iterable[str]) -> Iterator[Any]:
    """Yield the records of an operation's lines; raises the error that one of them carries."""
    kinds = {record.__name__: record for record in _records(operation.result)}
    for line in filter(str.strip, lines):
        packed = json.loads(line)
        kind = packed["kind"]
        if kind == "error":
            found = getattr(errors, packed["class"], StudyhallError)
            raise found(packed["what"], remedy=packed["remedy"])
        yield _adapter(kinds[kind]).validate_python(packed["value"]) if kind in kinds else packed["value"]


def _records(result: Any) -> Iterator[type]:
    """Yield the classes of records that a type holds: of a union all of them."""
    if is_dataclass(result) and isinstance(result, type):
        yield result
    for part in get_args(result):
        yield from _records(part)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
