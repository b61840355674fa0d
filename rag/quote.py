"""The quoted answer: the sentences of the documents that answer best, and how sure that is.

Until a trained reader does it, a sentence is scored by the words it shares with the question, weighted by
how rare they are, and by the similarity of their embeddings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.library.library import Library
from rag.models.embedder import MiniLM
from rag.sentences import sentence_spans
from rag.support import coverage, stem_set, word_groups
from rag.types import Passage

_PASSAGES = 8  # passages whose sentences are looked at
_SENTENCES = 24  # sentences that are embedded: 2 ms each
_MOST = 3  # sentences in an answer
_NEARLY = 0.85  # of the best score: what else is quoted
_SHORTEST = 4  # words in a sentence that can answer: headings and labels have fewer

# How the evidence adds up, measured on the gold questions with `make bench-quality`.
_SENTENCE_WORDS, _PASSAGE_WORDS, _SIMILARITY = 0.3, 0.3, 0.4


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence of a passage: ``document.text[start:end]``, with its score from 0 to 1."""

    passage: Passage
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


def quote(question: str, passages: Sequence[Passage], library: Library, embedder: MiniLM) -> list[Quoted]:
    """Return the sentences that answer best, best first; the first one's score is the confidence.

    Empty when the passages hold no sentence.
    """
    languages = library.catalog.languages() or ["en"]
    groups = word_groups(question, languages)
    weights = library.lexical.weights([stem for group in groups for stem in group])
    candidates = [
        (candidate, coverage(groups, stem_set(candidate.text, languages), weights))
        for passage in passages[:_PASSAGES]
        for candidate in _sentences(passage)
    ]
    covered = {
        passage.number: coverage(groups, stem_set(_whole(passage), languages), weights)
        for passage in passages[:_PASSAGES]
    }
    candidates.sort(key=lambda item: (-item[1] - covered[item[0].passage.number], item[0].passage.number, item[0].start))
    candidates = candidates[:_SENTENCES]
    if not candidates:
        return []
    asked = embedder.embed_question(question)
    similar = embedder.embed([_short(candidate.text, embedder) for candidate, _ in candidates]) @ asked
    scored = [
        Quoted(
            found.passage,
            found.start,
            found.end,
            _SENTENCE_WORDS * own + _PASSAGE_WORDS * covered[found.passage.number] + _SIMILARITY * max(float(cosine), 0),
        )
        for (found, own), cosine in zip(candidates, similar, strict=True)
    ]
    return sorted(scored, key=lambda item: (-item.score, item.passage.number, item.start))


def choose(quoted: Sequence[Quoted]) -> list[Quoted]:
    """Return the sentences to show: the best, and up to two that are nearly as good, in reading order."""
    if not quoted:
        return []
    best = quoted[0]
    near = [other for other in quoted[1:] if other.score >= _NEARLY * best.score and other.text != best.text]
    chosen = [best, *near[: _MOST - 1]]
    return sorted(chosen, key=lambda item: (item.passage.number, item.start))


def _sentences(passage: Passage) -> list[Quoted]:
    return [
        Quoted(passage, passage.start + start, passage.start + end, 0.0)
        for start, end in sentence_spans(passage.text)
        if len(passage.text[start:end].split()) >= _SHORTEST
    ]


def _whole(passage: Passage) -> str:
    return "\n".join([passage.title, *passage.headings, passage.text])


def _short(text: str, embedder: MiniLM) -> str:
    """Return the text, or as much of it as the embedder reads: a table can be one sentence of 300 tokens."""
    offsets = embedder.tokenizer.encode(text, add_special_tokens=False).offsets
    room = 200
    return text if len(offsets) <= room else text[: offsets[room - 1][1]]
