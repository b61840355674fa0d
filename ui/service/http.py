"""The operations over HTTP: one route that runs any of them, and a GET route for each that has a path."""

from __future__ import annotations

import secrets
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import anyio
from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from rag.errors import InputError, StudyhallError
from ui.hall import Studyhall
from ui.service.operations import OPERATIONS, Caller, Operation
from ui.service.wire import decode_arguments, encode, encode_error
from ui.version import VERSION

_LOOK_S = 0.2  # how often it is looked whether the client is still there


class Call(BaseModel):
    """The name of an operation, and its arguments."""

    call: str
    arguments: dict[str, Any] = {}


def router(hall: Studyhall, token: str, operations: Mapping[str, Operation] = OPERATIONS) -> APIRouter:
    """Return the routes. What not everybody may do needs the token of ``owner.json``, also on loopback."""
    routes = APIRouter()

    @routes.post("/api/v1/run")
    async def run(call: Call, request: Request, authorization: str = Header("")) -> StreamingResponse:
        known = secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode())
        operation = operations.get(call.call)
        if not known and (operation is None or operation.who > Caller.ANYONE):
            raise HTTPException(401, "This call needs the token in owner.json.")
        stopped = threading.Event()
        lines = _until_gone(request, _lines(hall, operation, call, stopped), stopped)
        return StreamingResponse(lines, media_type="application/x-ndjson")

    for operation in operations.values():
        if operation.get and operation.who is Caller.ANYONE:  # a plain GET carries no token
            routes.get(operation.get)(getattr(hall, operation.method.__name__))
    return routes


def records(
    hall: Studyhall, operation: Operation, arguments: Mapping[str, Any], stopped: threading.Event
) -> Iterator[Any]:
    """Run an operation in this process, with arguments as they travelled; yield its records."""
    given = decode_arguments(operation, arguments) | ({operation.stop: stopped} if operation.stop else {})
    result = getattr(hall, operation.method.__name__)(**given)
    yield from result if operation.streams or operation.lists else [result]


def _lines(hall: Studyhall, operation: Operation | None, call: Call, stopped: threading.Event) -> Iterator[str]:
    try:
        if operation is None:
            message = f"The server that owns this home (Studyhall {VERSION}) can't do {call.call!r}."
            raise InputError(message, remedy="Stop it and run the command again.")
        for record in records(hall, operation, call.arguments, stopped):
            yield f"{encode(record)}\n"
            if stopped.is_set():
                return
    except StudyhallError as exc:
        yield f"{encode_error(exc)}\n"


async def _until_gone(request: Request, lines: Iterator[str], stopped: threading.Event) -> AsyncIterator[str]:
    """Yield the lines; stop the work behind them when the client has gone."""
    async with anyio.create_task_group() as group:
        group.start_soon(_watch, request, stopped)
        while line := await anyio.to_thread.run_sync(next, lines, ""):
            yield line
        group.cancel_scope.cancel()


async def _watch(request: Request, stopped: threading.Event) -> None:
    try:
        while not await request.is_disconnected():
            await anyio.sleep(_LOOK_S)
    finally:
        # Also when the response is cancelled, which waits for the thread that waits for the next record.
        stopped.set()
