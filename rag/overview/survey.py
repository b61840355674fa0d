"""The answer about the whole without a model: headings, telling sentences and definitions, quoted in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from rag.answer.cite import citation
from rag.answer.prompt import refusal
from rag.library.catalog import Catalog
from rag.overview.collect import items
from rag.overview.salience import Item, abstract, gist, leading
from rag.question.documents import Place, Shelf, find, is_kind, title_of
from rag.question.material import Target, Unit
from rag.question.overview_phrases import Kind, Thing
from rag.question.overview_request import Wish, recognise, recognise_next
from rag.question.scope import Narrowed
from rag.text.outline import Outline, Section
from rag.types import Answer, AnswerStatus, Passage, Question, Sentence

_LINES = 30  # of a summary
_HEADINGS = 60  # of a table of contents
_ITEMS = 60  # of a list of definitions
_DOCUMENTS = 40  # told of, a line each
_FEW = 8  # documents, up to which two lines each are not too long
_SEARCHED = 3_000_000  # characters that are looked through for definitions: some seconds
_NESTED = 16  # chapters with their parts, up to which the parts of a document get a line too
_OF_A_SHEET = 6  # headings of a document that tells nothing of itself
_LEAF = 6  # sentences of a section without parts
_POINTING = {"it", "this", "that", "these", "them", "das", "dies"}  # with a history: what was said before


@dataclass(frozen=True, slots=True)
class Survey:
    """What a question about the whole found: the quoted answer, and the places a model can read for a written one."""

    answer: Answer | None = None  # None: an ordinary question
    wish: Wish | None = None
    places: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()
    shelf: Shelf | None = None


def take_survey(question: Question, catalog: Catalog, language: str, within: Narrowed) -> Survey:
    """Return the answer to a question about the whole of what it is bounded by; one without for any other question.

    Pages don't bound it: headings and definitions are looked for in whole documents.
    """
    wish = None if within.empty else _wish(question)
    if wish is None:
        return Survey()
    scope = within.scope
    if scope.collection is not None:
        catalog.collection_id(scope.collection)  # raises NotFound
    documents = scope.documents if scope.document_id is None else frozenset({scope.document_id})
    shelf = Shelf(catalog, scope.collection, documents)
    places = tuple(find(wish.target, shelf))
    if not places and wish.sure and shelf.infos and wish.target.numbers:  # passages can't stand for lecture 99
        notes = (*within.notes, _unnumbered(wish.target))
        answer = Answer(question.text, refusal(language), AnswerStatus.NOT_IN_DOCUMENTS, notes=notes)
        return Survey(answer, notes=notes)
    if not places:
        return Survey(notes=(_missing(wish.target),) if wish.sure and shelf.infos else ())
    lines, notes = _lines(wish, places, shelf, language)
    about = _about(places, shelf)
    if not lines:
        answer = Answer(question.text, refusal(language), AnswerStatus.NOT_IN_DOCUMENTS)
        notes = (
            *notes,
            f"Nothing was recognised as {_names(wish.things)} in {about}.",
        )
    else:
        answer = _answer(question.text, lines, about)
        notes = (*notes, f"Read as a question about {about} as a whole; for a passage, ask about something in it.")
    notes = within.notes + notes
    if scope.pages is not None:
        notes = (*notes, "Pages don't bound a question about the whole: it was answered from whole documents.")
    return Survey(replace(answer, notes=notes), wish, places, notes, shelf)


def _wish(question: Question) -> Wish | None:
    wish = recognise(question.text)
    if question.history and wish is None:
        return recognise_next(question.text, question.history[-1].question)
    if question.history and wish and wish.target.said in _POINTING:
        return None
    return wish


# ---- lines


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the answer: what is quoted, of which document, under which heading."""

    place: Place
    outline: Outline
    item: Item
    heading: str = ""  # said before the quote; the quote itself where it is one
    level: int = 0
    is_heading: bool = False


