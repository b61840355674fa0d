"""A library of real SQLite to fill: catalog and lexical index are quick enough to need no fake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.library.library import Library
from tests.fake_parts import FakeEmbedder, a_library
from tests.fakes import a_document, put

TRIES = "# Tries\n\nA trie is a tree of letters.\n\n## Prefixes\n\nA trie finds words by their prefixes."
HEAPS = "Every heap is a tree.\n\nA heap keeps its smallest element at the root."


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Library]:
    """One with tries.md in the collection "one" and heaps.md, of two pages, in "two"."""
    embedder = FakeEmbedder()
    library = a_library(tmp_path / "home", embedder)
    put(library, embedder, a_document(TRIES, title="Tries"), uri="/tries.md", collection="one")
    pages = (0, HEAPS.index("A heap"))
    put(library, embedder, a_document(HEAPS, title="Heaps", pages=pages), uri="/heaps.md", collection="two")
    yield library
    library.close()
