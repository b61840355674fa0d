"""Our own layers in front of the page: who may speak to it, how much at once, and from where it may load.

A server on loopback can be reached by every web site that is open in the same browser. So requests must name
this server as their host (against DNS rebinding) and, where they say where they come from, come from it.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ANYWHERE = frozenset({"0.0.0.0", "::", ""})  # what listening everywhere is called

# Scripts need the nonce of their response; nothing comes from elsewhere, and nobody may put the page in a frame.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'nonce-{nonce}'",
        "style-src 'self' 'unsafe-inline'",  # Gradio and KaTeX write styles as they go
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-src 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # without one, a form of ours would come from the origin "null"
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# What Gradio serves and the page doesn't use: descriptions of its endpoints, a proxy, other people's files.
_CLOSED = tuple(
    """
    /gradio_api/info /gradio_api/openapi.json /gradio_api/proxy= /gradio_api/deep_link /gradio_api/runs
    /gradio_api/run-history /gradio_api/vibe /gradio_api/undo-vibe /gradio_api/mcp /gradio_api/process_recording
    /gradio_api/stream /gradio_api/file /gradio_api/call /gradio_api/run/ /gradio_api/api/
    /gradio_api/custom_component /gradio_api/profiling
    /monitoring /svelte /pwa_icon /manifest.json
    """.split()
)
UPLOAD = "/gradio_api/upload"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this computer can reach it."""
        return is_loopback(self.host)

    def accepts(self, host: str) -> bool:
        """Whether a Host header means this server.

        >>> Address("127.0.0.1", 7861).accepts("localhost:7861"), Address("127.0.0.1", 7861).accepts("evil.com:7861")
        (True, False)
        """
        try:
            parts = urlsplit(f"//{host}")
            name, port = (parts.hostname or "").lower(), parts.port or 80
        except ValueError:
            return False
        if port != self.port or "@" in host or parts.path:
            return False
        return name in _LOOPBACK or name == self.host.lower() or (self.host in _ANYWHERE and _is_here(name))


def is_loopback(host: str) -> bool:
    """Say whether a host is this computer and reached from nowhere else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_here(name: str) -> bool:
    """Whether a name is this computer's. A number is never rebound to another server; a name could be."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        here = socket.gethostname().lower()
        return name in {here, f"{here}.local"}
    return True


class OurRequestsOnly:
    """Refuses requests that name another host, or come from another site, or ask for closed paths."""

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self.app = app
        self.address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        reason, code = self._reason(scope)
        if not reason:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            await PlainTextResponse(f"{reason}\n", status_code=code)(scope, receive, send)

    def _reason(self, scope: Scope) -> tuple[str, int]:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.address.accepts(hosts[0]):
            return "This address is not Studyhall's: open the one it printed when it started.", 403
        # Browsers send it with everything but plain reading; `null` is a page without an origin.
        origin = headers.get("origin")
        if origin is not None and not _same_origin(origin, hosts[0]):
            return "Another web site may not use Studyhall.", 403
        if headers.get("sec-fetch-site", "none") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return "Another web site may not use Studyhall.", 403
        if str(scope["path"]).startswith(_CLOSED):
            return "There is nothing here.", 404
        return "", 200


def _same_origin(origin: str, host: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()


class LimitedBody:
    """Refuses requests that are too large, by their Content-Length and by the bytes that come."""

    def __init__(self, app: ASGIApp, *, upload: int, other: int) -> None:
        self.app = app
        self.upload = upload  # bytes
        self.other = other  # bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request's bytes as they come."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.upload if str(scope["path"]).startswith(UPLOAD) else self.other
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said) > most:
            await self._refuse(most)(scope, receive, send)
            return
        taken = 0
        refused = False

        async def counted() -> Message:
            nonlocal taken, refused
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most and not refused:
                refused = True
                await self._refuse(most)(scope, receive, send)
            # Whoever reads is told that nobody is there any more.
            return {"type": "http.disconnect"} if refused else message

        async def unless_refused(message: Message) -> None:
            if not refused:
                await send(message)

        await self.app(scope, counted, unless_refused)

    def _refuse(self, most: int) -> PlainTextResponse:
        return PlainTextResponse(f"That is more than {most / 1e6:,.0f} MB at once.\n", status_code=413)


class SafeHeaders:
    """Puts the security headers on every response, and a fresh nonce on each script of a page.

    `polish` is given each page before it goes out, with the headers of its request.
    """

    def __init__(self, app: ASGIApp, polish: Callable[[str, Headers], str] = lambda html, _: html) -> None:
        self.app = app
        self.polish = polish

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with more headers than the application gave it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(18)
        held: list[Message] = []  # the start and the body of a page, until it is whole

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _all_headers(nonce):
                    headers[name] = value
                if headers.get("content-type", "").startswith("text/html"):
                    held.append(message)
                    return
            elif held:
                held.append(message)
                if not message.get("more_body", False):
                    for part in self._page(held, nonce, Headers(scope=scope)):
                        await send(part)
                return
            await send(message)

        await self.app(scope, receive, guarded)

    def _page(self, held: list[Message], nonce: str, asked: Headers) -> Iterable[Message]:
        start, *bodies = held
        html = self.polish(b"".join(part.get("body", b"") for part in bodies).decode(), asked)
        body = html.replace("<script", f'<script nonce="{nonce}"').encode()
        headers = MutableHeaders(scope=start)
        headers["Content-Length"] = str(len(body))
        headers["Cache-Control"] = "no-store"  # a nonce is for one response
        return start, {"type": "http.response.body", "body": body}


def _all_headers(nonce: str) -> Iterable[tuple[str, str]]:
    return [("Content-Security-Policy", _POLICY.format(nonce=nonce)), *_HEADERS.items()]
