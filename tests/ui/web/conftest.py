"""The page as it is served: a real uvicorn on a free port, in a thread of the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from ui.hall import Studyhall
from ui.server import build_app, listen, make_server

TOKEN = "the-token"
BM25 = """# Ranking

## BM25

BM25 divides by the length of the document, because long documents repeat their words without saying more.
The parameter $b$ sets how strongly it does so.

## Stemming

Stemming cuts the endings off words, so that a question finds other forms of them.
"""


@dataclass(frozen=True)
class Served:
    """A page that runs."""

    hall: Studyhall
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, trust_env=False, timeout=30)


@contextmanager
def serving(hall: Studyhall, host: str = "127.0.0.1") -> Iterator[Served]:
    listening = listen(host, 0)
    port = listening.getsockname()[1]
    listens = threading.Event()
    server = make_server(build_app(hall, token=TOKEN, host=host, port=port), listens.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="server")
    thread.start()
    try:
        assert listens.wait(30)
        yield Served(hall, port)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "ranking.md"
    path.write_text(BM25, encoding="utf-8")
    return path


@pytest.fixture
def read_hall(hall: Studyhall, notes: Path) -> Studyhall:
    """A home with one small document."""
    hall.ingest([notes])
    return hall
