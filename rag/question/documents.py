"""The documents and sections that a question names: "lecture 3", "the evaluation slides", by tag, number or name.

A document has the number of a person's tag; without one, that of its file name, folders or title; without any, that
of its profile, which also knows short names ("w05").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import PurePath

from rag import lexicon
from rag.library.library import Library
from rag.library.profiles import DocumentProfile
from rag.question.material import COURSE_UNITS, Target, Unit, numbered_by
from rag.text.course_units import units_in
from rag.text.outline import Outline, Section, bare_heading
from rag.text.words import query_stems, stems, words
from rag.types import ANYWHERE, DocumentInfo, DocumentState, Scope

_MOST_SECTIONS = 4
_SEARCHED = 500  # documents whose headings are searched, at about 2 ms each; names are searched in all


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A document, or one section of it."""

    info: DocumentInfo
    section: Section | None = None

    @property
    def file_name(self) -> str:
        """The last part of the path or URL."""
        return _file_name(self.info)


class Corpus:
    """The documents that a question may be about, with their outlines; an outline is read on first use."""

    def __init__(self, library: Library, scope: Scope = ANYWHERE) -> None:
        self._library = library
        self._scope = scope
        self.outline: Callable[[str], Outline] = cache(
            lambda document_id: Outline(library.catalog.documents.body(document_id))
        )

    @cached_property
    def infos(self) -> list[DocumentInfo]:
        """The documents with text, each once, in natural order of their paths: "10-…" after "9-…"."""
        found: dict[str, DocumentInfo] = {}
        within = self._scope.documents
        for info in self._library.catalog.documents.all(self._scope.collection):
            fits = within is None or info.document_id in within
            if fits and info.chunks and info.state in {DocumentState.PARSED, DocumentState.READY}:
                found.setdefault(info.document_id, info)
        return sorted(found.values(), key=lambda info: (info.collection, _natural(info.source)))

    @cached_property
    def languages(self) -> list[str]:
        """The languages in which names are stemmed."""
        return sorted({*self._library.catalog.documents.languages(self._scope.collection), *lexicon.LANGUAGES})

    @cached_property
    def profiles(self) -> dict[str, DocumentProfile]:
        """The profiles of the documents, by id."""
        self._library.profiles.refresh()
        return self._library.profiles.all(self._scope.collection)

    def stemmed(self, text: str) -> frozenset[str]:
        """Return the stems of a text in all languages."""
        return frozenset(stem for language in self.languages for stem in stems(text, language))


def find(target: Target, corpus: Corpus) -> list[DocumentPart]:
    """Return the document parts that a target names, in reading order; empty when nothing matches."""
    if target.within is not None:
        around = [part.info for part in find(target.within, corpus) if part.section is None]
        return _found(target, around, corpus) if around else []
    return _found(target, corpus.infos, corpus)


def _found(target: Target, infos: Sequence[DocumentInfo], corpus: Corpus) -> list[DocumentPart]:
    if target.unit is Unit.PAGE:
        return _pages(target, infos, corpus)
    if target.numbers:
        return [
            part for number in target.numbers for part in _numbered(target.unit, number, target.name, infos, corpus)
        ]
    if target.name:
        return _named(target, infos, corpus)
    return [DocumentPart(info) for info in _of_kind(target, infos)]


# ---- by kind of document

_KINDS = {Unit(unit): f"(?:{'|'.join(said)})" for unit, said in lexicon.table("material_in_names").items()}
_SUFFIXES = {Unit.SLIDES: (".pptx", ".ppt", ".odp"), Unit.NOTEBOOK: (".ipynb",)}
_MAY_BE_ALL = {Unit.WHOLE, Unit.FILE, Unit.SCRIPT, Unit.LECTURE, Unit.SLIDES, Unit.NOTES, Unit.NOTEBOOK}


