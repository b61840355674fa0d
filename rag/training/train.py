"""Trains the reader: ``python -m rag.training.train --encoder FOLDER --data FOLDER --work FOLDER``.

`--encoder` is the embedder's, as `rag.training.student` writes it. `--data` holds the question sets named in the model
card. Everything is kept in `--work`; after a stop, the command continues there. One seed determines the data, their
order and their form.
"""

from __future__ import annotations

import argparse
import json
import logging
import pickle
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.library.home import cache_folder
from rag.models.embedder import SentenceEmbedder
from rag.models.reader import Reader
from rag.models.tokenizer import load_tokenizer
from rag.platform.offline import stay_local
from rag.training.examples import Collected, collect, joined
from rag.training.features import Feature, feature
from rag.training.negatives import mine
from rag.training.network import FROZEN, batch, build, loss
from rag.training.plan import Drawn, plan
from rag.training.taught import look_alikes, with_answers

SEED = 7
PAIRS = 32  # per step
RATE = 1.5e-4
WARM = 0.04  # share of the run with a rising learning rate
COOL = 0.8  # share of the run, at its end, with a rate falling to zero
AVERAGED = 0.998  # of the running average of the weights, kept from step to step
_SORTED = 1600  # pairs sorted by length together, for less padding; a checkpoint follows
_EMBEDDED = ("squad", "xquad-de", "xquad-de-of-en", "xquad-en-of-de", "qed")  # mined by meaning too

logger = logging.getLogger("rag.training")


def prepared(
    data: Path, work: Path, *, threads: int, seed: int, teacher: Path | None
) -> tuple[dict[str, Collected], dict[str, list[tuple[str, ...]]]]:
    """Return the examples and the retriever's results for them, mined once.

    `teacher` is the folder of a first reader, which finds answers if only the sentence is known.
    """
    collected = collect(data)
    path = work / "mined.pickle"
    if not path.is_file():
        embedder = SentenceEmbedder(cache_folder(), threads=threads)
        found = {name: mine(part, embedder if name in _EMBEDDED else None) for name, part in collected.items()}
        path.write_bytes(pickle.dumps(found))
    mined = pickle.loads(path.read_bytes())  # our own file
    collected["look-alikes"] = look_alikes(collected["squad"], seed)
    collected["look-alikes-xquad"] = joined(
        [look_alikes(collected[name], seed) for name in ("xquad-de", "xquad-de-of-en", "xquad-en-of-de")]
    )
    for name in ("look-alikes", "look-alikes-xquad"):  # they need no wrong passage
        mined[name] = [()] * len(collected[name].examples)
    if teacher:
        collected["sentences"] = with_answers(collected["sentences"], Reader(teacher, threads=threads))
    return collected, mined


def batches(drawn: Sequence[Drawn], tokenizer: Any, seed: str) -> list[list[Feature]]:
    """Return batches of pairs of similar length; the passages of one question share a batch."""
    shaped = random.Random(seed)
    made = [feature(one.example, one.paragraph, tokenizer, shaped, pair=one.pair) for one in drawn]
    features = [one for one in made if one is not None]
    longest: dict[int, int] = {}
    for one in features:
        longest[one.pair] = max(longest.get(one.pair, 0), len(one.ids))
    features.sort(key=lambda one: (longest[one.pair], one.pair))
    groups = [features[at : at + PAIRS] for at in range(0, len(features), PAIRS)]
    shaped.shuffle(groups)
    return groups


def rate(done: float) -> float:
    """Return the share of the learning rate after a share of the run: warm-up, constant, decay.

    >>> rate(0.02), rate(0.1), rate(0.6)
    (0.5, 1.0, 0.5)
    """
    return max(min(done / WARM, 1.0, (1.0 - done) / COOL), 0.0)


