"""Which questions are about the whole, and which only look like it."""

from __future__ import annotations

import doctest
import json
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag.question.overview_request as recogniser
from rag.overview import compose, salience
from rag.question import material as nouns
from rag.question.overview_phrases import ItemKind, OverviewKind
from rag.question.overview_request import next_request, request_of
from rag.text import outline

SUMMARY, ABOUT, TOPICS, LISTING = OverviewKind.SUMMARY, OverviewKind.ABOUT, OverviewKind.TOPICS, OverviewKind.LISTING
TRAIN = Path(__file__).parents[4] / "shared" / "data" / "train"

# question, kind, what it is about: unit, numbers, name, and what that is part of.
ABOUT_THE_WHOLE = [
    ("summarise lecture 3", SUMMARY, "lecture 3"),
    ("Could you please summarize the third lecture for me?", SUMMARY, "lecture 3"),
    ("Summarise chapters 2 to 4 in five bullet points", SUMMARY, "chapter 2 3 4"),
    ("Summarise the last lecture.", SUMMARY, "lecture -1"),
    ("summarize chapter two of the script", SUMMARY, "chapter 2 < script"),
    ("summarise section 3.2 of lecture-notes.pdf", SUMMARY, "section 3.2 < file lecture-notes.pdf"),
    ("Summarise everything", SUMMARY, "whole"),
    ("sum up week IV", SUMMARY, "week 4"),
    ("tl;dr", SUMMARY, "whole"),
    ("give me an overview of the slides on evaluation", SUMMARY, "slides evaluation"),
    ("Give me a short summary of the evaluation slides", SUMMARY, "slides evaluation"),
    ("I need a brief overview of the whole course", SUMMARY, "whole"),
    ("a quick recap of lecture 2, please", SUMMARY, "lecture 2"),
    ("overview of the notebook on broadcasting", SUMMARY, "notebook broadcasting"),
    ("What are the key points of chapter 5?", SUMMARY, "chapter 5"),
    ("What are the main ideas in the lecture notes?", SUMMARY, "notes"),
    ("what should I remember from lecture 4?", SUMMARY, "lecture 4"),
    ("What did we learn in week 2?", SUMMARY, "week 2"),
    ("Explain chapter 3 to me", SUMMARY, "chapter 3"),
    ("Summarise pages 3-5", SUMMARY, "page 3 4 5"),
    ("Summarise Huffman codes", SUMMARY, "huffman codes"),
    ("summarise 'Stable Matching'", SUMMARY, "stable matching"),
    ("Fasse Kapitel 2 zusammen", SUMMARY, "chapter 2"),
    ("fass mir bitte das dritte Kapitel kurz zusammen", SUMMARY, "chapter 3"),
    ("Kannst du mir die Vorlesung zu Entscheidungsbäumen zusammenfassen?", SUMMARY, "lecture entscheidungsbäumen"),
    ("Fasse Abschnitt 4.1 des Skripts in drei Sätzen zusammen.", SUMMARY, "section 4.1 < script"),
    ("Gib mir einen Überblick über die Folien", SUMMARY, "slides"),
    ("Bitte eine kurze Zusammenfassung von Vorlesung 5", SUMMARY, "lecture 5"),
    ("Zusammenfassung des Skripts", SUMMARY, "script"),
    ("Was sind die wichtigsten Punkte in Kapitel 7?", SUMMARY, "chapter 7"),
    ("Überblick", SUMMARY, "whole"),
    ("what is this course about?", ABOUT, "whole"),
    ("What's lecture 2 about?", ABOUT, "lecture 2"),
    ("What is lecture-notes.pdf about?", ABOUT, "file lecture-notes.pdf"),
    ("what are these documents about?", ABOUT, "whole"),
    ("Which topics are covered in the course?", TOPICS, "whole"),
    ("What topics come up in lecture 6?", TOPICS, "lecture 6"),
    ("What does chapter 3 cover?", ABOUT, "chapter 3"),
    ("List the topics", TOPICS, "whole"),
    ("Show me the table of contents of the script", TOPICS, "script"),
    ("What chapters does the script have?", TOPICS, "script"),
    ("worum geht es im Skript?", ABOUT, "script"),
    ("Worum geht es hier eigentlich?", ABOUT, "whole"),
    ("Wovon handelt Vorlesung 4?", ABOUT, "lecture 4"),
    ("welche Themen kommen vor?", TOPICS, "whole"),
    ("Welche Themen werden in der Vorlesung behandelt?", TOPICS, "lecture"),
    ("Welche Kapitel hat das Skript?", TOPICS, "script"),
    ("Was behandelt das zweite Kapitel?", ABOUT, "chapter 2"),
    ("Inhaltsverzeichnis der Vorlesung", TOPICS, "lecture"),
    ("Nenne mir alle Themen des Kurses", TOPICS, "whole"),
    ("list all definitions", LISTING, "whole definition"),
    ("List all definitions in chapter 2 with page numbers", LISTING, "chapter 2 definition"),
    ("Give me all the theorems and lemmas of the script", LISTING, "script theorem"),
    ("which exercises are there?", LISTING, "whole exercise"),
    ("What are the definitions in lecture 3?", LISTING, "lecture 3 definition"),
    ("What theorems does chapter 4 contain?", LISTING, "chapter 4 theorem"),
    ("show every example in section 2.1", LISTING, "section 2.1 example"),
    ("Collect the key terms of the lecture notes", LISTING, "notes definition"),
    ("All formulas from lecture 1", LISTING, "lecture 1 formula"),
    ("List all definitions and theorems", LISTING, "whole definition theorem"),
    ("Liste alle Definitionen auf", LISTING, "whole definition"),
    ("Nenne alle Sätze aus Kapitel 3", LISTING, "chapter 3 theorem"),
    ("Welche Definitionen gibt es im Skript?", LISTING, "script definition"),
    ("Welche Aufgaben stehen auf Übungsblatt 3?", LISTING, "sheet 3 exercise"),
    ("alle Beispiele aus Vorlesung 2", LISTING, "lecture 2 example"),
    ("Zeig mir sämtliche Formeln", LISTING, "whole formula"),
]

