"""Measures embedders, each alone: ``python -m rag.training.measure_embedder XQUAD MODEL …``.

XQUAD is the folder of ``xquad.en.json`` and ``xquad.de.json``, MODEL a name or the folder of a sentence-transformers
model. Questions of the measured articles are asked of all passages, in their own language and in the other.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.library.home import cache_folder
from rag.models.embedder import SentenceEmbedder
from rag.platform.offline import stay_local
from rag.ports import Choice
from rag.training.heldout import MEASURED

LANGUAGES = ("en", "de")


@dataclass(frozen=True, slots=True)
class Asked:
    """The passages of one language, and questions with the place of the passage that answers each."""

    passages: tuple[str, ...]
    questions: tuple[tuple[str, int], ...]


def read(path: Path, titles: frozenset[str] = MEASURED) -> Asked:
    """Return all passages of a file in SQuAD's format, under their titles, and the questions of some articles."""
    passages: list[str] = []
    questions: list[tuple[str, int]] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        title = article["title"]
        for entry in article["paragraphs"]:
            if title in titles:
                questions += [(asked["question"], len(passages)) for asked in entry["qas"]]
            passages.append(f"{title.replace('_', ' ')}\n{entry['context']}")
    return Asked(tuple(passages), tuple(questions))


def measured(sets: dict[str, Asked], embedder: SentenceEmbedder) -> Iterator[tuple[str, float, float]]:
    """Yield (languages of question and passage, R@1, R@5) for each pair of languages."""
    import numpy as np

    passages = {language: embedder.embed_whole(asked.passages) for language, asked in sets.items()}
    for spoken, asked in sets.items():
        questions = np.stack([embedder.embed_question(question) for question, _ in asked.questions])
        right = [place for _, place in asked.questions]
        for written, vectors in passages.items():
            likeness = (questions @ vectors.T).tolist()
            yield f"{spoken}->{written}", recall(likeness, right, 1), recall(likeness, right, 5)


def recall(likeness: Sequence[Sequence[float]], right: Sequence[int], depth: int) -> float:
    """Return the share of rows whose right column is among the `depth` greatest.

    >>> recall([[0.9, 0.1, 0.5], [0.3, 0.2, 0.1]], [2, 0], 1)
    0.5
    """
    ranks = [sum(value > row[place] for value in row) for row, place in zip(likeness, right, strict=True)]
    return sum(rank < depth for rank in ranks) / len(ranks)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("xquad", type=Path)
    parser.add_argument("models", nargs="+", help="names or folders")
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    stay_local()
    sets = {language: read(asked.xquad / f"xquad.{language}.json") for language in LANGUAGES}
    for model in asked.models:
        embedder = SentenceEmbedder(cache_folder(), Choice(model), threads=asked.threads)
        for pair, first, five in measured(sets, embedder):
            sys.stdout.write(f"{model} {pair}: R@1 {first:.3f}, R@5 {five:.3f}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
