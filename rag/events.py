"""The events of a query, in their order; the Answer comes last."""

from __future__ import annotations

from dataclasses import dataclass

from rag.types import Answer, Passage


@dataclass(frozen=True, slots=True)
class Condensed:
    """The text that is searched for, when a follow-up was resolved or a word's spelling corrected."""

    question: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages that the answer will be based on."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The quoted answer, shown until the model has generated its own."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Queued:
    """The number of answers that the model writes before this one; told whenever it is another."""

    before: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The share of the prompt that the model has processed, 0 to 1."""

    read: float


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the generated answer. Its markers number the passages in an overview, else excerpts of them."""

    piece: str


Step = Queued | Progress | Text  # of a model
Event = Condensed | Retrieved | Draft | Step | Answer
