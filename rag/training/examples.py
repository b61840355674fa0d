"""Converts public question sets to examples: a question, a passage, and the answer's place in the passage."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.text.sentences import sentence_spans
from rag.training.heldout import HELD_OUT

_WINDOW = 1100  # characters of a long document around an answer: about a chunk's size
_POLICIES, _MEDICAL = 3000, 2500  # questions of these repetitive sets
_SENTENCES = 7  # neighbouring sentences per passage of the sentence set
# The sentence set is tokenised; spaces before punctuation and the names of brackets are undone.
_UNDONE = (
    ("-lrb- ", "("),
    (" -rrb-", ")"),
    ("`` ", '"'),
    (" ''", '"'),
    (" n't", "n't"),
    (" -- ", "–"),
)
_SPACED = re.compile(r" ([,.;:?!%]|'s\b|'(?=\s))")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A passage under its heading, like a chunk of a document."""

    id: str
    title: str
    text: str
    group: str  # its document


@dataclass(frozen=True, slots=True)
class Example:
    """A question about a paragraph.

    `answers` are spans of its text; empty if the paragraph doesn't answer. `within` is a span that contains the
    answer, if no exact span is known. `relevant` is None if relevance is not to be learnt.
    """

    question: str
    paragraph: str  # its id
    answers: tuple[tuple[int, int], ...] = ()
    within: tuple[int, int] | None = None
    relevant: bool | None = True
    origin: str = ""

    @property
    def says(self) -> bool:
        """Whether the answer's place is known, at least roughly."""
        return bool(self.answers) or self.within is not None


@dataclass(frozen=True, slots=True)
class Collected:
    """Paragraphs by id, and the examples about them."""

    paragraphs: dict[str, Paragraph]
    examples: tuple[Example, ...]


def collect(folder: Path, *, held_out: bool = False) -> dict[str, Collected]:
    """Return the training examples of every set by name, or with `held_out` those of the held-out articles.

    `folder` holds the files named in the model card.
    """
    squad = {
        "squad": _squad(folder / "squad-v1.1-36-articles.json", "squad", held_out=held_out),
        "squad2": _squad(folder / "squad-v2.0-36-articles.json", "squad2", held_out=held_out),
        "xquad-de": _squad(folder / "xquad-de.json", "xquad-de", held_out=held_out),
        "xquad-de-of-en": _across(folder, "de", "en", held_out=held_out),
        "xquad-en-of-de": _across(folder, "en", "de", held_out=held_out),
    }
    if held_out:
        return squad
    return {
        **squad,
        "squad2-of-de": _unanswered_across(squad["squad2"], folder),
        "sentences": _sentences(folder),
        "policyqa": _some(_squad(folder / "policyqa.json", "policyqa"), _POLICIES),
        "covid": _covid(folder / "covid-qa.json"),
        "qed": _qed(folder / "qed-dev.jsonlines"),
        "medquad": _some(_medquad(folder / "medquad.jsonl.gz"), _MEDICAL),
        "laws": _laws(folder.parent / "text" / "de_bundestag_gesetze.txt.gz"),
    }


def _squad(path: Path, origin: str, *, held_out: bool = False, said: Mapping[str, str] | None = None) -> Collected:
    """Read a set in SQuAD's format; a paragraph that doesn't answer a question is an example of no answer.

    `said` are other wordings of the questions, by id.
    """
    paragraphs: dict[str, Paragraph] = {}
    examples = []
    for article in _json(path)["data"]:
        title = str(article.get("title", ""))
        if (title in HELD_OUT) != held_out:
            continue
        for number, entry in enumerate(article["paragraphs"]):
            key = f"{origin}:{title}:{number}"
            text = entry["context"]
            paragraphs[key] = Paragraph(key, title.replace("_", " "), text, f"{origin}:{title}")
            for asked in entry["qas"]:
                spans = {(a["answer_start"], a["answer_start"] + len(a["text"])) for a in asked.get("answers", ())}
                answers = tuple(sorted(span for span in spans if text[slice(*span)].strip()))
                # On the subject but without the answer: neither relevant nor irrelevant.
                relevant = True if answers else None
                question = said[asked["id"]] if said else asked["question"]
                examples.append(Example(question, key, answers, relevant=relevant, origin=origin))
    return Collected(paragraphs, tuple(examples))


