"""The report of an evaluation: measures by language, for one setting or two compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rag.evaluation.judge import MEASURES, Judged
from rag.evaluation.measures import bootstrap, ratio

ALL = "all"  # all languages together

Measures = dict[str, float | None]
"""Values by measure, from 0 to 1; None where no question has it."""


@dataclass(frozen=True, slots=True)
class Evaluating:
    """The progress of an evaluation."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Side:
    """One setting: its changes to the home's settings, and its measures by language."""

    settings: dict[str, str]
    measures: dict[str, Measures]
    judged: tuple[Judged, ...]
    milliseconds: float = 0.0  # median of a search


@dataclass(frozen=True, slots=True)
class Difference:
    """The second setting minus the first, with the 95 % interval of a paired bootstrap."""

    measure: str
    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The complete report."""

    questions: dict[str, int]  # by language, and in total
    unanswerable: int
    sides: tuple[Side, ...]  # one, or two to compare
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    model: str | None = field(default=None)  # that wrote the answers; None for quotes


def side(settings: Mapping[str, str], judged: Sequence[Judged], milliseconds: float) -> Side:
    """Return the measures over all questions, and per language if there are several."""
    languages = sorted({one.language for one in judged})
    groups = {ALL: judged, **{name: [one for one in judged if one.language == name] for name in languages}}
    if len(languages) == 1:
        groups.pop(languages[0])
    measures = {
        name: {measure: ratio((one.marks for one in group), measure) for measure in MEASURES}
        for name, group in groups.items()
    }
    return Side(dict(settings), measures, tuple(judged), milliseconds)


def compared(first: Side, second: Side) -> tuple[Difference, ...]:
    """Return the differences between two sides over the same questions."""
    marks = [[one.marks for one in part.judged] for part in (first, second)]
    found = []
    for measure in MEASURES:
        before, after = first.measures[ALL][measure], second.measures[ALL][measure]
        interval = bootstrap(marks[0], marks[1], measure)
        if before is not None and after is not None and interval is not None:
            found.append(Difference(measure, after - before, *interval))
    return tuple(found)
