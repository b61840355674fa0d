"""The server: the page and the local API on one port, guarded, announced in the home, stopped by Ctrl-C."""

from __future__ import annotations

import logging
import secrets
import socket
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from rag.errors import InputError, StudyhallError
from ui.guard import Address, LimitedBody, OurRequestsOnly, SafeHeaders
from ui.hall import Studyhall
from ui.login import Login, LoginRequired, serve_login
from ui.password import PagePassword
from ui.service.http import refuse_body, router
from ui.web.intake import Intake
from ui.web.language import language_of
from ui.web.page import mount, polish

_AT_ONCE = 8  # of the largest files that one drop may hold
_OTHER_MB = 32  # of any other request: a question, a call of the API
_PATIENCE_S = 3  # for open connections when the server stops: a tab keeps one open for good


def build_app(hall: Studyhall, *, token: str, host: str, port: int) -> FastAPI:
    """Return the application: the page at ``/``, ``/health``, and the local API, behind our guards."""
    intake = Intake(hall)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        with suppress(StudyhallError):  # a full disk
            hall.conversations.purge()
        intake.resume()
        yield
        intake.close()

    app = FastAPI(title="Studyhall", lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router(hall, token))
    app.add_exception_handler(RequestValidationError, refuse_body)

    address = Address(host, port)
    if not address.is_loopback:
        login = Login(PagePassword(hall.folder), token)
        serve_login(app, login, hall.settings.language)
        app.add_middleware(LoginRequired, login=login)
    mount(app, hall, intake, address)
    # The last one added is asked first.
    largest = hall.settings.upload_mb * 1_000_000
    app.add_middleware(LimitedBody, upload=_AT_ONCE * largest, other=_OTHER_MB * 1_000_000)
    app.add_middleware(OurRequestsOnly, address=address)
    app.add_middleware(
        SafeHeaders,
        polish=lambda html, headers: polish(
            html, language_of(headers, hall.settings.language), login=not address.is_loopback
        ),
    )
    return app


def serve(hall: Studyhall, *, host: str, port: int, open_browser: bool, announce: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C; port 0 takes a free one. `announce` is given the lines a person should read.

    Raises InputError when the port is taken. To listen beyond this computer is the caller's decision.
    """
    listening = listen(host, port)
    with listening:
        address = Address(host, int(listening.getsockname()[1]))
        token = secrets.token_urlsafe(32)
        app = build_app(hall, token=token, host=host, port=address.port)

        def ready() -> None:
            hall.announce(port=address.port, token=token)
            for line in greeting(address):
                announce(line)
            if open_browser:
                webbrowser.open(url_of(address))

        server = make_server(app, ready)
        with suppress(KeyboardInterrupt):  # uvicorn raises it again once it has shut down
            server.run(sockets=[listening])
        hall.announce()


def make_server(app: FastAPI, ready: Callable[[], None] = lambda: None) -> Any:
    """Return a uvicorn server that calls `ready` once it listens."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.stop_tabs()
            # An answer that is being written is cut off after a while: that is no error.
            complaints = logging.getLogger("uvicorn.error")
            complaints.disabled = True
            await super().shutdown(sockets)
            complaints.disabled = False

    return Server(
        uvicorn.Config(
            app, log_level="warning", server_header=False, date_header=False, timeout_graceful_shutdown=_PATIENCE_S
        )
    )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raises InputError when the port is taken or the host isn't this computer."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
        # Windows would let two servers have one port.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as exc:
        listening.close()
        message = f"Studyhall can't listen on {host}, port {port}: {exc.strerror or exc}."
        raise InputError(message, remedy="Choose another port with --port, or a free one with --port 0.") from exc
    return listening


def greeting(address: Address) -> list[str]:
    """Return the lines that a person should read once it listens."""
    lines = [f"Studyhall is at {url_of(address)}  (Ctrl-C stops it)"]
    if not address.is_loopback:
        lines.append("Others on this network need the password. What is sent isn't encrypted: use a network you trust.")
    return lines


def url_of(address: Address) -> str:
    """Return the URL to type into a browser."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(address.host, address.host)
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{address.port}/"
