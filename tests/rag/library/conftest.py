"""A library that property tests share: they overwrite what they put into it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.library.home import Home
from rag.library.library import Library
from rag.models.embedder import SentenceEmbedder


@pytest.fixture(scope="session")
def library_of_session(tmp_path_factory: pytest.TempPathFactory, embedder: SentenceEmbedder) -> Iterator[Library]:
    opened = Library(Home(tmp_path_factory.mktemp("shared") / "home"), embedder.fingerprint)
    yield opened
    opened.close()
