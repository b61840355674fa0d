"""What a question says while it is answered; the Answer comes last."""

from __future__ import annotations

from dataclasses import dataclass

from rag.types import Answer, Passage


@dataclass(frozen=True, slots=True)
class Condensed:
    """The question as it is understood, when it leans on the conversation or is misspelt: what is searched for."""

    question: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages that the answer will stand on."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The quoted answer, shown while the model reads and writes."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Progress:
    """The share of the prompt that the model has read, 0 to 1."""

    read: float


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the written answer; its markers number the passages."""

    piece: str


Event = Condensed | Retrieved | Draft | Progress | Text | Answer
