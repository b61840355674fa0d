"""The scores of a chunk are fused into one, with weights by the languages of question and document."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """The shares of dense search, 0 to 1, the rest being lexical; and the weight of the document match beside both."""

    dense: float = 0.5  # question and document in a language that the embedder knows
    foreign: float = 0.2  # both in one that it doesn't know: the words lead
    across: float = 0.8  # question and document in different languages, which share few words
    document: float = 0.5
    known: frozenset[str] = frozenset({"en"})  # languages of the embedder; "*": all

    @classmethod
    def of(cls, settings: Settings, known: Collection[str]) -> FusionWeights:
        """Return the weights of the settings for an embedder that knows some languages."""
        return cls(
            settings.dense_weight,
            settings.dense_weight_foreign,
            settings.dense_weight_across,
            settings.document_weight,
            known=frozenset(known),
        )

    def share(self, asked: str, written: str) -> float:
        """Return the share of dense search for a question in one language and a document in another.

        An unknown language is taken to be the same as the other.
        """
        asked, written = asked or written, written or asked
        if asked == written:
            known = "*" in self.known or asked in {"", *self.known}
            return self.dense if known else min(self.foreign, self.dense)
        return self.across if self.dense > 0 else 0.0


def fuse(
    dense: Mapping[str, float],
    lexical: Mapping[str, float],
    *,
    weight: float | Mapping[str, float],
    least: float = 0.0,
    documents: Mapping[str, float] | None = None,
    document_weight: float = 0.0,
) -> dict[str, float]:
    """Return the weighted sum of two score lists, each scaled to 0…1; a missing score counts as 0.

    A list is scaled by its best score, the lexical one by `least` if that is more: the best of poor matches is poor.

    `weight` is the share of the dense list, one number or one per key. `documents` holds the document match of each
    key, 0 to 1, which is added with `document_weight`; the result stays in 0…1. Scores are fused rather than ranks:
    the distance between first and second is information, and ranks lose it.

    >>> fuse({"a": 0.8, "b": 0.4}, {"b": 12.0, "c": 6.0}, weight=0.5)
    {'a': 0.5, 'b': 0.75, 'c': 0.25}
    """
    dense, lexical, documents = _scaled(dense), _scaled(lexical, least), documents or {}
    if not any(documents.values()):  # no document matches: the scores keep their scale
        document_weight = 0.0
    fused = {}
    for key in sorted({*dense, *lexical}):
        share = weight if isinstance(weight, float | int) else weight.get(key, 0.0)
        content = share * dense.get(key, 0.0) + (1 - share) * lexical.get(key, 0.0)
        fused[key] = (content + document_weight * documents.get(key, 0.0)) / (1 + document_weight)
    return fused


def _scaled(scores: Mapping[str, float], least: float = 0.0) -> dict[str, float]:
    """Return the scores divided by the best one, or by `least` if that is more; a negative cosine counts as 0."""
    top = max(least, *scores.values()) if scores else 0.0
    return {key: max(score, 0.0) / top if top > 0 else 0.0 for key, score in scores.items()}
