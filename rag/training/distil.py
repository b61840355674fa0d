"""Distils an embedder: ``python -m rag.training.distil TEACHER DATA OUT``.

TEACHER is the folder of multilingual-e5-small or a like model, DATA the texts named in the model card. The student is
some of the teacher's layers, trained until it gives English and German texts the teacher's vectors. Everything is
kept in OUT; after a stop, the command continues there.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.models.embedder import SentenceEmbedder
from rag.models.embedder_spec import weights_sha256
from rag.models.export import exported
from rag.platform.offline import stay_local
from rag.ports import Choice
from rag.training.distil_loss import Lesson, excess, loss
from rag.training.distil_texts import SEED, Taught, taught_texts
from rag.training.student import LAYERS, build
from rag.training.teacher import Lessons, teach, tokens, with_states

if TYPE_CHECKING:
    import torch

RATE = 5e-4
WARM = 0.02  # share of the schedule with a rising learning rate
_TOKENS = 2400  # per step
_TEXTS = 128  # most per step
_BANK = 8192  # texts with which those of a step are compared
TESTED = 512  # texts that are not trained on
_SHOWN = 192  # of them, for the progress of a run: testing must not take its time
_SAVED = 180  # seconds between checkpoints

logger = logging.getLogger("rag.training")


def batches(lengths: Sequence[int], epoch: int, *, tested: int = TESTED, seed: int = SEED) -> list[list[int]]:
    """Return the places of all texts but the first `tested`, in batches of one length: nothing is padded or masked."""
    drawn = random.Random(f"{seed} {epoch}")
    same: dict[int, list[int]] = {}
    for place in range(tested, len(lengths)):
        same.setdefault(lengths[place], []).append(place)
    groups = []
    for length, places in same.items():
        drawn.shuffle(places)
        size = max(min(_TOKENS // length, _TEXTS), 1)
        groups += [places[at : at + size] for at in range(0, len(places), size)]
    drawn.shuffle(groups)
    return groups


def rate(done: float) -> float:
    """Return the share of the learning rate after a share of the schedule: warm-up, then a straight line to zero.

    >>> rate(0.01), rate(0.51), rate(1.0)
    (0.5, 0.5, 0.0)
    """
    return max(min(done / WARM, (1.0 - done) / (1.0 - WARM)), 0.0)


class DistilRun:
    """A training run: student, optimiser, and the place in its schedule and in the texts, kept in a checkpoint."""

    def __init__(self, network: Any, folder: Path, *, rate: float = RATE, half: bool = True) -> None:
        import torch

        self.network = network
        self.rate = rate  # the greatest of the schedule
        self.half = half  # compute in bfloat16, keep the weights in full
        self._wide: list[torch.Tensor] = []  # the activations inside each layer, of the last texts
        for layer in network.encoder.layer:
            layer.intermediate.register_forward_hook(lambda _, __, made: self._wide.append(made))
        self.trained = {name: weight for name, weight in network.named_parameters() if weight.requires_grad}
        plain = [weight for weight in self.trained.values() if weight.ndim < 2]
        decayed = [weight for weight in self.trained.values() if weight.ndim >= 2]
        self.optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], lr=rate
        )
        self.epoch = self.batch = self.step = 0
        self.spent = self.limit = 0.0  # seconds of the schedule: behind it, and in all
        self.path = folder / "checkpoint.pt"
        if self.path.is_file():
            kept = torch.load(self.path, weights_only=True)
            with torch.no_grad():
                for name, weight in self.trained.items():
                    weight.copy_(kept["weights"][name])
            self.optimiser.load_state_dict(kept["optimiser"])
            self.epoch, self.batch, self.step, self.spent, self.limit = kept["place"]
            torch.set_rng_state(kept["random"])

    def schedule(self, minutes: float, *, again: bool) -> None:
        """Go on with the schedule, made so long, or with `again` begin a new one if it is through."""
        if again and self.spent >= self.limit:
            self.spent = 0.0
        self.limit = minutes * 60

    def states(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the student's state of every token, shape (texts, tokens, dimensions)."""
        import torch

        self._wide.clear()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            found: torch.Tensor = self.network(input_ids=ids).last_hidden_state
        return found.float()

    def learn(self, lesson: Lesson, done: float) -> dict[str, float]:
        """Take one step and return the parts of its loss; `done` is the share of the schedule behind it."""
        import torch

        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * rate(done)
        parts = loss(self.states(lesson.ids), lesson)
        parts["excess"] = excess(self._wide)
        torch.stack(list(parts.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.trained.values(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        return {name: float(value.detach()) for name, value in parts.items()}

    def save(self) -> None:
        """Write the checkpoint; it appears as a whole or not at all."""
        import torch

        state = {
            "weights": {name: weight.detach() for name, weight in self.trained.items()},
            "optimiser": self.optimiser.state_dict(),
            "place": [self.epoch, self.batch, self.step, self.spent, self.limit],
            "random": torch.get_rng_state(),
        }
        fresh = self.path.with_suffix(".new")
        torch.save(state, fresh)
        fresh.replace(self.path)


def lesson(lessons: Lessons, texts: Sequence[Taught], places: Sequence[int], drawn: random.Random) -> Lesson:
    """Return what the student learns in one step: texts of one length, and the teacher's vectors of others."""
    import numpy as np
    import torch

    first = drawn.randrange(max(len(texts) - _BANK, 0) + 1)
    bank = torch.from_numpy(lessons.vectors[first : first + _BANK].astype(np.float32))
    asked = torch.tensor([one.asked for one in texts[first : first + _BANK]])
    twins = [texts[place].twin for place in places]
    return Lesson(
        ids=torch.tensor([lessons.ids[place] for place in places]),
        states=torch.from_numpy(np.stack([lessons.of(place) for place in places]).astype(np.float32)),
        banks=(bank[~asked], bank[asked]),
        twins=torch.from_numpy(lessons.vectors[twins].astype(np.float32)),
        has_twin=torch.tensor(twins) >= 0,
    )


def likeness(run: DistilRun, lessons: Lessons) -> tuple[float, float]:
    """Return the mean cosine to the teacher's vectors of texts never trained on: plain, and around their mean."""
    import numpy as np
    import torch
    from torch.nn import functional

    count = min(_SHOWN, len(lessons.ids))
    with torch.no_grad():
        found = torch.cat([run.states(torch.tensor([ids])).mean(1) for ids in lessons.ids[:count]])
    found, wanted = functional.normalize(found, dim=-1), torch.from_numpy(lessons.vectors[:count].astype(np.float32))
    mean = wanted.mean(0)
    plain, centred = (functional.cosine_similarity(found - at, wanted - at).mean() for at in (0.0, mean))
    return float(plain), float(centred)


def distil(run: DistilRun, lessons: Lessons, texts: Sequence[Taught], *, tested: int = TESTED) -> None:
    """Train until the schedule is through, on all texts but the first `tested`."""
    lengths = [len(ids) for ids in lessons.ids]
    saved = time.perf_counter()
    losses: list[dict[str, float]] = []
    while run.spent < run.limit:
        groups = batches(lengths, run.epoch, tested=tested)
        while run.batch < len(groups) and run.spent < run.limit:
            began = time.perf_counter()
            drawn = random.Random(f"{SEED} {run.step}")
            losses.append(run.learn(lesson(lessons, texts, groups[run.batch], drawn), run.spent / run.limit))
            run.batch += 1
            run.spent += time.perf_counter() - began
            if time.perf_counter() - saved > _SAVED:
                run.save()
                _log(run, lessons, losses)
                losses, saved = [], time.perf_counter()
        if run.batch >= len(groups):
            run.epoch, run.batch = run.epoch + 1, 0
    run.save()
    _log(run, lessons, losses)


def _log(run: DistilRun, lessons: Lessons, losses: Sequence[dict[str, float]]) -> None:
    parts = {name: sum(one[name] for one in losses) / len(losses) for name in (losses[0] if losses else ())}
    cosine, centred = likeness(run, lessons)
    said = ", ".join(f"{name} {value:.3f}" for name, value in parts.items())
    place = f"{run.spent / 60:.0f} min, epoch {run.epoch}, step {run.step}"
    logger.info("%s: %s; cosine %.4f, centred %.4f", place, said, cosine, centred)


def _texts(data: Path, out: Path) -> list[Taught]:
    """Return the texts, collected once."""
    path = out / "texts.json"
    if not path.is_file():
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps([asdict(one) for one in taught_texts(data)]), encoding="utf-8")
        fresh.replace(path)
    return [Taught(**one) for one in json.loads(path.read_text(encoding="utf-8"))]


def prepared(teacher: Path, data: Path, out: Path, *, threads: int) -> tuple[list[Taught], Lessons]:
    """Return the texts and what the teacher makes of them; what an earlier call has computed is read from `out`."""
    out.mkdir(parents=True, exist_ok=True)
    embedder = SentenceEmbedder(out / "cache", Choice(str(teacher)), threads=threads)
    texts = _texts(data, out)
    lessons = Lessons(out, tokens(texts, embedder), embedder.dimensions)
    if lessons.done < len(texts):
        graph = exported(out / "cache", "int8", embedder.spec, weights_sha256(teacher, out / "cache"))
        teach(lessons, with_states(graph, out / "teacher.onnx"), threads=threads)
    return texts, lessons


def main() -> None:
    """Run from the command line."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("teacher", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--layers", default=",".join(map(str, LAYERS)), help="of the teacher, counted from 0")
    parser.add_argument("--minutes", type=float, default=100, help="of training, after the teacher has read the texts")
    parser.add_argument("--again", action="store_true", help="when the schedule is through, begin another")
    parser.add_argument("--rate", type=float, default=RATE, help="greatest learning rate; a later schedule needs less")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fp32", action="store_true", help="for processors that don't compute in bfloat16")
    asked = parser.parse_args()
    stay_local()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(asked.threads)
    texts, lessons = prepared(asked.teacher, asked.data, asked.out, threads=asked.threads)
    network = build(asked.teacher, map(int, asked.layers.split(",")))
    run = DistilRun(network, asked.out, rate=asked.rate, half=not asked.fp32)
    run.schedule(asked.minutes, again=asked.again)
    distil(run, lessons, texts)


if __name__ == "__main__":
    main()
