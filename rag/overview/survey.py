"""The answer about the whole without a model: headings, telling sentences and definitions, quoted in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from rag.answer.cite import citation
from rag.answer.prompt import refusal
from rag.overview.collect import items
from rag.overview.salience import Item, abstract, gist, leading
from rag.question.documents import Corpus, Selection, is_kind, title_of
from rag.question.material import Target, Unit
from rag.question.overview_phrases import Kind, Thing
from rag.question.overview_request import OverviewRequest
from rag.question.query import Overview, Query
from rag.text.outline import Outline, Section
from rag.types import Answer, AnswerStatus, Passage, Sentence

_LINES = 30  # of a summary
_HEADINGS = 60  # of a table of contents
_ITEMS = 60  # of a list of definitions
_DOCUMENTS = 40  # told of, a line each
_FEW = 8  # documents, up to which two lines each are not too long
_SEARCHED = 3_000_000  # characters that are looked through for definitions: some seconds
_NESTED = 16  # chapters with their parts, up to which the parts of a document get a line too
_OF_A_SHEET = 6  # headings of a document that tells nothing of itself
_LEAF = 6  # sentences of a section without parts


def take_survey(query: Query, overview: Overview) -> Answer:
    """Return the quoted answer to a question about the whole of something.

    Pages don't bound it: headings and definitions are looked for in whole documents.
    """
    request, selections, corpus = overview.request, overview.selections, overview.corpus
    refused = Answer(query.asked, refusal(query.answer_language), AnswerStatus.NOT_IN_DOCUMENTS)
    if not selections:
        return replace(refused, notes=(*query.notes, _unnumbered(request.target)))
    lines, notes = _lines(request, selections, corpus)
    about = _about(selections, corpus)
    if lines:
        answer = _answer(query.asked, lines, about)
        notes = (*notes, f"Read as a question about {about} as a whole; for a passage, ask about something in it.")
    else:
        answer = refused
        notes = (*notes, f"Nothing was recognised as {_names(request.things)} in {about}.")
    if query.scope.pages is not None:
        notes = (*notes, "Pages don't bound a question about the whole: it was answered from whole documents.")
    return replace(answer, notes=query.notes + notes)


# ---- lines


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the answer: what is quoted, of which document, under which heading."""

    selection: Selection
    outline: Outline
    item: Item
    heading: str = ""  # said before the quote; the quote itself where it is one
    level: int = 0
    is_heading: bool = False


def _lines(
    request: OverviewRequest, selections: Sequence[Selection], corpus: Corpus
) -> tuple[list[Line], tuple[str, ...]]:
    """Return the lines of the answer, and notes about what was left out."""
    if request.kind is Kind.LISTING:
        searched = _searched(selections)
        lines, notes = _cut(_listing(request.things, searched, corpus), _ITEMS)
        return lines, (*notes, *_unread(len(selections) - len(searched)))
    whole = [selection for selection in selections if selection.section is None]
    if len(selections) == 1 or not whole:
        told = [line for selection in selections[:_DOCUMENTS] for line in _place_lines(request.kind, selection, corpus)]
        return _cut(_once(told), _HEADINGS if request.kind is Kind.TOPICS else _LINES)
    if request.kind is Kind.TOPICS:
        headings = [
            line for selection in selections[:_DOCUMENTS] for line in _headings(selection, corpus, nested=False)
        ]
        if len(headings) <= _HEADINGS:
            return headings, ()
    selections = sorted(
        selections, key=lambda selection: is_kind(Unit.SHEET, selection.info)
    )  # sheets tell of deadlines
    most = 2 if len(selections) <= _FEW else 1
    told = [line for selection in selections[:_DOCUMENTS] for line in _document(selection, corpus, most=most)]
    return told, (_left_out(len(selections) - _DOCUMENTS, "documents"),) if len(selections) > _DOCUMENTS else ()


def _cut(lines: list[Line], most: int) -> tuple[list[Line], tuple[str, ...]]:
    return lines[:most], (_left_out(len(lines) - most, "more"),) if len(lines) > most else ()


def _left_out(count: int, what: str) -> str:
    return f"{count} {what} {'is' if count == 1 else 'are'} left out: name a document or a chapter to see them."


