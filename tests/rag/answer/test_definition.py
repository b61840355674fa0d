"""Questions for the meaning of a term, and the sentences that define it."""

from __future__ import annotations

import doctest

import pytest

import rag.answer.definition
import rag.question.term
from rag.answer.definition import defining_first, plainest, plainness, whole
from rag.question.term import Term, asked_term
from rag.text.sentences import sentence_spans
from rag.types import Chunk, Hit


def test_the_examples_in_the_docstrings_hold() -> None:
    for module in (rag.answer.definition, rag.question.term):
        assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("What is an inverted index?", "inverted index"),
        ("what's BM25", "BM25"),
        ("So what are posting lists?", "posting lists"),
        ("What is meant by recall?", "recall"),
        ("What do we mean by a “heap”?", "heap"),
        ("What does TF-IDF stand for?", "TF-IDF"),
        ("What does it mean that an edge is tense?", "tense"),
        ("When is a graph bipartite?", "bipartite"),
        ("Define stemming.", "stemming"),
        ("What is the definition of the term precision?", "precision"),
        ("Explain what dynamic programming is", "dynamic programming"),
        ("What is the rank of a matrix?", "rank of a matrix"),
        ("Was ist eigentlich ein Suchbaum?", "Suchbaum"),
        ("Was sind Hash-Tabellen?", "Hash-Tabellen"),
        ("Was ist mit Rang gemeint?", "Rang"),
        ("Was bedeutet Pruning?", "Pruning"),
        ("Was besagt der Basis-Austausch-Satz?", "Basis-Austausch-Satz"),
        ("Was versteht man unter einer Basis?", "Basis"),
        ("Wie ist der Kern einer Abbildung definiert?", "Kern einer Abbildung"),
        ("Was bedeutet es, dass eine Funktion injektiv ist?", "injektiv"),
        ("Wann heißt eine Relation transitiv?", "transitiv"),
    ],
)
def test_a_question_for_a_meaning_names_the_term(question: str, term: str) -> None:
    found = asked_term(question)
    assert found is not None
    assert found.text == term


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of Kenya?",
        "What is the difference between a trie and a tree?",
        "What is DFS used for?",
        "What is it?",
        "What are you?",
        "How does stemming work?",
        "Who invented PageRank?",
        "Was ist die Hauptstadt von Kenia?",
        "Was ist der Unterschied zwischen DFS und BFS?",
        "Wofür braucht man eine Basis?",
        "",
        "What is " + "a very long question " * 50,
    ],
)
def test_other_questions_name_none(question: str) -> None:
    assert asked_term(question) is None


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        ("trie", "A trie is a tree whose edges are letters."),
        ("trie", "Formally, a **trie** is a tree whose edges are letters."),
        ("trie", "3. Trie: a tree whose edges are letters."),
        ("trie", "A tree whose edges are letters is called a *trie*."),
        ("heap", "Such trees are also known as heaps."),
        ("trie", "By a trie we mean a tree whose edges are letters."),
        ("trie", "A prefix tree or trie is any tree whose edges are letters."),
        ("trie", "A prefix tree (trie) consists of nodes and letters."),
        ("trie", "Definition 3.2 (Trie) Let T be a tree."),
        ("trie", "We build a trie, which is a tree of letters."),
        ("tense edge", "An edge u→v is tense if it can be relaxed."),
        ("ndim", "`ndim` (short for number of dimensions) tells how deep an array is."),
        ("Suchbaum", "Ein Suchbaum ist ein Baum mit geordneten Schlüsseln."),
        ("Vektorraum", "Definition 10.1 (Vektor-Raum) Es sei K ein Körper."),
        ("Vektorraum", "Eine Menge mit dieser Addition nennen wir einen Vektor-Raum."),
        ("Basis", "Eine Menge B heißt Basis von V, wenn sie V erzeugt."),
        ("Körper", "Ein Ring ist ein Körper, wenn jedes Element ein Inverses hat."),
        ("Pruning", "Unter Pruning versteht man das Entfernen von Tests."),
        ("Pruning", "Das Entfernen von Tests wird als Pruning bezeichnet."),
        ("CSP", "Ein Constraintproblem (CSP) besteht aus Variablen und Bedingungen."),
    ],
)
def test_a_definition_is_plainer_than_a_mention(term: str, sentence: str) -> None:
    assert plainness(sentence, Term(term)) >= 0.6
    assert plainness(f"Now we come back to the {term} that we built before.", Term(term)) == 0.0


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        ("broadcasting", "Broadcasting operations form the core of many examples in this book."),
        ("pruning", "1. Pruning changes nothing about the result!"),
        ("index", "The index is not used here."),
        ("recurrence", "The dependency graph of this recurrence is a grid."),
        ("Vektorraum", "So nennen wir V einen euklidischen Vektor-Raum."),
        ("Determinante", "Der Begriff der Determinante ist einer der zentralen der linearen Algebra."),
        ("ring", "A ring is a field if every element has an inverse."),
        ("tree", "A tree-like order is a partial order."),
        ("Körper", "Den Körper K nennen wir den Skalaren-Körper."),
        ("edge", "At all times an edge u→v is tense if and only if vertex u is either in"),
        ("trie", "The trie's nodes are stored in an array."),
        ("trie", ""),
    ],
)
def test_what_only_mentions_a_term_is_no_definition(term: str, sentence: str) -> None:
    assert plainness(sentence, Term(term)) <= 0.3


