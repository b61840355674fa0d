"""No list of words of a language stands outside the lexicon: a walk over the string constants of all modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import lexicon
from rag.lexicon.schema import SCHEMA

REPOSITORY = Path(__file__).parents[3]
A_LIST = 4  # words of English: fewer stand together by chance
# German words that are something else, too: English, or a name in a format.
ALSO = {"abb", "bin", "den", "fall", "hat", "lies", "texts", "und", "war"}
# Names that are English words, too: the tags of HTML, what lines of programs begin with, titles of articles.
FORMATS = {
    "ui/web/markup.py",
    "ingest/loaders/markup/html_beside.py",
    "ingest/loaders/markup/html_elements.py",
    "ingest/loaders/plain/code.py",
    "rag/training/heldout.py",
}
KEYS = {key for entry in SCHEMA.values() for key in entry.keys}
_WORD = re.compile(r"[^\W\d_]{3,}")
_WHOLE = re.compile(r"(?<![\w\\\]{])[^\W\d_]{3,}(?![\w\[({?}])")  # no piece of a word in a pattern
_GROUP = re.compile(r"\(\?P[<=]\w+[>)]")


def vocabulary(language: str) -> set[str]:
    """Return the words of a data file, those of its patterns as far as they are whole words."""
    known = lexicon.read(language)
    tables = [listed for table in known.tables.values() for listed in table.values()]
    pieces = [piece for listed in [*known.phrases.values(), *known.fragments.values(), *tables] for piece in listed]
    return {word.casefold() for words in known.words.values() for word in words} | {
        word.casefold() for piece in pieces for word in _WHOLE.findall(piece)
    }


ENGLISH = vocabulary("en")
GERMAN = vocabulary("de") - ENGLISH - ALSO


SOURCES = {
    path.relative_to(REPOSITORY).as_posix(): path.read_text(encoding="utf-8")
    for package in ("rag", "ingest", "ui")
    for path in sorted((REPOSITORY / package).rglob("*.py"))
    if path.parent != REPOSITORY / "rag" / "lexicon"
}


def texts(node: ast.AST) -> Iterator[ast.Constant]:
    """Yield the texts under a node that aren't docstrings, and not the names of entries that are looked up."""
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if is_docstring or isinstance(child, ast.FormattedValue):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child
        yield from texts(child)


def lists(tree: ast.AST) -> Iterator[str]:
    """Yield what may be a list of words: patterns, texts that are split, and collections of single words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            yield _GROUP.sub("", " ".join(str(text.value) for text in texts(node)))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
            yield " ".join(str(text.value) for text in texts(node.func))
        elif isinstance(node, (ast.Set, ast.Tuple, ast.List, ast.Dict)):
            elements = node.values if isinstance(node, ast.Dict) else node.elts
            words = [one.value for one in elements if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            yield " ".join(word for word in words if " " not in word and word not in KEYS)


def english(tree: ast.Module) -> list[set[str]]:
    """Return the English words of each list of a module that has some."""
    found = [ENGLISH.intersection(_WORD.findall(listed.casefold())) for listed in lists(tree)]
    return [words for words in found if len(words) >= A_LIST]


def german(tree: ast.Module) -> set[str]:
    """Return the German words of a module."""
    said = " ".join(str(text.value).casefold() for text in texts(tree))
    return GERMAN.intersection(_WORD.findall(said))


@pytest.mark.parametrize("place", SOURCES)
def test_no_module_has_a_list_of_words(place: str) -> None:
    tree = ast.parse(SOURCES[place])
    assert not german(tree)
    assert place in FORMATS or not english(tree)


@pytest.mark.parametrize(
    "source",
    [
        '_SMALL = frozenset("the and for with".split())',
        '_CALLED = re.compile(r"\\\\b(?:called|known as|termed|dubbed)\\\\b")',
        '_POINTING = {"this", "that", "these", "those"}',
        'WORDS = {1: "weeks", 2: "lectures", 3: "chapters", 4: "exercises"}',
        '_KIND = rf"{START}|Abbildung"',
    ],
    ids=["split", "pattern", "set", "table", "one German word"],
)
def test_a_list_of_words_is_found(source: str) -> None:
    assert english(ast.parse(source)) or german(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        'message = f"{name} is no document of this library: give another one, or leave it out."',
        'ERRORS = ("The file is broken and can\'t be read.", "This is not one of the documents.")',
        '"""The words "Abbildung" and "Tabelle"."""',
        'UNITS = ("week", "lecture", "exercise", "chapter")',
    ],
    ids=["message", "several messages", "docstring", "keys of a table"],
)
def test_sentences_for_people_are_none(source: str) -> None:
    assert not english(ast.parse(source))
    assert not german(ast.parse(source))
