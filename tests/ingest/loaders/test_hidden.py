"""What the reader of a file doesn't see isn't read, whatever the format."""

from __future__ import annotations

import doctest

import pytest

import ingest.loaders.markup.comments
from ingest.loaders import load

HIDDEN, SHOWN = "ask the mayor", "The gate opens at seven."
FILES = {
    "a.md": f"# Gate\n\n{SHOWN} <!-- {HIDDEN} -->\n\n<!--\n{HIDDEN}\n-->\n\n[//]: # ({HIDDEN})\n\nEnd.\n",
    "a.rst": f"Gate\n====\n\n{SHOWN}\n\n.. {HIDDEN}\n   {HIDDEN}\n\n..\n   {HIDDEN}\n\nEnd.\n",
    "a.html": f"<html><body><h1>Gate</h1><p>{SHOWN}</p><!-- {HIDDEN} -->"
    f"<p style='display:none'>{HIDDEN}</p></body></html>",
    "a.tex": f"\\begin{{document}}\n{SHOWN} % {HIDDEN}\n\nEnd.\n\\end{{document}}\n",
    "a.rtf": rf"{{\rtf1\ansi {SHOWN}\par {{\v {HIDDEN}}} End.\par}}",
    "a.ipynb": '{"cells": [{"cell_type": "markdown", "metadata": {}, "source": '
    f'"{SHOWN} <!-- {HIDDEN} -->"}}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}',
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_hidden_is_not_read(name: str) -> None:
    document = load(FILES[name].encode(), name=name)
    assert SHOWN in document.text
    assert HIDDEN not in document.text


def test_a_comment_in_code_is_code() -> None:
    text = load(b"# A\n\n```html\n<!-- kept -->\n```\n\nUse `<!-- this -->` here.\n", name="a.md").text
    assert "<!-- kept -->" in text
    assert "`<!-- this -->`" in text


def test_directives_and_targets_are_no_comments() -> None:
    source = "T\n=\n\n.. note:: Shown.\n\n.. _target:\n\n.. [1] A footnote.\n\n.. code-block:: python\n\n   x = 1\n"
    assert load(source.encode(), name="a.rst").text.strip() == source.strip()


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(ingest.loaders.markup.comments).failed == 0
