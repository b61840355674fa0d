"""An OpenAI-compatible server on loopback: it answers as such servers do, or misbehaves as it is told to.

It streams its reply word by word, and keeps what it was asked.
"""

from __future__ import annotations

import json
import re
import select
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import listening

REPLY = "A trie is a tree of letters, and it finds words by their prefixes."
PROMPT_TOKENS = 1000  # of any prompt


@dataclass(frozen=True, slots=True)
class Manner:
    """How a question is answered, once."""

    status: int = 200
    body: str = ""  # in place of a stream
    headers: Mapping[str, str] = field(default_factory=dict)
    silent_after: int | None = None  # words; then nothing comes until the other side leaves
    breaks_after: int | None = None  # words; then the connection is closed
    ends: bool = True  # with a finish reason; otherwise the stream is over without one
    lines: tuple[str, ...] = ()  # sent in place of words


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    path: str
    headers: Mapping[str, str]  # names in small letters
    body: Mapping[str, Any]


@dataclass(slots=True)
class LoopbackChat:
    """What it has, how it behaves, and what it was asked."""

    reply: str = REPLY
    models: tuple[str, ...] = ("tiny",)
    counts: bool = True  # tells the tokens, where it is asked to
    knows_stream_options: bool = True
    manners: deque[Manner] = field(default_factory=deque)  # of the next questions
    asked: list[Asked] = field(default_factory=list)
    waiting: threading.Event = field(default_factory=threading.Event)  # it is silent now
    hung_up: threading.Event = field(default_factory=threading.Event)  # somebody left while it was silent
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


@contextmanager
def serving(chat: LoopbackChat) -> Iterator[LoopbackChat]:
    """Let a server answer until the end of the block."""

    class Handler(_Handler):
        served = chat

    with listening(Handler) as port:
        chat.port = port
        yield chat


class _Handler(BaseHTTPRequestHandler):
    served: LoopbackChat

    def do_GET(self) -> None:
        chat = self._note({})
        listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in chat.models]}
        self._send(chat.manners.popleft() if chat.manners else Manner(body=json.dumps(listed)))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        chat = self._note(body)
        if "stream_options" in body and not chat.knows_stream_options:
            return self._send(refusal(400, "stream_options: extra fields not permitted"))
        if body["model"] not in chat.models:
            return self._send(refusal(404, f"The model `{body['model']}` does not exist."))
        return self._send(chat.manners.popleft() if chat.manners else Manner(), counted="stream_options" in body)

    def _send(self, manner: Manner, *, counted: bool = False) -> None:
        if manner.silent_after == 0:
            return self._wait()
        self.send_response(manner.status)
        streams = manner.status == 200 and not manner.body
        kind = "text/event-stream" if streams else "application/json"
        for name, value in {"Content-Type": kind, "Connection": "close", **manner.headers}.items():
            self.send_header(name, value)
        if streams:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(manner.body.encode())))
        self.end_headers()
        self.close_connection = True
        if streams:
            self._stream(manner, counted=counted and self.served.counts)
        else:
            self.wfile.write(manner.body.encode())
        return None

    def _stream(self, manner: Manner, *, counted: bool) -> None:
        words = re.findall(r"\s*\S+", self.served.reply)
        lines = manner.lines or [_piece({"content": word}) for word in words]
        for number, line in enumerate(lines):
            if number == manner.breaks_after:
                return None
            if number == manner.silent_after:
                return self._wait()
            self._event(line)
        if manner.ends:
            self._event(_piece({}, finish="stop"))
            if counted:
                usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": len(words), "total_tokens": 0}
                self._event(json.dumps({"id": "1", "object": "chat.completion.chunk", "choices": [], "usage": usage}))
            self._event("[DONE]")
        self._chunk(b"")
        return None

    def _event(self, data: str) -> None:
        self._chunk(f"data: {data}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _wait(self) -> None:
        """Be silent until the other side leaves."""
        self.served.waiting.set()
        select.select([self.connection], [], [])
        self.served.hung_up.set()
        self.close_connection = True

    def _note(self, body: Mapping[str, Any]) -> LoopbackChat:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.served.asked.append(Asked(self.path, headers, body))
        return self.served

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Keep the tests' output quiet."""


def refusal(status: int, message: str = "", **headers: str) -> Manner:
    """Return the manner of a server that refuses, and is not asked again for the moment."""
    return Manner(status, json.dumps({"error": {"message": message}}), {"x-should-retry": "false", **headers})


def _piece(delta: Mapping[str, str], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}
    return json.dumps({"id": "1", "object": "chat.completion.chunk", "model": "tiny", "choices": [choice]})