def _lines(wish: Wish, places: Sequence[Place], shelf: Shelf, language: str) -> tuple[list[Line], tuple[str, ...]]:
    """Return the lines of the answer, and notes about what was left out."""
    if wish.kind is Kind.LISTING:
        searched = _searched(places)
        lines, notes = _cut(_listing(wish.things, searched, shelf), _ITEMS)
        return lines, (*notes, *_unread(len(places) - len(searched)))
    whole = [place for place in places if place.section is None]
    if len(places) == 1 or not whole:
        told = [line for place in places[:_DOCUMENTS] for line in _place_lines(wish.kind, place, shelf)]
        return _cut(_once(told), _HEADINGS if wish.kind is Kind.TOPICS else _LINES)
    if wish.kind is Kind.TOPICS:
        headings = [line for place in places[:_DOCUMENTS] for line in _headings(place, shelf, nested=False)]
        if len(headings) <= _HEADINGS:
            return headings, ()
    places = sorted(places, key=lambda place: is_kind(Unit.SHEET, place.info))  # sheets tell of deadlines
    most = 2 if len(places) <= _FEW else 1
    told = [line for place in places[:_DOCUMENTS] for line in _document(place, shelf, most=most)]
    return told, (_left_out(len(places) - _DOCUMENTS, "documents"),) if len(places) > _DOCUMENTS else ()


def _cut(lines: list[Line], most: int) -> tuple[list[Line], tuple[str, ...]]:
    return lines[:most], (_left_out(len(lines) - most, "more"),) if len(lines) > most else ()


def _left_out(count: int, what: str) -> str:
    return f"{count} {what} {'is' if count == 1 else 'are'} left out: name a document or a chapter to see them."


def _place_lines(kind: Kind, place: Place, shelf: Shelf) -> list[Line]:
    outline = shelf.outline(place.info.document_id)
    if kind is Kind.TOPICS:
        return _headings(place, shelf, nested=True) or _summary(place, outline)
    if kind is Kind.ABOUT:
        return _opening(place, outline) + _headings(place, shelf, nested=False)
    return _summary(place, outline)


def _document(place: Place, shelf: Shelf, *, most: int) -> list[Line]:
    """Return a document's line among others: what it says of itself."""
    outline = shelf.outline(place.info.document_id)
    if place.section is not None:
        return _summary(place, outline)
    found = [] if is_kind(Unit.SHEET, place.info) else abstract(outline, most=most, language=_language(place))
    return [Line(place, outline, item) for item in found] or _headings(place, shelf, nested=False)[
        : _OF_A_SHEET * most // 2
    ]


def _opening(place: Place, outline: Outline) -> list[Line]:
    """Return what a document or section says of itself, before its headings."""
    language = _language(place)
    if place.section is None:
        return [Line(place, outline, item) for item in abstract(outline, most=2, language=language)]
    most = 2 if outline.parts(place.section) else 3
    return [Line(place, outline, item) for item in leading(outline, place.section, most=most, language=language)]


def _headings(place: Place, shelf: Shelf, *, nested: bool) -> list[Line]:
    """Return the headings of a document or section; with those below, where they are not too many."""
    outline = shelf.outline(place.info.document_id)
    top = outline.top if place.section is None else outline.parts(place.section)
    below = {section: outline.parts(section) for section in top} if nested else {}
    if len(top) + sum(map(len, below.values())) > _HEADINGS:
        below = {}
    found = []
    for section in top:
        found += [_heading_line(place, outline, section, 0)] if section.title else []
        found += [_heading_line(place, outline, part, 1) for part in below.get(section, ())]
    return found


def _heading_line(place: Place, outline: Outline, section: Section, level: int) -> Line:
    item = Item(outline.heading_start(section), section.heading_end)
    return Line(place, outline, item, section.title, level, is_heading=True)


def _summary(place: Place, outline: Outline) -> list[Line]:
    """Return what a document or section says, section by section."""
    language = _language(place)
    top = outline.top if place.section is None else outline.parts(place.section)
    if not top:
        section = place.section or outline.between(0, len(outline.document.text))
        return [Line(place, outline, item) for item in gist(outline, section, most=_LEAF, language=language)]
    below = {section: outline.parts(section) for section in top}
    if len(top) + sum(map(len, below.values())) > _NESTED:
        below = {}
    lines = [Line(place, outline, item) for item in _introduction(place, outline, language)]
    for section in _most_told(top):
        lines += _section_lines(place, outline, section, 0, language)
        for part in below.get(section, ()):
            lines += _section_lines(place, outline, part, 1, language)
    return _once(lines)


def _introduction(place: Place, outline: Outline, language: str) -> list[Item]:
    """Return what stands before the parts; where the first part introduces the whole, its line does."""
    if place.section is None:
        found = abstract(outline, most=2, language=language)
        return [item for item in found if not any(part.start <= item.start < part.end for part in outline.top)]
    own = outline.between(place.section.body, place.section.own)
    return leading(outline, replace(own, title=place.section.title), most=2, language=language)


