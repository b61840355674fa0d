"""The data files of the languages, and that a file which breaks the schema is refused by name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from rag import lexicon
from rag.lexicon import either, one_of, phrases, table, text, words
from rag.lexicon.files import LexiconError, load
from rag.lexicon.schema import SCHEMA, FileSection

FOLDER = Path(lexicon.__file__).parent
REPOSITORY = FOLDER.parents[1]


def test_english_comes_first_and_languages_for_detection_only_last_of_all() -> None:
    assert lexicon.LANGUAGES == ("en", "de")
    assert set(lexicon.DETECTED) == {"en", "de", "es", "fr", "it", "nl", "pt"}


@pytest.mark.parametrize("language", lexicon.DETECTED)
def test_a_file_fulfils_the_schema(language: str) -> None:
    assert load(FOLDER / f"{language}.toml").code == language


@pytest.mark.parametrize("language", lexicon.LANGUAGES)
def test_a_word_stands_once_in_its_list(language: str) -> None:
    for name, listed in lexicon.read(language).words.items():
        assert sorted(listed) == sorted(set(listed)), name


@pytest.mark.parametrize("language", lexicon.LANGUAGES)
def test_every_fragment_is_used(language: str) -> None:
    known = lexicon.read(language)
    used = " ".join(piece for pieces in [*known.phrases.values(), *known.fragments.values()] for piece in pieces)
    assert [name for name in known.fragments if f"{{{name}}}" not in used] == []


def test_every_entry_is_asked_for_by_a_module_or_another_entry() -> None:
    """An f-string asks for all entries that it may name: `f"asks_{kind}"`."""
    asked = ["|".join(re.findall(r"\{([a-z_]+)\}", (FOLDER / f"{one}.toml").read_text())) for one in lexicon.LANGUAGES]
    for path in (REPOSITORY / "rag" / "answer").glob("*.toml"):
        asked += re.findall(r'"([a-z_]+)"', path.read_text(encoding="utf-8"))
    for path in [*(REPOSITORY / "rag").rglob("*.py"), *(REPOSITORY / "ingest").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if path.parent != FOLDER else ():
            if isinstance(node, ast.JoinedStr) and len(node.values) < 5:
                asked.append("".join(str(v.value) if isinstance(v, ast.Constant) else r"\w+" for v in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                asked.append(node.value)
    by_name = {name for name in asked if name in SCHEMA or "|" in name}
    computed = [re.compile(name) for name in asked if re.fullmatch(r"(?:[a-z]+_\\w\+_?)+(?:\\w\+)?", name)]
    named = {one for name in by_name for one in name.split("|")}
    assert [n for n in SCHEMA if n not in named and not any(pattern.fullmatch(n) for pattern in computed)] == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('the = "the"\n', "", "phrases.the is missing"),
        ('the = "the"', 'the = "the"\nthee = "the"', "phrases.thee is in no schema"),
        ('the = "the"', "the = 3", "phrases.the is no text"),
        ('the = "the"', 'the = ["the", 3]', "phrases.the has something else than texts"),
        ('the = "the"', 'the = "(the"', "phrases.the: '(the' is no regular expression"),
        ('the = "the"', 'the = "{thee}"', "phrases.the names thee, which there isn't"),
        ('week = "week, weeks, wk"', 'weak = "week"', "tables.units.weak is none of week, lecture"),
        ('refusal = "The documents don\'t say."', 'refusal = "{no}"', "texts.refusal has other gaps than []"),
        ('stemmer = "english"', "stemmer = 1", "language.stemmer has the wrong type"),
        ('stemmer = "english"', "", "language has other fields than the schema"),
        ('code = "en"', 'code = "fr"', "language.code isn't the name of the file"),
        ("[words]", "[words", "Expected"),
    ],
    ids=lambda value: value if " is" in value or " has" in value or " names" in value else "",
)
def test_a_broken_file_is_refused_with_its_name_and_the_entry(tmp_path: Path, old: str, new: str, told: str) -> None:
    source = (FOLDER / "en.toml").read_text(encoding="utf-8")
    assert old in source
    broken = tmp_path / "en.toml"
    broken.write_text(source.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LexiconError, match=re.escape(told)) as error:
        load(broken)
    assert str(error.value).startswith("en.toml: ")


def test_an_entry_that_there_isnt_is_an_error() -> None:
    for look_up in (words, either, phrases, table):
        with pytest.raises(KeyError):
            look_up("stopp")


def test_what_no_language_names_matches_nothing() -> None:
    assert re.search(either("polite", "en"), "Sie") is None
    assert re.search(one_of(), "anything") is None


def test_a_language_without_a_file_has_no_words_and_is_spoken_to_in_english() -> None:
    assert words("stop", "tlh") == frozenset()
    assert text("refusal", "tlh") == text("refusal", "en")


def test_a_phrase_is_filled_with_other_entries_and_with_what_the_code_puts_in() -> None:
    asked = [re.compile(phrase) for phrase in phrases("asks_meaning", term="(.+)")]
    found = [
        pattern[1] for said in ("define heap", "definiere mir Heap") for p in asked if (pattern := p.fullmatch(said))
    ]
    assert found == ["heap", "Heap"]
    assert "{" not in re.sub(r"\{\d+(?:,\d*)?\}", "", either("calls", few="few"))


def test_every_entry_says_what_it_is_for() -> None:
    assert [name for name, entry in SCHEMA.items() if not entry.purpose.endswith((".", "…"))] == []
    assert {entry.section for entry in SCHEMA.values()} == set(FileSection)
