"""Words for events, pages and quotes, the same in terminal and browser."""

from __future__ import annotations

import re

from ingest.loaders import page_word
from ingest.loaders.markup.headings import heading_text
from ingest.report import Estimate, Pace, PageRead, Renewing
from rag.text.sentences import ITEM
from rag.texts import counted, decimal, many, say, whole
from rag.types import Citation, Passage
from ui.render.console import one_line

MARKDOWN = (".md", ".markdown", ".ipynb")  # files whose text keeps its marks
_LINK = re.compile(r"!?(?<![\w\])])\[([^\[\]\n]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s\"[^\"\n]*\")?\)")
_KEY = re.compile(r"[^\S\n]?\[-?@[\w:.+-]+(?:[,;][^\[\]\n]*)?\]")  # of a bibliography: "[@Knuth1998, p. 5]"
_STRONG = re.compile(r"(?<![\w*])\*\*(?=\S)(.+?)(?<=\S)\*\*(?![\w*])", re.DOTALL)
_WEAK = re.compile(r"(?<![\w*])\*([^*\s][^*\n]*?)(?<!\s)\*(?![\w*])")
_BLOCK = re.compile(r"^\s*(?:(?:[-*+>]|#{1,6})\s+)+")  # a list, a quotation or a heading begins
# Before an item of a list, and between paragraphs; a sentence that goes on on the next page is one.
_BREAK = re.compile(rf"\n\s*(?={ITEM})|(?<=[^\w\s,])\n[^\S\n]*\n\s*")


def describe_estimate(expected: Estimate) -> str:
    """Describe the time and the disk that a large run will take.

    >>> describe_estimate(Estimate(120, 310_000_000, 480_000_000, 20_000_000_000, 190.0))
    '120 files, 310 MB: about 3 minutes, and about 480 MB of disk, of 20 GB that are free.'
    """
    seconds = expected.seconds
    takes = say("no time known yet") if seconds is None else say("about {time}", time=duration(seconds))
    parts = {"files": counted(expected.files, "file"), "size": amount(expected.size), "takes": takes}
    needs = {"disk": amount(expected.disk), "free": amount(expected.free)}
    if expected.disk > expected.free:
        return say(
            "{files}, {size}: {takes}, and about {disk} of disk. Only {free} are free: it will not fit.",
            **parts,
            **needs,
        )
    return say("{files}, {size}: {takes}, and about {disk} of disk, of {free} that are free.", **parts, **needs)


def page_name(source: str, page: int, label: str | None, last: int | None = None) -> str:
    """Return the name of a page: with the number that is printed on paper, or a sheet's or chapter's name.

    >>> page_name("script.pdf", 5, "iv"), page_name("marks.xlsx", 2, "Week 1"), page_name("a.pdf", 3, "3", 4)
    ('page 5 (printed iv)', 'sheet 2: Week 1', 'page 3–4')
    """
    word, pages = page_word(source), f"{page}–{last}" if last and last != page else f"{page}"
    named = f"{many(1, word)} {pages}"
    if not label or label == str(page):
        return named
    return say("{page} (printed {label})", page=named, label=label) if word == "page" else f"{named}: {label}"


def describe_page(read: PageRead) -> str:
    """Describe the state of a file that takes a while.

    >>> describe_page(PageRead("/course/old script.pdf", 3, 120, by_ocr=True))
    'Recognising old script.pdf, page 3 of 120'
    """
    where = {"page": many(1, page_word(read.source)), "number": read.page, "total": read.total}
    if read.by_ocr:
        return say("Recognising {file}, {page} {number} of {total}", file=file_name(read.source), **where)
    return say("Reading {file}, {page} {number} of {total}", file=file_name(read.source), **where)


def describe_renewing(event: Renewing) -> str:
    """Describe that documents are embedded anew, and its effect meanwhile."""
    what = counted(event.documents, "document")
    if event.documents == 1:
        told = say("{documents} is embedded anew with {model}.", documents=what, model=event.model)
    else:
        told = say("{documents} are embedded anew with {model}.", documents=what, model=event.model)
    return f"{told} {say('The old vectors answer until that is done; it can be stopped.')}"


def describe_pages(pace: Pace) -> str:
    """Describe how many pages have been read."""
    return counted(pace.pages, "page") if pace.pages else ""


