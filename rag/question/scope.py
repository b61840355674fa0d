"""What a search is bounded by, as documents and pages; and in words, when a bound leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.errors import InputError
from rag.library.library import Library
from rag.library.profiles import Cover
from rag.retrieve.hits import Scope
from rag.text.course_units import COUNTED
from rag.types import Filter


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Where to look, and what a person should know of it."""

    scope: Scope
    notes: tuple[str, ...] = ()
    empty: bool = False  # no document is left


def narrow(library: Library, collection: str | None, document: str | None, bounds: Filter) -> Narrowed:
    """Return the scope of a question; raises NotFound for a collection or document that isn't there."""
    check(bounds)
    found = library.catalog.find(document, collection).document_id if document else None
    if not bounds.tags and bounds.until is None:
        return Narrowed(Scope(collection, found, pages=bounds.pages))
    library.covers.refresh()
    left = library.covers.all(collection)
    if found is not None:
        left = {key: cover for key, cover in left.items() if key == found}
    for name, fits in _tests(bounds):
        if not any(fits(cover) for cover in left.values()):
            return Narrowed(Scope(collection, found, frozenset(), bounds.pages), (_emptied(name, left),), empty=True)
        left = {key: cover for key, cover in left.items() if fits(cover)}
    notes = _uncounted(library, collection, found) if bounds.until is not None else ()
    return Narrowed(Scope(collection, found, frozenset(left), bounds.pages), notes)


def check(bounds: Filter) -> None:
    """Raise InputError for bounds that nothing can be within."""
    if bounds.pages is not None and not 1 <= bounds.pages[0] <= bounds.pages[1]:
        message = f"{bounds.pages[0]}-{bounds.pages[1]} is no range of pages."
        raise InputError(message, remedy="Give the first and the last page, for instance 10-20.")
    if bounds.until is not None and bounds.until < 0:
        message = f"Nothing is counted up to {bounds.until}."
        raise InputError(message, remedy="Give the number of a week or lecture, for instance 5.")


def parse_pages(text: str) -> tuple[int, int] | None:
    """Return the pages that a person means: "10-20", "7"; None for nothing. Raises InputError.

    >>> parse_pages("10-20"), parse_pages(" 7 "), parse_pages("")
    ((10, 20), (7, 7), None)
    """
    if not text.strip():
        return None
    first, _, last = text.replace("–", "-").partition("-")
    if not (first.strip().isdecimal() and (last or first).strip().isdecimal()):
        message = f"{text!r} is no range of pages."
        raise InputError(message, remedy="Give the first and the last page, for instance 10-20.")
    pages = int(first), int(last or first)
    check(Filter(pages=pages))
    return pages


def number_of(cover: Cover) -> int | None:
    """Return the week, lecture or whatever else its course is counted by; None when its name says none."""
    held = {place.unit: place.number for place in cover.places}
    return next((held[unit] for unit in COUNTED if unit in held), None)


def _tests(bounds: Filter) -> list[tuple[str, Callable[[Cover], bool]]]:
    """Return each bound by the words a person gave it in, with what tells whether a document is within."""
    tests: list[tuple[str, Callable[[Cover], bool]]] = [
        (f"the tag {tag!r}", lambda cover, tag=tag: _folded(tag) in map(_folded, all_tags(cover)))  # type: ignore[misc]
        for tag in bounds.tags
    ]
    if bounds.until is not None:
        last = bounds.until
        tests.append((f"“up to {last}”", lambda cover: (number := number_of(cover)) is not None and number <= last))
    return tests


def all_tags(cover: Cover) -> list[str]:
    """Return a document's tags: those that a person gave, and the places that its path or they tell."""
    return list(dict.fromkeys([*cover.tags, *(str(place) for place in cover.places if place.unit)]))


def _folded(tag: str) -> str:
    return " ".join(tag.casefold().split())


def _emptied(name: str, left: dict[str, Cover]) -> str:
    known = sorted({tag for cover in left.values() for tag in all_tags(cover)})
    there = f" There are: {', '.join(known[:12])}." if known else ""
    return f"No document is within {name}.{there} Give one with `studyhall docs tag DOCUMENT TAG`."


def _uncounted(library: Library, collection: str | None, document_id: str | None) -> tuple[str, ...]:
    """Say how many documents carry no number: whether they belong to it can't be told, so they are left out."""
    covers = library.covers.all(collection)
    without = [key for key, cover in covers.items() if number_of(cover) is None and document_id in {None, key}]
    if not without:
        return ()
    what = (
        "1 document carries no number and is" if len(without) == 1 else f"{len(without)} documents carry none and are"
    )
    return (f"{what} left out: give one with `studyhall docs tag DOCUMENT 'week 2'`.",)


def nothing_within(bounds: Filter, found: Sequence[object]) -> tuple[str, ...]:
    """Say that pages hold nothing, when they are asked of and nothing was found."""
    if found or bounds.pages is None:
        return ()
    first, last = bounds.pages
    return (f"Nothing was found on pages {first} to {last}; documents without pages are left out.",)