def _of_kind(target: Target, infos: Sequence[DocumentInfo]) -> list[DocumentInfo]:
    """Return the documents of a kind; all documents, if none is recognised and the word may mean all of them."""
    kinds = [info for info in infos if is_kind(target.unit, info)]
    if kinds or target.unit not in _MAY_BE_ALL:
        stop = lexicon.words("stop")
        said = " ".join(
            word for word in words(target.said) if word not in stop
        )  # "the lecture notes" are not all notes
        return [info for info in kinds if said and said in " ".join(_names(info))] or kinds
    return list(infos)


def _names(info: DocumentInfo) -> list[str]:
    """Return the words of a document's file name and title, in order."""
    return words(f"{PurePath(_file_name(info)).stem} {info.title}")


def is_kind(unit: Unit | None, info: DocumentInfo) -> bool:
    """Say whether a document is of a kind, by its file name, title or format."""
    if unit not in _KINDS:
        return False
    named = re.search(rf"\b{_KINDS[unit]}\b", " ".join(_names(info)))
    return named is not None or _file_name(info).lower().endswith(_SUFFIXES.get(unit, ("\0",)))


# ---- by name


def _named(target: Target, infos: Sequence[DocumentInfo], corpus: Corpus) -> list[DocumentPart]:
    """Return the parts with a name: a file, documents by title and file name, or sections by heading."""
    exact = [info for info in infos if target.name.casefold() in _exact_names(info, corpus)]
    if exact:
        return [DocumentPart(info) for info in exact]
    groups = query_stems(target.name, corpus.languages)
    if target.unit is Unit.WHOLE and (course := _in_folder(groups, infos, corpus)):
        return course
    of_documents = _documents_named(target, groups, infos, corpus)
    chapters = target.unit in {Unit.CHAPTER, Unit.SECTION}
    if of_documents and not chapters:
        return of_documents
    return _sections_named(groups, infos, corpus) or of_documents


def _exact_names(info: DocumentInfo, corpus: Corpus) -> set[str]:
    """Return the full names of a document: file name, path and tags."""
    profile = corpus.profiles.get(info.document_id)
    return {name.casefold() for name in (_file_name(info), info.source, *(profile.tags if profile else ()))}


_FOLDERS = 2  # innermost folders of a path that may bear a course's name


def _in_folder(groups: Sequence[tuple[str, ...]], infos: Sequence[DocumentInfo], corpus: Corpus) -> list[DocumentPart]:
    """Return the documents in a folder of that name: "the algorithms course" is in en-algorithms."""
    folders = {info.document_id: info.source.replace("\\", "/").split("/")[-1 - _FOLDERS : -1] for info in infos}
    return [DocumentPart(info) for info in infos if _holds(groups, corpus.stemmed(" ".join(folders[info.document_id])))]


def _documents_named(
    target: Target, groups: Sequence[tuple[str, ...]], infos: Sequence[DocumentInfo], corpus: Corpus
) -> list[DocumentPart]:
    found = []
    for info in infos:
        name, title = PurePath(_file_name(info)).stem, info.title
        named = target.unit and _holds(groups, corpus.stemmed(f"{name} {title}"))
        if named or _mostly(groups, name, corpus) or _mostly(groups, title, corpus):
            found.append(info)
    of_kind = [info for info in found if is_kind(target.unit, info)]
    return [DocumentPart(info) for info in of_kind or found]


def _sections_named(
    groups: Sequence[tuple[str, ...]], infos: Sequence[DocumentInfo], corpus: Corpus
) -> list[DocumentPart]:
    """Return the sections whose heading consists of the words and few others: only those with the largest share."""
    scored: list[tuple[float, DocumentPart]] = []
    for info in infos[:_SEARCHED]:
        for section in corpus.outline(info.document_id).sections:
            said = _without_number(section)
            if _mostly(groups, said, corpus):
                scored.append((_share(groups, said, corpus), DocumentPart(info, section)))
    best = max((share for share, _ in scored), default=0.0)
    return [part for share, part in scored if share >= best][:_MOST_SECTIONS]


