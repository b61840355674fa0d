"""SQuAD and XQuAD: an article is a document, found is a chunk that holds the answer.

Questions are those about the articles that nobody trains on; the documents are all articles of the file, so that
there are paragraphs enough to go wrong in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.types import Hit
from tests.bench.heldout import HELD_OUT
from tests.bench.sets import Asked, QuestionSet, shared


@dataclass(frozen=True)
class Article:
    """A file's text, and where its paragraphs begin in it."""

    title: str
    text: str
    starts: tuple[int, ...]


def squad() -> QuestionSet:
    """Return SQuAD 1.1: every question has an answer."""
    return _set("SQuAD 1.1, held out", "squad-v1.1-36-articles.json", "en")


def squad2() -> QuestionSet:
    """Return SQuAD 2.0: about half of the questions only look as if they had one."""
    return _set("SQuAD 2.0, held out", "squad-v2.0-36-articles.json", "en")


def xquad_de() -> QuestionSet:
    """Return XQuAD in German."""
    return _set("XQuAD German, held out", "xquad-de.json", "de")


def xquad_en() -> QuestionSet:
    """Return XQuAD in English: the same questions."""
    return _set("XQuAD English, held out", "xquad-en.json", "en")


def xquad_de_of_en() -> QuestionSet:
    """Return XQuAD's English articles with the same questions in German."""
    return _set("XQuAD, German of English", "xquad-en.json", "de", asked_in="xquad-de.json")


def xquad_en_of_de() -> QuestionSet:
    """Return XQuAD's German articles with the same questions in English."""
    return _set("XQuAD, English of German", "xquad-de.json", "en", asked_in="xquad-en.json")


def xquad_mixed() -> QuestionSet:
    """Return XQuAD with every other article in German, and the questions in the other language than their article."""
    files = {"en": "xquad-en.json", "de": "xquad-de.json"}
    data = {language: _data(file) for language, file in files.items()}
    said = {language: _wordings(entries) for language, entries in data.items()}
    articles, questions = [], []
    order = sorted(range(len(data["en"])), key=lambda at: (data["en"][at]["title"] not in HELD_OUT, at))
    for number, at in enumerate(order):
        written, asked_in = ("en", "de") if number % 2 else ("de", "en")
        entry = data[written][at]
        made = article(entry)
        articles.append(made)
        if entry["title"] in HELD_OUT:
            asked = _questions(entry, made, asked_in)
            questions += [replace(one, text=said[asked_in][one.id]) for one in asked]
    name = "XQuAD, languages mixed, asked in the other"
    return QuestionSet(name, 1, _writing(articles), tuple(questions), library="xquad-mixed")


def _set(name: str, file: str, language: str, *, asked_in: str = "") -> QuestionSet:
    """Return the questions about a file's articles; `asked_in` is a parallel file with the questions in `language`."""
    data = _data(file)
    articles = [article(entry) for entry in data]
    said = _wordings(_data(asked_in)) if asked_in else {}
    questions = tuple(
        replace(asked, text=said.get(asked.id, asked.text))
        for entry, made in zip(data, articles, strict=True)
        if entry["title"] in HELD_OUT
        for asked in _questions(entry, made, language)
    )
    return QuestionSet(name, 1, _writing(articles), questions, library=file.removesuffix(".json"))


def _writing(articles: Sequence[Article]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for made in articles:
            (folder / file_name(made.title)).write_text(made.text, encoding="utf-8", newline="\n")

    return write


def _data(file: str) -> Any:
    return json.loads(shared("train", file).read_text(encoding="utf-8"))["data"]


def _wordings(data: Any) -> dict[str, str]:
    """Return the questions of a file by id."""
    rows = (row for entry in data for paragraph in entry["paragraphs"] for row in paragraph["qas"])
    return {row["id"]: row["question"].strip() for row in rows}


def file_name(title: str) -> str:
    """Return the name of an article's file."""
    return re.sub(r"[^\w,()-]", "_", title) + ".txt"


def article(entry: dict[str, Any]) -> Article:
    """Return an article as one text: its title, then its paragraphs between empty lines."""
    text = entry["title"].replace("_", " ") + "\n\n"
    starts = []
    for paragraph in entry["paragraphs"]:
        starts.append(len(text))
        text += paragraph["context"].replace("\r", " ") + "\n\n"
    return Article(entry["title"], text, tuple(starts))


def _questions(entry: dict[str, Any], made: Article, language: str) -> Iterator[Asked]:
    for start, paragraph in zip(made.starts, entry["paragraphs"], strict=True):
        for row in paragraph["qas"]:
            answers = tuple(dict.fromkeys(answer["text"] for answer in row["answers"]))
            spans = [
                (start + answer["answer_start"], start + answer["answer_start"] + len(answer["text"]))
                for answer in row["answers"]
            ]
            yield Asked(
                row["id"],
                row["question"].strip(),
                language,
                {"answer": 1.0} if spans else {},
                _units(file_name(made.title), spans),
                answers,
                bool(spans),
            )


def _units(name: str, spans: Sequence[tuple[int, int]]) -> Callable[[Hit], Sequence[str]]:
    def units(hit: Hit) -> Sequence[str]:
        if not hit.source.endswith(name):
            return ()
        inside = any(hit.chunk.start <= start and end <= hit.chunk.end for start, end in spans)
        return ("answer",) if inside else ()

    return units
