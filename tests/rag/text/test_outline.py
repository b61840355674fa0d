"""What a document consists of, and which of its headings are some."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.outline import Outline
from tests.fakes import a_document

SCRIPT = """# Graph theory

Written for the second year.

# Contents

1 Walks . . . . . . . . . . . . 3

# Kapitel 1

# Walks

A walk is a sequence of edges.

## 1.1 Trails

A trail repeats no edge.

## 1.2 Trails (cnt.)

## The longest trail, which is a walk that

## Never walk alone!

# Kapitel 2

# Trees

A tree is a graph without cycles.

# References

[1] Euler, 1736."""


def outline(text: str, title: str = "Graph theory") -> Outline:
    return Outline(a_document(text, title=title))


def test_headings_become_sections_with_what_stands_under_them() -> None:
    script = outline(SCRIPT)
    assert [(section.title, section.number) for section in script.top] == [
        ("Kapitel 1 Walks", "1"),
        ("Kapitel 2 Trees", "2"),
    ]
    walks = script.top[0]
    assert "A trail repeats no edge." in script.text(walks)
    assert "A tree" not in script.text(walks)
    assert script.document.text[walks.body : walks.own].strip() == "A walk is a sequence of edges."
    assert [part.title for part in script.parts(walks)][:1] == ["1.1 Trails"]


def test_what_is_no_heading_is_left_out() -> None:
    titles = [section.title for section in outline(SCRIPT).sections]
    assert "Graph theory" not in titles  # the title of it all
    assert "The longest trail, which is a walk that" in titles  # only its case and its end could tell
    assert "Never walk alone!" not in titles


def test_the_opening_stands_between_title_and_first_heading() -> None:
    script = outline(SCRIPT)
    assert script.opening is not None
    assert script.text(script.opening).strip() == "Written for the second year."


def test_slides_that_go_on_are_one_section() -> None:
    slides = outline(
        "# Sorting\n\nOne.\n\n# Sorting (cnt.)\n\nTwo.\n\n# Sorting (2/2)\n\nThree.\n\n# End\n\nFour.", "Slides"
    )
    assert [section.title for section in slides.top] == ["Sorting", "End"]
    assert "Three." in slides.text(slides.top[0])


def test_a_document_without_headings_has_parts_that_cover_it() -> None:
    text = "\n\n".join(f"Paragraph {number} says something of some length about its subject." for number in range(300))
    plain = outline(text)
    assert 1 < len(plain.sections) <= 12
    assert plain.sections[0].start == 0
    assert all(a.end == b.start for a, b in zip(plain.sections, plain.sections[1:], strict=False))
    assert plain.sections[-1].end == len(text)


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("3.1 Dictionary and postings", True),
        ("Optimality!", True),
        ("What is learning?", True),
        ("C++", False),
        ("the last column, the remaining columns must", False),
        ("Use dynamic programming instead!", False),
        ("f(n) = 2 · n + 1 ≥ 7", False),
        ("Walks . . . . . . . 3", False),
        ("§ 3 Übertragung", True),
        ("12", False),
    ],
)
def test_headings_and_others(heading: str, said: bool) -> None:
    found = outline(f"# {heading}\n\nWords.\n\n# Another heading\n\nMore words.").sections
    assert (len(found) == 2) is said


@given(
    st.lists(st.sampled_from(["# One", "## Two", "### Three", "Some words here.", "# Contents", "# Kapitel 1", "#"]))
)
def test_sections_lie_in_the_text_and_in_each_other(lines: list[str]) -> None:
    text = "\n\n".join(lines)
    found = outline(text, "Title")
    for section in found.sections:
        assert 0 <= section.start <= section.body <= section.own <= section.end <= len(text)
        for part in found.parts(section):
            assert section.start < part.start
            assert part.end <= section.end
    assert list(found.sections) == sorted(found.sections, key=lambda section: section.start)