def describe_pace(pace: Pace) -> str:
    """Describe the speed and the time that is left.

    >>> describe_pace(Pace(3, 9, 40, 200, 900, 92.4, 12.0, 75.0))
    '92 chunks/s, about 1 minute left'
    """
    speed = [say("{number} chunks/s", number=whole(round(pace.chunks_per_s)))] if pace.chunks_per_s >= 1 else []
    left = [say("about {time} left", time=duration(pace.seconds_left))] if pace.seconds_left is not None else []
    return ", ".join(speed + left)


def duration(seconds: float) -> str:
    """Return a time as people say it, no more exact than a guess is.

    >>> [duration(s) for s in (0.4, 12, 50, 100, 4000, 10_000)]
    ['5 seconds', '10 seconds', '50 seconds', '2 minutes', '1 hour', '3 hours']
    """
    if seconds <= 57.5:
        return counted(max(5, round(seconds / 5) * 5), "second")
    minutes = max(1, round(seconds / 60))
    return counted(minutes, "minute") if minutes < 60 else counted(round(seconds / 3600), "hour")


def amount(size: int) -> str:
    """Return bytes in a unit that leaves a short number.

    >>> amount(900), amount(48_200_000), amount(3_100_000_000), amount(20_000_000_000)
    ('1 kB', '48 MB', '3.1 GB', '20 GB')
    """
    if size >= 10_000_000_000:
        return f"{decimal(size / 1e9, 0)} GB"
    if size >= 1_000_000_000:
        return f"{decimal(size / 1e9)} GB"
    return f"{decimal(size / 1e6, 0)} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} kB"


def file_name(source: str) -> str:
    """Return the last part of a path or URL, with characters that command a terminal made visible."""
    name = source.replace("\\", "/").rstrip("/").rpartition("/")[2] or source
    return one_line(name)


def in_lines(quote: str) -> list[str]:
    r"""Return a quote with a line for each paragraph, each item of a list and each row of a table.

    >>> in_lines("The rules:\n\n- First\n  come.\n- First served.")
    ['The rules:', '- First come.', '- First served.']
    >>> in_lines("Every tree has a leaf.\n\nProof: Follow the\nbranches.")
    ['Every tree has a leaf.', 'Proof: Follow the branches.']
    >>> in_lines("Week | Room\n1 | H1\n2 | H2")
    ['Week | Room', '1 | H1', '2 | H2']
    """
    parts = (part for whole in _BREAK.split(quote) for part in (whole.split("\n") if _is_table(whole) else [whole]))
    return [" ".join(part.split()) for part in parts if part.strip()] or [""]


def _is_table(text: str) -> bool:
    """Say whether each line of a text is a row of cells, as tables are written in a document's text."""
    lines = text.strip().split("\n")
    return len(lines) > 1 and all(" | " in line for line in lines)


def without_links(text: str, source: str) -> str:
    """Return the text of a Markdown file with the words of its links alone: where they lead nobody can follow here.

    >>> without_links("See [tries](../trie.md) and [@Knuth1998].", "a.md")
    'See tries and.'
    """
    if not source.casefold().endswith(MARKDOWN):
        return text
    return _KEY.sub("", _LINK.sub(r"\1", text))


def without_block(text: str, source: str) -> str:
    """Return the text of a Markdown file without the mark of the list, quotation or heading that it begins with.

    >>> without_block("> - Search spans a tree", "a.md")
    'Search spans a tree'
    """
    return _BLOCK.sub("", text) if source.casefold().endswith(MARKDOWN) else text


def unmarked(text: str, source: str) -> str:
    """Return the text of a Markdown file as a terminal shows it, without the marks of emphasis.

    >>> unmarked("**Trie**: a `tree` of *letters*, 2 * 3 * 4", "a.md")
    'Trie: a `tree` of letters, 2 * 3 * 4'
    """
    if not source.casefold().endswith(MARKDOWN):
        return text
    return _WEAK.sub(r"\1", _STRONG.sub(r"\1", without_links(text, source)))


def section_of(place: Citation | Passage) -> str:
    """Return the heading that something stands under; nothing where that is the title of its document."""
    if isinstance(place, Citation):
        heading = heading_text(place.section or "")
    else:
        heading = place.headings[-1] if place.headings else ""
    return "" if heading == place.title else heading
