"""Plain text: encodings, line ends, paragraphs."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.language import detect_language
from ingest.loaders.plain import text
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound

UMLAUTS = "Größe und Maß\n\nÜbungen – erste Woche"


def read(data: bytes, name: str = "notes.txt") -> Document:
    return text.load(data, name=name)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(UMLAUTS.encode("utf-8"), id="utf-8"),
        pytest.param(codecs.BOM_UTF8 + UMLAUTS.encode("utf-8"), id="utf-8 with mark"),
        pytest.param(UMLAUTS.encode("utf-16"), id="utf-16"),
        pytest.param(codecs.BOM_UTF16_BE + UMLAUTS.encode("utf-16-be"), id="utf-16 big-endian"),
        pytest.param(UMLAUTS.encode("cp1252"), id="windows-1252"),
        pytest.param(UMLAUTS.replace("\n", "\r\n").encode("utf-8"), id="windows line ends"),
        pytest.param(UMLAUTS.replace("\n", "\r").encode("utf-8"), id="old mac line ends"),
        pytest.param(UMLAUTS.encode("utf-8") + b"\x00", id="a zero at the end"),
    ],
)
def test_encodings_are_found_out(data: bytes) -> None:
    assert read(data).text == UMLAUTS


def test_utf_16_without_a_mark_is_noticed() -> None:
    assert read((UMLAUTS * 100).encode("utf-16-le")).text == UMLAUTS * 100


def test_bytes_that_are_nothing_else_are_latin() -> None:
    assert read(b"caf\xe9 \x81\n\nmore").text == "café \x81\n\nmore"


def test_empty_lines_part_paragraphs() -> None:
    document = read(b"  one\ntwo  \n \n\n\tthree\nfour\n")
    assert [document.text[block.start : block.end] for block in document.blocks] == ["one\ntwo", "three\nfour"]


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("Sorting algorithms\n\nThey sort.", "Sorting algorithms"),
        ("Sorting algorithms\n==================\nThey sort.", "Sorting algorithms"),
        ("This is a sentence.\n\nAnd another.", "week 3"),
        ("no title here\nas the text goes on", "week 3"),
        ("42\n\nmore", "week 3"),
    ],
)
def test_the_first_line_is_the_title_where_it_looks_like_one(content: str, title: str) -> None:
    assert read(content.encode(), "week 3.txt").title == title


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip))
def test_paragraphs_are_all_that_is_not_white_space(content: str) -> None:
    blocks = [match.span() for match in text.PARAGRAPH.finditer(content)]
    outside = content
    for start, end in reversed(blocks):
        outside = outside[:start] + outside[end:]
    assert not outside.strip()
    assert all(not content[start].isspace() and not content[end - 1].isspace() for start, end in blocks)


@given(st.text(st.sampled_from("ab \n\t\u00e4𝑥"), max_size=60).filter(str.strip))
def test_documents_are_sound(content: str) -> None:
    assert_sound(read(content.encode()))


@pytest.mark.parametrize(
    ("sample", "language"),
    [
        ("The proof follows from the theorem of Cantor and is not long.", "en"),
        ("Der Beweis folgt aus dem Satz von Cantor und ist nicht lang.", "de"),
        ("La preuve suit du théorème de Cantor et n'est pas longue pour les lecteurs.", "fr"),
        ("La demostración se sigue del teorema de Cantor y no es larga para los lectores.", "es"),
        ("La dimostrazione segue dal teorema di Cantor e non è lunga per il lettore.", "it"),
        ("Jag tycker om att läsa böcker på kvällen när det är mörkt ute", "sv"),
        ("数学の証明はとても長いですが、面白いです。読むのに時間がかかります。", "ja"),
        ("f(x) = 3", ""),
        ("", ""),
    ],
)
def test_the_language_is_found(sample: str, language: str) -> None:
    assert detect_language(sample) == language
