"""Records on the wire: what goes in comes out."""

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
from rag.types import Answer, AnswerStatus, Citation, CollectionInfo, Passage, Quality, SearchResult, Sentence
from ui.wire import decode, encode, encode_error

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
    "record",
    [
        ANSWER, Retrieved((PASSAGE,)), Draft(ANSWER), Progress(0.5), Text("ä\n"), SearchResult("q", (PASSAGE,), 0.1),
        CollectionInfo("main", 1, 2), Begun(3), FileRead("/a.pdf", 1, 3, 9),
        Estimate(60, 5, 7, 9, None), Taken(1, 3), Queued(3, 99), PageRead("/a.pdf", 2, 3, True, 9),
        Pace(1, 2, 3, 4, 5, 0.5, 1.5, None), Embedding(5, 7), Done(REPORT),
        IngestReport((REPORT,), ("/b.png",), 1.5), None, Evaluating(1, 2), EVALUATION, QUESTION,
    ],
    ids=lambda record: type(record).__name__,
)  # fmt: skip
def test_a_record_comes_back_as_it_was(record: object) -> None:
    line = encode(record)
    assert "\n" not in line
    assert list(decode(iter([line]))) == [record]


def test_an_error_comes_back_as_the_same_error() -> None:
    sent = PasswordNeeded("a.pdf is protected.", remedy="Save a copy without it.")
    with pytest.raises(PasswordNeeded, match=r"protected\. Save a copy without"):
        list(decode(iter([encode(None), encode_error(sent)])))


def test_an_error_of_a_newer_server_is_still_one_of_ours() -> None:
    line = encode_error(NotFound("gone.", remedy="")).replace("NotFound", "Unheard")
    with pytest.raises(Exception, match="gone") as caught:
        list(decode(iter([line])))
    assert type(caught.value).__name__ == "StudyhallError"