def _place_lines(kind: Kind, selection: Selection, corpus: Corpus) -> list[Line]:
    outline = corpus.outline(selection.info.document_id)
    if kind is Kind.TOPICS:
        return _headings(selection, corpus, nested=True) or _summary(selection, outline)
    if kind is Kind.ABOUT:
        return _opening(selection, outline) + _headings(selection, corpus, nested=False)
    return _summary(selection, outline)


def _document(selection: Selection, corpus: Corpus, *, most: int) -> list[Line]:
    """Return a document's line among others: what it says of itself."""
    outline = corpus.outline(selection.info.document_id)
    if selection.section is not None:
        return _summary(selection, outline)
    found = [] if is_kind(Unit.SHEET, selection.info) else abstract(outline, most=most, language=_language(selection))
    return [Line(selection, outline, item) for item in found] or _headings(selection, corpus, nested=False)[
        : _OF_A_SHEET * most // 2
    ]


def _opening(selection: Selection, outline: Outline) -> list[Line]:
    """Return what a document or section says of itself, before its headings."""
    language = _language(selection)
    if selection.section is None:
        return [Line(selection, outline, item) for item in abstract(outline, most=2, language=language)]
    most = 2 if outline.parts(selection.section) else 3
    return [
        Line(selection, outline, item) for item in leading(outline, selection.section, most=most, language=language)
    ]


def _headings(selection: Selection, corpus: Corpus, *, nested: bool) -> list[Line]:
    """Return the headings of a document or section; with those below, where they are not too many."""
    outline = corpus.outline(selection.info.document_id)
    top = outline.top if selection.section is None else outline.parts(selection.section)
    below = {section: outline.parts(section) for section in top} if nested else {}
    if len(top) + sum(map(len, below.values())) > _HEADINGS:
        below = {}
    found = []
    for section in top:
        found += [_heading_line(selection, outline, section, 0)] if section.title else []
        found += [_heading_line(selection, outline, part, 1) for part in below.get(section, ())]
    return found


def _heading_line(selection: Selection, outline: Outline, section: Section, level: int) -> Line:
    item = Item(outline.heading_start(section), section.heading_end)
    return Line(selection, outline, item, section.title, level, is_heading=True)


def _summary(selection: Selection, outline: Outline) -> list[Line]:
    """Return what a document or section says, section by section."""
    language = _language(selection)
    top = outline.top if selection.section is None else outline.parts(selection.section)
    if not top:
        section = selection.section or outline.between(0, len(outline.document.text))
        return [Line(selection, outline, item) for item in gist(outline, section, most=_LEAF, language=language)]
    below = {section: outline.parts(section) for section in top}
    if len(top) + sum(map(len, below.values())) > _NESTED:
        below = {}
    lines = [Line(selection, outline, item) for item in _introduction(selection, outline, language)]
    for section in _most_told(top):
        lines += _section_lines(selection, outline, section, 0, language)
        for part in below.get(section, ()):
            lines += _section_lines(selection, outline, part, 1, language)
    return _once(lines)


def _introduction(selection: Selection, outline: Outline, language: str) -> list[Item]:
    """Return what stands before the parts; where the first part introduces the whole, its line does."""
    if selection.section is None:
        found = abstract(outline, most=2, language=language)
        return [item for item in found if not any(part.start <= item.start < part.end for part in outline.top)]
    own = outline.between(selection.section.body, selection.section.own)
    return leading(outline, replace(own, title=selection.section.title), most=2, language=language)


def _section_lines(selection: Selection, outline: Outline, section: Section, level: int, language: str) -> list[Line]:
    found = leading(outline, section, most=1, language=language)
    if found:
        return [Line(selection, outline, found[0], title_of(section), level)]
    return [_heading_line(selection, outline, section, level)] if section.title else []


def _most_told(sections: Sequence[Section]) -> list[Section]:
    """Return the sections that most is written in, where they are too many for a summary; in reading order."""
    longest = sorted(sections, key=lambda section: section.start - section.end)[: _LINES - 2]
    return [section for section in sections if section in longest]


def _once(lines: Sequence[Line]) -> list[Line]:
    """Return the lines without what was quoted before: the introduction of a script is its first chapter too."""
    seen: set[tuple[str, int]] = set()
    kept = []
    for line in lines:
        key = (line.selection.info.document_id, line.item.start)
        if key not in seen:
            seen.add(key)
            kept.append(line)
    return kept


