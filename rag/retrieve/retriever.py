"""Studyhall's search as a LangChain retriever."""

from __future__ import annotations

from typing import Any, Protocol

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, SkipValidation

from rag.types import Question, SearchResult


class Searching(Protocol):
    """The search of the query chain."""

    def search(self, question: Question | str, *, most: int) -> SearchResult:
        """Return the best `most` passages for a question."""


class StudyhallRetriever(BaseRetriever):
    """A retriever of the `k` best passages for a query, as LangChain documents with source and pages as metadata."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    chain: SkipValidation[Searching]
    k: int = 4
    collection: str | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None, **_: Any
    ) -> list[Document]:
        found = self.chain.search(Question(query, self.collection), most=self.k if k is None else k)
        return [
            Document(
                id=passage.chunk_id,
                page_content=passage.text,
                metadata={
                    "source": passage.source,
                    "title": passage.title,
                    "page": passage.page,
                    "page_label": passage.page_label,
                    "heading": " > ".join(passage.headings),
                    "start": passage.start,
                    "end": passage.end,
                    "document_id": passage.document_id,
                    "score": passage.score,
                },
            )
            for passage in found.passages
        ]
