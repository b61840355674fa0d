"""Arguments and records on the wire: what goes in comes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.report import (
    Begun,
    DocumentReport,
    Done,
    Embedding,
    Estimate,
    FileRead,
    IngestReport,
    Pace,
    PageRead,
    Queued,
    Status,
    Taken,
)
from rag.errors import NotFound, PasswordNeeded
from rag.evaluation.judge import Judged
from rag.evaluation.questions import EvalQuestion, Evidence
from rag.evaluation.report import Difference, Evaluating, Evaluation, Side
from rag.events import Draft, Progress, Retrieved, Text
from rag.types import (
    Answer,
    AnswerStatus,
    Citation,
    CollectionInfo,
    Filter,
    Passage,
    Quality,
    Question,
    SearchResult,
    Sentence,
    Turn,
)
from ui.service.operations import OPERATIONS
from ui.service.wire import decode, decode_arguments, encode, encode_call, encode_error

PASSAGE = Passage(1, "d", "c", "/a.pdf", "Bäume", 3, 9, "Wälder", 0.5, ("Kapitel 1",), 2, 3, "iv", ((0, 1, "iii"),))
ANSWER = Answer(
    "Was?",
    "Das [1].",
    AnswerStatus.ANSWERED,
    (Citation(1, "/a.pdf", "Bäume", "Wälder", 3, 9, "d", 2, 3, "iv"),),
    (Sentence("Das.", (1,), True, 0.75),),
    (PASSAGE,),
    "qwen.gguf",
)
REPORT = DocumentReport("/a.pdf", Status.ADDED, "d", 3, 7, 0.5, ("page 2 is an image",), quality=Quality((2,), (2,)))
QUESTION = EvalQuestion("1", "Wo?", "de", evidence=(Evidence("a.pdf", 3, "da"),), answers=("da",), confirmed=False)
JUDGED = Judged("1", "Wo?", "de", (2, 0), "quoted", "Da.", {"MRR": (0.5, 1.0)})
EVALUATION = Evaluation(
    {"de": 1, "all": 1},
    0,
    (Side({}, {"all": {"MRR": 0.5, "F1": None}}, (JUDGED,), 2.5), Side({"candidates": "9"}, {"all": {}}, ())),
    (Difference("MRR", 0.1, -0.1, 0.3),),
    ("a note",),
    1.5,
    "qwen.gguf",
)


@pytest.mark.parametrize(
    ("operation", "records"),
    [
        ("ask", [Retrieved((PASSAGE,)), Draft(ANSWER), Progress(0.5), Text("ä\n"), ANSWER]),
        ("search", [SearchResult("q", (PASSAGE,), 0.1)]),
        ("collections", [CollectionInfo("main", 1, 2)]),
        ("ingest", [Begun(3), Estimate(60, 5, 7, 9, None), Taken(1, 3), Queued(3, 99), Embedding(5, 7)]),
        (
            "ingest",
            [PageRead("/a.pdf", 2, 3, True, 9), FileRead("/a.pdf", 1, 3), Pace(1, 2, 3, 4, 5, 0.5, 1.5, None)],
        ),
        ("ingest", [Done(REPORT), IngestReport((REPORT,), ("/b.png",), 1.5)]),
        ("evaluate", [Evaluating(1, 2), EVALUATION]),
        ("draft", [QUESTION]),
        ("tags", ["week 5"]),
        ("create_collection", [None]),
    ],
)
def test_records_come_back_as_they_were(operation: str, records: list[object]) -> None:
    lines = [encode(record) for record in records]
    assert not any("\n" in line for line in lines)
    assert list(decode(OPERATIONS[operation], lines)) == records


def test_arguments_come_back_as_they_were() -> None:
    question = Question("Was?", "ki", filter=Filter(("week 5",), (1, 2)), history=(Turn("Wo?", "Da."),))
    for name, given in (
        ("ask", {"question": question, "model": None}),
        ("evaluate", {"questions": [QUESTION], "against": {"candidates": "9"}}),
    ):
        packed = json.loads(encode_call(OPERATIONS[name], given))
        assert packed["call"] == name
        assert decode_arguments(OPERATIONS[name], packed["arguments"]) == given


def test_a_path_travels_from_the_root_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    packed = json.loads(encode_call(OPERATIONS["ingest"], {"targets": iter(["a.md", "https://example.org/a", ""])}))
    assert packed["arguments"]["targets"] == [str(tmp_path / "a.md"), "https://example.org/a", ""]


def test_an_error_comes_back_as_the_same_error() -> None:
    sent = PasswordNeeded("a.pdf is protected.", remedy="Save a copy without it.")
    with pytest.raises(PasswordNeeded, match=r"protected\. Save a copy without"):
        list(decode(OPERATIONS["ingest"], [encode(None), encode_error(sent)]))


def test_an_error_of_a_newer_server_is_still_one_of_ours() -> None:
    line = encode_error(NotFound("gone.", remedy="")).replace("NotFound", "Unheard")
    with pytest.raises(Exception, match="gone") as caught:
        list(decode(OPERATIONS["find"], [line]))
    assert type(caught.value).__name__ == "StudyhallError"
