"""The overview without a model: headings, salient sentences and definitions, quoted in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from rag.answer.cite import citation
from rag.answer.prompt import refusal
from rag.overview.collect import items
from rag.overview.salience import Extract, abstract, gist, leading
from rag.question.documents import Corpus, DocumentPart, is_kind, title_of
from rag.question.material import Target, Unit
from rag.question.overview_phrases import ItemKind, OverviewKind
from rag.question.overview_request import OverviewRequest
from rag.question.query import Overview, Query
from rag.text.outline import Outline, Section
from rag.texts import counted, many, say
from rag.types import Answer, AnswerStatus, Passage, Sentence

_LINES = 30  # most lines of a summary
_HEADINGS = 60  # most headings of a table of contents
_ITEMS = 60  # most items of a listing
_DOCUMENTS = 40  # most documents with a line each
_FEW = 8  # most documents with two lines each
_SEARCHED = 3_000_000  # characters that are searched for items: some seconds
_NESTED = 16  # most chapters and parts together for which the parts get lines too
_OF_A_SHEET = 6  # headings of a document without an abstract
_LEAF = 6  # sentences of a section without parts


def take_survey(query: Query, overview: Overview) -> Answer:
    """Return the quoted answer to a request for an overview.

    It ignores the pages of the scope: headings and definitions come from whole documents.
    """
    request, parts, corpus = overview.request, overview.parts, overview.corpus
    refused = Answer(query.asked, refusal(query.answer_language), AnswerStatus.NOT_IN_DOCUMENTS)
    if not parts:
        return replace(refused, notes=(*query.notes, _unnumbered(request.target)))
    lines, notes = _lines(request, parts, corpus)
    about = _about(parts, corpus)
    if lines:
        answer = _answer(query.asked, lines, about)
        read = say(
            "Read as a question about {about} as a whole; for a passage, ask about something in it.", about=about
        )
        notes = (*notes, read)
    else:
        answer = refused
        nothing = say("Nothing was recognised as {things} in {about}.", things=_names(request.things), about=about)
        notes = (*notes, nothing)
    if query.scope.pages is not None:
        whole = say("Pages don't bound a question about the whole: it was answered from whole documents.")
        notes = (*notes, whole)
    return replace(answer, notes=query.notes + notes)


# ---- lines


@dataclass(frozen=True, slots=True)
class OverviewLine:
    """A line of the answer: an extract, its document, and the heading above it."""

    part: DocumentPart
    outline: Outline
    item: Extract
    heading: str = ""  # shown before the quote; for a heading line the title itself
    level: int = 0
    is_heading: bool = False


def _lines(
    request: OverviewRequest, parts: Sequence[DocumentPart], corpus: Corpus
) -> tuple[list[OverviewLine], tuple[str, ...]]:
    """Return the lines of the answer, with notes on omissions."""
    if request.kind is OverviewKind.LISTING:
        searched = _searched(parts)
        lines, notes = _cut(_listing(request.things, searched, corpus), _ITEMS)
        return lines, (*notes, *_unread(len(parts) - len(searched)))
    whole = [part for part in parts if part.section is None]
    if len(parts) == 1 or not whole:
        lines = [line for part in parts[:_DOCUMENTS] for line in _place_lines(request.kind, part, corpus)]
        return _cut(_once(lines), _HEADINGS if request.kind is OverviewKind.TOPICS else _LINES)
    if request.kind is OverviewKind.TOPICS:
        headings = [line for part in parts[:_DOCUMENTS] for line in _headings(part, corpus, nested=False)]
        if len(headings) <= _HEADINGS:
            return headings, ()
    parts = sorted(parts, key=lambda part: is_kind(Unit.SHEET, part.info))  # last, for sheets are about deadlines
    most = 2 if len(parts) <= _FEW else 1
    lines = [line for part in parts[:_DOCUMENTS] for line in _document(part, corpus, most=most)]
    return lines, (_left_out(counted(len(parts) - _DOCUMENTS, "document")),) if len(parts) > _DOCUMENTS else ()


def _cut(lines: list[OverviewLine], most: int) -> tuple[list[OverviewLine], tuple[str, ...]]:
    return lines[:most], (_left_out(counted(len(lines) - most, "line")),) if len(lines) > most else ()


def _left_out(what: str) -> str:
    return say("Left out: {what}. Name a document or a chapter to see more.", what=what)


def _place_lines(kind: OverviewKind, part: DocumentPart, corpus: Corpus) -> list[OverviewLine]:
    outline = corpus.outline(part.info.document_id)
    if kind is OverviewKind.TOPICS:
        return _headings(part, corpus, nested=True) or _summary(part, outline)
    if kind is OverviewKind.ABOUT:
        return _opening(part, outline) + _headings(part, corpus, nested=False)
    return _summary(part, outline)


def _document(part: DocumentPart, corpus: Corpus, *, most: int) -> list[OverviewLine]:
    """Return the lines of one document among several: from its abstract, otherwise its headings."""
    outline = corpus.outline(part.info.document_id)
    if part.section is not None:
        return _summary(part, outline)
    found = [] if is_kind(Unit.SHEET, part.info) else abstract(outline, most=most, language=_language(part))
    return [OverviewLine(part, outline, item) for item in found] or _headings(part, corpus, nested=False)[
        : _OF_A_SHEET * most // 2
    ]


def _opening(part: DocumentPart, outline: Outline) -> list[OverviewLine]:
    """Return the introductory sentences of a document or section."""
    language = _language(part)
    if part.section is None:
        return [OverviewLine(part, outline, item) for item in abstract(outline, most=2, language=language)]
    most = 2 if outline.parts(part.section) else 3
    return [OverviewLine(part, outline, item) for item in leading(outline, part.section, most=most, language=language)]


def _headings(part: DocumentPart, corpus: Corpus, *, nested: bool) -> list[OverviewLine]:
    """Return the headings of a document or section; with `nested` also those below, unless they are too many."""
    outline = corpus.outline(part.info.document_id)
    top = outline.top if part.section is None else outline.parts(part.section)
    below = {section: outline.parts(section) for section in top} if nested else {}
    if len(top) + sum(map(len, below.values())) > _HEADINGS:
        below = {}
    found = []
    for section in top:
        found += [_heading_line(part, outline, section, 0)] if section.title else []
        found += [_heading_line(part, outline, inner, 1) for inner in below.get(section, ())]
    return found


def _heading_line(part: DocumentPart, outline: Outline, section: Section, level: int) -> OverviewLine:
    item = Extract(outline.heading_start(section), section.heading_end)
    return OverviewLine(part, outline, item, section.title, level, is_heading=True)


def _summary(part: DocumentPart, outline: Outline) -> list[OverviewLine]:
    """Return the salient sentences of a document or section, section by section."""
    language = _language(part)
    top = outline.top if part.section is None else outline.parts(part.section)
    if not top:
        section = part.section or outline.between(0, len(outline.document.text))
        return [OverviewLine(part, outline, item) for item in gist(outline, section, most=_LEAF, language=language)]
    below = {section: outline.parts(section) for section in top}
    if len(top) + sum(map(len, below.values())) > _NESTED:
        below = {}
    lines = [OverviewLine(part, outline, item) for item in _introduction(part, outline, language)]
    for section in _most_told(top):
        lines += _section_lines(part, outline, section, 0, language)
        for inner in below.get(section, ()):
            lines += _section_lines(part, outline, inner, 1, language)
    return _once(lines)


def _introduction(part: DocumentPart, outline: Outline, language: str) -> list[Extract]:
    """Return the introduction before the parts; none if it lies in a part, whose own line then does."""
    if part.section is None:
        found = abstract(outline, most=2, language=language)
        return [item for item in found if not any(one.start <= item.start < one.end for one in outline.top)]
    own = outline.between(part.section.body, part.section.own)
    return leading(outline, replace(own, title=part.section.title), most=2, language=language)


def _section_lines(
    part: DocumentPart, outline: Outline, section: Section, level: int, language: str
) -> list[OverviewLine]:
    found = leading(outline, section, most=1, language=language)
    if found:
        return [OverviewLine(part, outline, found[0], title_of(section), level)]
    return [_heading_line(part, outline, section, level)] if section.title else []


def _most_told(sections: Sequence[Section]) -> list[Section]:
    """Return the longest sections, as many as fit into a summary, in reading order."""
    longest = sorted(sections, key=lambda section: section.start - section.end)[: _LINES - 2]
    return [section for section in sections if section in longest]


def _once(lines: Sequence[OverviewLine]) -> list[OverviewLine]:
    """Return the lines without repeated quotes: the introduction of a script may be its first chapter too."""
    seen: set[tuple[str, int]] = set()
    kept = []
    for line in lines:
        key = (line.part.info.document_id, line.item.start)
        if key not in seen:
            seen.add(key)
            kept.append(line)
    return kept


def _searched(parts: Sequence[DocumentPart]) -> list[DocumentPart]:
    """Return the first parts, as many as can be searched while a person waits."""
    before = accumulate((part.info.characters for part in parts), initial=0)
    return [part for part, characters in zip(parts, before, strict=False) if characters < _SEARCHED]


def _unread(count: int) -> tuple[str, ...]:
    note = say("Not looked through: {what}. Name one, or a collection.", what=counted(count, "document"))
    return (note,) if count else ()


def _listing(things: Sequence[ItemKind], parts: Sequence[DocumentPart], corpus: Corpus) -> list[OverviewLine]:
    found = []
    for part in parts:
        outline = corpus.outline(part.info.document_id)
        start, end = (part.section.start, part.section.end) if part.section else (0, len(outline.document.text))
        said = items(outline, start, end, things, _language(part))
        found += [OverviewLine(part, outline, item, item.label) for item in said]
    return found


# ---- the answer


def _answer(question: str, lines: Sequence[OverviewLine], about: str) -> Answer:
    passages = tuple(_passage(number, line) for number, line in enumerate(lines, 1))
    citations = tuple(citation(passage.number, passage, passage.start, passage.end) for passage in passages)
    sentences = tuple(Sentence(_flat(found.quote), (found.marker,), supported=True, score=1.0) for found in citations)
    return Answer(
        question,
        "\n".join(_written(lines, sentences)),
        AnswerStatus.QUOTED,
        citations,
        sentences,
        passages,
        about=about,
    )


def _written(lines: Sequence[OverviewLine], sentences: Sequence[Sentence]) -> Iterator[str]:
    """Yield the lines of the text, with each document's name above its lines."""
    last = ""
    for line, sentence in zip(lines, sentences, strict=True):
        if line.part.info.document_id != last:
            last = line.part.info.document_id
            yield ("\n" if line is not lines[0] else "") + document_name(line.part)
        lead = "  " * line.level + "- "
        if line.is_heading:
            yield f"{lead}{sentence.text} [{sentence.markers[0]}]"
        else:
            colon = "" if line.heading.endswith(("?", "!", "…", ":")) else ":"
            yield f"{lead}{f'{line.heading}{colon} ' if line.heading else ''}“{sentence.text}” [{sentence.markers[0]}]"


