"""Which document a question means: by name, title, cover, week or lecture, and by being the newest.

The evidence is the share of what it takes to tell one document from all others: ln(N/n) of ln(N), where n of N
documents use a word anywhere. "Apple" tells one report from others; "index" in a file's name tells nothing in a
course on indexes: its other documents are about them too.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from rag.library.profiles import DocumentProfile
from rag.question.query import Query
from rag.text.course_units import CourseUnit

_COVER = 0.25  # what a word on a cover tells, beside one in a name: of a short document it is the text
_ORDER = 0.7  # what the number that a name begins with tells, beside "lecture 5": it may count anything
_NEWEST = 0.4  # for the newest of the documents that the question may mean
_NEARLY = 0.6  # of the best evidence: a document that it may mean as well
_CONTRADICTED = 0.5  # what is left of the evidence when the name says another year or week
NAMED = 0.5  # evidence from which a question names a document: half of what tells it from all others


class ProfileIndex(Protocol):
    """What is asked of the document profiles."""

    def refresh(self) -> None:
        """Describe the documents that came or changed their names."""

    def all(self, collection: str | None = None) -> dict[str, DocumentProfile]:
        """Return the profiles of the documents of a collection, by id."""

    def named(self, stems: Sequence[str]) -> set[str]:
        """Return the documents with one of these stems in their names or titles."""

    def covered(self, stems: Sequence[str]) -> set[str]:
        """Return the documents with one of these stems on their covers."""

    def using(self, stems: Sequence[str]) -> int:
        """Return how many documents use one of these stems anywhere."""


def match_documents(query: Query, index: ProfileIndex) -> dict[str, float]:
    """Return how much speaks for each document of the scope, 0 to 1; those that nothing speaks for are left out."""
    index.refresh()
    within = query.scope.documents
    known = index.all(query.scope.collection)
    if within is not None:
        known = {key: profile for key, profile in known.items() if key in within}
    total = len(known)
    if total < 2:
        return {}
    scores: defaultdict[str, float] = defaultdict(float)
    for group in query.stems:
        named = index.named(group) & known.keys()
        covered = (index.covered(group) & known.keys()) - named
        if named or covered:
            tells = _tells(max(index.using(group), len(named) + len(covered)), total)
            _add(scores, named, tells)
            _add(scores, covered, _COVER * tells)
    for unit in query.units:
        there, weight = _at(unit, known)
        _add(scores, there, weight * _tells(len(there), total))
    for year in query.years:
        found = {key for key, profile in known.items() if profile.edition.startswith(year)}
        _add(scores, found, _tells(len(found), total))
    if query.newest:
        _favour_newest(scores, known)
    top = max(1.0, *scores.values(), 0.0)
    matched = {key: score / top for key, score in scores.items() if score > 0}
    if not query.units and not query.years:  # nothing that a name could contradict
        return matched
    return {key: score * _CONTRADICTED ** _contradictions(known[key], query) for key, score in matched.items()}


def _tells(found: int, total: int) -> float:
    """Return the share of what it takes to tell one document from all: 1 for one of them, 0 for all."""
    return math.log(total / found) / math.log(total) if 0 < found < total else 0.0


def _add(scores: dict[str, float], found: Collection[str], weight: float) -> None:
    for document_id in found:
        scores[document_id] += weight


def _at(unit: CourseUnit, known: Mapping[str, DocumentProfile]) -> tuple[list[str], float]:
    """Return the documents of a unit; those whose names begin with its number, where none says more."""
    for wanted, weight in ((unit, 1.0), (CourseUnit("", unit.number), _ORDER)):
        found = [document_id for document_id, profile in known.items() if wanted in profile.units]
        if found:
            return found, weight
    return [], 0.0


def _favour_newest(scores: dict[str, float], known: Mapping[str, DocumentProfile]) -> None:
    """Add to the newest of the documents that may be meant: of all, when nothing speaks for one."""
    best = max(scores.values(), default=0.0)
    meant = [key for key in known if scores.get(key, 0.0) >= _NEARLY * best]
    newest = max((known[key].edition for key in meant), default="")
    _add(scores, [key for key in meant if newest and known[key].edition == newest], _NEWEST)


def _contradictions(profile: DocumentProfile, query: Query) -> int:
    """Return in how many ways a name says something else: lecture 4 where 5 is asked for, 2021 where it is 2022."""
    other = [kind for kind in {unit.kind for unit in query.units} if _is_another(profile, kind, query.units)]
    year = re.match(r"\d{4}", profile.edition)
    return len(other) + bool(query.years and year and year[0] not in query.years)


def _is_another(profile: DocumentProfile, kind: str, units: Sequence[CourseUnit]) -> bool:
    held = [unit for unit in profile.units if unit.kind == kind]
    return bool(held) and held[0] not in units
