"""A library that property tests share, for they overwrite what they put into it; and one with Chroma."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.library.home import Home
from rag.library.library import Library
from rag.ports import Embedder
from tests.fake_parts import a_library


@pytest.fixture(scope="session")
def library_of_session(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    opened = a_library(tmp_path_factory.mktemp("shared") / "home", embedder)
    yield opened
    opened.close()


@pytest.fixture
def library_on_disk(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    """An empty library, its vectors in Chroma."""
    opened = Library(Home(tmp_path / "home"), embedder.fingerprint)
    yield opened
    opened.close()