def _across(folder: Path, asked: str, written: str, *, held_out: bool) -> Collected:
    """Read XQuAD, which is parallel: questions in the language `asked` about paragraphs in the language `written`."""
    said = {
        row["id"]: row["question"]
        for article in _json(folder / f"xquad-{asked}.json")["data"]
        for entry in article["paragraphs"]
        for row in entry["qas"]
    }
    path, origin = folder / f"xquad-{written}.json", f"xquad-{asked}-of-{written}"
    return _squad(path, origin, held_out=held_out, said=said)


def _unanswered_across(squad2: Collected, folder: Path) -> Collected:
    """Ask SQuAD 2.0's unanswerable questions of the German translations of their paragraphs."""
    english, german = (_json(folder / f"xquad-{language}.json")["data"] for language in ("en", "de"))
    translated = {
        " ".join(one["context"].split()): other["context"]
        for article, its_german in zip(english, german, strict=True)
        for one, other in zip(article["paragraphs"], its_german["paragraphs"], strict=True)
    }
    paragraphs: dict[str, Paragraph] = {}
    examples = []
    for example in squad2.examples:
        own = squad2.paragraphs[example.paragraph]
        text = translated.get(" ".join(own.text.split()))
        if text and not example.answers:
            key = f"{own.id}:de"
            paragraphs[key] = Paragraph(key, own.title, text, f"{own.group}:de")
            examples.append(Example(example.question, key, relevant=None, origin="squad2-of-de"))
    return Collected(paragraphs, tuple(examples))


