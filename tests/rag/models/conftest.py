"""Here the real embedder is what is tested."""

from __future__ import annotations

import pytest

from rag.models.embedder import SentenceEmbedder


@pytest.fixture(scope="session")
def embedder(real_embedder: SentenceEmbedder) -> SentenceEmbedder:
    """The real one."""
    return real_embedder
