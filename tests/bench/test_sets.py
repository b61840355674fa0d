"""The loaders of the benchmark's sets: what they write, and what they count as found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag.settings import Settings
from rag.types import Hit
from tests.bench import answering, scale
from tests.bench.answering import answer_row, curve_row, give_all
from tests.bench.heldout import HELD_OUT
from tests.bench.ranking import HEADER, first_ranks, measure
from tests.bench.sets import Absent, Asked, QuestionSet, gold, sec, smart, squad
from tests.bench.systems import reread_by, systems
from tests.fake_parts import OverlapRanker
from tests.fakes import a_chunk, a_hit
from ui.hall import Studyhall

SMART = """.I 1
.T
heat in
slabs
.A
nobody
.W
heat in slabs
is studied .
.I 2
.W
an abstract alone
"""
ENTRY = {
    "title": "Oxygen",
    "paragraphs": [{"context": "Air holds much."}, {"context": "Oxygen was found by Scheele."}],
}


def loaded(make: object) -> QuestionSet:
    """Return a set, or skip the test when its data is not on this machine."""
    assert callable(make)
    try:
        return make()  # type: ignore[no-any-return]
    except Absent as absent:
        pytest.skip(str(absent))


def test_records_of_the_smart_format_are_read_field_by_field(tmp_path: Path) -> None:
    path = tmp_path / "docs"
    path.write_text(SMART, encoding="latin-1")
    assert dict(smart.records(path)) == {
        "1": {"T": "heat in slabs", "A": "nobody", "W": "heat in slabs is studied ."},
        "2": {"W": "an abstract alone"},
    }


def test_an_article_is_one_text_in_which_its_paragraphs_stand_where_it_says() -> None:
    made = squad.article(ENTRY)
    assert [made.text[start:].partition("\n")[0] for start in made.starts] == [
        "Air holds much.",
        "Oxygen was found by Scheele.",
    ]
    assert squad.file_name("Sky_(United_Kingdom)") == "Sky_(United_Kingdom).txt"


def test_units_are_ranked_once_and_repeats_push_nothing_down() -> None:
    def units(hit: Hit) -> tuple[str, ...]:
        return (hit.chunk.document_id,) if hit.chunk.document_id != "none" else ()

    asked = Asked("1", "?", "en", {"a": 1.0, "b": 1.0, "c": 1.0}, units)
    hits = [a_hit(a_chunk(document_id=name)) for name in ("a", "a", "none", "b", "other")]
    assert first_ranks(asked, hits) == {"a": 1, "b": 3, "c": 0}


def test_a_sample_is_spread_over_the_set() -> None:
    asked = [Asked(str(number), "?", "en", {}, lambda _: ()) for number in range(10)]
    questions = QuestionSet("x", 1, lambda _: None, tuple(asked))
    assert [question.id for question in questions.sample(4).questions] == ["0", "2", "5", "7"]
    assert questions.sample(0) is questions
    assert questions.sample(99) is questions


def test_the_gold_sets_hold_all_gold_questions() -> None:
    english, german = gold.gold("en"), gold.gold("de")
    assert len(english.questions) + len(german.questions) == len(gold.load_gold()) == 95
    asked = english.questions[0]
    chunk = a_chunk(f"Before. {gold.load_gold()[0].quote} After.")
    assert asked.units(replace(a_hit(chunk), source="/course/lecture-notes.pdf")) == ("quote",)
    assert asked.units(replace(a_hit(chunk), source="/course/other.pdf")) == ()


@pytest.mark.parametrize("make", [squad.squad, squad.squad2, squad.xquad_de, squad.xquad_en])
def test_held_out_questions_find_their_answers_in_the_files_that_are_written(make: object, tmp_path: Path) -> None:
    questions = loaded(make)
    questions.write(tmp_path)
    names = [squad.file_name(title) for title in HELD_OUT]
    texts = {name: (tmp_path / name).read_text(encoding="utf-8") for name in names if (tmp_path / name).is_file()}
    assert len(texts) >= 5  # SQuAD 2.0 lacks one of them
    for asked in questions.questions:
        found = [
            name
            for name, text in texts.items()
            if asked.units(replace(a_hit(a_chunk(text, document_id=name)), source=f"/files/{name}"))
        ]
        assert len(found) == int(asked.answerable), asked.text


@pytest.mark.parametrize("make", [smart.cranfield, smart.cisi])
def test_every_judged_abstract_that_has_words_is_written(make: object, tmp_path: Path) -> None:
    questions = loaded(make)
    questions.write(tmp_path)
    written = {str(int(path.stem)) for path in tmp_path.glob("*.txt")}
    assert len(written) in {1398, 1460}
    assert all(set(asked.wanted) - {"471", "995"} <= written for asked in questions.questions)


def test_reports_are_judged_by_document() -> None:
    questions = loaded(sec.sec_documents)
    assert len(questions.questions) == 195
    for asked in questions.questions:
        right = [
            path.name
            for path in (sec.shared("eval", "sec-10q", "docs")).iterdir()
            if asked.units(replace(a_hit(a_chunk()), source=str(path)))
        ]
        assert len(right) in {1, 4}, asked.text


@pytest.mark.slow
def test_systems_are_measured_on_the_gold_questions(sample_hall: Studyhall) -> None:
    rows = {
        system.name: measure(system, gold.gold("en").sample(12))
        for system in systems(sample_hall, lambda _, hits: hits[::-1])
    }
    assert list(rows) == ["dense", "BM25", "fused", "fused + reader"]
    assert rows["fused"].recall[5] >= 0.8
    assert rows["fused + reader"].mrr < rows["fused"].mrr  # the worst of all rerankers
    assert rows["fused"].markdown().count("|") == HEADER.partition("\n")[0].count("|")


@pytest.mark.slow
def test_answers_are_measured_on_the_gold_questions(sample_hall: Studyhall) -> None:
    given = give_all(gold.gold("de"), sample_hall)
    line, curve = answer_row("gold (de)", given), curve_row("gold (de)", given)
    assert line.startswith("| gold (de) | 18 | 4 |")
    assert line.count("|") == answering.HEADER.partition("\n")[0].count("|")
    assert curve.count("|") == answering.CURVE_HEADER.partition("\n")[0].count("|")
    thresholds = [float(cell.partition(":")[0]) for cell in curve.split("|")[2:-1]]
    assert thresholds == sorted(thresholds)


@pytest.mark.slow
def test_a_library_that_grows_is_measured_at_each_size(tmp_path: Path) -> None:
    texts = ((f"{' '.join(f'word{at % 97} number{number}' for at in range(900))}", "en") for number in range(99))
    have = scale.grow(tmp_path / "home", texts, 0, 50)
    assert scale.grow(tmp_path / "home", texts, have, 120) == 120
    told = scale.measure(tmp_path / "home")
    assert told["chunks"] == 120
    assert all(0 < median <= late and worked > 0 for median, late, worked in told["ms"].values())
    assert told["memory_mb"] > 0


def test_a_reranker_joins_with_the_depth_and_weight_of_the_settings() -> None:
    reread = reread_by(OverlapRanker(), Settings(reranked=2, reranker_weight=1.0))
    texts = {"other": "nothing of the kind", "right": "a heap keeps order", "unread": "a heap keeps order"}
    hits = [a_hit(a_chunk(text, document_id=name), 3.0 - at) for at, (name, text) in enumerate(texts.items())]
    assert [hit.chunk.document_id for hit in reread("heap order", hits)] == ["right", "other", "unread"]


def test_a_set_without_its_data_says_so() -> None:
    with pytest.raises(Absent, match="is not here: this set is skipped"):
        sec.shared("nothing", "of", "this")
