"""The outline of a document: its headings as sections.

Loaders guess headings from font sizes, so some are wrong: a line of a formula, a slogan, an entry of the table of
contents. These are left out here, for a list of headings shows every mistake.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rag.lexicon import either
from rag.text.words import words
from rag.types import Block, BlockKind, Document

_LONGEST_HEADING = 14  # words; a longer one is a sentence in large type
_PART = 4000  # least characters of a part, in a document without headings
_MOST_PARTS = 12
_NO_MARKS = re.compile(r"^#{1,6}\s+|\s*\{[^{}]*\}$|\s+#+$")
_SETEXT = re.compile(r"\n[ \t]*[=-]+[ \t]*$")
_LABEL = re.compile(rf"^{either('part_labels')}\s*(\d+(?:\.\d+)*|[IVX]+|[A-H])\b[.:]?\s*[–-]?\s*", re.IGNORECASE)
_NUMBER = re.compile(r"^[^\w(]{0,2}(\d+(?:\.\d+)*)[.:)]?\s+(?=\D)")
ROMAN = {numeral: str(number) for number, numeral in enumerate("i ii iii iv v vi vii viii ix x".split(), start=1)}
_GOES_ON = re.compile(rf"\s*\((?:{either('goes_on_in')}|\d+/\d+)\.?\)\s*$", re.IGNORECASE)
LEADERS = re.compile(r"(?:\. ?){4}|\t\d+$")
# Titles of sections that are not about the subject.
_APART = re.compile(either("apart"), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the text under it, ``text[start:end]``: its own text up to `own`, then its parts."""

    title: str
    level: int
    start: int  # start of the heading
    body: int  # end of the heading
    own: int  # start of the first part
    end: int
    number: str = ""  # "3.2"
    page: int | None = None
    heading_end: int = 0

    @property
    def apart(self) -> bool:
        """Whether this is a table of contents, a list of references and the like."""
        return bool(_APART.fullmatch(_NUMBER.sub("", self.title).strip()))


class Outline:
    """A document with its sections in reading order."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """All sections, each followed by its parts."""
        headings = list(_headings(self.document))
        return tuple(_sections(headings, len(self.document.text)) or _parts(self.document))

    @cached_property
    def top(self) -> tuple[Section, ...]:
        """The chapters: the sections of the highest level with several sections."""
        kept = [section for section in self.sections if not section.apart]
        levels = sorted({section.level for section in kept})
        for level in levels:
            found = [section for section in kept if section.level == level]
            if len(found) > 1 or level == levels[-1]:
                return tuple(found)
        return ()

    @cached_property
    def opening(self) -> Section | None:
        """The text between the title and the first section, often an abstract; None when there is none."""
        first = min((section.start for section in self.sections), default=0)
        title = set(words(self.document.title))
        heads = [b for b in self.document.blocks if b.start < first and b.kind is BlockKind.HEADING]
        start = next((b.end for b in heads if set(words(self.document.text[b.start : b.end])) <= title), 0)
        return self.between(start, first) if first > start else None

    def parts(self, section: Section) -> tuple[Section, ...]:
        """Return the direct subsections of a section."""
        inside = [s for s in self.sections if section.start < s.start < section.end and s.level > section.level]
        level = min((part.level for part in inside), default=0)
        return tuple(part for part in inside if part.level == level and not part.apart)

    def text(self, section: Section) -> str:
        """Return the text of a section, without its heading."""
        return self.document.text[section.body : section.end]

    def blocks(self, start: int, end: int) -> list[Block]:
        """Return the blocks that begin within a span."""
        blocks = self.document.blocks
        first, last = (bisect_left(blocks, at, key=lambda block: block.start) for at in (start, end))
        return list(blocks[first:last])

    def heading_start(self, section: Section) -> int:
        """Return the start of a section's heading, after its Markdown markup."""
        said = self.document.text[section.start : section.heading_end]
        return section.start + len(said) - len(said.lstrip("# "))

    def between(self, start: int, end: int, title: str = "") -> Section:
        """Return a span without a heading, such as some pages, as a section."""
        page = self.document.page_at(start)
        return Section(title, 0, start, start, end, end, page=page.number if page else None)


