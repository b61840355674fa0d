"""Sentences that tell, definitions, theorems, exercises: what is quoted of a document."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.overview.collect import items
from rag.overview.salience import Extract, abstract, gist, leading, says_something
from rag.question.overview_phrases import ItemKind
from rag.text.outline import Outline
from rag.types import BlockKind
from tests.fakes import a_document


def outline(text: str, title: str = "Notes") -> Outline:
    document = a_document(text, title=title)
    blocks = tuple(
        replace(block, kind=BlockKind.LIST) if document.text.startswith("- ", block.start) else block
        for block in document.blocks
    )
    return Outline(replace(document, blocks=blocks))


def said(found: list[Extract], of: Outline) -> list[str]:
    return [" ".join(of.document.text[item.start : item.end].split()) for item in found]


def listed(text: str, *things: ItemKind, language: str = "en", title: str = "Notes") -> list[str]:
    of = outline(text, title)
    return said(items(of, 0, len(text), things, language), of)


@pytest.mark.parametrize(
    ("sentence", "tells"),
    [
        ("A trie is a tree of letters.", True),
        ("**Tries** find words by their prefixes.", True),
        ("What does a trie cost in the end?", False),
        ("The steps are these, one after the other:", False),
        ("Figure 3: The dictionary and its postings lists.", False),
        ("2.1 Tries . . . . . . . . . . . . . . . . . 17.", False),
        ("12 In Morse code a dah lasts three times as long.", False),  # a footnote
        ("![A trie of four words](images/trie.png).", False),
        ("x + y = z and a * b = c / d + 4 * 5 - 6.", False),
        ("is a tree of letters that finds words.", False),
        ("— Jorge Santayana, The Life of Reason of 1905.", False),
        ("Too short.", False),
    ],
)
def test_a_sentence_that_can_stand_for_itself(sentence: str, tells: bool) -> None:
    assert says_something(sentence) is tells


def test_lines_of_a_list_need_no_full_stop() -> None:
    assert says_something("Online: real users and real needs", BlockKind.LIST)
    assert not says_something("Online users have real needs", BlockKind.PARAGRAPH)


def test_what_introduces_a_section_stands_for_it() -> None:
    told = "However, hashing is older. In this chapter we study tries. They cost memory. Nobody knows why."
    text = f"# Tries\n\n{told}\n\n# B\n\nB."
    of = outline(text)
    assert said(leading(of, of.top[0], most=1, language="en"), of) == ["In this chapter we study tries."]


def test_a_section_without_words_is_told_by_its_parts() -> None:
    of = outline("# Trees\n\n## Tries\n\nA trie is a tree of letters.\n\n# Graphs\n\nA graph has nodes and edges.")
    assert said(leading(of, of.top[0], most=1, language="en"), of) == ["A trie is a tree of letters."]


def test_an_abstract_speaks_for_its_document() -> None:
    of = outline("# Abstract\n\nWe compare tries and hash tables.\n\n# Method\n\nWe measured both of them for a week.")
    assert said(abstract(of, most=1, language="en"), of) == ["We compare tries and hash tables."]
    fenced = outline("::: tldr\nTries sind Bäume aus Buchstaben.\n:::\n\n# Tries\n\nWir beginnen mit einem Beispiel.")
    assert said(abstract(fenced, most=1, language="de"), fenced) == ["Tries sind Bäume aus Buchstaben."]


def test_the_gist_goes_through_a_section_in_reading_order() -> None:
    text = "# Tries\n\n" + "\n\n".join(f"Trie number {n} is a tree of letters. It grows." for n in range(20))
    of = outline(text)
    found = gist(of, of.sections[0], most=4, language="en")
    assert len(found) == 4
    assert found == sorted(found, key=lambda item: item.start)


# ---- lists


def test_labelled_definitions_end_with_their_first_sentence() -> None:
    text = """# Sets

Definition 2.1 (Subset). A set is a subset of another if that holds all its elements. We write it so.

Definition 2.2 Two sets are equal if

M = N

holds for all elements of both. ⋄ Satz 2.3 Every set is a subset of itself.

