"""The comments on a sheet's cells: notes, and the newer threads, which notes repeat for old programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ingest.loaders.office.pptx_comments import remark
from ingest.loaders.office.pptx_notes import Losses
from ingest.loaders.office.xlsx_book import Book, S, Sheet, text_of
from ingest.loaders.office.xlsx_parts import bounds

_T = "{http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments}"
_REPEATED = "tc="  # begins the author of a note that repeats a thread

Comment = tuple[str, str, str]  # the cell's address, author, text


def comments_of(book: Book, sheet: Sheet, losses: Losses, is_shown: Callable[[int, int], bool]) -> Iterator[str]:
    """Yield the comments on the cells that are shown, from the first row on."""
    found: list[Comment] = []
    with losses.kept_apart("list of comments", sheet.number):
        related = book.parts.relations(sheet.path)
        names = _names(book, losses)
        for relation in related:
            if relation.kind == "threadedComment":
                with losses.kept_apart("list of comments", sheet.number):
                    found += _threads(book.parts.tree(relation.target), names)
        threaded = {place for place, _, _ in found}
        for relation in related:
            if relation.kind == "comments":
                with losses.kept_apart("list of comments", sheet.number):
                    notes = _notes(book.parts.tree(relation.target))
                    found += [one for one in notes if not (one[1].startswith(_REPEATED) and one[0] in threaded)]
    placed = sorted(((*_cell(place), at) for at, (place, _, _) in enumerate(found)))
    for row, column, at in placed:
        place, author, text = found[at]
        if text and is_shown(row, column):
            yield f"{place}: {remark('' if author.startswith(_REPEATED) else author, text)}"


def _cell(place: str) -> tuple[int, int]:
    """Return row and column of an address; an unknown one comes first."""
    found = bounds(place)
    return (0, 0) if found is None else (found[1], found[0])


def _names(book: Book, losses: Losses) -> dict[str, str]:
    """Return the names of those who commented in threads, by their ids."""
    names: dict[str, str] = {}
    for relation in book.parts.relations(book.path):
        if relation.kind == "person":
            with losses.kept_apart("list of authors"):
                people = book.parts.tree(relation.target)
                names |= {one.get("id"): one.get("displayName") or "" for one in people if isinstance(one.tag, str)}
    return names


def _threads(tree: Any, names: dict[str, str]) -> Iterator[Comment]:
    for one in tree.iter(f"{_T}threadedComment"):
        text = (one.findtext(f"{_T}text") or "").strip()
        yield one.get("ref") or "", names.get(one.get("personId") or "", ""), text


def _notes(tree: Any) -> Iterator[Comment]:
    """Yield the notes; Excel begins them with a line that names their author."""
    authors = [one.text or "" for one in tree.iter(f"{S}author")]
    for one in tree.iter(f"{S}comment"):
        number = one.get("authorId") or ""
        author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
        body = one.find(f"{S}text")
        text = "" if body is None else text_of(body).strip()
        yield one.get("ref") or "", author, text.removeprefix(f"{author}:").strip() if author else text
