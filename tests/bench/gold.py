"""Retrieval and refusal on the gold questions alone, for every weight of the fusion: `make bench-gold`.

Prints recall@1, @5 and @10 and MRR for dense, lexical and fused search, in fp32 and int8, and how well the
confidence of the quoted answer tells answerable questions from others.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rag.answer.quote import quote
from rag.engine import Engine
from rag.evaluation.measures import auc, bare, holds
from rag.library.library import Library
from rag.models.embedder import SentenceEmbedder
from rag.retrieve.dense import search_dense
from rag.retrieve.fuse import fuse
from rag.retrieve.lexical import search_lexical
from rag.retrieve.passages import fit
from tests.bench.sets.gold import Gold, load_gold
from tests.fakes import asked
from ui.demo import sample_course
from ui.hall import Studyhall

WEIGHTS = [0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0]


def ranks(gold: list[Gold], library: Library, embedder: SentenceEmbedder, weight: float) -> list[int]:
    """Return, for each answerable question, the rank from 1 of the first chunk that answers; 0 for none."""
    found = []
    for item in gold:
        dense = search_dense(asked(item.question, library), library, embedder, limit=50) if weight > 0 else {}
        lexical = search_lexical(asked(item.question, library), library.lexical, limit=50) if weight < 1 else {}
        fused = fuse(dense, lexical, weight=weight)
        rows = library.catalog.chunks.get(list(fused))
        order = sorted(rows, key=lambda key: -fused[key])
        hits = [
            at
            for at, key in enumerate(order, 1)
            if Path(rows[key][1]).name == item.source and holds(rows[key][0].text, item.quote)
        ]
        found.append(hits[0] if hits else 0)
    return found


def table_line(name: str, found: list[int]) -> str:
    """Return recall@1, @5, @10 and MRR as a line of a table."""
    recalls = [sum(0 < rank <= k for rank in found) / len(found) for k in (1, 5, 10)]
    mrr = sum(1 / rank for rank in found if rank) / len(found)
    return f"| {name:<22} | " + " | ".join(f"{value:5.3f}" for value in (*recalls, mrr)) + " |\n"


def confidences(gold: list[Gold], hall: Studyhall) -> list[tuple[Gold, float, bool]]:
    """Return (question, confidence, whether the best sentence is in the gold quote or holds it)."""
    chain = hall.engine.chain("")
    rows = []
    for item in gold:
        query = asked(item.question, chain.library)
        hits = chain.hits(query)
        passages = fit(hits, chain.embedder.count_tokens, chain.library.catalog, most=20, budget=2500)
        quoted = quote(query, passages, chain.library.lexical, chain.embedder)
        best = quoted[0] if quoted else None
        right = bool(
            best and item.quote and (bare(best.text) in bare(item.quote) or bare(item.quote) in bare(best.text))
        )
        rows.append((item, best.score if best else 0.0, right))
    return rows


def main() -> None:
    """Ingest the sample course twice, in int8 and in fp32, and print the tables."""
    out = sys.stdout.write
    gold = load_gold()
    for quantisation in ("int8", "fp32"):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "studyhall.toml").write_text(f'quantisation = "{quantisation}"\n')
            with Studyhall.open(folder) as hall:
                hall.ingest([sample_course()])
                engine: Engine = hall.engine
                answerable = [item for item in gold if item.quote]
                out(f"\n{quantisation}, {len(answerable)} questions\n\n")
                out("|                        |   R@1 |   R@5 |  R@10 |   MRR |\n|---|--:|--:|--:|--:|\n")
                for language in ("en", "de"):
                    part = [item for item in answerable if item.language == language]
                    for weight in WEIGHTS:
                        name = {0.0: "lexical", 1.0: "dense"}.get(weight, f"fused {weight}")
                        found = ranks(part, engine.library, engine.embedder, weight)
                        out(table_line(f"{language} {name}", found))
                if quantisation == "int8":
                    rows = confidences(gold, hall)
                    right = [sure for item, sure, _ in rows if item.quote]
                    wrong = [sure for item, sure, _ in rows if not item.quote]
                    exact = sum(hit for _, _, hit in rows) / len(right)
                    apart = auc(right, wrong)
                    out(f"\nquoted sentence right: {exact:.3f}; AUC answerable/unanswerable: {apart:.3f}\n\n")
                    out("| threshold | answered | right of those | unanswerable answered |\n|--:|--:|--:|--:|\n")
                    for threshold in [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7]:
                        kept = [hit for item, sure, hit in rows if item.quote and sure >= threshold]
                        leaked = sum(sure >= threshold for sure in wrong)
                        answered = f"{len(kept)}/{len(right)} | {sum(kept)}/{len(kept)}"
                        out(f"| {threshold} | {answered} | {leaked}/{len(wrong)} |\n")


if __name__ == "__main__":
    main()
