"""Chooses the main content of a web page among the runs of text on it.

A run is the text between two places where a new line begins. trafilatura votes: the runs that it keeps are content.
It judges each element by itself, so some are added: headings of kept text, and what stands beside kept text and
doesn't lead elsewhere. Advertisements and lists of other articles are in boxes of their own, and stay out.

trafilatura gets a copy of the page in which each run begins with a mark of its own, so that what it keeps is known
exactly, however often the page says the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from ingest.loaders.building import quiet
from ingest.loaders.markup.html_beside import with_beside
from ingest.loaders.markup.html_runs import Run

# An extraction this short is doubted if the page has several times as much text.
DOUBTED = 250  # characters
_MARK = range(0x2800, 0x2900)  # Braille: printed, but no letters, so that trafilatura judges as without marks
# Errors of trafilatura on odd pages; none are documented.
_BROKEN = (ValueError, LookupError, AttributeError, TypeError, RecursionError, AssertionError)
_MARKS = re.compile(f"[{chr(_MARK[0])}-{chr(_MARK[-1])}]+")


def keep_content(tree: Any, runs: Sequence[Run], url: str | None) -> str:
    """Remove from a page what isn't its main content, if that is found; return the page's title."""
    title, voted = _vote(tree, runs, url)
    kept = with_beside(runs, voted)
    size = sum(run.letters for run in kept)
    if not size or (size < DOUBTED and sum(run.letters for run in runs) > 4 * size):
        kept = set(runs)
    said = [at for at, run in enumerate(runs) if run in kept and not run.is_menu]
    for at, run in enumerate(runs):
        if run not in kept or (said and run.is_menu and not said[0] < at < said[-1]):
            run.drop()
    return title


def _vote(tree: Any, runs: Sequence[Run], url: str | None) -> tuple[str, set[Run]]:
    """Return trafilatura's title and the runs that it keeps."""
    import trafilatura

    marked = [(*max(run.places, key=_weight), at) for at, run in enumerate(runs)]
    before = [getattr(element, where) for element, where, _ in marked]
    for element, where, at in marked:
        setattr(element, where, f"{_mark(at)}{_MARKS.sub('', getattr(element, where).lstrip())}")
    copy = deepcopy(tree)
    for (element, where, _), text in zip(marked, before, strict=True):
        setattr(element, where, text)
    try:
        with quiet("trafilatura"):
            found = trafilatura.bare_extraction(
                copy, url=url, include_comments=False, include_formatting=True, favor_recall=True, with_metadata=True
            )
    except _BROKEN:
        found = None
    if found is None:
        return "", set()
    marks = _MARKS.findall("".join(found.body.itertext()) if found.body is not None else "")
    return _MARKS.sub("", found.title or ""), {runs[at] for at in map(_at, marks) if at < len(runs)}


def _weight(place: tuple[Any, str]) -> tuple[bool, int]:
    element, where = place
    return not (where == "text" and element.tag == "a"), len(getattr(element, where))


def _mark(at: int) -> str:
    """Return the mark of the run at an index: a number in Braille signs."""
    base = len(_MARK)
    return "".join(chr(_MARK[at // base**place % base]) for place in (2, 1, 0))


def _at(mark: str) -> int:
    """Return the index that a mark stands for.

    >>> _at(_mark(70_000))
    70000
    """
    number = 0
    for sign in mark[-3:]:
        number = number * len(_MARK) + ord(sign) - _MARK[0]
    return number
