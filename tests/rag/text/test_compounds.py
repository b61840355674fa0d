"""German compounds by their parts, with the words of the documents for a dictionary."""

from __future__ import annotations

import doctest

import pytest

import rag.text.compounds
from rag.library.library import Library
from rag.ports import Embedder
from rag.retrieve.lexical import search_lexical
from rag.text.compounds import holds, split
from tests.fakes import a_document, asked, put

COUNTS = {"verwalt": 40, "gericht": 90, "verwaltungsgericht": 12, "bund": 30, "bank": 20, "gesetz": 99, "setz": 1}


def known(stems: set[str]) -> dict[str, int]:
    return {stem: COUNTS[stem] for stem in stems & COUNTS.keys()}


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.text.compounds).failed == 0


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        pytest.param("verwaltungsgericht", ("verwalt", "gericht"), id="s"),
        pytest.param("bundesbank", ("bund", "bank"), id="es"),
        pytest.param("bundesverwaltungsgericht", ("bund", "verwalt", "gericht"), id="three parts"),
        pytest.param("gesetz", ("gesetz",), id="short"),
        pytest.param("gesetzbuch", ("gesetzbuch",), id="a part that no document has"),
        pytest.param("abc123gericht", ("abc123gericht",), id="digits"),
    ],
)
def test_a_compound_is_split_into_words_that_the_documents_use(word: str, parts: tuple[str, ...]) -> None:
    assert split(word, known) == parts


def test_a_word_used_more_than_its_parts_stays_whole() -> None:
    assert split(
        "bundesbank",
        lambda stems: {key: {"bundesbank": 50, **COUNTS}[key] for key in stems & {"bundesbank", "bund", "bank"}},
    ) == ("bundesbank",)


@pytest.mark.parametrize(
    ("compound", "part", "whether"),
    [("bundesbank", "bank", True), ("bankkonto", "bank", True), ("reichstag", "eich", False), ("bank", "ank", False)],
)
def test_a_part_begins_where_a_word_may_begin(compound: str, part: str, whether: bool) -> None:
    assert holds(compound, part) is whether


SHIP = "Die Gesellschaft betreibt seit 1829 die Donaudampfschifffahrt."
LAND = "Der Gleisbau ist teuer. Die Donau fließt. Ein Dampfschiff pfeift. Die Fahrt ist lang."


@pytest.fixture
def rivers(library: Library, embedder: Embedder) -> Library:
    for name, text in (("ship", SHIP), ("land", LAND)):
        put(library, embedder, a_document(text, title="", language="de"), uri=f"/{name}.md", embed=False)
    return library


def sources(library: Library, question: str) -> list[str]:
    hits = search_lexical(asked(question, library), library.lexical, limit=10)
    rows = library.catalog.chunks.get(list(hits))
    return [rows[key][1] for key in hits]


@pytest.mark.parametrize("question", ["Dampfschiff", "Dampfschiffe", "Was ist ein Dampfschiff?"])
def test_a_compound_is_found_by_its_part_behind_the_part_itself(question: str, rivers: Library) -> None:
    assert sources(rivers, question) == ["/land.md", "/ship.md"]


def test_a_part_is_found_by_its_compound_behind_the_compound_itself(rivers: Library) -> None:
    assert sources(rivers, "Donaudampfschifffahrt") == ["/ship.md"]
    assert sources(rivers, "Dampfschifffahrt") == ["/land.md", "/ship.md"]


@pytest.mark.parametrize("question", ["fliesst", "fließt", "FLIESST"])
def test_spellings_of_sharp_s_and_case_match(question: str, rivers: Library) -> None:
    assert sources(rivers, question) == ["/land.md"]


@pytest.mark.parametrize("question", ["Schluessel", "Schlüssel", "SCHLÜSSEL", "Schlüsseln"])
def test_umlauts_match_their_spellings_with_e(question: str, library: Library, embedder: Embedder) -> None:
    for name, word in (("a", "Schlüssel"), ("b", "Schluessel")):
        document = a_document(f"Ein {word} öffnet das Schloss {name}.", title="", language="de")
        put(library, embedder, document, uri=f"/{name}.md", embed=False)
    assert sorted(sources(library, question)) == ["/a.md", "/b.md"]


def test_an_english_question_is_not_split(rivers: Library) -> None:
    assert sources(rivers, "What is a dampfschiff?") == ["/land.md"]