def test_a_term_of_a_thing_stands_where_its_head_does_but_not_whole() -> None:
    term = Term("rank of a matrix")
    text = "The rank counts independent rows. The rank of a matrix is a number."
    assert [text[start:end] for start, end in term.places(text)] == ["rank", "rank", "rank of a matrix"]
    assert term.stands_in(text)
    assert not term.stands_in("The rank counts independent rows.")


def test_a_sentence_under_the_term_as_its_heading_explains_it() -> None:
    text = "**Completeness**\n\nDoes it find a solution when there is one?\n\nIt may also find several."
    assert plainest(text, sentence_spans(text), Term("completeness")) == [0.0, 0.6, 0.0]


def test_a_definition_goes_on_over_its_list() -> None:
    text = (
        "Nothing of it. Definition 10.5 (Basis) Let V be a space. Then B is a basis of V if the following holds: "
        "\n1. B is independent.\n2. B spans V. ⋄\nThe next theorem says more."
    )
    start = text.index("Definition")
    first = next(end for begun, end in sentence_spans(text) if begun == start)
    assert text[slice(*whole(text, start, first, Term("basis")))].endswith("2. B spans V.")


def test_a_numbered_definition_goes_on_to_the_sign_or_theorem_that_ends_it() -> None:
    text = (
        "Definition 6.1 (Group) A triple is a group if:\n1. It is a set. We write it as G.\n2. It has a zero.\n"
        "3. All have an inverse.\n\nSatz 6.2 More follows. It is long."
    )
    assert text[slice(*whole(text, 0, text.index("\n"), Term("group")))].endswith("3. All have an inverse.")
    unsigned = text.replace("Satz 6.2 More", "Examples are many. More")
    assert unsigned[slice(*whole(unsigned, 0, text.index("\n"), Term("group")))].endswith("3. All have an inverse.")


def test_what_stands_under_a_heading_that_promises_a_definition_is_one() -> None:
    text = "# Definition of consistency\n\nEvery value has a partner.\n\nIt is easy."
    assert plainest(text, sentence_spans(text), Term("consistency"))[1] >= 0.6


def test_this_is_called_takes_the_sentence_before_it_along() -> None:
    text = "We read a book. Some trees have letters on their edges. These are called tries. They are fast."
    start = text.index("These")
    span = whole(text, start, start + len("These are called tries."), Term("trie"))
    assert text[slice(*span)] == "Some trees have letters on their edges. These are called tries."