**Definition**: A family is a set of sets."""
    assert listed(text, ItemKind.DEFINITION) == [
        "Definition 2.1 (Subset). A set is a subset of another if that holds all its elements.",
        "Definition 2.2 Two sets are equal if M = N holds for all elements of both.",
        "**Definition**: A family is a set of sets.",
    ]


def test_a_premise_is_no_theorem_yet() -> None:
    text = "Theorem 3. Let G be a connected graph. Then G has a spanning tree. Proof: By removal of edges."
    assert listed(f"# Graphs\n\n{text}", ItemKind.THEOREM) == [
        "Theorem 3. Let G be a connected graph. Then G has a spanning tree."
    ]


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("A trie is a tree of letters that finds words by prefixes.", "en"),
        ("A walk without repeated edges is called a trail.", "en"),
        ("The distance is defined as the length of a shortest path.", "en"),
        ("Unter einem Trie versteht man einen Baum aus Buchstaben.", "de"),
        ("Ein Weg ohne doppelte Kanten heißt Pfad.", "de"),
        ("Solche Bäume werden auch als Suchbäume bezeichnet.", "de"),
        ("Ein Trie ist ein Baum aus Buchstaben.", "de"),
    ],
)
def test_sentences_that_define(sentence: str, language: str) -> None:
    assert listed(f"# Trie\n\n{sentence} More words follow here.", ItemKind.DEFINITION, language=language) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "This is a good idea in many cases.",
        "It is the same as the one before.",
        "The function is called by the parser.",
        "The visitor is called, and u becomes active.",
        "That is a question of taste, as they say.",
        "Theorem proving is an art that takes some years.",
        "Das heißt, die Suche endet hier bald.",
        "We call on induction to finish the proof.",
        "One of these is a tree, the others are none.",
    ],
)
def test_sentences_that_define_nothing(sentence: str) -> None:
    assert listed(f"# Overview\n\nWords come first here. {sentence} More follow.", ItemKind.DEFINITION) == []


def test_terms_of_a_list_are_definitions() -> None:
    text = (
        "# Terms\n\n- **Trie**: a tree of letters\n- **Note**: this one is for the exam\n- Heap: a tree kept in order"
    )
    assert listed(text, ItemKind.DEFINITION) == ["**Trie**: a tree of letters", "Heap: a tree kept in order"]


def test_a_document_with_numbered_definitions_makes_no_others() -> None:
    numbered = "\n\n".join(f"Definition {n}. A {n}-set is a set with {n} elements." for n in range(1, 10))
    found = listed(f"# Sets\n\n{numbered}\n\nA walk without edges is called trivial.", ItemKind.DEFINITION)
    assert len(found) == 9


def test_each_entry_of_a_glossary_is_a_definition() -> None:
    text = "# Trie\n\nFinds words by prefixes, letter by letter.\n\n# Heap\n\nKeeps its smallest element on top."
    assert len(listed(text, ItemKind.DEFINITION, title="Glossary")) == 2
    assert listed(text, ItemKind.DEFINITION) == []


def test_exercises_are_found_by_label_and_under_their_heading() -> None:
    text = """# Sheet

Aufgabe 1: Zeigen Sie, dass jeder Baum ein Graph ist.

# Exercises

1. Draw a trie of five words and count its nodes.

2. Prove that every tree is a graph without cycles."""
    assert listed(text, ItemKind.EXERCISE) == [
        "Aufgabe 1: Zeigen Sie, dass jeder Baum ein Graph ist.",
        "1. Draw a trie of five words and count its nodes.",
        "2. Prove that every tree is a graph without cycles.",
    ]


def test_headings_that_name_an_example_are_quoted_with_their_first_sentence() -> None:
    told = "## Example: four words\n\nTake the words to, tea, ten and inn."
    drawn = "## Example of a picture\n\n![](a.png)"
    assert listed(f"# Tries\n\nWords.\n\n{told}\n\n{drawn}", ItemKind.EXAMPLE) == [
        "Example: four words Take the words to, tea, ten and inn.",
        "Example of a picture",
    ]


WORDS = [
    "# Definition 1",
    "Definition 2.1 (x).",
    "A trie is a tree of letters.",
    "Satz 3",
    "is called",
    "1. Do it.",
    "# Exercises",
    "\n\n",
    " ",
    "⋄",
    "Let x be y.",
    "**Term**: some longer text here",
    "⟨x⟩ = 𝑛",
]


@given(st.lists(st.sampled_from(WORDS), max_size=30).map("".join), st.lists(st.sampled_from(ItemKind), unique=True))
def test_lists_are_apart_and_in_reading_order(text: str, things: list[ItemKind]) -> None:
    found = items(outline(text), 0, len(text), things, "en")
    assert all(0 <= item.start < item.end <= len(text) for item in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