ORDINARY = [
    "what is a summary statistic?",
    "define inverted index",
    "What is the course of the Nile?",
    "What is a definition?",
    "What is the definition of recall?",
    "Give the definition of a trie.",
    "give me an example of a greedy algorithm",
    "Which examples of greedy algorithms fail?",
    "How do I summarise a table with pivot rows?",
    "Which theorem is used in the proof of lemma 4?",
    "What is chapter 11 bankruptcy?",
    "Who gave the first lecture on relativity?",
    "When is lecture 3?",
    "How many lectures are there?",
    "Where is the overview page stored?",
    "What is topic modelling?",
    "What topics does latent Dirichlet allocation find?",
    "Summarise the difference between BFS and DFS.",
    "summarise how PageRank is computed",
    "Explain the proof of theorem 3",
    "Explain dynamic programming",
    "What is lecture hall 3 about to be renamed?",
    "What was Darwin's book about?",
    "What is a section of a cone?",
    "List the steps of Kruskal's algorithm",
    "List all edges of the tree",
    "What does the algorithm cover?",
    "What are the main ideas of the Enlightenment?",
    "What are the key points in favour of tries?",
    "Which problems are NP-complete?",
    "What problems occur in distributed indexes?",
    "find all theorems about convergence that need compactness",
    "Show that all examples are correct",
    "Name the five definitions of AI by Russell",
    "What is the gist of Turing's argument?",
    "What are theorems?",
    "Which algorithms are stable?",
    "Tell me about the author",
    "What is it?",
    "Why?",
    "",
    "Was ist eine Zusammenfassung?",
    "Was ist die Definition von Entropie?",
    "Was ist ein Kapitel?",
    "Wie fasst man zwei Mengen zusammen?",
    "Wovon hängt die Laufzeit ab?",
    "Worum geht es beim Turing-Test?",
    "Nenne ein Beispiel für eine Relation",
    "Welche Beispiele gibt es für Äquivalenzrelationen?",
    "Welche Sätze braucht man für den Beweis?",
    "Wie viele Kapitel hat die Bibel?",
    "Was ist das Thema der Oper Carmen?",
    "Welche Aufgaben hat ein Crawler?",
    "Was behandelt ein Zahnarzt?",
    "Wie lautet die Definition von CSP?",
    "Nenne die Unterschiede zwischen BFS und DFS",
    "Was ist der Überblick von ID3 gegenüber CAL2?",
    "Was steht in einem Knoten?",
    "Wann ist die Vorlesung?",
    "Welche Themen interessieren Turing?",
    "Wie kann man die Ergebnisse zusammenfassen?",
    "Was sind Formeln?",
    "Welche Verfahren gibt es zum Pruning?",
    "Womit beschäftigt sich die Statistik?",
    "Erkläre den Satz von Bayes",
    "Was kommt im Satz von Bayes vor?",
]