_ENOUGH = 0.5  # least share of a heading's words that the question names


def _holds(groups: Sequence[tuple[str, ...]], said: Iterable[str]) -> bool:
    return bool(groups) and all(any(stem in said for stem in group) for group in groups)


def _mostly(groups: Sequence[tuple[str, ...]], said: str, corpus: Corpus) -> bool:
    """Say whether a name makes up most of a title or heading."""
    return _holds(groups, corpus.stemmed(said)) and _share(groups, said, corpus) >= _ENOUGH


def _share(groups: Sequence[tuple[str, ...]], said: str, corpus: Corpus) -> float:
    return len(groups) / max(len(query_stems(re.sub(r"\b\d+\b", "", said), corpus.languages)), 1)


def _without_number(section: Section) -> str:
    return re.sub(r"^\W*\d+(?:\.\d+)*[.:]?\s+", "", section.title)


# ---- by number


def _numbered(
    unit: Unit | None, number: str, name: str, infos: Sequence[DocumentInfo], corpus: Corpus
) -> list[DocumentPart]:
    """Return the parts with a number: documents by file, folder or tag, otherwise sections; chapters the other way."""
    if name:
        groups = query_stems(name, corpus.languages)
        named = [info for info in infos if _holds(groups, corpus.stemmed(f"{_file_name(info)} {info.title}"))]
        infos = named or infos
    by_file = [DocumentPart(info) for info in _documents_numbered(unit, number, infos, corpus)]
    if unit not in {Unit.CHAPTER, Unit.SECTION}:
        return by_file or _sections_numbered(unit, number, infos, corpus)
    return _sections_numbered(unit, number, infos, corpus) or by_file or _nth(unit, number, infos, corpus)


def _documents_numbered(
    unit: Unit | None, number: str, infos: Sequence[DocumentInfo], corpus: Corpus
) -> list[DocumentInfo]:
    """Return the documents with a number: as a tag, after a word ("lecture-03.pdf") or in front ("03-trees.pdf")."""
    pattern = re.compile(rf"(?<![^\W_\d])(?:{numbered_by(unit)})[\s_.-]*0*(\d+(?:\.\d+)*)" if unit else r"(?!)")
    tagged = {info.document_id: _tagged(info, unit, corpus) for info in infos}
    numbers = {info.document_id: _numbers_in(info, pattern) for info in infos}
    numbers |= {
        info.document_id: _of_profile(info, unit, corpus)
        for info in infos
        if not numbers[info.document_id] and not tagged[info.document_id]
    }
    if not any(numbers.values()):
        numbers = _leading(infos)
    numbers |= {key: held for key, held in tagged.items() if held}
    wanted = number if number != "-1" else max((n for held in numbers.values() for n in held), key=_value, default="")
    return [info for info in infos if wanted and wanted in numbers[info.document_id]]


def _tagged(info: DocumentInfo, unit: Unit | None, corpus: Corpus) -> set[str]:
    """Return the numbers that a person's tags give a document as a unit; they replace those of its names."""
    profile, kinds = corpus.profiles.get(info.document_id), COURSE_UNITS.get(unit, ()) if unit else ()
    tags = profile.tags if profile else ()
    return {str(one.number) for tag in tags for one in units_in(tag) if one.kind in kinds}


def _of_profile(info: DocumentInfo, unit: Unit | None, corpus: Corpus) -> set[str]:
    """Return a document's numbers as a unit by its profile, which also knows short names: "w05" is week 5."""
    profile, kinds = corpus.profiles.get(info.document_id), COURSE_UNITS.get(unit, ()) if unit else ()
    return {str(one.number) for one in profile.units if one.kind in kinds} if profile else set()


