"""A hub on loopback: it answers what `models pull` asks as the real one does, or misbehaves as it is told to.

A file is asked for at ``/OWNER/NAME/resolve/REVISION/FILE``. HEAD is answered with what is known of the file, GET
leads to another host, which sends the bytes, from where they are asked for.
"""

from __future__ import annotations

import hashlib
import select
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.loopback import listening

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: Mapping[str, str]  # names in small letters

    @property
    def range(self) -> str:
        return self.headers.get("range", "")


@dataclass(frozen=True, slots=True)
class Manner:
    """How the bytes are sent, once."""

    breaks_after: int | None = None  # bytes; then the connection is closed
    holds_after: int | None = None  # bytes; then nothing comes until `go`
    ranges: bool = True  # otherwise all of it is sent, whatever is asked for
    tells_length: bool = True
    status: int = 0  # in place of the bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status in answer to HEAD, with the hub's word for it."""

    status: int
    code: str = ""


@dataclass(slots=True)
class LoopbackHub:
    """What it has, how it behaves, and what it was asked."""

    content: bytes
    etag: str | None = None  # default: the content's sha256
    size: int | None = None  # that HEAD says; default: the content's; negative: a mirror doesn't say
    file: str = "me/tiny-GGUF/resolve/{}/tiny.gguf"  # what there is, at its revision; all else is not found
    redirects: bool = True  # a mirror may send the bytes itself
    refusals: deque[Refusal] = field(default_factory=deque)  # of the next HEADs
    manners: deque[Manner] = field(default_factory=deque)  # of the next GETs
    asked: list[Asked] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)  # what was held is sent
    hung_up: threading.Event = field(default_factory=threading.Event)  # somebody left while nothing came
    endpoint: str = ""

    @property
    def gets(self) -> list[Asked]:
        """The requests for bytes."""
        return [asked for asked in self.asked if asked.method == "GET" and "/resolve/" not in asked.path]

    @property
    def heads(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "HEAD"]


@contextmanager
def serving(hub: LoopbackHub) -> Iterator[LoopbackHub]:
    """Let a hub answer until the end of the block."""

    class Handler(_Handler):
        served = hub

    with listening(Handler) as port:
        hub.endpoint = f"http://127.0.0.1:{port}"
        yield hub


class _Handler(BaseHTTPRequestHandler):
    served: LoopbackHub

    def do_HEAD(self) -> None:
        hub = self._note()
        if hub.refusals:
            refusal = hub.refusals.popleft()
            return self._answer(refusal.status, {"X-Error-Code": refusal.code} if refusal.code else {})
        if not self._known():
            return self._answer(404, {"X-Error-Code": "EntryNotFound"})
        etag = hub.etag if hub.etag is not None else hashlib.sha256(hub.content).hexdigest()
        size = len(hub.content) if hub.size is None else hub.size
        if not hub.redirects:
            known = {"Content-Length": str(size) if size >= 0 else "", "ETag": f'"{etag}"' if etag else ""}
            return self._answer(200, known)
        linked = {"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(size), "X-Repo-Commit": COMMIT}
        return self._answer(302, {**linked, "Location": self._elsewhere()})

    def do_GET(self) -> None:
        hub = self._note()
        if self.path.startswith("/bytes/") or (not hub.redirects and self._known()):
            self._send(hub, hub.manners.popleft() if hub.manners else Manner())
        elif self._known():
            self._answer(302, {"Location": self._elsewhere()})
        else:
            self._answer(404, {"X-Error-Code": "EntryNotFound"})

    def _send(self, hub: LoopbackHub, manner: Manner) -> None:
        if manner.status:
            return self._answer(manner.status, {})
        start = int(self.headers.get("range", "bytes=0-")[6:-1]) if manner.ranges else 0
        length = len(hub.content)
        if start >= length:
            return self._answer(416, {"Content-Range": f"bytes */{length}"})
        self.send_response(206 if start else 200)
        if manner.tells_length:
            self.send_header("Content-Length", str(length - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{length - 1}/{length}")
        self.end_headers()
        body = memoryview(hub.content)[start:]
        stops = manner.breaks_after if manner.holds_after is None else manner.holds_after
        self.wfile.write(body[:stops])
        if manner.holds_after is not None and self._held(hub):
            self.wfile.write(body[stops:])
        self.close_connection = True
        return None

    def _held(self, hub: LoopbackHub) -> bool:
        """Wait until the rest may go; False if the other side leaves first."""
        while not hub.go.is_set():
            if select.select([self.connection], [], [], 0.02)[0]:
                hub.hung_up.set()
                return False
        return True

    def _note(self) -> LoopbackHub:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.served.asked.append(Asked(self.command, self.path, headers))
        return self.served

    def _known(self) -> bool:
        return self.path.lstrip("/") in {self.served.file.format(name) for name in ("main", COMMIT)}

    def _elsewhere(self) -> str:
        """The same server under another name: another host, to whoever asks."""
        return f"{self.served.endpoint.replace('127.0.0.1', 'localhost')}/bytes/{self.path.rpartition('/')[2]}?signed=1"

    def _answer(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Keep the tests' output quiet."""
