"""The file of questions: what a line may say, and what is said of lines that can't be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.errors import InputError
from rag.evaluation.questions import EvalQuestion, Evidence, parse_questions, read_questions
from ui.demo import gold_questions


def one(**row: object) -> EvalQuestion:
    return parse_questions(json.dumps(row), "q.jsonl")[0]


def test_the_gold_questions_are_read_whole() -> None:
    questions = read_questions(gold_questions())
    assert len(questions) == 95
    assert sum(not question.answerable for question in questions) == 16
    first = questions[0]
    assert first.evidence == (
        Evidence("lecture-notes.pdf", 3, "The name of our field was coined by Calvin Mooers in 1950."),
    )
    assert first.answers == ("Calvin Mooers, in 1950.",)
    assert first.confirmed


def test_a_place_alone_an_answer_alone_and_a_refusal_are_questions_too() -> None:
    assert one(question="Who?", document="a.pdf", page=2).evidence == (Evidence("a.pdf", 2),)
    assert one(question="Who?", answer="Mooers").answers == ("Mooers",)
    assert one(question="Who?", answers=["Mooers", "Calvin Mooers"]).answers == ("Mooers", "Calvin Mooers")
    refused = one(question="Who?", answerable=False, source=None, quote=None, answer=None)
    assert (refused.answerable, refused.evidence, refused.answers) == (False, (), ())


def test_several_places_stand_in_a_list() -> None:
    question = one(question="Who?", evidence=[{"source": "a.pdf", "page": 1}, {"document": "b.pdf", "quote": "x y"}])
    assert question.evidence == (Evidence("a.pdf", 1), Evidence("b.pdf", None, "x y"))


def test_what_is_not_said_is_filled_in() -> None:
    question = parse_questions('\n\n{"question": "Was ist ein Baum?", "answer": "x"}', "q.jsonl")[0]
    assert (question.id, question.language, question.confirmed) == ("line-3", "de", True)
    assert one(question="Who?", answer="x", language="fr", id=7).language == "fr"


def test_a_question_written_as_a_line_is_read_as_it_was() -> None:
    several = (Evidence("a.pdf", 1, "ä “q”"), Evidence("b.pdf"))
    for question in (
        EvalQuestion("1", "Wo?", "de", evidence=several, answers=("da", "dort"), confirmed=False),
        EvalQuestion("2", "Where?", "en", answerable=False),
        EvalQuestion("3", "Where?", "en", answers=("there",)),
    ):
        assert parse_questions(question.line(), "q.jsonl") == [question]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense", "no JSON"),
        ("[1, 2]", "no JSON object"),
        ("[" * 100_000, "no JSON"),
        ('{"question": "  ", "answer": "x"}', '"question" is missing'),
        ('{"question": 3}', '"question" is no text'),
        ('{"question": "Who \\ud800?", "answer": "x"}', "half a character"),
        (json.dumps({"question": "x" * 20_001, "answer": "x"}), "20,001 characters"),
        ('{"question": "Who?"}', "what is right"),
        ('{"question": "Who?", "page": 2, "quote": "x"}', '"page" without "source"'),
        ('{"question": "Who?", "source": "a", "page": "iv"}', "'iv'"),
        ('{"question": "Who?", "source": "a", "page": 0}', "from 1"),
        ('{"question": "Who?", "answer": {"x": 1}}', '"answer" is neither'),
        ('{"question": "Who?", "answerable": "no"}', '"answerable" is neither true nor false'),
        ('{"question": "Who?", "evidence": "p. 3"}', '"evidence" is no list'),
    ],
    ids=lambda value: value[:40],
)
def test_a_line_that_cannot_be_used_is_named_by_its_number(line: str, says: str) -> None:
    good = '{"question": "Who?", "answer": "x"}'
    with pytest.raises(InputError) as error:
        parse_questions(f"{good}\n\n{line}\n", "mine.jsonl")
    assert "mine.jsonl" in str(error.value)
    assert "line 3: " in str(error.value)
    assert says in str(error.value)


def test_all_bad_lines_are_counted_and_the_first_ones_named() -> None:
    with pytest.raises(InputError, match=r"line 1: .*line 5: .*and 3 more"):
        parse_questions("x\n" * 8, "q.jsonl")


def test_an_id_stands_once() -> None:
    twice = '{"id": "a", "question": "Who?", "answer": "x"}\n' * 2
    with pytest.raises(InputError, match="line 2: the id 'a' stands in line 1 already"):
        parse_questions(twice, "q.jsonl")


def test_a_file_that_is_missing_empty_or_no_text_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    with pytest.raises(InputError, match="can't be read"):
        read_questions(path)
    path.write_bytes(b"\n \n")
    with pytest.raises(InputError, match="holds no question"):
        read_questions(path)
    path.write_bytes(b'{"question": "\xff"}')
    with pytest.raises(InputError, match="UTF-8"):
        read_questions(path)
    path.write_bytes(b'\xef\xbb\xbf{"question": "Who?", "answer": "x"}\r\n')
    assert read_questions(path)[0].text == "Who?"
