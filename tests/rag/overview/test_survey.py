"""Questions about the whole, asked of a library: what they are taken to mean, and the answer that quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from rag.answer.prompt import REFUSALS
from rag.errors import NotFound
from rag.library.library import Library
from rag.overview.survey import take_survey
from rag.ports import Embedder
from rag.question.analyse import analyse
from rag.question.query import Query
from rag.types import Answer, AnswerStatus, Filter, Question, Turn
from tests.fake_parts import a_library
from tests.fakes import a_document, put

SCRIPT = """# Search structures

# Chapter 1

# Tries

In this chapter we study tries. They are old.

Definition 1.1 A trie is a tree of letters.

## 1.1 Compressed tries

A compressed trie has no node with a single child.

# Chapter 2

# Hash tables

A hash table finds keys in constant time. It keeps no order.

Theorem 2.1 Every hash function has collisions."""
SLIDES = """# Measuring search

## Recall

Recall counts what was found.

## Precision

Precision counts what is right."""
WEEK = """# Warm-up of week {n}

This week is about subject number {n} alone.

# Tasks of week {n}

Do them all by Friday."""
GERMAN = (
    "# Bäume\n\n# 1 Suchbäume\n\nEin Suchbaum ordnet seine Schlüssel.\n\n# 2 Heaps\n\nEin Heap hält das kleinste oben."
)


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    library = a_library(tmp_path_factory.mktemp("survey") / "home", embedder)

    def keep(text: str, uri: str, collection: str, title: str, language: str = "en") -> None:
        document = a_document(text, title=title, language=language, pages=[0, len(text) // 2])
        put(library, embedder, document, uri=uri, collection=collection, embed=False)

    keep(SCRIPT, "/course/script.md", "course", "Search structures")
    keep(SLIDES, "/course/slides-evaluation.pptx", "course", "Measuring search")
    for number in (2, 10):
        keep(WEEK.format(n=number), f"/weeks/week-{number:02}.md", "weeks", f"Week {number}")
    keep(GERMAN, "/baum.md", "german", "Bäume", "de")
    yield library
    library.close()


def analysed(library: Library, text: str, collection: str | None = "course", **more: object) -> Query:
    question = Question(text, collection, **more)  # type: ignore[arg-type]
    return analyse(question, library)


def is_ordinary(query: Query) -> bool:
    """Say whether a question is answered from passages, and nothing is said about that."""
    return query.overview is None and query.notes == ()


def answer(library: Library, text: str, collection: str | None = "course", **more: object) -> Answer:
    query = analysed(library, text, collection, **more)
    assert query.overview is not None
    found = take_survey(query, query.overview)
    assert list(map(int, re.findall(r"\[(\d+)\]$", found.text, re.MULTILINE))) == [c.marker for c in found.citations]
    for citation in found.citations:
        assert citation.quote == library.catalog.documents.text(citation.document_id, citation.start, citation.end)
    return found


def test_a_summary_has_a_line_for_each_chapter(stocked: Library) -> None:
    told = answer(stocked, "summarise the script")
    assert told.status is AnswerStatus.QUOTED
    assert told.text.split("\n") == [
        "Search structures (script.md)",
        "- Chapter 1 Tries: “In this chapter we study tries.” [1]",
        "  - 1.1 Compressed tries: “A compressed trie has no node with a single child.” [2]",
        "- Chapter 2 Hash tables: “A hash table finds keys in constant time.” [3]",
    ]
    assert [(citation.page, citation.page_label) for citation in told.citations] == [(1, "p1"), (1, "p1"), (2, "p2")]
    assert all(sentence.supported for sentence in told.sentences)


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("What is the weeks course about?", ["week-02.md", "week-10.md"]),
        ("summarise week 10 of the weeks course", ["week-10.md"]),
        ("summarise chapter 2 of the algorithms course", []),
    ],
)
def test_a_course_is_what_lies_in_the_folder_of_its_name(text: str, files: list[str], stocked: Library) -> None:
    told = answer(stocked, text, None)
    assert list(dict.fromkeys(citation.source.rpartition("/")[2] for citation in told.citations)) == files


@pytest.mark.parametrize(
    ("question", "collection", "about"),
    [
        ("summarise chapter 2", "course", "“Chapter 2 Hash tables” of script.md"),
        ("summarise the last chapter of the script", "course", "“Chapter 2 Hash tables” of script.md"),
        ("summarise hash tables", "course", "“Chapter 2 Hash tables” of script.md"),
        ("summarise section 1.1", "course", "“1.1 Compressed tries” of script.md"),
        ("give me an overview of the slides on evaluation", "course", "slides-evaluation.pptx"),
        ("what are the evaluation slides about?", "course", "slides-evaluation.pptx"),
        ("summarise script.md", "course", "script.md"),
        ("summarise page 2 of script.md", "course", "“p. 2” of script.md"),
        ("what is this course about?", "course", "all 2 documents"),
        ("summarise week 2", "weeks", "week-02.md"),
        ("summarise the last week", "weeks", "week-10.md"),
        ("summarise weeks 2 and 10", "weeks", "all 2 documents"),
        ("Fasse Kapitel 2 zusammen", "german", "“2 Heaps” of baum.md"),
        ("worum geht es im Skript?", "german", "baum.md"),
    ],
)
def test_what_is_asked_about_is_found(question: str, collection: str, about: str, stocked: Library) -> None:
    told = answer(stocked, question, collection)
    assert told.about == about
    assert any(f"Read as a question about {about} as a whole" in note for note in told.notes)


def test_a_question_about_the_course_tells_of_each_document(stocked: Library) -> None:
    told = answer(stocked, "what is this course about?")
    assert "Search structures (script.md)\n- “In this chapter we study tries.” [1]" in told.text
    assert "Measuring search (slides-evaluation.pptx)\n- “Recall counts what was found.”" in told.text


def test_topics_are_the_headings_word_for_word(stocked: Library) -> None:
    assert answer(stocked, "which topics are covered?", "german").text.split("\n") == [
        "Bäume (baum.md)",
        "- 1 Suchbäume [1]",
        "- 2 Heaps [2]",
    ]
    both = answer(stocked, "list the topics of the course")
    assert {citation.title for citation in both.citations} == {"Search structures", "Measuring search"}


def test_definitions_and_theorems_are_listed_where_they_stand(stocked: Library) -> None:
    told = answer(stocked, "list all definitions and theorems")
    assert [citation.quote for citation in told.citations] == [
        "Definition 1.1 A trie is a tree of letters.",
        "Theorem 2.1 Every hash function has collisions.",
    ]
    assert answer(stocked, "list all theorems in chapter 2").about == "“Chapter 2 Hash tables” of script.md"


def test_where_nothing_of_the_kind_stands_that_is_said(stocked: Library) -> None:
    told = answer(stocked, "list all formulas")
    assert (told.status, told.text) == (AnswerStatus.NOT_IN_DOCUMENTS, REFUSALS["en"])
    assert told.notes == ("Nothing was recognised as formulas in all 2 documents.",)


def test_a_name_that_the_library_has_not_makes_an_ordinary_question(stocked: Library) -> None:
    assert is_ordinary(analysed(stocked, "summarise quantum gravity"))
    assert is_ordinary(analysed(stocked, "What is a trie?"))


def test_a_number_that_is_not_there_is_refused(stocked: Library) -> None:
    told = answer(stocked, "summarise lecture 9")
    assert (told.status, told.text) == (AnswerStatus.NOT_IN_DOCUMENTS, REFUSALS["en"])
    assert told.notes[0].startswith("No document or heading was found for “lecture 9”.")


def test_a_piece_that_is_not_there_is_told(stocked: Library) -> None:
    found = analysed(stocked, "summarise the exercise sheet")
    assert found.overview is None
    assert found.notes == (
        "No document or heading was found for “the exercise sheet”, so this was answered from single passages.",
    )


def test_the_scope_bounds_what_is_told(stocked: Library) -> None:
    assert answer(stocked, "what is this about?", None, document="baum.md").about == "baum.md"
    with pytest.raises(NotFound):
        analysed(stocked, "what is this about?", "nowhere")
    with pytest.raises(NotFound):
        analysed(stocked, "what is this about?", document="nowhere")


def test_questions_may_follow_each_other(stocked: Library) -> None:
    before = (Turn("summarise chapter 1", "…"),)
    assert answer(stocked, "and chapter 2?", history=before).about == "“Chapter 2 Hash tables” of script.md"
    assert is_ordinary(analysed(stocked, "summarise this", history=(Turn("What is a trie?", "A tree."),)))


def test_a_long_document_is_condensed_and_says_so(library: Library, embedder: Embedder) -> None:
    chapters = [f"# {n} Subject {n}\n\nDefinition {n}.1 A thing {n} is a set of {n} things." for n in range(1, 91)]
    put(library, embedder, a_document("\n\n".join(chapters), title="Long"), uri="/long.md", embed=False)
    assert len(answer(library, "summarise long.md", None).citations) <= 30
    told = answer(library, "list all definitions", None)
    assert len(told.citations) == 60
    assert "Left out: 30 lines. Name a document or a chapter to see more." in told.notes


def test_many_documents_are_told_of_in_a_line_each(library: Library, embedder: Embedder) -> None:
    for number in range(45):
        text = f"# One\n\nThis text is about subject number {number}.\n\n# Two\n\nIt has an end as well."
        put(library, embedder, a_document(text, title=f"Text {number}"), uri=f"/{number}.md", embed=False)
    told = answer(library, "what is the course about?", None)
    assert [citation.title for citation in told.citations] == [f"Text {number}" for number in range(40)]
    assert "Left out: 5 documents. Name a document or a chapter to see more." in told.notes


def test_a_question_about_the_whole_is_bounded_as_any_other(stocked: Library) -> None:
    told = answer(stocked, "what is this course about?", "weeks", filter=Filter(until=2))
    assert {citation.source for citation in told.citations} == {"/weeks/week-02.md"}


def test_pages_do_not_bound_it_and_the_answer_says_so(stocked: Library) -> None:
    told = answer(stocked, "summarise the script", filter=Filter(pages=(1, 1)))
    assert len(told.citations) == 3
    assert any("Pages don't bound" in note for note in told.notes)


def test_bounds_that_leave_nothing_leave_no_survey(stocked: Library) -> None:
    assert analysed(stocked, "what is this course about?", "weeks", filter=Filter(until=1)).overview is None


@pytest.mark.parametrize("question", ["summarise week 5", "Fasse Woche 5 zusammen", "summarise kw 5", "summarise exam"])
def test_a_tag_says_which_document_is_meant(question: str, library: Library, embedder: Embedder) -> None:
    for name in ("heaps", "tries"):
        document = put(library, embedder, f"# {name}\n\nThis is about {name}.", uri=f"/{name}.md", embed=False)
    library.profiles.tag(document, ["week 5", "exam"])
    assert {citation.source for citation in answer(library, question, None).citations} == {"/tries.md"}


def test_a_tag_counts_more_than_a_path(library: Library, embedder: Embedder) -> None:
    document = put(library, embedder, "# Heaps\n\nThis is about heaps.", uri="/week3/heaps.md", embed=False)
    library.profiles.tag(document, ["week 5"])
    assert answer(library, "summarise week 5", None).status is AnswerStatus.QUOTED
    assert answer(library, "summarise week 3", None).status is AnswerStatus.NOT_IN_DOCUMENTS


def sources(library: Library, question: str, collection: str | None = None) -> set[str]:
    return {citation.source for citation in answer(library, question, collection).citations}


def keep(library: Library, embedder: Embedder, uri: str, **more: str) -> str:
    text = f"# About {uri}\n\nThis is a text about {uri.strip('/')} alone."
    document = a_document(text, title=more.pop("title", "Notes"))
    return put(library, embedder, document, uri=uri, embed=False, **more)


def test_a_tag_of_one_document_leaves_the_others_their_numbers(library: Library, embedder: Embedder) -> None:
    documents = [keep(library, embedder, f"/0{number}-topic.md") for number in range(1, 5)]
    library.profiles.tag(documents[3], ["lecture 7"])
    assert sources(library, "summarise lecture 2") == {"/02-topic.md"}
    assert sources(library, "summarise lecture 7") == {"/04-topic.md"}


def test_numbers_with_a_point_are_whole(library: Library, embedder: Embedder) -> None:
    for name in ("2.1", "2.3"):
        keep(library, embedder, f"/chapter-{name}.md")
    assert sources(library, "summarise chapter 2.3") == {"/chapter-2.3.md"}
    assert answer(library, "summarise chapter 2", None).status is AnswerStatus.NOT_IN_DOCUMENTS


def test_a_title_names_a_number_beside_the_path(library: Library, embedder: Embedder) -> None:
    keep(library, embedder, "/lecture-07.md", title="Lecture 8: Heaps")
    keep(library, embedder, "/lecture-01.md")
    assert sources(library, "summarise lecture 8") == sources(library, "summarise lecture 7") == {"/lecture-07.md"}


def test_a_document_of_two_collections_has_the_number_of_the_path_in_each(library: Library, embedder: Embedder) -> None:
    text = a_document("# Heaps\n\nThis is about heaps alone.", title="Heaps")
    put(library, embedder, text, uri="/a/week-03/x.md", collection="aa", embed=False)
    put(library, embedder, text, uri="/b/week-05/x.md", collection="bb", embed=False)
    assert sources(library, "summarise week 5", "bb") == {"/b/week-05/x.md"}