class TrainingRun:
    """A training run: network, optimiser and running average, kept in a checkpoint."""

    def __init__(self, work: Path, *, fresh_from: Path, start: Path | None, half: bool, seed: int) -> None:
        import torch

        self.half = half  # compute in bfloat16, keep the weights in full
        torch.manual_seed(seed)
        self.network = build(fresh_from)
        if start:
            self.network.load_state_dict(torch.load(start, weights_only=True))
        trained = [weight for weight in self.network.parameters() if weight.requires_grad]
        plain = [weight for weight in trained if weight.ndim < 2]
        decayed = [weight for weight in trained if weight.ndim >= 2]
        self.optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], lr=RATE
        )
        self.average = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        self.step = self.seen = 0  # steps taken, pairs of the plan done
        self.path = work / "checkpoint.pt"
        if self.path.is_file():
            kept = torch.load(self.path, weights_only=True)
            self.network.load_state_dict(kept["network"])
            self.optimiser.load_state_dict(kept["optimiser"])
            self.average, self.step, self.seen = kept["average"], kept["step"], kept["seen"]

    def learn(self, features: list[Feature], done: float) -> float:
        """Take one step and return its loss; `done` is the share of the run behind it."""
        import torch

        for group in self.optimiser.param_groups:
            group["lr"] = RATE * rate(done)
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            value = loss(self.network, batch(features))
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        kept = min(AVERAGED, self.step / (self.step + 10))
        with torch.no_grad():
            for name, weight in self.network.state_dict().items():
                if weight.dtype.is_floating_point and name != FROZEN:
                    self.average[name].lerp_(weight, 1.0 - kept)
        return float(value.detach())

    def save(self) -> None:
        """Write the checkpoint; it appears as a whole or not at all."""
        import torch

        fresh = self.path.with_suffix(".new")
        state = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}
        state |= {"average": self.average, "step": self.step, "seen": self.seen}
        torch.save(state, fresh)
        fresh.replace(self.path)


def train(run: TrainingRun, drawn: Sequence[Drawn], tokenizer: Any, seed: int) -> None:
    """Train, or continue training, on all of `drawn`."""
    logger.info("%d pairs, from pair %d.", len(drawn), run.seen)
    began, first = time.perf_counter(), run.seen
    while run.seen < len(drawn):
        part = drawn[run.seen : run.seen + _SORTED]
        groups = batches(part, tokenizer, f"{seed} {run.seen}")
        values = [
            run.learn(group, (run.seen + len(part) * number / len(groups)) / len(drawn))
            for number, group in enumerate(groups)
        ]
        run.seen += len(part)
        run.save()
        speed = (run.seen - first) / (time.perf_counter() - began)
        left = (len(drawn) - run.seen) / speed / 60
        logger.info("%d: loss %.3f, %.1f pairs/s, %.0f min left", run.seen, sum(values) / len(values), speed, left)


def main() -> None:
    """Run from the command line; the averaged weights are written to ``reader.pt``."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="folder that rag.training.student wrote")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", dest="most", type=int, default=10**9, help="so many are drawn at most")
    parser.add_argument(
        "--seed",
        type=int,
        default=SEED,
        help="draws the examples and their order; a run that continues another needs another",
    )
    parser.add_argument("--start", type=Path, help="weights of an earlier run to begin with")
    parser.add_argument("--teacher", type=Path, help="a reader's folder: it finds answers in given sentences")
    parser.add_argument("--bf16", dest="half", action="store_true", help="faster where the processor computes in it")
    asked = parser.parse_args()
    stay_local()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(asked.threads)
    asked.work.mkdir(parents=True, exist_ok=True)
    sets = prepared(asked.data, asked.work, threads=asked.threads, seed=asked.seed, teacher=asked.teacher)
    drawn = plan(*sets, asked.seed)[: asked.most]
    run = TrainingRun(asked.work, fresh_from=asked.encoder, start=asked.start, half=asked.half, seed=asked.seed)
    train(run, drawn, load_tokenizer(asked.encoder / "tokenizer.json"), asked.seed)
    torch.save(run.average, asked.work / "reader.pt")
    (asked.work / "run.json").write_text(json.dumps({"pairs": len(drawn), "steps": run.step, "seed": asked.seed}))


if __name__ == "__main__":
    main()
