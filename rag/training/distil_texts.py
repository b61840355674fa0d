"""Collects the texts whose vectors the student learns: sentences, passages of a chunk's length, questions, headings.

`data` holds the folders `text` (plain text of courses, manuals, laws and books) and `train` (question sets), which
the model card names. Texts of the same meaning in English and German are marked as twins.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rag.training.heldout import HELD_OUT, MEASURED
from rag.training.parallel import book_twins, question_twins

_T = TypeVar("_T")
SEED = 11
MAX_TOKENS = 256  # of the longest text, with special tokens: a chunk
_LEFT_OUT = HELD_OUT | MEASURED
_LONG = 1100  # characters of the longest passage: about 256 tokens
_DOCUMENT = 60_000  # characters read of one document, so that no law or manual prevails


@dataclass(frozen=True, slots=True)
class Source:
    """A file of plain text, and how many texts of each kind are drawn from it."""

    name: str
    sentences: int
    passages: int
    headings: int
    asked: float  # share of the sentences that are embedded as questions: German has few real ones


_SOURCES = (
    Source("de_bundestag_gesetze", 6500, 1100, 2600, 0.25),
    Source("de_courses_md", 9500, 2000, 2600, 0.25),
    Source("de_progit2", 800, 350, 300, 0.25),
    Source("en_progit2", 600, 300, 200, 0.1),
    Source("en_tech_docs", 7500, 1300, 1500, 0.1),
)
# Question sets: questions drawn, sentences of their passages, whole passages.
_SETS = {
    "squad-v1.1-36-articles.json": (6000, 4500, 1100),
    "squad-v2.0-36-articles.json": (2000, 0, 0),
    "policyqa.json": (1200, 600, 200),
    "covid-qa.json": (1200, 1800, 500),
    "qed-dev.jsonlines": (1400, 1500, 900),
    "medquad.jsonl.gz": (2000, 1500, 700),
}
_HEADING = re.compile(r"^(?:#{1,6}|={2,6}) +(?P<name>\S.*?)[# ]*$")
_FENCE = re.compile(r"^(?:```|~~~|-{4,}$|\.{4,}$)")
_MARKUP = re.compile(
    r"\[\[.*?\]\]|\(\(\(.*?\)\)\)|<<.*?>>|!?\[(?P<said>[^\]]*)\]\([^)]*\)|<[^>]{1,80}>|[*_]{1,3}(?=\w)|`"
)
_SENTENCE = re.compile(r"\S.{28,420}?[.!?:](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Taught:
    """A text as question or passage; `twin` is the place of the same text in the other language, or -1."""

    text: str
    asked: bool
    twin: int = -1


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of prose under its heading."""

    heading: str
    text: str


def taught_texts(data: Path, seed: int = SEED) -> list[Taught]:
    """Return all texts in a random order, each once."""
    drawn = random.Random(seed)
    found: dict[tuple[str, bool], int] = {}  # text and use → its twins' number, or -1
    for number, (asked, english, german) in enumerate(_twins(data)):
        found |= {(english, asked): number, (german, asked): number}
    for text, asked in [*_from_sources(data, drawn), *_from_sets(data, drawn)]:
        found.setdefault((text, asked), -1)
    rows = list(found.items())
    drawn.shuffle(rows)
    places: dict[int, list[int]] = {}
    for place, (_, number) in enumerate(rows):
        places.setdefault(number, []).append(place)
    return [
        Taught(text, asked, sum(places[number]) - place if number >= 0 and len(places[number]) == 2 else -1)
        for place, ((text, asked), number) in enumerate(rows)
    ]


def _twins(data: Path) -> Iterator[tuple[bool, str, str]]:
    """Yield (embedded as a question, English text, German text)."""
    english, german = (_kept(_json(data / "train" / f"xquad-{language}.json")) for language in ("en", "de"))
    yield from question_twins(english, german)
    books = [_documents(data / "text" / f"{language}_progit2.txt.gz") for language in ("en", "de")]
    for one, other in book_twins(*books):
        yield False, plain(one), plain(other)


def _from_sources(data: Path, drawn: random.Random) -> Iterator[tuple[str, bool]]:
    for source in _SOURCES:
        documents = _documents(data / "text" / f"{source.name}.txt.gz")
        drawn.shuffle(documents)
        blocks: list[Block] = []
        passages: list[str] = []
        headings: list[str] = []
        for document in documents:
            if len(blocks) > 12 * source.sentences:
                break
            read = prose_blocks(document[:_DOCUMENT])
            blocks += read
            headings += [block.heading for block in read if block.heading]
            passages += list(merged(read, drawn))
        sentences = [
            sentence for block in _some(drawn, blocks, source.sentences) for sentence in _sentences(block.text)
        ]
        yield from ((one, drawn.random() < source.asked) for one in _some(drawn, sentences, source.sentences))
        yield from ((one, False) for one in _some(drawn, passages, source.passages))
        yield from ((one, True) for one in _some(drawn, list(dict.fromkeys(headings)), source.headings))


