"""What `--json` prints: keys and their order are a contract that scripts rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest.report import DocumentReport, Estimate, IngestReport, Status
from rag.evaluation.judge import Judged
from rag.evaluation.report import Difference, Evaluation, Side
from rag.types import (
    Answer,
    AnswerStatus,
    Block,
    BlockKind,
    Citation,
    CollectionInfo,
    Document,
    DocumentInfo,
    DocumentState,
    Passage,
    Quality,
    SearchResult,
    Sentence,
    Twin,
)
from ui.render.json import document_json, print_json

CITATION = Citation(1, "/a.md", "Bäume", "Wälder", 3, 9, "d", section="## Wald")
PASSAGE = Passage(
    1, "d", "c", "/a.md", "Bäume", 3, 9, "Wälder", 0.5, ("Kapitel 1", "Wald"), also=(Twin("/b.md", "B", 2),)
)
INFO = DocumentInfo("d", "/a.md", "Bäume", DocumentState.READY, "cs", 0, 3, "2026-01-01", notes=("a note",))
REPORT = DocumentReport("/a.md", Status.ADDED, "d", 0, 3, 0.5, ("a note",), quality=Quality((2,)))
_REPORT_KEYS = "source status document_id pages chunks seconds notes error quality needs_password"
_PASSAGE_KEYS = (
    "rank score dense lexical document defines fused rerank text source title page page_end page_label heading start "
    "end document_id chunk_id also"
)
_INFO_KEYS = (
    "document_id source title state collection pages chunks added media_type language size characters notes error "
    "quality needs_password reading"
)
_CITATION_KEYS = (
    "marker source title quote start end document_id page page_end page_label answer answer_start answer_end before "
    "after section"
)


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return what is printed of a value, read again."""

    def print_and_read(value: object) -> Any:
        print_json(value)
        shown = capsys.readouterr().out
        assert shown.endswith("}\n")
        return json.loads(shown)

    return print_and_read


def keys(value: dict[str, Any]) -> str:
    return " ".join(value)


def test_an_answer(printed: Any) -> None:
    sentences = (Sentence("Das.", (1,), supported=True, score=0.75),)
    shown = printed(Answer("Was?", "Das [1].", AnswerStatus.ANSWERED, (CITATION,), sentences, (PASSAGE,), "qwen.gguf"))
    assert keys(shown) == (
        "question answer status citations sentences nearest confidence model about notes understood language timings "
        "tokens"
    )
    assert shown["nearest"] == []
    assert keys(shown["citations"][0]) == _CITATION_KEYS
    assert shown["citations"][0]["section"] == "Wald"
    assert shown["sentences"] == [{"text": "Das.", "markers": [1], "supported": True, "score": 0.75}]
    assert keys(shown["timings"]) == "retrieve_s first_token_s total_s"
    assert keys(shown["tokens"]) == "prompt answer"
    assert (shown["status"], shown["notes"]) == ("answered", [])


def test_a_refusal_has_the_nearest_passages(printed: Any) -> None:
    shown = printed(Answer("Was?", "Nein.", AnswerStatus.NOT_IN_DOCUMENTS, passages=(PASSAGE,) * 5, language="de"))
    assert [one["rank"] for one in shown["nearest"]] == [1, 2, 3]
    assert shown["nearest"][0]["text"] == PASSAGE.text
    assert shown["language"] == "de"


def test_passages_that_were_found(printed: Any) -> None:
    shown = printed(SearchResult("Bäume", (PASSAGE, PASSAGE), 0.1, ("a note",)))
    assert keys(shown) == "query understood passages notes timings"
    assert [keys(passage) for passage in shown["passages"]] == [_PASSAGE_KEYS] * 2
    assert [passage["rank"] for passage in shown["passages"]] == [1, 2]
    assert shown["passages"][0]["heading"] == "Kapitel 1 > Wald"
    assert shown["passages"][0]["also"] == [{"source": "/b.md", "title": "B", "page": 2}]
    assert shown["timings"] == {"retrieve_s": 0.1}


def test_an_ingestion(printed: Any) -> None:
    shown = printed(IngestReport((REPORT,), ("/b.png",), 1.5, ("/c.md",), Estimate(60, 5, 7, 9, None)))
    assert keys(shown) == "documents added updated unchanged failed skipped removed seconds estimate"
    assert keys(shown["documents"][0]) == _REPORT_KEYS
    assert keys(shown["documents"][0]["quality"]) == "without_text images by_ocr unreadable tables coverage"
    assert (shown["added"], shown["failed"], shown["skipped"]) == (1, 0, ["/b.png"])
    assert keys(shown["estimate"]) == "files size disk free seconds"
    assert printed(IngestReport())["estimate"] is None


def test_documents_and_collections(printed: Any) -> None:
    shown = printed({"documents": [INFO]})["documents"][0]
    assert keys(shown) == _INFO_KEYS
    assert (shown["state"], shown["notes"]) == ("ready", ["a note"])
    assert printed({"collections": [CollectionInfo("cs", 1, 3)]}) == {
        "collections": [{"name": "cs", "documents": 1, "chunks": 3}]
    }


def test_one_document(printed: Any) -> None:
    document = Document("# Wald\nGrün.", "Bäume", blocks=(Block(0, 6, BlockKind.HEADING, 1),))
    shown = printed(document_json(INFO, document, ["week 5"], with_text=True))
    assert keys(shown) == f"{_INFO_KEYS} tags headings text"
    assert (shown["tags"], shown["headings"]) == (["week 5"], ["# Wald"])
    assert "text" not in document_json(INFO, document, [], with_text=False)


def test_an_evaluation(printed: Any) -> None:
    judged = Judged("1", "Wo?", "de", (2, 0), "", "", {"MRR": (0.5, 1.0), "F1": (0, 0)})
    sides = Side({}, {"all": {"MRR": 0.5}}, (judged,), 2.567), Side({"candidates": "9"}, {"all": {}}, (judged,))
    shown = printed(Evaluation({"all": 1}, 0, sides, (Difference("MRR", 0.1, -0.1, 0.3),), ("a note",), 1.23456))
    assert keys(shown) == "questions unanswerable measures search_ms model per_question notes seconds against"
    assert (shown["search_ms"], shown["seconds"]) == (2.57, 1.235)
    assert shown["per_question"][0] == {
        "id": "1",
        "question": "Wo?",
        "language": "de",
        "ranks": [2, 0],
        "status": None,
        "answer": None,
        "measures": {"MRR": 0.5},
    }
    assert keys(shown["against"]) == "settings measures search_ms differences per_question"
    assert shown["against"]["differences"] == {"MRR": {"value": 0.1, "low": -0.1, "high": 0.3, "clear": False}}
    assert "against" not in printed(Evaluation({"all": 1}, 0, sides[:1]))
