"""Adds to the runs of text that are known to be content what belongs with them on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ingest.loaders.markup.html_elements import CODE, HEADINGS, LISTS, is_data
from ingest.loaders.markup.html_runs import Run

_UNITS = LISTS | {"table"}
_LEAVES = (
    _UNITS | CODE | HEADINGS | frozenset("p blockquote figure figcaption details summary address li dt dd".split())
)
_BOXES = frozenset({"div", "section", "center"})  # an advertisement or a theorem
_MOST_LINKED = 0.5  # of an element's letters
_LEAST_KEPT = 0.5  # of the letters of a list that is kept whole
_NOTE = re.compile(r"\b(?:doc-)?(?:foot|end)note", re.IGNORECASE)

Spans = dict[Any, tuple[int, int]]  # of an element that holds kept runs: the indexes of the first and the last one


def with_beside(runs: Sequence[Run], kept: set[Run]) -> set[Run]:
    """Return the kept runs with the rest of their tables and lists, what stands beside them, and their headings."""
    for step in (_rest_of_units, _siblings, _headings):
        kept = kept | set(step(runs, kept))
    return kept


def _rest_of_units(runs: Sequence[Run], kept: set[Run]) -> Iterator[Run]:
    """Yield the runs of tables of which any run is kept, and of lists of which most is."""
    units = dict[Any, list[Run]]()
    for run in runs:
        for outer in run.lineage():
            if outer.tag in _UNITS:
                units.setdefault(outer, []).append(run)
    for unit, parts in units.items():
        share = _letters(run for run in parts if run in kept) / _letters(parts)
        if share >= _LEAST_KEPT or (share and unit.tag == "table" and is_data(unit)):
            yield from parts


def _siblings(runs: Sequence[Run], kept: set[Run]) -> Iterator[Run]:
    """Yield the runs of elements that stand beside kept ones, unless they lead elsewhere."""
    spans = _spans(runs, kept)
    families = _families(spans)
    places = {run: at for at, run in enumerate(runs)}
    for box, parts in _boxes(runs, kept, spans).items():
        linked = sum(run.linked for run in parts) / _letters(parts)
        if linked >= _MOST_LINKED:
            continue
        if isinstance(box, Run):
            belongs = box.holder in families
        elif box.getparent() not in families:
            belongs = False
        elif box.tag in _BOXES:
            belongs = _stands_between(box, places[parts[0]], spans)
        else:
            belongs = box.tag in _LEAVES or (box.tag == "aside" and _is_note(box))
        if belongs:
            yield from parts


def _headings(runs: Sequence[Run], kept: set[Run]) -> Iterator[Run]:
    """Yield the headings of kept text: those beside it, and those in a box of their own before it.

    A heading of the first level stays even if its box holds more, such as the author's name.
    """
    spans = _spans(runs, kept)
    families = _families(spans)
    alone = {box for box, parts in _boxes(runs, kept, spans).items() if all(run.level for run in parts)}
    pending: list[Run] = []
    for run in runs:
        if run in kept and not run.level:
            yield from pending
            pending = []
        elif run.level and run not in kept:
            # A heading without text before the next one of its level heads nothing.
            pending = [one for one in pending if one.level < run.level]
            if run.holder.getparent() in families:
                yield run
            elif run.level == 1 or _box(run, spans) in alone:
                pending.append(run)


def _spans(runs: Sequence[Run], kept: set[Run]) -> Spans:
    spans: Spans = {}
    for at, run in enumerate(runs):
        if run in kept:
            for outer in run.lineage():
                spans[outer] = (spans.get(outer, (at, at))[0], at)
    return spans


def _families(spans: Spans) -> set[Any]:
    """Return the elements in which kept text stands, not in a box of its own."""
    return {element.getparent() for element in spans if element.tag in _LEAVES}


def _boxes(runs: Sequence[Run], kept: set[Run], spans: Spans) -> dict[Any, list[Run]]:
    """Return the runs that aren't kept by the largest element around them without kept text."""
    boxes = dict[Any, list[Run]]()
    for run in runs:
        if run not in kept:
            boxes.setdefault(_box(run, spans), []).append(run)
    return boxes


def _box(run: Run, spans: Spans) -> Any:
    """Return the largest element around a run that holds no kept text; the run itself, if it stands among kept text."""
    boxes = [outer for outer in run.lineage() if outer not in spans]
    return boxes[-1] if boxes else run


def _stands_between(box: Any, at: int, spans: Spans) -> bool:
    """Say whether kept text stands before and after a box, whose first run has the index `at`, in its parent."""
    first, last = spans[box.getparent()]
    return first < at < last


def _is_note(element: Any) -> bool:
    return _NOTE.search(f"{element.get('class', '')} {element.get('role', '')}") is not None


def _letters(runs: Iterator[Run] | Sequence[Run]) -> int:
    return sum(run.letters for run in runs)
