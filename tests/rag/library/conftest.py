"""Libraries with Chroma, one of them shared by property tests: they overwrite what they put into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.library.home import Home
from rag.library.library import Library
from rag.ports import Embedder


@pytest.fixture(scope="session")
def library_of_session(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    opened = Library(Home(tmp_path_factory.mktemp("shared") / "home"), embedder.fingerprint)
    yield opened
    opened.close()


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    """An empty library with real SQLite and Chroma."""
    opened = Library(Home(tmp_path / "home"), embedder.fingerprint)
    yield opened
    opened.close()
