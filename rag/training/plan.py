"""Plans a training run: its examples and their repetitions, drawn with a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.training.examples import Collected, Example, Paragraph

_RANKS = (0, 16)  # of the results for a question, from which a negative is drawn


@dataclass(frozen=True, slots=True)
class Share:
    """The frequency of a set's examples, with their own passage and with a wrong one found for them."""

    own: float
    wrong: float


# Chosen so that the questions most like a student's (SQuAD's) dominate, and that every task has some 20,000 examples.
# The sentence set is the widest: its questions cover ten times the articles of the others.
SHARES: dict[str, Share] = {
    "squad": Share(3.0, 1.0),
    "squad2": Share(2.4, 0.0),  # only those without an answer; the others are in "squad"
    "look-alikes": Share(1.4, 0.0),
    "xquad-de": Share(6.0, 2.4),
    "xquad-de-of-en": Share(6.0, 2.4),
    "xquad-en-of-de": Share(5.0, 2.0),
    "squad2-of-de": Share(4.0, 0.0),
    "look-alikes-xquad": Share(2.5, 0.0),
    "sentences": Share(2.4, 0.3),
    "qed": Share(2.0, 0.8),
    "covid": Share(0.5, 0.2),
    "policyqa": Share(0.3, 0.1),
    "medquad": Share(0.3, 0.3),
    "laws": Share(0.3, 0.3),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A training example with the passage it is shown with."""

    example: Example
    paragraph: Paragraph
    pair: int


def plan(collected: Mapping[str, Collected], mined: Mapping[str, Sequence[tuple[str, ...]]], seed: int) -> list[Drawn]:
    """Return the training examples in order: one list for the whole run, so that a stopped run can continue."""
    drawn = random.Random(seed)
    rounds: list[list[Drawn]] = []
    for name, share in SHARES.items():
        part = collected[name]
        picks = [
            (example, found)
            for example, found in zip(part.examples, mined[name], strict=True)
            if name != "squad2" or not example.answers
        ]
        rounds.append(list(_of_set(picks, part, share, drawn)))
    units = [unit for members in rounds for unit in members]
    # Every set is spread over the whole run, and a question stays next to its wrong passage.
    order = list({unit.pair: None for unit in units})
    drawn.shuffle(order)
    place = {pair: number for number, pair in enumerate(order)}
    return sorted(units, key=lambda unit: place[unit.pair])


def _of_set(
    picks: Sequence[tuple[Example, tuple[str, ...]]], part: Collected, share: Share, drawn: random.Random
) -> Iterator[Drawn]:
    for example, found in picks:
        wrong = _times(share.wrong, drawn)
        for turn in range(max(_times(share.own, drawn), wrong)):
            pair = drawn.getrandbits(48)
            yield Drawn(example, part.paragraphs[example.paragraph], pair)
            if turn < wrong and (negative := _negative(example, found, part, drawn)):
                yield Drawn(example, negative, pair)


def _times(share: float, drawn: random.Random) -> int:
    """Return `share` randomly rounded to a whole number, exact on average."""
    return int(share) + (drawn.random() < share % 1)


def _negative(example: Example, found: Sequence[str], part: Collected, drawn: random.Random) -> Paragraph | None:
    """Return a passage found for the question that doesn't contain its answer."""
    own = part.paragraphs[example.paragraph]
    answers = {own.text[start:end].casefold() for start, end in example.answers}
    overlapping = own.group if example.within else None  # neighbouring windows share sentences
    candidates = [
        other
        for other in (part.paragraphs[key] for key in found[slice(*_RANKS)])
        if other.id != own.id
        and other.text != own.text
        and other.group != overlapping
        and not any(answer in other.text.casefold() for answer in answers)
    ]
    # The best results are the hardest, and half of the draws go to them.
    return drawn.choice(candidates[: drawn.choice((4, len(candidates)))]) if candidates else None
