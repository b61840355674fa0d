"""What the student is taught: the teacher's vector of each text, its likeness to other texts, its states of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_COSINE, _STATES, _TWIN = 20.0, 0.5, 5.0  # weights of the parts
_LIMIT, _EXCESS = 6.0, 0.002  # most that an activation should be, and the weight of what is beyond
_SHARP = 0.02  # temperature of likeness: the teacher's vectors lie close together, and neighbours must be told apart


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts of one length, and the teacher's view of them."""

    ids: torch.Tensor  # (texts, tokens)
    states: torch.Tensor  # (texts, tokens, dimensions), the teacher's
    banks: tuple[
        torch.Tensor, ...
    ]  # each (others, dimensions): the teacher's vectors of any passages, of any questions
    twins: torch.Tensor  # (texts, dimensions), the teacher's vectors of the same texts in the other language
    has_twin: torch.Tensor  # (texts,)


def loss(states: torch.Tensor, lesson: Lesson) -> dict[str, torch.Tensor]:
    """Return the weighted parts of the loss for the student's `states`.

    `vector` is the distance from the teacher's vector. `likeness` compares a text with many others, as a search does:
    the student's ranking of them must be the teacher's, of near ones above all (Fang et al. 2021, SEED). Passages and
    questions are ranked apart, because questions are more like one another than like their passages. `tokens` is the
    distance of the tokens' states, in their own variance: a text gives as many hints as it has tokens. `twin` draws a
    text to its translation.
    """
    import torch
    from torch.nn import functional

    found = functional.normalize(states.mean(1), dim=-1)
    wanted = functional.normalize(lesson.states.mean(1), dim=-1)
    spread = lesson.states.var((0, 1)).mean()
    apart = 1.0 - (found * lesson.twins).sum(-1)
    return {
        "vector": _COSINE * (1.0 - (found * wanted).sum(-1)).mean(),
        "likeness": sum((_ranked_otherwise(found, wanted, bank) for bank in lesson.banks), torch.zeros(())),
        "tokens": _STATES * (states - lesson.states).pow(2).mean() / spread,
        "twin": _TWIN * torch.where(lesson.has_twin, apart, 0.0).mean(),
    }


def _ranked_otherwise(found: torch.Tensor, wanted: torch.Tensor, bank: torch.Tensor) -> torch.Tensor:
    """Return how far the ranking of the bank by the student's vectors is from that by the teacher's (KL)."""
    from torch.nn import functional

    ranked, right = (functional.log_softmax(vectors @ bank.T / _SHARP, dim=-1) for vectors in (found, wanted))
    return functional.kl_div(ranked, right, log_target=True, reduction="batchmean")


def excess(wide: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return how far the activations inside the layers are beyond a limit, each of shape (texts, tokens, width).

    A few of the teacher's are ten times as large as all others, on the first and the last token (Bondarenko, Nagel and
    Blankevoort 2021, "Understanding and Overcoming the Challenges of Efficient Transformer Quantization"). With a scale
    for them int8 has few steps left for the others: their product is nearly all that quantisation costs.
    """
    import torch

    over = [torch.relu(one.float() - _LIMIT).sum() / len(one) for one in wide]
    return _EXCESS * torch.stack(over).sum()