def _section_lines(place: Place, outline: Outline, section: Section, level: int, language: str) -> list[Line]:
    found = leading(outline, section, most=1, language=language)
    if found:
        return [Line(place, outline, found[0], title_of(section), level)]
    return [_heading_line(place, outline, section, level)] if section.title else []


def _most_told(sections: Sequence[Section]) -> list[Section]:
    """Return the sections that most is written in, where they are too many for a summary; in reading order."""
    longest = sorted(sections, key=lambda section: section.start - section.end)[: _LINES - 2]
    return [section for section in sections if section in longest]


def _once(lines: Sequence[Line]) -> list[Line]:
    """Return the lines without what was quoted before: the introduction of a script is its first chapter too."""
    seen: set[tuple[str, int]] = set()
    kept = []
    for line in lines:
        key = (line.place.info.document_id, line.item.start)
        if key not in seen:
            seen.add(key)
            kept.append(line)
    return kept


def _searched(places: Sequence[Place]) -> list[Place]:
    """Return the places that can be looked through while somebody waits: the first ones."""
    before = accumulate((place.info.characters for place in places), initial=0)
    return [place for place, characters in zip(places, before, strict=False) if characters < _SEARCHED]


def _unread(count: int) -> tuple[str, ...]:
    return (f"{count} more documents were not looked through: name one, or a collection.",) if count else ()


def _listing(things: Sequence[Thing], places: Sequence[Place], shelf: Shelf) -> list[Line]:
    found = []
    for place in places:
        outline = shelf.outline(place.info.document_id)
        start, end = (place.section.start, place.section.end) if place.section else (0, len(outline.document.text))
        said = items(outline, start, end, things, _language(place))
        found += [Line(place, outline, item, item.label) for item in said]
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
        if line.place.info.document_id != last:
            last = line.place.info.document_id
            yield ("\n" if line is not lines[0] else "") + document_name(line.place)
        lead = "  " * line.level + "- "
        if line.is_heading:
            yield f"{lead}{sentence.text} [{sentence.markers[0]}]"
        else:
            colon = "" if line.heading.endswith(("?", "!", "…", ":")) else ":"
            yield f"{lead}{f'{line.heading}{colon} ' if line.heading else ''}“{sentence.text}” [{sentence.markers[0]}]"


def document_name(place: Place) -> str:
    """Return a document's title with its file name: titles repeat."""
    title = _flat(place.info.title)
    return f"{title} ({place.file_name})" if title and title != place.file_name else place.file_name


def _passage(number: int, line: Line) -> Passage:
    """Return what a line quotes; a line that is a heading stands under itself, so that the page knows it."""
    start, end = line.item.start, line.item.end
    heading = _flat(line.outline.document.text[start:end]) if line.is_heading else line.heading
    return span_passage(number, line.place, line.outline, start, end, (heading,))


def span_passage(
    number: int, place: Place, outline: Outline, start: int, end: int, headings: Sequence[str] = ()
) -> Passage:
    """Return a span of a document as a passage."""
    pages = outline.document.pages
    touched = tuple((p.start, p.number, p.label) for p in pages if p.start < max(end, start + 1) and p.end >= start)
    first, last = outline.document.page_at(start), outline.document.page_at(max(end - 1, start))
    return Passage(
        number=number,
        document_id=place.info.document_id,
        chunk_id="",
        source=place.info.source,
        title=place.info.title,
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


def _about(places: Sequence[Place], shelf: Shelf) -> str:
    """Return what an answer is about: "lecture-notes.pdf", "chapter 2 of …", "7 documents"."""
    documents = {place.info.document_id for place in places}
    if len(documents) > 1:
        all_of_them = len(documents) == len(shelf.infos) and all(place.section is None for place in places)
        return f"{'all ' if all_of_them else ''}{len(documents)} documents"
    sections = [title_of(place.section) for place in places if place.section is not None]
    named = ", ".join(f"“{title}”" for title in sections[:3])
    return f"{named} of {places[0].file_name}" if named else places[0].file_name


def _unnumbered(target: Target) -> str:
    return (
        f"No document or heading was found for “{target.said}”. `studyhall docs list` shows the documents, and "
        "`studyhall docs tag` gives one its number."
    )


def _missing(target: Target) -> str:
    said = target.said or "that"
    return f"No document or heading was found for “{said}”, so this was answered from single passages."


def _names(things: Sequence[Thing]) -> str:
    return " or ".join(f"{thing.value}s" for thing in things) or "headings or sentences"


def _language(place: Place) -> str:
    return place.info.language or "en"


def _flat(text: str) -> str:
    return " ".join(text.split())
