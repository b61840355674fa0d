"""The sets that retrieval is measured on: files to ingest, questions, and what each should find.

Every loader returns a `QuestionSet`, or raises `Absent` with a sentence when its data isn't on this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.types import Hit

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"


class Absent(Exception):
    """The data of a set is not on this machine."""


@dataclass(frozen=True)
class Asked:
    """A question; `wanted` are the things to find with their grades, `units` says which of them a hit is."""

    id: str
    text: str
    language: str
    wanted: Mapping[str, float]
    units: Callable[[Hit], Sequence[str]]
    answers: tuple[str, ...] = ()
    answerable: bool = True


@dataclass(frozen=True)
class QuestionSet:
    """Files, written into a folder when they are first needed, and the questions about them.

    `version` is part of the folder's name: raise it when what is written changes.
    """

    name: str
    version: int
    write: Callable[[Path], None]
    questions: tuple[Asked, ...]
    graded: bool = False  # many right documents a question: nDCG says more than recall@1
    library: str = ""  # sets with the same files share one

    def sample(self, most: int) -> QuestionSet:
        """Return the set with at most `most` of its questions, evenly taken; 0 means all."""
        if not most or len(self.questions) <= most:
            return self
        step = len(self.questions) / most
        return replace(self, questions=tuple(self.questions[int(at * step)] for at in range(most)))


def shared(*parts: str) -> Path:
    """Return a path in the shared data; raises Absent when it isn't there."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        message = f"{path} is not here: this set is skipped."
        raise Absent(message)
    return path
