"""Counts what of a file could not be read, so that one bad part costs no more than itself and is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.loaders.building import office_errors, ranges
from rag.errors import Damaged

_BROKEN = "could not be read"


@dataclass(slots=True)
class Losses:
    """What was lost, by kind, fate and page; 0 is the page of a file without pages."""

    page_word: str = ""  # "slide", "sheet"
    counts: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)

    def add(self, thing: str, page: int = 0, fate: str = _BROKEN, *, count: int = 1) -> None:
        """Count a lost thing, named in the singular; an empty name means the page itself."""
        if count:
            pages = self.counts.setdefault((thing, fate), {})
            pages[page] = pages.get(page, 0) + count

    @contextmanager
    def kept_apart(self, thing: str, page: int = 0) -> Iterator[None]:
        """Count a thing as lost if reading it fails, and go on behind it."""
        try:
            with office_errors("", "", ""):
                yield
        except Damaged:
            self.add(thing, page)

    @property
    def is_any_broken(self) -> bool:
        """Say whether something could not be read that may have had text."""
        return any(fate.startswith(_BROKEN) for _, fate in self.counts)

    def notes(self) -> tuple[str, ...]:
        """Return the losses in sentences for people.

        >>> losses = Losses("slide")
        >>> losses.add("shape", 3), losses.add("shape", 4), losses.add("", 7), losses.add("chart", fate="left out")
        (None, None, None, None)
        >>> losses.notes()
        ('slides 3-4: 2 shapes could not be read', 'slide 7 could not be read', '1 chart left out')
        """
        return tuple(self._note(thing, fate, pages) for (thing, fate), pages in self.counts.items())

    def _note(self, thing: str, fate: str, pages: dict[int, int]) -> str:
        count = sum(pages.values())
        numbers = sorted(page for page in pages if page)
        where = f"{self.page_word}{'s' if len(numbers) > 1 else ''} {ranges(numbers)}" if numbers else ""
        what = f"{count} {thing}{'s' if count > 1 else ''}" if thing else ""
        return f"{': '.join(filter(None, (where, what)))} {fate}"