def _numbers_in(info: DocumentInfo, pattern: re.Pattern[str]) -> set[str]:
    """Return the numbers in a document's file name, folders or title."""
    path = info.source.replace("\\", "/").casefold()
    names = [*path.split("/")[-3:-1], PurePath(path.rpartition("/")[2]).stem, info.title.casefold()]
    return {_plain_number(match[1]) for name in names for match in pattern.finditer(name)}


def _leading(infos: Sequence[DocumentInfo]) -> dict[str, set[str]]:
    """Return the numbers at the start of file names; "02.03-arrays" is also 3, if all files begin with 02."""
    found: dict[str, set[str]] = {}
    pairs = {}
    for info in infos:
        match = re.match(r"0*(\d{1,2})(?:[._]0*(\d{1,2}))?(?!\d)(?=[-_. ])", _file_name(info))
        found[info.document_id] = set()
        if match and match[2] is None:
            found[info.document_id] = {match[1]}
        elif match:
            pairs[info.document_id] = (match[1], match[2])
            found[info.document_id] = {f"{match[1]}.{match[2]}"}
    if len({first for first, _ in pairs.values()}) == 1:
        for document_id, (_, second) in pairs.items():
            found[document_id].add(second)
    return found


def _sections_numbered(
    unit: Unit | None, number: str, infos: Sequence[DocumentInfo], corpus: Corpus
) -> list[DocumentPart]:
    """Return the sections with a number; if some headings name the unit ("Kapitel 2"), only those."""
    found = [
        DocumentPart(info, section)
        for info in infos[:_SEARCHED]
        for section in corpus.outline(info.document_id).sections
        if section.number == number and not section.apart
    ]
    word = re.compile(rf"\W*(?:{numbered_by(unit)})\b", re.IGNORECASE) if unit else re.compile(r"(?!)")
    called = [part for part in found if part.section and word.match(part.section.title)]
    if called or unit in {Unit.CHAPTER, Unit.SECTION}:
        return called or found
    return []


def _nth(unit: Unit | None, number: str, infos: Sequence[DocumentInfo], corpus: Corpus) -> list[DocumentPart]:
    """Return the nth chapter of a single document whose chapters are unnumbered."""
    if (
        len(infos) != 1
        or unit not in {Unit.CHAPTER, Unit.SECTION}
        or "." in number
        or not number.lstrip("-").isdecimal()
    ):
        return []
    top = corpus.outline(infos[0].document_id).top
    at = int(number) - 1 if number != "-1" else len(top) - 1
    unnumbered = number == "-1" or not any(section.number for section in top)
    return [DocumentPart(infos[0], top[at])] if unnumbered and 0 <= at < len(top) else []


def _pages(target: Target, infos: Sequence[DocumentInfo], corpus: Corpus) -> list[DocumentPart]:
    """Return the pages with the target's numbers, if exactly one document has pages."""
    paged = [info for info in infos if info.pages]
    wanted = {int(number) for number in target.numbers if number.isdecimal()}
    if len(paged) != 1 or not wanted:
        return []
    outline = corpus.outline(paged[0].document_id)
    pages = outline.document.pages
    chosen = [page for page in pages if page.number in wanted or ("-1" in target.numbers and page is pages[-1])]
    return [DocumentPart(paged[0], outline.between(page.start, page.end)) for page in chosen]


# ---- names and numbers


def _file_name(info: DocumentInfo) -> str:
    return info.source.replace("\\", "/").rstrip("/").rpartition("/")[2] or info.source


def _natural(source: str) -> list[tuple[int, str]]:
    return [(int(piece), "") if piece.isdecimal() else (0, piece) for piece in re.split(r"(\d+)", source.casefold())]


def _plain_number(text: str) -> str:
    return ".".join(digits.lstrip("0") or "0" for digits in text.split("."))


def _value(number: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in number.split("."))


def title_of(section: Section) -> str:
    """Return the title of a section; its page number, if it has no heading."""
    return bare_heading(section.title) or (f"p. {section.page}" if section.page else "…")
