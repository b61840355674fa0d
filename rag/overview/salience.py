"""The salient sentences of a section: self-contained ones, ranked by how well they represent it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.lexicon import either, one_of, table
from rag.text.outline import LEADERS, Outline, Section
from rag.text.sentences import sentence_spans
from rag.text.words import stems
from rag.types import Block, BlockKind

_BOOK = 60_000  # characters


@dataclass(frozen=True, slots=True)
class Extract:
    """A quoted span: ``text[start:end]``, with a label if the text itself doesn't have one."""

    start: int
    end: int
    label: str = ""


# ---- self-contained sentences


@dataclass(frozen=True, slots=True)
class Statement:
    """A self-contained sentence of a document: ``text[start:end]``."""

    start: int
    end: int
    text: str  # on one line
    first: bool  # the first statement of its block
    block: Block


_LEAD = re.compile(r"(?:\s|:{3,}[^\n]*(?:\n|$)|[-*+•▪◦–·>](?=\s)|#{1,6}\s[^\n]*\n|\d{1,2}[.)]\s|\[[ x]\]\s)+")
_TAIL = re.compile(r"(?:\s|:{3,}[^\n]*)+$")
_FOOTNOTE = re.compile(r"^\d{1,2}\s?(?=[A-ZÄÖÜ“\"])")
_ALGORITHM = one_of(*table("numbered")["algorithm"])
_JUNK = re.compile(
    r"!\[|\]\(images|\\(?:bigskip|smallskip|begin|end|pause|vspace|includegraphics)|^\||```|https?://|^<\w|^=\\?>|@|©"
    rf"|^(?:{either('captions')}|{_ALGORITHM})\s?\d|^{either('sees')}\b"
    r"|creative commons|\bcc by|^—|\s—\s?[A-ZÄÖÜ]\w+ [A-ZÄÖÜ][\w.]+.{0,80}$",
    re.IGNORECASE,
)
_LONGEST = 65  # words of a statement
_SHORTEST = 5


def sentences(outline: Outline, start: int, end: int) -> Iterator[Statement]:
    """Yield the self-contained sentences of a span, in reading order."""
    text = outline.document.text
    for block in outline.blocks(start, end):
        if block.kind not in {BlockKind.PARAGRAPH, BlockKind.LIST}:
            continue
        first = True
        for span in _spans(text, block):
            told = _told(text, span, block, first)
            if told is not None:
                first = False
                yield told


