"""LangChain's standard suite for retrievers, on the sample course."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_tests.integration_tests import RetrieversIntegrationTests

from rag.retrieve.retriever import StudyhallRetriever
from ui.hall import Studyhall

pytestmark = pytest.mark.slow


class TestStudyhallRetriever(RetrieversIntegrationTests):
    hall: Studyhall

    @pytest.fixture(autouse=True)
    def _use(self, sample_hall: Studyhall) -> None:
        self.hall = sample_hall

    @property
    def retriever_constructor(self) -> type[StudyhallRetriever]:
        return StudyhallRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"chain": self.hall.chain}

    @property
    def retriever_query_example(self) -> str:
        return "What is an inverted index?"


def test_its_documents_are_verbatim_and_name_their_page(sample_hall: Studyhall) -> None:
    found: list[Document] = sample_hall.as_retriever(k=8).invoke("What is an inverted index?")
    assert len(found) == 8
    for document in found:
        told = document.metadata
        text = sample_hall.document(told["document_id"]).text
        assert document.page_content == text[told["start"] : told["end"]]
        assert document.id
        assert told["page"] is None or told["page"] >= 1
    scores = [document.metadata["score"] for document in found]
    assert scores == sorted(scores, reverse=True)


def test_it_can_be_bound_to_a_collection(sample_hall: Studyhall) -> None:
    assert len(sample_hall.as_retriever(k=2, collection="main").invoke("index")) == 2
