"""What every test gets: a home and an environment of its own, and no network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from pytest_socket import socket_allow_hosts

from rag.library.home import Home
from rag.library.library import Library
from rag.models.embedder import SentenceEmbedder
from rag.ports import Embedder
from tests.fake_parts import FakeEmbedder, a_library
from ui.hall import Studyhall

# A test on a busy machine is slow, not wrong.
hypothesis.settings.register_profile("studyhall", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=40)

SAMPLE_COURSE = Path(__file__).parents[1] / "data" / "sample-course"
_HERE = ["127.0.0.1", "::1", "localhost"]
_resolved: dict[str, set[str]] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples of each property in the fast lane: the whole run tries all."""
    hypothesis.settings.load_profile("quick" if config.option.markexpr == "not slow" else "studyhall")


def pytest_runtest_setup() -> None:
    """Close the network before any fixture is made; asyncio needs its unix sockets."""
    socket_allow_hosts(_HERE, allow_unix_socket=True, resolution_cache=_resolved)


@pytest.fixture(scope="session")
def cache_folder(request: pytest.FixtureRequest) -> Path:
    """The folder of exported models: exporting takes 7 s, so one for all tests, and kept."""
    named = os.environ.get("STUDYHALL_CACHE")
    return Path(named) if named else request.config.cache.mkdir("studyhall")


@pytest.fixture(scope="session", autouse=True)
def _clean_environment(cache_folder: Path) -> Iterator[None]:
    """Whoever runs the tests may have settings of their own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("STUDYHALL_"):
                patch.delenv(name)
        patch.setenv("STUDYHALL_CACHE", str(cache_folder))
        patch.setenv("LC_ALL", "C")
        yield


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has a home of its own; it is made when something opens it."""
    home = tmp_path / "home"
    monkeypatch.setenv("STUDYHALL_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """An embedder that loads nothing; folders whose tests are about the real one say so in their conftest."""
    return FakeEmbedder()


@pytest.fixture(scope="session")
def real_embedder(cache_folder: Path) -> SentenceEmbedder:
    """The embedder that comes along."""
    return SentenceEmbedder(cache_folder, threads=2)


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    """An empty library on real SQLite, its vectors in memory."""
    opened = a_library(tmp_path / "home", embedder)
    yield opened
    opened.close()


@pytest.fixture
def chroma_library(tmp_path: Path, real_embedder: SentenceEmbedder) -> Iterator[Library]:
    """An empty library with real SQLite and Chroma, for the real embedder."""
    opened = Library(Home(tmp_path / "home"), real_embedder.fingerprint)
    yield opened
    opened.close()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Studyhall]:
    """An empty home, opened."""
    with Studyhall.open(tmp_path / "home") as opened:
        yield opened


@pytest.fixture(scope="session")
def sample_hall(tmp_path_factory: pytest.TempPathFactory, _clean_environment: None) -> Iterator[Studyhall]:
    """The sample course, ingested once: to be read, not changed."""
    with Studyhall.open(tmp_path_factory.mktemp("sample") / "home") as opened:
        report = opened.ingest([SAMPLE_COURSE])
        assert not [document for document in report.documents if document.error]
        yield opened
