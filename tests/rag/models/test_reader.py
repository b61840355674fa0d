"""The reader that comes with Studyhall: the real weights."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ReaderError
from rag.models.reader import BILINGUAL, ENGLISH, PAIR_TOKENS, Reader, ShippedReaders, best_span, shipped

pytestmark = pytest.mark.slow

QUESTION = "Who discovered oxygen?"
OXYGEN = "Oxygen is a gas. It was discovered by Carl Wilhelm Scheele in Uppsala in 1773. It is in the air."
TULIPS = "Tulips are planted in autumn. Their bulbs need a cold winter before they flower in spring."

SAUERSTOFF = "Sauerstoff ist ein Gas. Carl Wilhelm Scheele entdeckte ihn 1773 in Uppsala. Er ist in der Luft."
TULPEN = "Tulpen werden im Herbst gepflanzt. Ihre Zwiebeln brauchen einen kalten Winter, bevor sie im Frühling blühen."


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(shipped(), threads=2)


@pytest.mark.parametrize("name", [ENGLISH, BILINGUAL])
def test_the_weights_are_those_of_the_model_card(name: str) -> None:
    digest = hashlib.sha256((shipped(name) / "reader.onnx").read_bytes()).hexdigest()
    assert json.loads((shipped(name) / "reader.json").read_text())["sha256"] == digest
    assert digest in (shipped(name) / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("question", "right", "wrong", "answer"),
    [
        ("Wer entdeckte den Sauerstoff?", OXYGEN, TULIPS, "Carl Wilhelm Scheele"),
        ("Wann werden Tulpen gepflanzt?", TULPEN, SAUERSTOFF, "Herbst"),
        ("When are tulips planted?", TULPEN, SAUERSTOFF, "Herbst"),
    ],
)
def test_a_pair_with_german_in_it_is_read_by_the_one_that_knows_it(
    question: str, right: str, wrong: str, answer: str
) -> None:
    readers = ShippedReaders(threads=2)
    good, bad = readers.read(question, [("", right), ("", wrong)], {"de", "en"})
    assert good.relevance > bad.relevance
    assert answer in right[good.start : good.end]
    assert readers.read(question, [("", right)], {"en"}) != [good]
    assert readers.read(question, [("", right)]) == readers.read(question, [("", right)], {"en"})


def test_the_passage_that_answers_is_more_relevant_and_answers(reader: Reader) -> None:
    right, wrong = reader.read(QUESTION, [("Oxygen\n", OXYGEN), ("Gardens\n", TULIPS)])
    assert right.relevance > 0 > wrong.relevance
    assert right.answers > wrong.answers
    assert OXYGEN[right.start : right.end] == "Carl Wilhelm Scheele"


def test_the_answer_most_likely_begins_where_it_is_found(reader: Reader) -> None:
    said = reader.read(QUESTION, [("", OXYGEN)])[0]
    assert max(said.peaks, key=lambda peak: peak[1])[0] == said.start
    assert sum(likely for _, likely in said.peaks) <= 1.001


def test_a_reading_does_not_depend_on_what_is_read_with_it(reader: Reader) -> None:
    alone = reader.read(QUESTION, [("", OXYGEN)])[0]
    among = reader.read(QUESTION, [("", TULIPS), ("", OXYGEN), ("", TULIPS * 5)])[1]
    assert alone == among


def test_a_passage_longer_than_the_window_is_read_to_its_end(reader: Reader) -> None:
    long = (TULIPS + " ") * 40 + OXYGEN
    assert len(reader.tokenizer.encode(long).ids) > 2 * PAIR_TOKENS
    said = reader.read(QUESTION, [("", long)])[0]
    assert long[said.start : said.end] == "Carl Wilhelm Scheele"


@pytest.mark.parametrize(
    "text", ["", " ", "x", "🙂" * 30, "ﬁ ﬂ ä ß 𝑥"], ids=["empty", "blank", "letter", "emoji", "odd"]
)
def test_any_text_is_read_with_a_span_inside_it(reader: Reader, text: str) -> None:
    said = reader.read(QUESTION, [("Title\n", text)])[0]
    assert 0 <= said.start <= said.end <= len(text)


def test_a_question_of_any_length_is_read(reader: Reader) -> None:
    assert reader.read("Why? " * 3000, [("", OXYGEN)])[0].end > 0
    assert reader.read("", [("", OXYGEN)])[0].end > 0


def test_no_passages_no_readings(reader: Reader) -> None:
    assert reader.read(QUESTION, []) == []


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "reader.onnx").write_bytes(b"no model")
    with pytest.raises(ReaderError, match="Install Studyhall again"):
        Reader(tmp_path).prepare()


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=1, max_size=60))
def test_no_valid_span_beats_the_best_one(logits: list[tuple[float, float]]) -> None:
    start, end = (np.array(values) for values in zip(*logits, strict=True))
    score, at, to = best_span(start, end)
    assert 0 <= at <= to < min(len(start), at + 40)
    assert score == pytest.approx(start[at] + end[to])
    assert score >= max(start + end) - 1e-6