def _spans(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """Yield the sentence spans of a block; each line of a slide's unmarked list is one."""
    piece = text[block.start : block.end]
    if block.kind is BlockKind.LIST and not re.search(r"(?m)^\s*(?:[-*+•▪◦–]|\d{1,2}[.)]|\(?[a-z]\))\s", piece):
        at = block.start
        for line in piece.split("\n"):
            yield at, at + len(line)
            at += len(line) + 1
        return
    yield from sentence_spans(text, block.start, block.end)


def _told(text: str, span: tuple[int, int], block: Block, first: bool) -> Statement | None:
    lead = _LEAD.match(text, *span)
    start = lead.end() if lead else span[0]
    tail = _TAIL.search(text, start, span[1])
    end = tail.start() if tail else span[1]
    said = " ".join(text[start:end].split())
    return Statement(start, end, said, first, block) if says_something(said, block.kind) else None


def says_something(said: str, kind: BlockKind = BlockKind.PARAGRAPH) -> bool:
    """Say whether a sentence is self-contained: no caption, label, question, formula or code.

    >>> says_something("Figure 3: The dictionary and its lists."), says_something("A trie is a tree of letters.")
    (False, True)
    """
    if not _SHORTEST <= len(said.split()) <= _LONGEST:
        return False
    letters = sum(map(str.isalpha, said)) + said.count(" ")
    complete = said.rstrip("\"'”’»)]*_").endswith((".", "!", "…")) or (
        kind is BlockKind.LIST and not said.endswith((":", "?"))
    )
    return (
        complete
        and not said[0].islower()
        and letters >= 0.78 * len(said)
        and not _FOOTNOTE.match(said)
        and not _JUNK.search(said)
        and not LEADERS.search(said)
    )


# ---- salience

_LOOKED_AT = 10  # sentences from the start of a section
_ANNOUNCES = re.compile(rf"\b{either('announces')}", re.IGNORECASE)
_DEFINES = re.compile(rf"\b{either('says_what_is')}\b", re.IGNORECASE)
LEANS = re.compile(rf"{either('leaning')}\b", re.IGNORECASE)
_ADMIN = re.compile(rf"\b{either('administers')}\b", re.IGNORECASE)
_MARKUP = re.compile(r"\]\(|\{[.=]|\\\w+|\$|`")


def leading(outline: Outline, section: Section, *, most: int, language: str) -> list[Extract]:
    """Return the sentences that best introduce a section, in reading order; from its parts, if it has none itself."""
    told = _first(sentences(outline, section.body, section.own), _LOOKED_AT)
    if not told and section.end > section.own:
        told = _first(sentences(outline, section.own, section.end), _LOOKED_AT)
    return _best(told, section, outline, most=most, language=language, lateness=0.22)


def gist(outline: Outline, section: Section, *, most: int, language: str) -> list[Extract]:
    """Return the most salient sentences from the whole of a section, in reading order."""
    told = _first(sentences(outline, section.body, section.end), _LOOKED_AT * 6)
    leads = [(at, sentence) for at, sentence in told if sentence.first]
    chosen = leads if len(leads) >= most else told
    return _best(chosen, section, outline, most=most, language=language, lateness=0.02)


def _first(found: Iterator[Statement], most: int) -> list[tuple[int, Statement]]:
    """Return the first sentences, numbered, without reading the others: a chapter is long."""
    return [(at, sentence) for at, sentence in zip(range(most), found, strict=False)]


def _best(
    told: Sequence[tuple[int, Statement]],
    section: Section,
    outline: Outline,
    *,
    most: int,
    language: str,
    lateness: float,
) -> list[Extract]:
    heading = set(stems(section.title or outline.document.title, language))
    ranked = sorted(told, key=lambda pair: lateness * pair[0] - _worth(pair[1], heading, language))
    return [Extract(sentence.start, sentence.end) for _, sentence in sorted(ranked[:most], key=lambda pair: pair[0])]


def _worth(sentence: Statement, heading: set[str], language: str) -> float:
    """Return the salience of a sentence for its section."""
    said = sentence.text
    count = len(said.split())
    known = heading & set(stems(said, language))
    worth = 0.6 * len(known) / len(heading) if heading else 0.0
    worth += 0.6 * bool(_ANNOUNCES.search(said)) + 0.25 * bool(_DEFINES.search(said))
    worth -= 0.7 * bool(_ADMIN.search(said))
    worth -= 0.8 * bool(LEANS.match(said)) + 0.35 * len(_MARKUP.findall(said))
    return worth - 0.3 * (count < 8) - 0.02 * max(count - 35, 0)


def abstract(outline: Outline, *, most: int, language: str) -> list[Extract]:
    """Return the sentences that best introduce a document: from its abstract, if it has one."""
    # The first page of a book is about its printing, that of a handout about its subject.
    opening = outline.opening if len(outline.document.text) < _BOOK else None
    for part in filter(None, (_abstract(outline), opening, *outline.top[:3], *outline.sections[:3])):
        found = leading(outline, part, most=most, language=language)
        if found and (part is not opening or _is_prose(outline, found[0])):
            return found
    whole = outline.between(0, len(outline.document.text))
    return leading(outline, whole, most=most, language=language)


def _is_prose(outline: Outline, item: Extract) -> bool:
    return outline.document.text[item.start : item.end].rstrip('*_"”)').endswith((".", "!"))


_ABSTRACT = re.compile(either("abstracts"), re.IGNORECASE)
_FENCE = re.compile(r":{3,}\s*\{?\.?(?:tldr|abstract|summary)", re.IGNORECASE)


def _abstract(outline: Outline) -> Section | None:
    for block in outline.blocks(0, 2000):
        if _FENCE.match(outline.document.text, block.start):
            return outline.between(block.start, block.end)
    heads = [*outline.sections[:4], *outline.sections[-3:]]
    return next((section for section in heads if _ABSTRACT.fullmatch(section.title)), None)