def told(question: str) -> str:
    """Return what was recognised in the short form of the table."""
    request = request_of(question)
    if request is None:
        return ""
    parts = []
    of = request.target
    parts = [str(of.unit or ""), *of.numbers, of.name]
    if of.within:
        parts += ["<", str(of.within.unit or ""), *of.within.numbers, of.within.name]
    return " ".join(part for part in [*parts, *request.things] if part)


@pytest.mark.parametrize(("question", "kind", "about"), ABOUT_THE_WHOLE)
def test_a_question_about_the_whole_is_recognised(question: str, kind: OverviewKind, about: str) -> None:
    request = request_of(question)
    assert request is not None
    assert (request.kind, told(question)) == (kind, about)


@pytest.mark.parametrize("question", ORDINARY)
def test_an_ordinary_question_is_not_taken_for_one(question: str) -> None:
    """Or only as a name, which the library would have to have as a heading."""
    request = request_of(question)
    assert request is None or not request.is_certain


def test_only_a_name_makes_an_unsure_request() -> None:
    assert not request_of("summarise Huffman codes").is_certain
    assert not request_of("give me an overview of the slides on evaluation").is_certain
    assert request_of("summarise lecture 3").is_certain
    assert request_of("summarise lecture-notes.pdf").is_certain


def test_a_question_may_go_on_from_one_about_the_whole() -> None:
    assert next_request("And lecture 4?", "summarise lecture 3").target.numbers == ("4",)
    assert next_request("und Kapitel 5", "Liste alle Definitionen in Kapitel 4 auf").things == (ItemKind.DEFINITION,)
    assert next_request("and why?", "summarise lecture 3") is None
    assert next_request("And lecture 4?", "What is a trie?") is None


def test_several_things_are_listed_in_one_go() -> None:
    assert request_of("list all definitions, theorems and examples").things == (
        ItemKind.DEFINITION,
        ItemKind.THEOREM,
        ItemKind.EXAMPLE,
    )


@pytest.mark.parametrize("module", [compose, nouns, outline, salience, recogniser], ids=lambda module: module.__name__)
def test_the_examples_hold(module: ModuleType) -> None:
    tried = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert tried.attempted
    assert not tried.failed


@given(st.text(max_size=400))
def test_any_text_is_recognised_or_not(text: str) -> None:
    request = request_of(text)
    assert request is None or request.target.said or request.target.whole


@pytest.mark.timeout(30)  # a pattern that runs away takes hours
@pytest.mark.parametrize(
    "question", ["summarise " * 40, "all " * 90, "list all " + "definitions and " * 17, "in " * 99]
)
def test_a_question_that_repeats_itself_is_soon_done_with(question: str) -> None:
    request = request_of(question)
    assert request is None or request.target.said or request.target.whole


@pytest.mark.parametrize(
    ("name", "most"),
    [("squad-v1.1-36-articles.json", 0.001), ("xquad-de.json", 0.001), ("policyqa.json", 0.0015)],
)
def test_questions_of_readers_are_not_taken_for_questions_about_the_whole(name: str, most: float) -> None:
    if not (TRAIN / name).exists():
        pytest.skip("The training data is not beside this checkout.")
    articles = json.loads((TRAIN / name).read_text(encoding="utf-8"))["data"]
    asked = {qa["question"] for article in articles for part in article["paragraphs"] for qa in part["qas"]}
    taken = [question for question in asked if (request := request_of(question)) and request.is_certain]
    assert len(taken) <= most * len(asked), taken
