"""An ingestion is tested with the embedder and the store that it fills."""

from __future__ import annotations

import pytest

from rag.library.library import Library
from rag.models.embedder import SentenceEmbedder


@pytest.fixture(scope="session")
def embedder(real_embedder: SentenceEmbedder) -> SentenceEmbedder:
    """The real one."""
    return real_embedder


@pytest.fixture
def library(chroma_library: Library) -> Library:
    """One with Chroma."""
    return chroma_library