def test_a_plain_definition_stays_as_it_is() -> None:
    text = "We read a book. A trie is a tree of letters. They are fast."
    start = text.index("A trie")
    end = start + len("A trie is a tree of letters.")
    assert whole(text, start, end, Term("trie")) == (start, end)


def test_the_chunk_that_defines_comes_before_those_that_mention() -> None:
    def hit(key: str, text: str, fused: float) -> Hit:
        return Hit(Chunk(key, "d", 0, 0, len(text), text), "a.md", "A", fused=fused)

    hits = [hit("a", "We love every trie.", 0.9), hit("b", "A trie is a tree of letters.", 0.6), hit("c", "No.", 0.5)]
    assert [found.chunk.id for found in defining_first(hits, Term("trie"))] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("term", "text", "there"),
    [
        ("transformer", "The Fourier transformation and its transforms.", False),
        ("transformer", "Two transformers.", True),
        ("Kind", "Die Kinder eines Knotens", True),
        ("Blätter", "Ein Blatt ist ein Knoten.", True),
        ("overfitting", "Such models overfit.", True),
        ("computing", "A computer is a machine.", False),
        ("gerichteter Graph", "Zwei gerichtete Graphen", True),
        ("topological sort", "By topological sorting", True),
        ("Vektorräume", "Ein Vektor-Raum", True),
    ],
)
def test_a_term_stands_in_a_text_with_other_endings_and_not_as_another_word(term: str, text: str, there: bool) -> None:
    assert Term(term).stands_in(text) is there


def test_an_exercise_under_a_heading_defines_nothing() -> None:
    text = "# Pruning\n\nWenden Sie Pruning auf den Baum an.\n"
    assert not any(plainest(text, sentence_spans(text), Term("Pruning")))


@pytest.mark.parametrize(
    ("question", "text", "there"),
    [
        ("Wie lautet der Dimensionssatz?", "Satz 11.6 (Dimensions-Satz, Rang-Satz)", True),
        ("Wie lautet der Dimensionssatz?", "Die Dimensionen des Satzes", False),
        ("What is broadcasting in numpy?", "This is broadcasting: a set of rules.", True),
    ],
)
def test_a_term_is_found_however_it_is_joined_and_without_where_it_is_used(
    question: str, text: str, there: bool
) -> None:
    term = asked_term(question)
    assert term is not None
    assert bool(term.places(text)) is there


def test_a_theorem_that_bears_a_name_states_what_that_is() -> None:
    text = "Satz 11.6 (Dimensions-Satz, Rang-Satz) Es seien V und W Räume. Dann gilt dim(V) = n.\n\nBeweis: Wir nehmen"
    term = Term("Rangsatz")
    spans = sentence_spans(text)
    assert plainest(text, spans, term)[0] == 1.0
    start, end = whole(text, *spans[0], term)
    assert text[start:end].endswith("dim(V) = n.")


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("Wie wird der Dimensionssatz bewiesen?", "Dimensionssatz"),
        ("Beweise den Basis-Austausch-Satz", "Basis-Austausch-Satz"),
        ("Prove Fermat's little theorem.", "Fermat's little theorem"),
        ("What is the proof of the master theorem?", "master theorem"),
    ],
)
def test_a_question_for_a_proof_names_the_theorem(question: str, term: str) -> None:
    found = asked_term(question)
    assert found is not None
    assert (found.text, found.proved) == (term, True)


def test_the_proof_of_a_named_theorem_belongs_to_it_when_it_is_asked_for() -> None:
    text = "Satz 3 (Rangsatz) Es gilt dim(V) = n.\n\nBeweis: Wir wählen eine.\n\nSie ist endlich. □\n\nSatz 4 Es gilt"
    first = sentence_spans(text)[0]
    told = [text[slice(*whole(text, *first, Term("Rangsatz", proved=proved)))] for proved in (False, True)]
    assert [one.split()[-1] for one in told] == ["n.", "endlich."]
