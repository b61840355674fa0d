"""The operations over HTTP: one route that runs any of them, and a GET route for each that has a path."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import anyio
from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from rag.errors import InputError, StudyhallError
from rag.texts import in_language, wanted
from ui.hall import Studyhall
from ui.service.operations import OPERATIONS, Caller, Operation
from ui.service.wire import decode_arguments, encode, encode_error
from ui.version import VERSION


class Call(BaseModel):
    """The name of an operation, and its arguments."""

    call: str
    arguments: dict[str, Any] = {}


class Stream(StreamingResponse):
    """Sends lines as they come; sets `stopped`, which ends them, once the client has gone or the server ends."""

    def __init__(self, lines: Iterator[str], stopped: threading.Event) -> None:
        super().__init__(lines, media_type="application/x-ndjson")
        self.stopped = stopped

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the lines to their end: a thread that makes the next one can't be cancelled."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._watch, receive)
            await self.stream_response(send)
            group.cancel_scope.cancel()

    async def _watch(self, receive: Receive) -> None:
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self.stopped.set()


def router(hall: Studyhall, token: str, operations: Mapping[str, Operation] = OPERATIONS) -> APIRouter:
    """Return the routes. What not everybody may do needs the token of ``owner.json``, also on loopback."""
    routes = APIRouter()

    @routes.post("/api/v1/run")
    async def run(call: Call, authorization: str = Header(""), accept_language: str = Header("")) -> StreamingResponse:
        known = secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode())
        operation = operations.get(call.call)
        if not known and (operation is None or operation.who > Caller.ANYONE):
            raise HTTPException(401, "This call needs the token in owner.json.")
        stopped = threading.Event()
        return Stream(in_language(wanted(accept_language), _lines(hall, operation, call, stopped)), stopped)

    for operation in operations.values():
        if operation.get and operation.who is Caller.ANYONE:  # a plain GET carries no token
            routes.get(operation.get)(getattr(hall, operation.method.__name__))
    return routes


async def refuse_body(request: Request, error: Exception) -> JSONResponse:
    """Answer a call whose body is none; the body isn't sent back, since it may hold what is no text at all."""
    del request, error
    return JSONResponse({"detail": "The body is no call."}, status_code=422)


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