def _covid(path: Path) -> Collected:
    """Cut the long papers into windows around their answers."""
    drawn = random.Random(7)
    paragraphs: dict[str, Paragraph] = {}
    examples = []
    for number, paper in enumerate(_json(path)["data"]):
        entry = paper["paragraphs"][0]
        text = entry["context"]
        title = text.split("\n", 1)[0][:120]
        for asked in entry["qas"]:
            answer = asked["answers"][0]
            start = answer["answer_start"]
            end = start + len(answer["text"].rstrip())
            begin = _word_start(text, max(0, start - drawn.randrange(_WINDOW * 2 // 3)))
            window = text[begin : max(end, _word_start(text, begin + _WINDOW))]
            key = f"covid:{number}:{begin}"
            paragraphs[key] = Paragraph(key, title, window, f"covid:{number}")
            examples.append(Example(asked["question"], key, ((start - begin, end - begin),), origin="covid"))
    return Collected(paragraphs, tuple(examples))


def _qed(path: Path) -> Collected:
    """Read natural questions with short answers, and the sentence that gives each."""
    paragraphs: dict[str, Paragraph] = {}
    examples = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            entry = json.loads(line)
            text = entry["paragraph_text"]
            spans = {(a["start"], a["end"]) for answers in entry["original_nq_answers"] for a in answers}
            answers = tuple(sorted(span for span in spans if text[slice(*span)].strip()))
            key = f"qed:{number}"
            paragraphs[key] = Paragraph(key, entry["title_text"], text, f"qed:{entry['title_text']}")
            examples.append(Example(entry["question_text"], key, answers, origin="qed"))
    return Collected(paragraphs, tuple(example for example in examples if example.answers))


def _sentences(folder: Path) -> Collected:
    """Make passages of neighbouring sentences; the sentence that answers each question is known.

    The file is ordered by article, so neighbours in the file are neighbours in the text, apart from gaps.
    """
    said = (folder / "squad-sentence-question-sentences.txt").read_text(encoding="utf-8").splitlines()
    asked = (folder / "squad-sentence-question-questions.txt").read_text(encoding="utf-8").splitlines()
    distinct = list(dict.fromkeys(_detokenised(line) for line in said))
    place = {sentence: number for number, sentence in enumerate(distinct)}
    drawn = random.Random(7)
    paragraphs: dict[str, Paragraph] = {}
    examples = []
    for question, line in zip(asked, said, strict=True):
        at = place[_detokenised(line)]
        first = max(0, at - drawn.randrange(_SENTENCES))
        window = distinct[first : first + drawn.randrange(at - first + 1, at - first + _SENTENCES)]
        start = sum(len(sentence) + 1 for sentence in window[: at - first])
        key = f"sentences:{first}:{len(window)}"
        paragraphs[key] = Paragraph(key, "", " ".join(window), f"sentences:{first // 60}")
        within = (start, start + len(distinct[at]))
        examples.append(Example(_detokenised(question), key, within=within, origin="sentences"))
    return Collected(paragraphs, tuple(examples))


def _medquad(path: Path) -> Collected:
    """Read questions with long answers: relevant, but without an answer span."""
    paragraphs: dict[str, Paragraph] = {}
    examples = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            entry = json.loads(line)
            text = " ".join(entry["a"].split())[:_WINDOW]
            if len(text) < 100:
                continue
            key = f"medquad:{number}"
            paragraphs[key] = Paragraph(key, "", text, f"medquad:{entry['focus']}")
            examples.append(Example(" ".join(entry["q"].split()), key, origin="medquad"))
    return Collected(paragraphs, tuple(examples))


# "### § 12 Kündigung": a paragraph of a law with its name.
_PARAGRAPH = re.compile(r"^#{2,4} +§+ ?\d+\w* +(?P<name>\S.{8,90})\n+(?P<text>(?:(?!^#).*\n?)+)", re.MULTILINE)
_READ = 60_000_000  # characters of the laws, of 161 million
_LAWS = 4000  # paragraphs of them


def _laws(path: Path) -> Collected:
    """Read paragraphs of German laws, with their names as questions: free pairs in German, in the public domain."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        laws = file.read(_READ).split("<|doc|>")
    paragraphs: dict[str, Paragraph] = {}
    examples = []
    for number, law in enumerate(laws):
        title = law.strip().partition("\n")[0].lstrip("# ")[:100]
        for found in _PARAGRAPH.finditer(law):
            text = found["text"].strip()[:_WINDOW]
            if len(text) >= 200:
                key = f"laws:{number}:{found.start()}"
                paragraphs[key] = Paragraph(key, title, text, f"laws:{number}")
                examples.append(Example(found["name"].strip(), key, origin="laws"))
    return _some(Collected(paragraphs, tuple(examples)), _LAWS)


def _some(part: Collected, most: int) -> Collected:
    """Return a random sample of at most `most` examples of a set, with their paragraphs."""
    drawn = random.Random(7).sample(part.examples, min(most, len(part.examples)))
    return Collected({one.paragraph: part.paragraphs[one.paragraph] for one in drawn}, tuple(drawn))


def joined(parts: Sequence[Collected]) -> Collected:
    """Return several sets as one."""
    paragraphs = {key: paragraph for part in parts for key, paragraph in part.paragraphs.items()}
    return Collected(paragraphs, tuple(example for part in parts for example in part.examples))


def sentence_around(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return the span of the sentence or sentences that contain a span."""
    around = [(start, end) for start, end in sentence_spans(text) if start < span[1] and end > span[0]]
    return (around[0][0], around[-1][1]) if around else span


def _detokenised(line: str) -> str:
    for written, meant in _UNDONE:
        line = line.replace(written, meant)
    return " ".join(_SPACED.sub(r"\1", line).split())


def _word_start(text: str, at: int) -> int:
    while 0 < at < len(text) and not text[at - 1].isspace():
        at += 1
    return min(at, len(text))


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def origins(collected: dict[str, Collected]) -> Iterator[tuple[str, int, int]]:
    """Yield (name, count of paragraphs, count of examples) of each set."""
    for name, part in collected.items():
        yield name, len(part.paragraphs), len(part.examples)
