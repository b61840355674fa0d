"""The quoted answer: sentences of the documents, verbatim."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer.quote import QuotedSentence, choose, quote, undefined
from rag.library.library import Library
from rag.ports import Embedder
from rag.question.analyse import read_question
from rag.types import Passage, Reading
from tests.fakes import a_passage, put

TRIES = (
    "A trie is a tree of letters. It finds words by their prefixes in time linear in their length. "
    "Edward Fredkin named it in 1960. Short."
)
TABLES = "A hash table finds keys in constant time. It keeps no order among the keys at all."


def quotes(question: str, passages: list[Passage], library: Library, embedder: Embedder) -> list[QuotedSentence]:
    return quote(read_question(question), passages, library.lexical, embedder)


@pytest.fixture
def passages(library: Library, embedder: Embedder) -> list[Passage]:
    put(library, embedder, TRIES, uri="/tries.md")
    put(library, embedder, TABLES, uri="/tables.md")
    return [a_passage(TRIES, number=1, document_id="d1", start=70), a_passage(TABLES, number=2, document_id="d2")]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When did Fredkin name it?", "Edward Fredkin named it in 1960."),
        ("What is a trie?", "A trie is a tree of letters."),
        ("How fast does a hash table find keys?", "A hash table finds keys in constant time."),
    ],
)
def test_the_sentence_that_answers_comes_first(
    question: str, answer: str, passages: list[Passage], library: Library, embedder: Embedder
) -> None:
    assert quotes(question, passages, library, embedder)[0].text == answer


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("What is a prefix?", ("No sentence was found that defines “prefix”: what is quoted mentions it.",)),
        ("What is a trie?", ()),
        ("When did Fredkin name it?", ()),
    ],
)
def test_a_term_that_is_undefined_is_told_to_be(
    question: str, told: tuple[str, ...], passages: list[Passage], library: Library, embedder: Embedder
) -> None:
    assert undefined(read_question(question), quotes(question, passages, library, embedder)) == told


def test_whether_a_term_is_defined_in_another_language_is_not_told() -> None:
    mention = a_passage("Ein Präfix steht am Anfang.", language="de")
    quoted = [QuotedSentence(mention, 0, 27, 0.5)]
    assert undefined(read_question("What is a prefix?"), quoted) == ()
    assert undefined(read_question("What is a prefix?"), [replace(quoted[0], passage=a_passage(mention.text))]) != ()


def test_every_quote_is_a_slice_of_its_passage(passages: list[Passage], library: Library, embedder: Embedder) -> None:
    found = quotes("What is a trie?", passages, library, embedder)
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    for item in found:
        at = item.passage.start
        assert item.text == item.passage.text[item.start - at : item.end - at]
        assert item.passage.start <= item.start < item.end <= item.passage.end
        assert 0.0 <= item.score <= 1.0 + 1e-6
    assert "Short." not in [item.text for item in found]


def test_what_the_documents_say_scores_higher_than_what_they_do_not(
    passages: list[Passage], library: Library, embedder: Embedder
) -> None:
    known = quotes("How fast does a hash table find keys?", passages, library, embedder)[0].score
    unknown = quotes("When did Napoleon march to Moscow?", passages, library, embedder)[0].score
    assert known > 2 * unknown


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("word " * 5000, id="one endless sentence"),
        pytest.param("| cell " * 3000 + "|", id="one endless table row"),
        pytest.param("x" * 30_000 + " a word c d", id="one endless word"),
        pytest.param("ab/" * 9000 + " c d e f", id="no white space"),
    ],
)
def test_odd_passages_are_quoted_too(text: str, library: Library, embedder: Embedder) -> None:
    passage = a_passage(text, headings=("heading " * 400,))
    best = quotes("word", [passage], library, embedder)[0]
    assert best.text in text


def test_passages_without_a_sentence_give_no_quote(library: Library, embedder: Embedder) -> None:
    assert quotes("What?", [], library, embedder) == []
    numbers = a_passage("array([[1., 2., 3.], [1., 2., 3.]])")
    assert (
        quotes(
            "What?",
            [a_passage("Title"), a_passage("1 2 3"), a_passage("🎓 🎓 🎓 🎓 🎓"), numbers],
            library,
            embedder,
        )
        == []
    )


AIMS = "- k2: Ich kann Tries und Suchbäume erklären.\n- k3: Ich kann einen Trie von Hand aufbauen."
SAID = "Ein Trie ist ein Baum aus Buchstaben."


@pytest.mark.parametrize(
    ("question", "answer"),
    [("Was ist ein Trie?", "Ein Trie ist"), ("Was soll ich nach der Vorlesung über Tries können?", "k2: Ich kann")],
)
def test_what_a_student_will_be_able_to_do_is_quoted_only_to_who_asks_for_it(
    question: str, answer: str, library: Library, embedder: Embedder
) -> None:
    text = f"{SAID}\n\n{AIMS}"
    put(library, embedder, text, uri="/tries-de.md")
    found = quotes(question, [a_passage(text, number=1, document_id="d1")], library, embedder)
    assert found[0].text.lstrip("- ").startswith(answer)
    assert any("Ich kann" in item.text for item in found) == ("soll ich" in question)


@pytest.mark.parametrize(
    "pointer", ["Read section 5.1 about tries in the book.", "Lesen Sie bitte den Abschnitt 5.1 über Tries im Buch."]
)
def test_what_says_only_where_to_read_is_no_answer(pointer: str, library: Library, embedder: Embedder) -> None:
    text = f"{pointer} {SAID}"
    put(library, embedder, text, uri="/reading.md")
    found = quotes("What are tries?", [a_passage(text, number=1, document_id="d1")], library, embedder)
    assert [item.text for item in found] == [SAID]


RULES = "Tries follow two rules:\n\n- Every edge has a letter.\n- No node has two edges of one letter.\n\nThat is all."


def test_a_list_is_quoted_with_what_introduces_it(library: Library, embedder: Embedder) -> None:
    put(library, embedder, RULES, uri="/rules.md")
    found = quotes("Which rules do tries follow?", [a_passage(RULES)], library, embedder)
    assert found[0].text == RULES.removesuffix("\n\nThat is all.")
    assert [item.text for item in choose(found)] == [found[0].text]


def test_who_asks_for_several_things_gets_the_list(library: Library, embedder: Embedder) -> None:
    text = (
        "# Broadcasting\n\nBroadcasting and its rules are not as hard as they look.\n\n## Rules of broadcasting\n\n"
        "- Shapes are padded with ones on the left.\n- A one is stretched.\n- All else is an error.\n\n"
        "Broadcasting saves a good deal of memory."
    )
    put(library, embedder, text, uri="/broadcasting.md")
    first = quotes("What are the rules of broadcasting?", [a_passage(text, document_id="d1")], library, embedder)[0]
    assert first.text == "- Shapes are padded with ones on the left.\n- A one is stretched.\n- All else is an error."
    other = quotes("How does broadcasting save memory?", [a_passage(text, document_id="d1")], library, embedder)[0]
    assert other.text == "Broadcasting saves a good deal of memory."


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        (
            "The law was [agreed upon](https://example.org/long/address) by all states on the 13th of June 2024.",
            "When was the law agreed upon?",
            "The law was [agreed upon](https://example.org/long/address) by all states on the 13th of June 2024.",
        ),
        (
            "Some words.\n\n# Make an identity matrix\nnp.eye(3)\n\nMatrices are made by many functions of all kinds.",
            "How do I make an identity matrix?",
            "# Make an identity matrix\nnp.eye(3)",
        ),
    ],
    ids=["a link within a sentence", "a comment over code"],
)
def test_what_only_looks_like_a_pointer_or_a_heading_can_answer(
    text: str, question: str, answer: str, library: Library, embedder: Embedder
) -> None:
    put(library, embedder, text, uri="/notes.md")
    assert quotes(question, [a_passage(text, document_id="d1")], library, embedder)[0].text == answer


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        (
            "The height of a trie is given by\n\nh = log(n) + c\n\nfor n words.",
            "The height of a trie is given by\n\nh = log(n) + c",
        ),
        ("The height of a trie follows:\n\n$$h = n$$\n\nThat is all.", "The height of a trie follows:\n\n$$h = n$$"),
        ("- => Height $O(n)$\n- Nothing else", "- => Height $O(n)$"),
    ],
)
def test_a_formula_is_quoted_with_what_introduces_it_however_short(
    text: str, quoted: str, library: Library, embedder: Embedder
) -> None:
    put(library, embedder, text, uri="/height.md")
    assert quotes("What is the height of a trie?", [a_passage(text)], library, embedder)[0].text == quoted


@pytest.mark.parametrize(
    ("ends", "begins", "whole"),
    [
        pytest.param("A trie keeps the words", "of a dictionary by their letters.", True, id="goes on"),
        pytest.param("A trie keeps all the words", "(and their counts) by their letters.", True, id="with a bracket"),
        pytest.param("A trie keeps all the words.", "of a dictionary it needs the letters.", False, id="has ended"),
        pytest.param("A trie keeps all the words", "Tries are older than hash tables are.", False, id="another begins"),
    ],
)
def test_a_sentence_that_goes_on_on_the_next_page_is_one(
    ends: str, begins: str, whole: bool, library: Library, embedder: Embedder
) -> None:
    text = f"{ends}\n\n{begins}"
    put(library, embedder, text, uri="/pages.md")
    passage = a_passage(text, pages=((0, 1, None), (len(ends) + 2, 2, None)))
    found = {item.text for item in quotes("What does a trie keep?", [passage], library, embedder)}
    assert (text in found) is whole
    assert (ends in found) is not whole


def test_an_exercise_stands_behind_what_answers_it(library: Library, embedder: Embedder) -> None:
    said, exercise = (
        "A trie is built by adding each word letter by letter.",
        "(a) Describe how a trie is built by adding words.",
    )
    text = f"{said}\n\n{exercise}"
    put(library, embedder, text, uri="/exercise.md")
    found = quotes("How is a trie built?", [a_passage(text)], library, embedder)
    assert [item.text for item in found] == [said, exercise]


@pytest.mark.parametrize(
    ("question", "sounds", "else_"),
    [
        (
            "Why do tries need room?",
            "Tries need room because each node has many edges.",
            "Tries need room, as we saw before them.",
        ),
        (
            "Warum sind Tries groß?",
            "Tries sind groß, weil jeder Knoten Kanten hat.",
            "Tries sind groß, und jeder Knoten hat Kanten.",
        ),
        (
            "How fast are tries?",
            "Tries are found in linear time of the word.",
            "Tries are found in many steps of the word.",
        ),
    ],
)
def test_what_sounds_like_an_answer_comes_first(
    question: str, sounds: str, else_: str, library: Library, embedder: Embedder
) -> None:
    text = f"{else_}\n\n{sounds}"
    put(library, embedder, text, uri="/wording.md")
    assert quotes(question, [a_passage(text)], library, embedder)[0].text == sounds


def a_quote(text: str, score: float, *, number: int = 1, start: int = 0) -> QuotedSentence:
    return QuotedSentence(a_passage(text, number=number, start=start), start, start + len(text), score)


def test_nearly_as_good_sentences_are_shown_behind_the_best_in_reading_order() -> None:
    ranked = [a_quote("b", 1.0, number=2), a_quote("c", 0.95, number=3), a_quote("a", 0.9), a_quote("d", 0.1)]
    assert [item.text for item in choose(ranked)] == ["b", "a", "c"]
    assert choose([]) == []
    assert [item.text for item in choose(ranked[3:])] == ["d"]


def test_the_same_sentence_is_shown_once() -> None:
    """A slide that repeats has its sentences twice."""
    ranked = [
        a_quote("a", 1.0),
        a_quote("b", 0.95, start=50),
        a_quote("b", 0.95, number=2),
        a_quote("a", 0.95, number=3),
    ]
    assert [item.text for item in choose(ranked)] == ["a", "b"]


def test_a_definition_of_several_sentences_is_shown_once() -> None:
    """Its sentences were found one by one, and two may have grown to the same span."""
    ranked = [a_quote("One. Two.", 1.0), a_quote("One. Two.", 0.95), a_quote("Two.", 0.95, start=5)]
    page = ranked[0].passage
    assert [item.text for item in choose([replace(item, passage=page) for item in ranked])] == ["One. Two."]


def test_a_definition_is_quoted_with_its_list_and_no_words_in_it_are_the_answer(
    library: Library, embedder: Embedder
) -> None:
    definition = (
        "Definition 3.2 (Trie) Let T be a tree. Then T is a trie if:\n1. its edges are letters.\n2. it has a root."
    )
    text = f"We saw a trie before. {definition}\nA trie was fast there."
    put(library, embedder, text, uri="/tries.md")
    at = text.index("tree")
    passage = a_passage(text, number=1, document_id="d1", readings=(Reading(at, at + 4, 2.0, 3.0, ((at, 0.9),)),))
    best = quotes("What is a trie?", [passage], library, embedder)[0]
    assert (best.text, best.answer) == (definition, None)


@pytest.mark.parametrize("line", ["11.1 Tries and other trees", "2 3 Tries .", "11 11.1 Tries and trees ."])
def test_a_line_of_a_table_of_contents_is_no_answer(line: str, library: Library, embedder: Embedder) -> None:
    text = f"{line}\n\n{SAID}"
    put(library, embedder, text, uri="/contents.md")
    found = quotes("What are tries?", [a_passage(text, number=1, document_id="d1")], library, embedder)
    assert [item.text for item in found] == [SAID]


@pytest.mark.parametrize(("answers", "told"), [(3.0, "1960"), (-0.5, None)], ids=["likely", "doubtful"])
def test_the_words_that_answer_are_told_when_the_reader_finds_them_likely(
    answers: float, told: str | None, library: Library, embedder: Embedder
) -> None:
    put(library, embedder, TRIES, uri="/tries.md")
    at = TRIES.index("1960")
    reading = Reading(at, at + 4, 3.0, answers, ((at, 0.9),))
    best = quotes("When did Fredkin name it?", [a_passage(TRIES, readings=(reading,))], library, embedder)[0]
    assert best.text == "Edward Fredkin named it in 1960."
    assert (TRIES[slice(*best.answer)] if best.answer else None) == told