# ---- headings


@dataclass(frozen=True, slots=True)
class _Heading:
    title: str
    level: int
    start: int
    end: int
    number: str
    page: int | None


def bare_heading(source: str) -> str:
    r"""Return the text of a heading, without Markdown markup.

    >>> bare_heading("## Sorting {#sort}"), bare_heading("Relevanz =\\> **Gehalt**")
    ('Sorting', 'Relevanz => Gehalt')
    """
    line = _SETEXT.sub("", source).strip()
    for _ in range(3):  # a heading may have a sign in front, attributes behind and closing signs
        line = _NO_MARKS.sub("", line)
    line = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line)
    line = re.sub(r"^[™*†‡•·]+\s*", "", line)
    line = re.sub(r"\\([\\`*_{}\[\]()#+.!<>|~-])", r"\1", line)
    return " ".join(re.sub(r"\*\*|``?|(?<!\w)\*|\*(?!\w)", "", line).split())


def _headings(document: Document) -> Iterator[_Heading]:
    """Yield the genuine headings; a bare label ("Kapitel 2") is joined with the heading after it."""
    title = set(words(document.title))
    label: _Heading | None = None
    first, last = True, ""
    for block in document.blocks:
        if block.kind is not BlockKind.HEADING:
            label = None
            continue
        said = bare_heading(document.text[block.start : block.end])
        found = _Heading(said, block.level, block.start, block.end, _number(said), block.page)
        if label is not None:
            found = replace(
                found, title=f"{label.title} {said}", start=label.start, level=label.level, number=label.number
            )
            label = None
        elif _LABEL.fullmatch(f"{said} ") or _LABEL.fullmatch(said):
            label = found
            continue
        is_title = first and bool(said) and set(words(said)) <= title
        first = False
        plain = _GOES_ON.sub("", found.title)
        if is_title or plain == last or not _is_heading(said):
            continue
        last = plain
        yield replace(found, title=plain)


def _is_heading(said: str) -> bool:
    """Say whether a text is like a heading, and not like a sentence, a formula or an entry of a table of contents.

    >>> _is_heading("3.1 Dictionary and postings"), _is_heading("the last column, the remaining ones must")
    (True, False)
    """
    found = re.findall(r"[^\W\d_]{2,}", said)
    letters = sum(letter.isalpha() for letter in said)
    return (
        bool(found)
        and len(said.split()) <= _LONGEST_HEADING
        and letters * 2 >= len(said.replace(" ", ""))
        and not (said[0].islower() and len(found) > 2)
        and not said.endswith((",", ";"))
        and not (said.endswith((".", "!")) and len(found) > 2 and not said.endswith("..."))
        and not LEADERS.search(said)
    )


def _number(said: str) -> str:
    match = _LABEL.match(said)
    if match:
        return ROMAN.get(match[1].lower(), match[1].lower())
    match = _NUMBER.match(said)
    return match[1] if match else ""


def _sections(headings: Sequence[_Heading], end: int) -> list[Section]:
    sections = []
    for at, heading in enumerate(headings):
        after = headings[at + 1 :]
        own = after[0].start if after else end
        until = next((later.start for later in after if later.level <= heading.level), end)
        sections.append(
            Section(
                heading.title,
                heading.level,
                heading.start,
                heading.end,
                own,
                until,
                heading.number,
                heading.page,
                heading.end,
            )
        )
    return sections


def _parts(document: Document) -> list[Section]:
    """Return parts of about equal size for a document without headings, no more than a summary needs."""
    size = max(_PART, len(document.text) // _MOST_PARTS)
    cuts: list[int] = []
    for block in document.blocks:
        if not cuts or block.start - cuts[-1] >= size:
            cuts.append(block.start)
    ends = [*cuts[1:], len(document.text)] if cuts else []
    found = []
    for start, end in zip(cuts, ends, strict=True):
        page = document.page_at(start)
        found.append(Section("", 1, start, start, end, end, page=page.number if page else None))
    return found