def _searched(selections: Sequence[Selection]) -> list[Selection]:
    """Return the selections that can be looked through while somebody waits: the first ones."""
    before = accumulate((selection.info.characters for selection in selections), initial=0)
    return [selection for selection, characters in zip(selections, before, strict=False) if characters < _SEARCHED]


def _unread(count: int) -> tuple[str, ...]:
    return (f"{count} more documents were not looked through: name one, or a collection.",) if count else ()


def _listing(things: Sequence[Thing], selections: Sequence[Selection], corpus: Corpus) -> list[Line]:
    found = []
    for selection in selections:
        outline = corpus.outline(selection.info.document_id)
        start, end = (
            (selection.section.start, selection.section.end) if selection.section else (0, len(outline.document.text))
        )
        said = items(outline, start, end, things, _language(selection))
        found += [Line(selection, outline, item, item.label) for item in said]
    return found


# ---- the answer of them


def _answer(question: str, lines: Sequence[Line], about: str) -> Answer:
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


def _written(lines: Sequence[Line], sentences: Sequence[Sentence]) -> Iterator[str]:
    """Yield the lines of the text; each document is named once above its own."""
    last = ""
    for line, sentence in zip(lines, sentences, strict=True):
        if line.selection.info.document_id != last:
            last = line.selection.info.document_id
            yield ("\n" if line is not lines[0] else "") + document_name(line.selection)
        lead = "  " * line.level + "- "
        if line.is_heading:
            yield f"{lead}{sentence.text} [{sentence.markers[0]}]"
        else:
            colon = "" if line.heading.endswith(("?", "!", "…", ":")) else ":"
            yield f"{lead}{f'{line.heading}{colon} ' if line.heading else ''}“{sentence.text}” [{sentence.markers[0]}]"


def document_name(selection: Selection) -> str:
    """Return a document's title with its file name: titles repeat."""
    title = _flat(selection.info.title)
    return f"{title} ({selection.file_name})" if title and title != selection.file_name else selection.file_name


def _passage(number: int, line: Line) -> Passage:
    """Return what a line quotes; a line that is a heading stands under itself, so that the page knows it."""
    start, end = line.item.start, line.item.end
    heading = _flat(line.outline.document.text[start:end]) if line.is_heading else line.heading
    return span_passage(number, line.selection, line.outline, start, end, (heading,))


def span_passage(
    number: int, selection: Selection, outline: Outline, start: int, end: int, headings: Sequence[str] = ()
) -> Passage:
    """Return a span of a document as a passage."""
    pages = outline.document.pages
    touched = tuple((p.start, p.number, p.label) for p in pages if p.start < max(end, start + 1) and p.end >= start)
    first, last = outline.document.page_at(start), outline.document.page_at(max(end - 1, start))
    return Passage(
        number=number,
        document_id=selection.info.document_id,
        chunk_id="",
        source=selection.info.source,
        title=selection.info.title,
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


# ---- words for people


def _about(selections: Sequence[Selection], corpus: Corpus) -> str:
    """Return what an answer is about: "lecture-notes.pdf", "chapter 2 of …", "7 documents"."""
    documents = {selection.info.document_id for selection in selections}
    if len(documents) > 1:
        all_of_them = len(documents) == len(corpus.infos) and all(selection.section is None for selection in selections)
        return f"{'all ' if all_of_them else ''}{len(documents)} documents"
    sections = [title_of(selection.section) for selection in selections if selection.section is not None]
    named = ", ".join(f"“{title}”" for title in sections[:3])
    return f"{named} of {selections[0].file_name}" if named else selections[0].file_name


def _unnumbered(target: Target) -> str:
    return (
        f"No document or heading was found for “{target.said}”. `studyhall docs list` shows the documents, and "
        "`studyhall docs tag` gives one its number."
    )


def _names(things: Sequence[Thing]) -> str:
    return " or ".join(f"{thing.value}s" for thing in things) or "headings or sentences"


def _language(selection: Selection) -> str:
    return selection.info.language or "en"


def _flat(text: str) -> str:
    return " ".join(text.split())
