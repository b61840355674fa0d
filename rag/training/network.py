"""The reader's network: the embedder's encoder under three heads, one pass for all three tasks.

Start and end of the answer as in BERT's SQuAD model (Devlin et al. 2019, section 4.3), with position 0 for "not
answered here"; relevance from the first token, as in monoBERT (Nogueira and Cho 2019).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.training.features import Feature

if TYPE_CHECKING:
    import torch

FROZEN = "encoder.embeddings.word_embeddings.weight"  # most weights; words that no example has keep their meaning
_DROPOUT = 0.1  # of hidden states; none of attention, which costs a fifth of the time
_PAIRWISE = 0.5  # weight of "the right passage before the wrong one"


def build(folder: Path, *, eager: bool = False) -> Any:
    """Return the network as a torch module, with the encoder's weights from `folder` and new heads.

    `eager` attention exports to plain matrix products.
    """
    import torch
    from transformers import AutoModel

    class Reader(torch.nn.Module):  # type: ignore[misc]  # torch is unchecked: it takes mypy minutes
        """(ids, token types, mask) to logits: (pairs, tokens) of start and of end, (pairs,) of relevance."""

        def __init__(self) -> None:
            super().__init__()
            dropout = {"attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": _DROPOUT}
            attention = "eager" if eager else "sdpa"
            self.encoder = AutoModel.from_pretrained(
                str(folder), add_pooling_layer=False, attn_implementation=attention, **dropout
            )
            width = self.encoder.config.hidden_size
            self.spans = torch.nn.Linear(width, 2)
            self.pooled = torch.nn.Linear(width, width)
            self.relevance = torch.nn.Linear(width, 1)

        def forward(
            self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
            states = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
            start, end = self.spans(states).unbind(-1)
            first = torch.tanh(self.pooled(states[:, 0]))
            return start, end, self.relevance(first).squeeze(-1)

    network = Reader()
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    return network


def batch(features: list[Feature]) -> dict[str, torch.Tensor]:
    """Return features as padded tensors; `allowed` marks the possible positions of an answer."""
    import torch

    width = max(len(feature.ids) for feature in features)
    shape = (len(features), width)
    made = {name: torch.zeros(shape, dtype=torch.long) for name in ("ids", "types", "mask")}
    made |= {name: torch.zeros(shape, dtype=torch.bool) for name in ("allowed", "starts", "ends")}
    for row, feature in enumerate(features):
        length = len(feature.ids)
        made["ids"][row, :length] = torch.tensor(feature.ids)
        made["types"][row, feature.question_tokens : length] = 1
        made["mask"][row, :length] = 1
        made["allowed"][row, feature.question_tokens : length - 1] = True
        made["allowed"][row, 0] = True
        made["starts"][row, list(feature.starts)] = True
        made["ends"][row, list(feature.ends)] = True
    relevant = torch.tensor([-1.0 if one.relevant is None else float(one.relevant) for one in features])
    pair = torch.tensor([feature.pair for feature in features])
    return made | {"relevant": relevant, "pair": pair}


def loss(network: Any, given: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the loss of a batch: span, relevance, and the order of passages of the same question.

    If several tokens may begin the answer, their probabilities are added (Clark and Gardner 2018): a question
    with only its answering sentence known teaches to look there.
    """
    import torch
    from torch.nn import functional

    start, end, relevance = (logits.float() for logits in network(given["ids"], given["types"], given["mask"]))
    parts = []
    known = given["starts"].any(dim=1)
    if known.any():
        starts, ends = (
            _marginal(logits, given[wanted], given["allowed"])[known].mean()
            for logits, wanted in ((start, "starts"), (end, "ends"))
        )
        parts.append((starts + ends) / 2)
    judged = given["relevant"] >= 0
    if judged.any():
        parts.append(functional.binary_cross_entropy_with_logits(relevance[judged], given["relevant"][judged]))
    same = given["pair"][:, None] == given["pair"][None, :]
    better = (given["relevant"][:, None] == 1) & (given["relevant"][None, :] == 0) & same
    if better.any():
        apart = relevance[:, None] - relevance[None, :]
        parts.append(_PAIRWISE * functional.softplus(-apart[better]).mean())
    total: torch.Tensor = torch.stack(parts).sum()
    return total


def _marginal(logits: torch.Tensor, wanted: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Return the negative log of the total probability of the wanted positions, shape (pairs,)."""
    import torch

    low = torch.finfo(logits.dtype).min
    every = logits.masked_fill(~allowed, low).logsumexp(dim=1)
    some = logits.masked_fill(~wanted, low).logsumexp(dim=1)
    return every - some
