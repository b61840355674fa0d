"""What couldn't be read in a Word file, for the document's notes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Lost:
    """What couldn't be read."""

    counts: Counter[str] = field(default_factory=Counter)  # "diagram": 2
    imported: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def notes(self) -> tuple[str, ...]:
        """Return sentences for people."""
        counted = (
            f"1 {what} was not read" if number == 1 else f"{number} {what}s were not read"
            for what, number in self.counts.items()
            if number
        )
        named = (("imported parts not read", self.imported), ("missing or damaged parts not read", self.parts))
        return (*counted, *(f"{what}: {', '.join(dict.fromkeys(names))}" for what, names in named if names))
