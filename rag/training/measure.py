"""Measures a trained reader on the held-out articles: answers, ranks, refusals.

The measures are those of `studyhall eval`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rag.evaluation.measures import auc, exact_match, f1
from rag.library.home import cache_folder
from rag.models.embedder import SentenceEmbedder
from rag.models.reader import Reader
from rag.platform.offline import stay_local
from rag.training.examples import Collected, Paragraph, collect
from rag.training.negatives import mine


def answers(part: Collected, reader: Reader, language: str) -> dict[str, float]:
    """Return F1, exact match and, if the set has unanswerable questions, the AUC of recognising them."""
    f1s, exacts, sure, unsure = [], [], [], []
    for example in part.examples:
        paragraph = part.paragraphs[example.paragraph]
        said = reader.read(example.question, [_shown(paragraph)])[0]
        if example.answers:
            golds = [paragraph.text[start:end] for start, end in example.answers]
            f1s.append(f1(paragraph.text[said.start : said.end], golds, language))
            exacts.append(exact_match(paragraph.text[said.start : said.end], golds, language))
            sure.append(said.answers)
        else:
            unsure.append(said.answers)
    found = {"questions": len(f1s), "f1": _mean(f1s), "em": _mean(exacts)}
    return found | ({"auc": auc(sure, unsure)} if unsure else {})


def ranks(part: Collected, reader: Reader, embedder: SentenceEmbedder | None, *, depth: int) -> dict[str, float]:
    """Return the share of questions with the right paragraph first and the MRR, before and after the reader."""
    before, after = [], []
    for example, found in zip(part.examples, mine(part, embedder), strict=True):
        before.append(_reciprocal(found, example.paragraph))
        said = reader.read(example.question, [_shown(part.paragraphs[key]) for key in found[:depth]])
        relevance = {key: reading.relevance for key, reading in zip(found, said, strict=False)}
        after.append(_reciprocal(sorted(relevance, key=lambda key: -relevance[key]), example.paragraph))
    found_first, read_first = (_mean([rank == 1 for rank in found]) for found in (before, after))
    return {"found@1": found_first, "found mrr": _mean(before), "reader@1": read_first, "reader mrr": _mean(after)}


def _shown(paragraph: Paragraph) -> tuple[str, str]:
    return f"{paragraph.title}\n" if paragraph.title else "", paragraph.text


def _reciprocal(found: Sequence[str], wanted: str) -> float:
    return 1 / (found.index(wanted) + 1) if wanted in found else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--reader", type=Path, required=True, help="the folder of reader.onnx")
    parser.add_argument("--depth", type=int, default=20)
    asked = parser.parse_args()
    stay_local()
    reader, embedder = Reader(asked.reader, threads=1), SentenceEmbedder(cache_folder(), threads=1)
    for name, part in collect(asked.data, held_out=True).items():
        found = answers(part, reader, "de" if name.endswith("-de") else "en")
        if name != "squad2":
            found |= ranks(part, reader, embedder, depth=asked.depth)
        sys.stdout.write(f"{name}: " + ", ".join(f"{key} {value:.3f}" for key, value in found.items()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
