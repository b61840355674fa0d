"""What the student is taught with: texts, their twins, and the pieces that they are made of."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from rag.models.tokenizer import load_tokenizer
from rag.training.distil_texts import Block, merged, prose_blocks, taught_texts
from rag.training.heldout import HELD_OUT, MEASURED
from rag.training.parallel import book_twins, question_twins
from rag.training.vocabulary import kept_pieces, pieces_of, pruned
from tests.tiny_teacher import write_teacher

COURSE = """# Tries

A *trie* is a tree whose edges are letters, and [its leaves](https://example.org) are the stored words of a language.

```
def lookup(trie, word): ...
```

| a table | isn't a text that anybody would ask about, although it is as long as one |
"""


def question_set(context: str, question: str, *titles: str) -> dict[str, Any]:
    entry = {"context": context, "qas": [{"question": question}]}
    return {"data": [{"title": title, "paragraphs": [entry]} for title in titles]}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Write every file that is read, each with a text on tries; question sets have held-out articles, too."""
    (tmp_path / "text").mkdir()
    (tmp_path / "train").mkdir()
    for name in ("de_bundestag_gesetze", "de_courses_md", "de_progit2", "en_progit2", "en_tech_docs"):
        (tmp_path / "text" / f"{name}.txt.gz").write_bytes(gzip.compress(COURSE.encode()))
    titles = ("Tries", sorted(HELD_OUT)[0], sorted(MEASURED)[0])
    for name in ("squad-v1.1-36-articles", "squad-v2.0-36-articles", "policyqa", "covid-qa", "xquad-en"):
        sets = [
            question_set(f"The text on {title} is of a good length.", f"What is {title}?", title) for title in titles
        ]
        made = {"data": [article for one in sets for article in one["data"]]}
        (tmp_path / "train" / f"{name}.json").write_text(json.dumps(made))
    german = [question_set(f"Der Text zu {title} ist lang genug.", f"Was ist {title}?", title) for title in titles]
    made = {"data": [article for one in german for article in one["data"]]}
    (tmp_path / "train" / "xquad-de.json").write_text(json.dumps(made))
    row = {
        "title_text": titles[1].replace("_", " "),
        "paragraph_text": titles[1],
        "question_text": f"Who is {titles[1]}?",
    }
    (tmp_path / "train" / "qed-dev.jsonlines").write_text(json.dumps(row))
    row = {"q": "What is a trie?", "a": "A tree of letters that stores words.", "focus": "trie"}
    (tmp_path / "train" / "medquad.jsonl.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
    return tmp_path


def test_no_text_of_a_held_out_article_is_taught(data: Path) -> None:
    texts = {one.text for one in taught_texts(data)}
    assert "What is Tries?" in texts
    assert not [text for text in texts for title in HELD_OUT | MEASURED if title in text]


def test_each_text_is_taught_once_in_an_order_that_the_seed_determines(data: Path) -> None:
    texts = taught_texts(data, seed=3)
    assert len(texts) == len({(one.text, one.asked) for one in texts})
    assert texts == taught_texts(data, seed=3)


def test_twins_point_to_each_other(data: Path) -> None:
    texts = taught_texts(data)
    pairs = {(one.text, texts[one.twin].text) for one in texts if one.twin >= 0}
    assert ("What is Tries?", "Was ist Tries?") in pairs
    assert all(texts[one.twin].twin == place for place, one in enumerate(texts) if one.twin >= 0)


def test_prose_is_read_without_code_tables_and_marks() -> None:
    said = "A trie is a tree whose edges are letters, and its leaves are the stored words of a language."
    assert prose_blocks(COURSE) == [Block("Tries", said)]


def test_merged_passages_keep_the_order_of_the_text() -> None:
    blocks = [Block("", f"paragraph {number} " + "word " * 30) for number in range(40)]
    passages = list(merged(blocks, random.Random(1)))
    numbers = [int(word) for passage in passages for word in passage.split() if word.isdigit()]
    assert numbers == sorted(numbers)
    assert all(300 <= len(passage) <= 1100 for passage in passages)


def test_sentences_of_a_translation_are_twins_where_they_are_equally_many() -> None:
    english = question_set("The first sentence is about tries. The second sentence is about trees.", "Why?", "T")
    german = question_set("Der erste Satz handelt von Tries. Der zweite Satz handelt von Bäumen.", "Warum?", "T")
    twins = list(question_twins(english["data"], german["data"]))
    assert (True, "Why?", "Warum?") in twins
    assert (False, "The second sentence is about trees.", "Der zweite Satz handelt von Bäumen.") in twins


def test_lines_of_two_editions_are_twins_between_the_same_pieces_of_code() -> None:
    code = ["[[trie]]", "----", "$ trie --insert word", "----", "image::trie.png[Trie]"]
    english = ["The first line explains what a trie is.", "A second line that only one edition has."]
    german = ["Die erste Zeile erklärt, was ein Trie ist."]
    last = ("The last line tells how the words are found.", "Die letzte Zeile sagt, wie die Wörter gefunden werden.")
    books = ["\n".join([code[0], *lines, *code[1:], end]) for lines, end in zip((english, german), last, strict=True)]
    assert list(book_twins([books[0]], [books[1]])) == [last]


def test_a_pruned_tokenizer_reads_kept_words_alike_and_spells_the_others(tmp_path: Path) -> None:
    teacher = load_tokenizer(write_teacher(tmp_path / "teacher") / "tokenizer.json")
    kept = kept_pieces(teacher, pieces_of(teacher, iter(["the trie", "der baum"])))
    (tmp_path / "tokenizer.json").write_text(json.dumps(pruned(teacher, kept)))
    student = load_tokenizer(tmp_path / "tokenizer.json")
    assert student.encode("the trie").tokens == teacher.encode("the trie").tokens
    assert teacher.encode("zug").tokens == ["<s>", "▁zug", "</s>"]
    assert student.encode("zug").tokens == ["<s>", "▁", "z", "u", "g", "</s>"]
    assert [kept[number] for number in student.encode("der baum").ids] == teacher.encode("der baum").ids
