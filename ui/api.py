"""The local call: a second command hands its work to the server that owns the home."""

from __future__ import annotations

import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import anyio
from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, TypeAdapter

from rag.errors import InputError, StudyhallError
from rag.evaluation.questions import EvalQuestion
from rag.types import Question
from ui.hall import Studyhall
from ui.version import VERSION
from ui.wire import encode, encode_error

_QUESTION = TypeAdapter(Question)
_QUESTIONS = TypeAdapter(list[EvalQuestion])


class Call(BaseModel):
    """What to do, by the name of the method of `Studyhall`, and its arguments."""

    call: str
    arguments: dict[str, Any] = {}


def router(hall: Studyhall, token: str) -> APIRouter:
    """Return the routes; every call needs the token of ``owner.json``, also on loopback."""
    routes = APIRouter(prefix="/api/v1")

    @routes.post("/run")
    async def run(call: Call, request: Request, authorization: str = Header("")) -> StreamingResponse:
        if not secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401, "This call needs the token in owner.json.")
        return StreamingResponse(_lines(hall, call, request), media_type="application/x-ndjson")

    return routes


async def _lines(hall: Studyhall, call: Call, request: Request) -> AsyncIterator[str]:
    """Yield what the call yields; stop its work when whoever asked has gone."""
    stopped = threading.Event()
    events = _events(hall, call, stopped)
    end = object()
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(_watch, request, stopped)
            while (line := await anyio.to_thread.run_sync(next, events, end)) is not end:
                yield f"{line}\n"
            group.cancel_scope.cancel()
    finally:
        stopped.set()


async def _watch(request: Request, stopped: threading.Event) -> None:
    while not await request.is_disconnected():
        await anyio.sleep(0.2)
    stopped.set()


def _events(hall: Studyhall, call: Call, stopped: threading.Event) -> Iterator[str]:
    try:
        for event in _do(hall, call, stopped):
            yield encode(event)
            if stopped.is_set():
                return
    except StudyhallError as exc:
        yield encode_error(exc)


def _do(hall: Studyhall, call: Call, stopped: threading.Event) -> Iterable[object]:
    arguments = dict(call.arguments)
    if call.call == "ingest":
        return hall.ingest_events(arguments.pop("targets"), stopped=stopped, **arguments)
    if call.call == "ask":
        question = _QUESTION.validate_python(arguments["question"])
        return hall.ask_events(question, model=arguments.get("model"), cancelled=stopped)
    if call.call == "evaluate":
        questions = _QUESTIONS.validate_python(arguments.pop("questions"))
        return hall.evaluate_events(questions, stopped=stopped, **arguments)
    if call.call == "draft":
        return hall.draft_questions(stopped=stopped, **arguments)
    simple: dict[str, Callable[..., Any]] = {
        "search": hall.search,
        "documents": hall.documents,
        "find": hall.find,
        "document": hall.document,
        "remove": hall.remove,
        "collections": hall.collections,
        "create_collection": hall.create_collection,
        "remove_collection": hall.remove_collection,
    }
    if call.call not in simple:
        message = f"The server that owns this home (Studyhall {VERSION}) can't do {call.call!r}."
        raise InputError(message, remedy="Stop it and run the command again.")
    result = simple[call.call](**arguments)
    return result if isinstance(result, list) else [result]
