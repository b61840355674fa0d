"""The bytes of a web page, in whatever encoding it declares; and pages that have no content themselves."""

from __future__ import annotations

import doctest

import pytest

import ingest.loaders.markup.html_bytes
from ingest.loaders import load
from rag.errors import NoText

WORDS = "Die Fähre überquert den Fluß um neun; die Gäste müssen früh dort sein. " * 4


def page(declared: str, words: str = WORDS) -> str:
    head = f"<!DOCTYPE html><html><head>{declared}<title>Hafen</title></head>"
    return f"{head}<body><h1>Hafen</h1><p>{words}</p></body></html>"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("", "utf-8"),
        ('<meta charset="utf-8">', "cp1252"),
        ('<meta charset="iso-8859-1">', "utf-8"),
        ('<meta charset="iso-8859-1">', "cp1252"),
        ('<meta charset="no-such-thing">', "cp1252"),
        ('<meta charset="base64">', "utf-8"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=macintosh">', "mac_roman"),
        ("", "cp1252"),
        ("", "cp850"),
        ("", "utf-16"),
        ("", "utf-16-le"),
    ],
)
def test_a_page_is_read_whatever_it_says_of_its_encoding(declared: str, encoding: str) -> None:
    assert "Die Fähre überquert den Fluß" in load(page(declared).encode(encoding), name="hafen.html").text


def test_an_xml_declaration_is_no_obstacle() -> None:
    source = '<?xml version="1.0" encoding="iso-8859-1"?>\n' + page("")
    assert "Fähre" in load(source.encode("latin-1"), name="hafen.html").text


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('<html><head><meta http-equiv="refresh" content="0; url=/new/"></head><body>Moved.</body></html>', "/new/"),
        (
            "<html><body><div id='cookie-consent'><p>We use cookies.</p><button>OK</button></div></body></html>",
            "consent",
        ),
        (
            '<html><body><div id="root"></div><noscript>Enable JavaScript.</noscript>'
            '<script src="a.js"></script></body></html>',
            "",
        ),
    ],
)
def test_a_page_without_content_of_its_own_says_so(source: str, told: str) -> None:
    with pytest.raises(NoText) as raised:
        load(source.encode(), name="shell.html")
    assert told in str(raised.value)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(ingest.loaders.markup.html_bytes).failed == 0
