"""The embedder as LangChain embeddings.

A module of its own: LangChain takes a third of a second to import, and an ingestion doesn't need it.
"""

from __future__ import annotations

from langchain_core.embeddings import Embeddings

from rag.models.embedder import SentenceEmbedder


class StudyhallEmbeddings(SentenceEmbedder, Embeddings):
    """The embedder with LangChain's methods, which return lists."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the embeddings of `texts`."""
        return [[float(value) for value in vector] for vector in self.embed(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Return the embedding of a question."""
        return [float(value) for value in self.embed_question(text)]
