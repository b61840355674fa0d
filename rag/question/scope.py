"""A filter becomes a scope: the documents and pages that meet its conditions, with notes for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.errors import InputError
from rag.library.library import Library
from rag.library.profiles import DocumentProfile
from rag.text.course_units import COUNTED
from rag.texts import counted, say
from rag.types import Filter, Question, Scope

Notes = tuple[str, ...]


def scope_of(question: Question, library: Library) -> tuple[Scope, Notes]:
    """Return the scope of a question, with notes on documents that the filter left out.

    Raises NotFound for an unknown collection or document, InputError for a filter that nothing can meet.
    """
    bounds, collection = question.filter, question.collection
    check(bounds)
    if collection is not None:
        library.catalog.collections.number(collection)  # raises NotFound
    documents = None
    if question.document:
        documents = frozenset({library.catalog.documents.find(question.document, collection).document_id})
    if not bounds.tags and bounds.until is None:
        return Scope(collection, documents, bounds.pages), ()
    library.profiles.refresh()
    profiles = library.profiles.all(collection)
    left = {key: profile for key, profile in profiles.items() if documents is None or key in documents}
    notes = _uncounted(left) if bounds.until is not None else ()
    for name, fits in _tests(bounds):
        within = {key: profile for key, profile in left.items() if fits(profile)}
        if not within:
            return Scope(collection, frozenset(), bounds.pages), (_emptied(name, left),)
        left = within
    return Scope(collection, frozenset(left), bounds.pages), notes


def check(bounds: Filter) -> None:
    """Raise InputError for a filter that nothing can meet."""
    if bounds.pages is not None and not 1 <= bounds.pages[0] <= bounds.pages[1]:
        raise _no_range("-".join(map(str, bounds.pages)))
    if bounds.until is not None and bounds.until < 0:
        message = say("Nothing is counted up to {number}.", number=bounds.until)
        raise InputError(message, remedy=say("Give the number of a week or lecture, for instance 5."))


def parse_pages(text: str) -> tuple[int, int] | None:
    """Return (first, last) of a page range as typed, "10-20" or "7"; None for an empty text. Raises InputError.

    >>> parse_pages("10-20"), parse_pages(" 7 "), parse_pages("")
    ((10, 20), (7, 7), None)
    """
    if not text.strip():
        return None
    first, _, last = text.replace("–", "-").partition("-")
    if not (first.strip().isdecimal() and (last or first).strip().isdecimal()):
        raise _no_range(repr(text))
    pages = int(first), int(last or first)
    check(Filter(pages=pages))
    return pages


def _no_range(told: str) -> InputError:
    message = say("{told} is no range of pages.", told=told)
    return InputError(message, remedy=say("Give the first and the last page, for instance 10-20."))


def number_of(profile: DocumentProfile) -> int | None:
    """Return a document's number in its course, by week, lecture or another counted unit; None when it has none."""
    held = {unit.kind: unit.number for unit in profile.units}
    return next((held[kind] for kind in COUNTED if kind in held), None)


def all_tags(profile: DocumentProfile) -> list[str]:
    """Return a document's tags: those given by a person, and the course units that tags and path name."""
    return list(dict.fromkeys([*profile.tags, *(str(unit) for unit in profile.units if unit.kind)]))


def nothing_on_pages(scope: Scope, found: Sequence[object]) -> Notes:
    """Return a note if the scope has pages and nothing was found on them."""
    if found or scope.pages is None:
        return ()
    first, last = scope.pages
    told = say(
        "Nothing was found on pages {first} to {last}; documents without pages are left out.", first=first, last=last
    )
    return (told,)


def _tests(bounds: Filter) -> list[tuple[str, Callable[[DocumentProfile], bool]]]:
    """Return the conditions of a filter: its description for people, and a predicate on document profiles."""
    tests: list[tuple[str, Callable[[DocumentProfile], bool]]] = [
        (say("the tag {tag}", tag=repr(tag)), lambda profile, tag=tag: _folded(tag) in map(_folded, all_tags(profile)))  # type: ignore[misc]  # mypy can't type a default of a lambda
        for tag in bounds.tags
    ]
    if bounds.until is not None:
        last = bounds.until
        name = say("“up to {number}”", number=last)
        tests.append((name, lambda profile: (number := number_of(profile)) is not None and number <= last))
    return tests


def _folded(tag: str) -> str:
    return " ".join(tag.casefold().split())


def _emptied(name: str, left: dict[str, DocumentProfile]) -> str:
    known = sorted({tag for profile in left.values() for tag in all_tags(profile)})
    told = [say("No document is within {filter}.", filter=name)]
    told += [say("There are: {tags}.", tags=", ".join(known[:12]))] if known else []
    return " ".join([*told, say("Give one with `studyhall docs tag DOCUMENT TAG`.")])


def _uncounted(profiles: dict[str, DocumentProfile]) -> Notes:
    """Return a note on the number of documents without a course number: a filter by number leaves them out."""
    count = sum(number_of(profile) is None for profile in profiles.values())
    if not count:
        return ()
    what = counted(count, "document")
    return (
        say("Left out for want of a number: {what}. Give one with `studyhall docs tag DOCUMENT 'week 2'`.", what=what),
    )
