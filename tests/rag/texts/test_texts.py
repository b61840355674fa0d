"""What the program says: each sentence has a translation, with the same gaps, and the language is the thread's own."""

from __future__ import annotations

import ast
import doctest
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import rag.texts
from ingest.loaders import SUFFIXES, page_word
from rag.question.overview_phrases import ItemKind
from rag.settings import Settings
from rag.texts import LANGUAGES, counted, in_language, many, say, speaking, spoken

REPOSITORY = Path(__file__).parents[3]
TRANSLATED = [language for language in LANGUAGES if language != "en"]


def calls() -> Iterator[tuple[str, ast.Call]]:
    for package in ("rag", "ingest", "ui"):
        for path in (REPOSITORY / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield node.func.id, node


def literals(names: set[str], place: int) -> set[str]:
    """Return the texts that stand in calls of some functions, as the argument at a place."""
    given = [call.args[place] for name, call in calls() if name in names and len(call.args) > place]
    return {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}


SAID = literals({"say", "sayable"}, 0)
# Counted by a name that only the document or the question tells.
NOUNS = literals({"counted", "many"}, 1) | {page_word(f"a{suffix}") for suffix in SUFFIXES} | set(ItemKind) | {"part"}


@pytest.fixture(params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with (REPOSITORY / "rag" / "texts" / f"{request.param}.po").open("rb") as file:
        return read_po(file, locale=request.param)


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_each_sentence_has_a_translation_and_each_translation_a_sentence(catalogue: Catalog) -> None:
    said = {one.id: one.string for one in catalogue if one.id and not one.pluralizable}
    assert len(SAID) > 200
    assert set(said) == SAID
    assert all(said.values())


def test_each_noun_that_is_counted_has_a_singular_and_a_plural(catalogue: Catalog) -> None:
    counted_nouns = {one.id[0]: one.string for one in catalogue if one.pluralizable}
    assert set(counted_nouns) == NOUNS
    assert all(len(forms) == 2 and all(forms) for forms in counted_nouns.values())


def test_a_translation_has_the_gaps_of_its_sentence(catalogue: Catalog) -> None:
    for one in catalogue:
        if one.id and not one.pluralizable:
            assert gaps(one.string) == gaps(one.id), one.id


def test_a_sentence_that_is_said_stands_where_it_is_said() -> None:
    """A text put together first, as by an f-string, is in no catalogue."""
    made = [
        ast.unparse(call)
        for name, call in calls()
        if name in {"say", "sayable"} and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert made == []


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.texts).failed == 0


def test_the_language_is_spoken_within_and_not_after() -> None:
    with speaking("de"):
        assert say("Sources") == "Quellen"
        with speaking("xx"):  # without a catalogue
            assert spoken() == "de"
    assert say("Sources") == "Sources"


def test_an_iterator_speaks_its_language_while_it_works_and_not_in_between() -> None:
    def works() -> Iterator[str]:
        yield spoken()
        yield spoken()

    heard = [(inside, spoken()) for inside in in_language("de", works())]
    assert heard == [("de", "en"), ("de", "en")]


def test_what_has_no_translation_is_said_in_english() -> None:
    with speaking("de"):
        assert say("Nobody translated {this}.", this="that") == "Nobody translated that."
        assert counted(2, "trout") == "2 trouts"
        assert many(1, "trout") == "trout"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_setting_knows_each_language(language: str) -> None:
    assert Settings(language=language).language == language
