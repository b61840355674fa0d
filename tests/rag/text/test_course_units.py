"""What a document's name says of it."""

from __future__ import annotations

import doctest

import pytest

import rag.text.course_units
import rag.text.editions
import rag.text.file_names
from rag.text.course_units import units_in, units_of
from rag.text.editions import edition, names_newest
from rag.text.file_names import name_words


def test_the_examples_in_the_docstrings_hold() -> None:
    for module in (rag.text.course_units, rag.text.editions, rag.text.file_names):
        assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("uri", "places"),
    [
        pytest.param("/ml/week05/slides.pdf", ["week 5"], id="folder"),
        pytest.param("/ml/Woche 3/Übungsblatt_04.pdf", ["exercise 4", "week 3"], id="German, folder and file"),
        pytest.param("/ml/Uebungsblatt4.pdf", ["exercise 4"], id="umlaut spelt out"),
        pytest.param("VL05_Graphen.pdf", ["lecture 5"], id="abbreviation"),
        pytest.param("06-dfs.pdf", ["number 6"], id="leading number"),
        pytest.param("02.03-arrays.ipynb", ["number 2"], id="chapter and section"),
        pytest.param("w07.pdf", ["week 7"], id="one letter"),
        pytest.param("https://uni.example/ml/lecture-03.html?x=week9", ["lecture 3"], id="address"),
        pytest.param("course.zip!/week 2/notes.md", ["week 2"], id="in an archive"),
        pytest.param("2022_Q3_AAPL.pdf", ["quarter 3"], id="quarter"),
        pytest.param("2021-10-12 notes.md", [], id="a date is no week"),
        pytest.param("annual report 2019.pdf", [], id="a year is no number"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_paths_tell_places(uri: str, places: list[str]) -> None:
    assert [str(place) for place in units_of(uri)] == places


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("What is on exercise sheet 3?", ["exercise 3"]),
        ("Was kam in der 5. Vorlesung dran?", ["lecture 5"]),
        ("Was kam in der fünften Vorlesung dran?", ["lecture 5"]),
        ("revenue in the third quarter", ["quarter 3"]),
        ("weeks are long, 5 of them", []),
        ("Why 3 examples?", []),
    ],
)
def test_questions_name_places(question: str, places: list[str]) -> None:
    assert [str(place) for place in units_in(question)] == places


def test_words_of_a_name_are_taken_apart() -> None:
    assert name_words("/x/LinearAlgebra_Script.pdf") == ["LinearAlgebra", "Script", "Linear", "Algebra"]


@pytest.mark.parametrize(
    ("uri", "cover", "when"),
    [
        ("2022_Q3_AAPL.pdf", "October 1, 2025", "2022-09"),
        ("2023-04-01 minutes.md", "", "2023-04"),
        ("report.pdf", "vom 28. Oktober 2023", "2023-10"),
        ("report.pdf", "nothing", ""),
    ],
)
def test_editions_sort_by_time(uri: str, cover: str, when: str) -> None:
    assert edition(uri, cover) == when


@pytest.mark.parametrize(
    ("question", "whether"), [("its most recent 10-Q", True), ("im aktuellen Skript", True), ("recently", False)]
)
def test_the_newest_is_asked_for_in_words(question: str, whether: bool) -> None:
    assert names_newest(question) is whether