def document_name(part: DocumentPart) -> str:
    """Return a document's title with its file name: titles aren't unique."""
    title = _flat(part.info.title)
    return f"{title} ({part.file_name})" if title and title != part.file_name else part.file_name


def _passage(number: int, line: OverviewLine) -> Passage:
    """Return the passage of a line; a heading line has itself as heading, by which the page recognises it."""
    start, end = line.item.start, line.item.end
    heading = _flat(line.outline.document.text[start:end]) if line.is_heading else line.heading
    return span_passage(number, line.part, line.outline, start, end, (heading,))


def span_passage(
    number: int, part: DocumentPart, outline: Outline, start: int, end: int, headings: Sequence[str] = ()
) -> Passage:
    """Return a span of a document as a passage."""
    pages = outline.document.pages
    touched = tuple((p.start, p.number, p.label) for p in pages if p.start < max(end, start + 1) and p.end >= start)
    first, last = outline.document.page_at(start), outline.document.page_at(max(end - 1, start))
    return Passage(
        number=number,
        document_id=part.info.document_id,
        chunk_id="",
        source=part.info.source,
        title=part.info.title,
        start=start,
        end=end,
        text=outline.document.text[start:end],
        score=1.0,
        headings=tuple(heading for heading in headings if heading),
        page=first.number if first else None,
        page_end=last.number if last else None,
        page_label=first.label if first else None,
        pages=touched,
    )


# ---- texts for people


def _about(parts: Sequence[DocumentPart], corpus: Corpus) -> str:
    """Return the subject of an overview for people: "lecture-notes.pdf", "“Sorting” of …", "7 documents"."""
    documents = {part.info.document_id for part in parts}
    if len(documents) > 1:
        all_of_them = len(documents) == len(corpus.infos) and all(part.section is None for part in parts)
        number = counted(len(documents), "document")
        return say("all {documents}", documents=number) if all_of_them else number
    sections = [title_of(part.section) for part in parts if part.section is not None]
    named = ", ".join(f"“{title}”" for title in sections[:3])
    return say("{headings} of {file}", headings=named, file=parts[0].file_name) if named else parts[0].file_name


def _unnumbered(target: Target) -> str:
    return say(
        "No document or heading was found for “{said}”. `studyhall docs list` shows the documents, and "
        "`studyhall docs tag` gives one its number.",
        said=target.said,
    )


def _names(things: Sequence[ItemKind]) -> str:
    named = [many(2, thing.value) for thing in things] or [many(2, "heading"), many(2, "sentence")]
    return say(" or ").join(named)


def _language(part: DocumentPart) -> str:
    return part.info.language or "en"


def _flat(text: str) -> str:
    return " ".join(text.split())
