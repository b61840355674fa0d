"""Scores for the documents that a query names: by name, title, cover, week, lecture or edition.

The evidence of a word is its share of the information that singles out one document: ln(N/n) of ln(N), where n of N
documents use the word anywhere. "Apple" singles out one report; "index" in a file name is no evidence in a course on
indexes, for its other documents are about them too.
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

_COVER = 0.25  # weight of a word on a cover, beside one in a name: a short document's cover is its text
_ORDER = 0.7  # weight of the number at the start of a name, beside "lecture 5": it may count anything
_NEWEST = 0.4  # bonus for the newest of the documents that the question may mean
_NEARLY = 0.6  # share of the best score from which the question may mean a document as well
_CONTRADICTED = 0.5  # factor on the score for each contradiction: the name has another year or week
NAMED = 0.5  # score from which a question names a document: half of full evidence


class ProfileIndex(Protocol):
    """The look-ups in the document profiles that the match needs."""

    def refresh(self) -> None:
        """Update the profiles of new and renamed documents."""

    def all(self, collection: str | None = None) -> dict[str, DocumentProfile]:
        """Return the profiles of the documents of a collection, by id."""

    def named(self, stems: Sequence[str]) -> set[str]:
        """Return the ids of documents with one of these stems in name or title."""

    def covered(self, stems: Sequence[str]) -> set[str]:
        """Return the ids of documents with one of these stems on the cover."""

    def using(self, stems: Sequence[str]) -> int:
        """Return the number of documents that use one of these stems anywhere."""


def match_documents(query: Query, index: ProfileIndex) -> dict[str, float]:
    """Return the match of each document in the scope, above 0 to 1, by id; documents without evidence are left out."""
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
    # Several pieces of evidence may add up to more than 1: then the best document gets 1.
    top = max(1.0, *scores.values(), 0.0)
    matched = {key: score / top for key, score in scores.items() if score > 0}
    if not query.units and not query.years:  # no contradiction is possible
        return matched
    return {key: score * _CONTRADICTED ** _contradictions(known[key], query) for key, score in matched.items()}


def _tells(found: int, total: int) -> float:
    """Return the evidence of a feature that `found` of `total` documents share: 1 for one of them, 0 for all."""
    return math.log(total / found) / math.log(total) if 0 < found < total else 0.0


def _add(scores: dict[str, float], found: Collection[str], weight: float) -> None:
    for document_id in found:
        scores[document_id] += weight


def _at(unit: CourseUnit, known: Mapping[str, DocumentProfile]) -> tuple[list[str], float]:
    """Return the documents of a unit and the weight; if there are none, those whose names begin with its number."""
    for wanted, weight in ((unit, 1.0), (CourseUnit("", unit.number), _ORDER)):
        found = [document_id for document_id, profile in known.items() if wanted in profile.units]
        if found:
            return found, weight
    return [], 0.0


def _favour_newest(scores: dict[str, float], known: Mapping[str, DocumentProfile]) -> None:
    """Add the bonus to the newest of the possible documents; without other evidence all are possible."""
    best = max(scores.values(), default=0.0)
    meant = [key for key in known if scores.get(key, 0.0) >= _NEARLY * best]
    newest = max((known[key].edition for key in meant), default="")
    _add(scores, [key for key in meant if newest and known[key].edition == newest], _NEWEST)


def _contradictions(profile: DocumentProfile, query: Query) -> int:
    """Return the number of contradictions between profile and query: lecture 4 for lecture 5, 2021 for 2022."""
    other = [kind for kind in {unit.kind for unit in query.units} if _is_another(profile, kind, query.units)]
    year = re.match(r"\d{4}", profile.edition)
    return len(other) + bool(query.years and year and year[0] not in query.years)


def _is_another(profile: DocumentProfile, kind: str, units: Sequence[CourseUnit]) -> bool:
    held = [unit for unit in profile.units if unit.kind == kind]
    return bool(held) and held[0] not in units