def _from_sets(data: Path, drawn: random.Random) -> Iterator[tuple[str, bool]]:
    for name, (asked, short, long) in _SETS.items():
        questions: list[str] = []
        passages: list[tuple[str, str]] = []
        for title, passage, found in _question_set(data / "train" / name):
            questions += found
            passages.append((title, passage))
        sentences = [one for _, passage in passages for one in _sentences(passage)]
        yield from ((one, True) for one in _some(drawn, list(dict.fromkeys(questions)), asked))
        yield from ((one, False) for one in _some(drawn, sentences, short))
        for title, passage in _some(drawn, passages, long):
            yield (f"{title}\n{passage}" if title and drawn.random() < 0.5 else passage), False


def _question_set(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (title, passage, questions about it) of one file, in any of the three forms."""
    if path.suffix == ".json":
        for article in _kept(_json(path)):
            for entry in article["paragraphs"]:
                title = str(article.get("title", "")).replace("_", " ")
                text = " ".join(entry["context"].split())
                questions = [" ".join(one["question"].split()) for one in entry["qas"]]
                windows = [text[at : at + _LONG] for at in range(0, len(text), _LONG)]
                yield title, windows[0], questions
                yield from ((title, _from_word(window), []) for window in windows[1:6])
        return
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for entry in map(json.loads, file):
            title, passage, question = (
                (entry["title_text"], entry["paragraph_text"], entry["question_text"])
                if "paragraph_text" in entry
                else ("", entry["a"], entry["q"])
            )
            if title.replace(" ", "_") not in _LEFT_OUT:
                yield title, " ".join(passage.split())[:_LONG], [" ".join(question.split())]


def prose_blocks(document: str) -> list[Block]:
    """Return the paragraphs of a Markdown or AsciiDoc text, without code, tables and marks."""
    blocks: list[Block] = []
    heading, lines, fenced = "", list[str](), False

    def close() -> None:
        text = plain(" ".join(lines))
        lines.clear()
        letters = sum(letter.isalpha() or letter == " " for letter in text)
        if len(text) > 60 and letters > 0.8 * len(text):
            blocks.append(Block(heading, text))

    for line in map(str.strip, document.splitlines()):
        named = _HEADING.match(line)
        if named or not line or _FENCE.match(line):
            close()
        if _FENCE.match(line):
            fenced = not fenced
        elif named:
            heading, fenced = plain(named["name"]), False
        elif line and not fenced and not line.startswith(("|", "[", "image::", "+---")):
            lines.append(line)
    close()
    return blocks


def merged(blocks: Sequence[Block], drawn: random.Random) -> Iterator[str]:
    """Yield passages of neighbouring paragraphs, half of them under their heading, of 300 to 1,100 characters."""
    held: list[Block] = []
    wanted = drawn.randrange(300, _LONG)
    for block in blocks:
        held.append(block)
        text = " ".join(one.text for one in held)
        if len(text) >= wanted:
            titled = held[0].heading and drawn.random() < 0.5
            yield (f"{held[0].heading}\n{text}" if titled else text)[:_LONG]
            held, wanted = [], drawn.randrange(300, _LONG)


def plain(text: str) -> str:
    """Return a text without marks of Markdown and AsciiDoc, on one line.

    >>> plain("The *key* of a [trie](https://example.org) (((trie))) is `its` path.")
    'The key of a trie is its path.'
    """
    text = _MARKUP.sub(lambda found: found["said"] or "", text)
    return " ".join(re.sub(r"(?<=\w)[*_]+|\xad", "", text).split())


def _sentences(text: str) -> list[str]:
    return [found[0] for found in _SENTENCE.finditer(text)]


def _kept(questions: Any) -> list[Any]:
    return [article for article in questions["data"] if article.get("title") not in _LEFT_OUT]


def _documents(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return file.read().split("<|doc|>")


def _from_word(text: str) -> str:
    return text.partition(" ")[2] or text


def _some(drawn: random.Random, rows: Sequence[_T], most: int) -> list[_T]:
    return drawn.sample(rows, min(most, len(rows)))


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
