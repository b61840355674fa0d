"""The runs of text on a web page: what stands between two places where a new line begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.loaders.markup.html_elements import FLOW, HEADINGS, walked

_WORD = re.compile(r"\w")
_BOXES = frozenset({"body", "center", "div", "footer", "header", "td"})


@dataclass(slots=True, eq=False)
class Run:
    """The text between two places where a new line begins, within one element."""

    holder: Any
    places: list[tuple[Any, str]] = field(default_factory=list)  # (element, "text" or "tail")
    letters: int = 0
    linked: int = 0  # letters in links
    unlinked: bool = False  # words stand outside links
    links: set[Any] = field(default_factory=set)

    @property
    def level(self) -> int:
        """The level of the heading that this is in, or 0."""
        return next((int(one.tag[1]) for one in self.lineage() if one.tag in HEADINGS), 0)

    @property
    def text(self) -> str:
        """The text on one line."""
        return " ".join("".join(getattr(element, where) for element, where in self.places).split())

    def lineage(self) -> Iterator[Any]:
        """Yield the elements around the run, from the inside."""
        yield self.holder
        yield from self.holder.iterancestors()

    def add(self, element: Any, where: str) -> None:
        """Add a text node."""
        said = (getattr(element, where) or "").strip()
        if not said:
            return
        self.places.append((element, where))
        self.letters += len(said)
        within = element if where == "text" else element.getparent()
        link = within if within.tag == "a" else next(within.iterancestors("a"), None)
        if link is not None:
            self.links.add(link)
            self.linked += len(said)
        self.unlinked = self.unlinked or (link is None and _WORD.search(said) is not None)

    @property
    def is_menu(self) -> bool:
        """Say whether this is a row of links, "Home | Notes", in a box of its own."""
        return len(self.links) > 1 and not self.unlinked and self.holder.tag in _BOXES

    def drop(self) -> None:
        """Remove the text from the page."""
        for element, where in self.places:
            setattr(element, where, " ")


def runs_of(tree: Any) -> Iterator[Run]:
    """Yield the runs of a page."""
    run = Run(tree)
    around = [tree]
    for event, node, _ in walked(tree):
        flow = node.tag in FLOW
        if flow:
            if run.places:
                yield run
            if event == "start":
                around.append(node)
            elif around[-1] is node:
                around.pop()
            run = Run(around[-1])
        if event == "start":
            run.add(node, "text")
        elif node is not tree:
            run.add(node, "tail")
    if run.places:
        yield run
