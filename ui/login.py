"""The login, in front of a page that others on the network can reach.

Whoever knows the password gets a cookie that no script and no other web site can use. Only its hash stays here, and
only as long as the server runs and the password is the same.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict, deque
from http import HTTPStatus
from urllib.parse import parse_qs

import anyio
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.texts import say, speaking
from ui.password import PagePassword
from ui.version import VERSION
from ui.web.language import language_of
from ui.web.markup import text

COOKIE = "studyhall_session"
_OPEN = frozenset({"/login", "/health", "/studyhall.css", "/studyhall.svg"})
_FONTS = "/static/fonts/"
_DARK = "document.documentElement.classList.toggle('dark', matchMedia('(prefers-color-scheme: dark)').matches)"
_LASTS_S = 30 * 24 * 3600  # a session
_SESSIONS = 500  # the latest
_TRIES, _WITHIN_S = 5, 60  # wrong passwords of one address; then it waits
_ALL_TRIES = 30  # of all addresses together
_ADDRESSES = 1000  # that are remembered
_LONGEST = 4096  # bytes of a login


class Login:
    """Sessions and tries of one server."""

    def __init__(self, password: PagePassword, token: str) -> None:
        self.password = password
        self._token = token  # of owner.json: commands on this computer need no password
        self._sessions: OrderedDict[str, tuple[float, str]] = OrderedDict()  # hash -> (ends, the password's mark)
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()  # address -> moments
        self._one_at_a_time = anyio.Lock()  # scrypt takes a core and 32 MB

    def knows(self, headers: Headers) -> bool:
        """Say whether a request comes from somebody who logged in, or from a command on this computer."""
        given = headers.get("authorization", "")
        if secrets.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return True
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        ends, mark = self._sessions.get(_digest(cookie), (0.0, ""))
        return time.time() < ends and mark == self.password.mark

    async def let_in(self, password: str, address: str) -> str:
        """Return a new session's cookie; empty for a wrong password."""
        async with self._one_at_a_time:
            if self.must_wait(address):
                return ""
            right = await anyio.to_thread.run_sync(self.password.is_right, password)
        if not right:
            for who in (address, ""):
                self._wrong.setdefault(who, deque(maxlen=_ALL_TRIES)).append(time.monotonic())
            while len(self._wrong) > _ADDRESSES:
                self._wrong.popitem(last=False)
            return ""
        cookie = secrets.token_urlsafe(32)
        self._sessions[_digest(cookie)] = (time.time() + _LASTS_S, self.password.mark)
        while len(self._sessions) > _SESSIONS:
            self._sessions.popitem(last=False)
        return cookie

    def must_wait(self, address: str) -> bool:
        """Say whether too many wrong passwords came from an address, or from all of them."""
        since = time.monotonic() - _WITHIN_S
        own, every = (sum(moment > since for moment in self._wrong.get(who, ())) for who in (address, ""))
        return own >= _TRIES or every >= _ALL_TRIES

    def end(self, headers: Headers) -> None:
        """End the session of a request."""
        self._sessions.pop(_digest(cookie_parser(headers.get("cookie", "")).get(COOKIE, "")), None)


class LoginRequired:
    """Lets through who logged in; sends others to the login."""

    def __init__(self, app: ASGIApp, login: Login) -> None:
        self.app = app
        self.login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        headers = Headers(scope=scope) if scope["type"] != "lifespan" else Headers()
        path = str(scope.get("path", ""))
        if scope["type"] == "lifespan" or path in _OPEN or path.startswith(_FONTS) or self.login.knows(headers):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "Log in first."})
        elif scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            await RedirectResponse("/login", HTTPStatus.SEE_OTHER)(scope, receive, send)
        else:
            await PlainTextResponse("Log in first.\n", HTTPStatus.UNAUTHORIZED)(scope, receive, send)


def serve_login(app: FastAPI, login: Login, setting: str) -> None:
    """Serve the login at ``/login``, and what ends it at ``/logout``; `setting` is the language of the settings."""

    @app.get("/login")
    def show(request: Request) -> HTMLResponse:
        return _page(request, setting)

    @app.post("/login")
    async def enter(request: Request) -> Response:
        body = await request.body()
        given = parse_qs(body[:_LONGEST].decode("utf-8", "replace")).get("password", [""])[0]
        address = request.client.host if request.client else ""
        if login.must_wait(address):
            return _page(request, setting, HTTPStatus.TOO_MANY_REQUESTS)
        cookie = await login.let_in(given, address)
        if not cookie:
            return _page(request, setting, HTTPStatus.UNAUTHORIZED)
        answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        encrypted = request.url.scheme == "https"
        answer.set_cookie(COOKIE, cookie, max_age=_LASTS_S, httponly=True, samesite="strict", secure=encrypted)
        return answer

    @app.post("/logout")
    def leave(request: Request) -> Response:
        login.end(request.headers)
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)


def _page(request: Request, setting: str, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    language = language_of(request.headers, setting)
    with speaking(language):
        told = {
            HTTPStatus.UNAUTHORIZED: say("That is not the password."),
            HTTPStatus.TOO_MANY_REQUESTS: say("Too many wrong passwords. Wait a minute, then try again."),
        }.get(status, "")
        problem = f'<p role="alert">{text(told)}</p>' if told else ""
        html = f"""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Studyhall</title><link rel="icon" type="image/svg+xml" href="/studyhall.svg?v={VERSION}">
<link rel="stylesheet" href="/studyhall.css?v={VERSION}"><script>{_DARK}</script></head>
<body class="login"><main><h1>Studyhall</h1><form method="post" action="/login">
<label for="password">{text(say("Password of this Studyhall"))}</label>
<input type="password" id="password" name="password" autocomplete="current-password" required autofocus>
{problem}<button type="submit">{text(say("Log in"))}</button></form></main></body></html>"""
    return HTMLResponse(html, status)


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()
