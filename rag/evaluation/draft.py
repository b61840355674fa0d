"""Drafts questions from a person's own documents, each with the quote that answers it, for a person to confirm.

With a language model, the model writes the questions; without one, they come from plain statements: definitions,
reasons, and sections under headings. Drafts are marked as such until a person confirms them.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import TypeVar

from rag import lexicon
from rag.answer.generate import Writer
from rag.answer.prompt import drafting
from rag.errors import Cancelled, InputError
from rag.evaluation.measures import bare
from rag.evaluation.questions import EvalQuestion, Evidence
from rag.lexicon import either, words
from rag.library.catalog import SqliteCatalog
from rag.retrieve.passages import alone
from rag.text.sentences import sentence_spans
from rag.types import BlockKind, Chunk, Document, DocumentInfo, DocumentState, Hit

T = TypeVar("T")

_LONGEST, _SHORTEST = 60, 6  # words of an answering sentence
_TERM = 6  # most words of a defined term
_LONGEST_HEADING = 10  # words
_LEAST_PROSE = 40  # words of a chunk for a model's question
_TRIES = 3  # chunks shown to a model per wanted question

# "An inverted index is a map from …", "Tries are trees that …", "Ein Graph ist ein Paar …"
_DEFINITIONS = {
    language: re.compile(
        rf"(?:(?P<article>{either('subject_articles', language)}) )?(?P<term>\w[^,;:()]*?)"
        rf" (?P<verb>{either('drafting_verbs', language)}) {either('drafting_kinds', language)} "
    )
    for language in lexicon.LANGUAGES
}
_REASONS = {
    language: re.compile(rf"(?P<clause>[^,;:]{{20,160}}){either('because', language)} (?P<reason>[^;:]{{15,}})")
    for language in lexicon.LANGUAGES
}
_IS = re.compile(either("is"))
# References to something said before, as small words are: no question can ask for them.
_ARTICLES = words("articles") - words("pointing_alone")
_POINTING = (words("stop") | words("asking") | words("unasked")) - _ARTICLES
_VAGUE = words("vague")  # terms without a meaning outside their paragraph
# "3.1 Heaps", "Exercises", "Contents": numbers are dropped, and some sections answer no question.
_CHAPTER = lexicon.one_of(*(word.capitalize() for word in lexicon.table("units")["chapter"]))
_NUMBER = re.compile(rf"^(?:\d+(?:\.\d+)*\.?|[A-Z]\.|{_CHAPTER} \d+)\s+")
_NO_SUBJECT = re.compile(either("no_subject"), re.IGNORECASE)
_NAMES = lexicon.keys("reply_lines")
_REPLY = re.compile(rf"^\W*({lexicon.one_of(*_NAMES)})\W*:\W*?\s*(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class DraftSource:
    """A document to draft questions from, with its name in the questions."""

    name: str
    document: Document


def draft(
    catalog: SqliteCatalog,
    *,
    collection: str | None,
    most: int,
    writer: Writer | None = None,
    stopped: threading.Event | None = None,
) -> Iterator[EvalQuestion]:
    """Yield at most `most` drafts, alternating between all documents of a collection, or of all collections.

    Raises InputError if there is no document to draft from.
    """
    if collection is not None:
        catalog.collections.number(collection)  # raises NotFound
    searchable = (DocumentState.READY, DocumentState.PARSED)
    infos = {info.document_id: info for info in catalog.documents.all(collection) if info.state in searchable}
    if not infos:
        message = "There are no documents to draft questions from."
        raise InputError(message, remedy="Add some: studyhall ingest FOLDER")
    names = _names(list(infos.values()))
    per_document = -(-most // len(infos))
    if writer is None:
        drafts = [
            plain_drafts(DraftSource(names[key], catalog.documents.get(key)))[: 4 * per_document] for key in infos
        ]
        found: Iterator[EvalQuestion] = _in_turn(drafts)
    else:
        found = _written(catalog, names, writer, most, stopped or threading.Event())
    count, asked = 0, set()
    for question in found:
        if count < most and question.text not in asked:
            count += 1
            asked.add(question.text)
            yield replace(question, id=f"draft-{count:03d}")


def plain_drafts(place: DraftSource) -> list[EvalQuestion]:
    """Return questions about a document's own sentences and headings, best kinds first, spread over the document."""
    sentences = list(_sentences(place.document))
    language = place.document.language if place.document.language in lexicon.LANGUAGES else "en"
    definitions = [found for span in sentences if (found := _definition(place, span, language))]
    reasons = [found for span in sentences if (found := _reason(place, span, language))]
    sections = list(_sections(place, language))
    return list(_in_turn([_spread(definitions), _spread(reasons), _spread(sections)]))


# ---- without a language model


def _definition(place: DraftSource, span: tuple[int, int], language: str) -> EvalQuestion | None:
    sentence = " ".join(place.document.text[slice(*span)].split())
    match = _DEFINITIONS[language].match(sentence)
    if match is None or not _is_term(match["term"], match["article"], language, plural=match["verb"] == "are"):
        return None
    term, verb = match["term"], match["verb"]
    article = (match["article"] or "").lower()
    named = f"{article} {term}".strip()
    wording = lexicon.text("asks_what_is" if _IS.fullmatch(verb) else "asks_what_designates", language)
    asked = wording.format(verb=verb, term=named)
    return _question(place, asked, span, sentence, language)


def _is_term(term: str, article: str | None, language: str, *, plural: bool) -> bool:
    """Say whether words are a term to ask for: a self-contained noun, as far as its form shows."""
    said = term.split()
    folded = [word.casefold().strip("“”„\"'") for word in said]
    if len(said) > _TERM or folded[0] in _POINTING or _VAGUE.intersection(folded) or len(term) < 3:
        return False
    if lexicon.has_capital_nouns(language):  # nouns are capitalised, and "Noch größer ist der …" has none
        return article is not None and said[-1][0].isupper()
    if article == "The":  # "the file" was mentioned before
        return len(said) > 1
    return not plural or article is not None or folded[-1].endswith("s")


def _reason(place: DraftSource, span: tuple[int, int], language: str) -> EvalQuestion | None:
    sentence = " ".join(place.document.text[slice(*span)].split())
    match = _REASONS[language].match(sentence)
    if match is None or match["clause"].split()[0].casefold() in _POINTING:
        return None
    clause = match["clause"].strip()
    small = clause[0].lower() + clause[1:]
    # A word that is lower case elsewhere is capitalised only at the beginning of the sentence.
    first = re.escape(small.split()[0])
    if not lexicon.has_capital_nouns(language) and re.search(rf"\b{first}\b", place.document.text):
        clause = small
    asked = lexicon.text("asks_reason", language).format(clause=clause)
    return _question(place, asked, span, match["reason"].rstrip(" .!"), language)


def _sections(place: DraftSource, language: str) -> Iterator[EvalQuestion]:
    """Yield a question for each heading before prose, whose first sentence is the quote."""
    document = place.document
    for heading, after in zip(document.blocks, document.blocks[1:], strict=False):
        if heading.kind is not BlockKind.HEADING or after.kind is not BlockKind.PARAGRAPH:
            continue
        name = _NUMBER.sub("", " ".join(document.text[heading.start : heading.end].lstrip("#").split()))
        spans = [span for span in sentence_spans(document.text, after.start, after.end) if _speaks(document, span)]
        fits = 1 < len(name.split()) <= _LONGEST_HEADING and name != document.title
        if spans and fits and not _NO_SUBJECT.search(name):
            asked = lexicon.text("asks_section", language).format(title=document.title, heading=name)
            yield _question(place, asked, spans[0], " ".join(document.text[slice(*spans[0])].split()), language)


def _sentences(document: Document) -> Iterator[tuple[int, int]]:
    paragraphs = (block for block in document.blocks if block.kind in {BlockKind.PARAGRAPH, BlockKind.LIST})
    for block in paragraphs:
        yield from (span for span in sentence_spans(document.text, block.start, block.end) if _speaks(document, span))


def _speaks(document: Document, span: tuple[int, int]) -> bool:
    """Say whether a span is an answering sentence: neither a fragment nor a formula nor a question."""
    text = document.text[slice(*span)]
    letters = sum(letter.isalpha() or letter.isspace() for letter in text)
    return (
        _SHORTEST <= len(text.split()) <= _LONGEST
        and text[0].isupper()
        and text.rstrip("\"'”“)").endswith(".")
        and letters > 0.85 * len(text)
    )


def _question(place: DraftSource, asked: str, span: tuple[int, int], answer: str, language: str) -> EvalQuestion:
    page = place.document.page_at(span[0])
    evidence = Evidence(place.name, page.number if page else None, place.document.text[slice(*span)])
    return EvalQuestion("", asked, language, evidence=(evidence,), answers=(answer,), confirmed=False)


# ---- with a language model


def _written(
    catalog: SqliteCatalog, names: dict[str, str], writer: Writer, most: int, stopped: threading.Event
) -> Iterator[EvalQuestion]:
    """Yield a model's questions about chunks from all documents; replies without a verbatim quote are left out."""
    chunks = list(_in_turn([_spread(_prose(catalog, key)) for key in names]))
    for chunk in chunks[: _TRIES * most]:
        if stopped.is_set():
            message = "The drafting was stopped."
            raise Cancelled(message)
        question = _ask(writer, chunk, names[chunk.document_id], catalog, stopped)
        if question is not None:
            yield question


def _prose(catalog: SqliteCatalog, document_id: str) -> list[Chunk]:
    chunks = catalog.chunks.of_document(document_id)
    return [chunk for chunk in chunks if len(chunk.text.split()) >= _LEAST_PROSE]


def _ask(
    writer: Writer, chunk: Chunk, name: str, catalog: SqliteCatalog, stopped: threading.Event
) -> EvalQuestion | None:
    document = catalog.documents.get(chunk.document_id)
    [passage] = alone([Hit(chunk, name, document.title)], catalog)
    language = document.language or "en"
    writing = writer.write(drafting(passage, language=language), stopped)
    while True:
        try:
            next(writing)
        except StopIteration as end:
            reply = end.value.text
            break
    fields = {_NAMES[key]: value for key, value in _REPLY.findall(reply)}
    span = _span_of(fields.get("Quote", ""), chunk)
    if span is None or not fields.get("Question", "").endswith("?"):
        return None
    asked = _question(DraftSource(name, document), fields["Question"], span, fields.get("Answer", ""), language)
    return replace(asked, answers=tuple(filter(None, asked.answers)))


def _span_of(quote: str, chunk: Chunk) -> tuple[int, int] | None:
    """Return the span in the document of the sentence that a model quoted; None if the quote isn't verbatim."""
    wanted = bare(quote.strip("“”„\"' "))
    for start, end in sentence_spans(chunk.text):
        sentence = bare(chunk.text[start:end])
        if len(wanted) >= 12 and (wanted in sentence or sentence in wanted):
            return chunk.start + start, chunk.start + end
    return None


# ---- order


def _in_turn(rows: Sequence[Sequence[T]]) -> Iterator[T]:
    """Yield the first item of each row, then the second of each, and so on."""
    nothing = object()
    for item in chain.from_iterable(zip_longest(*rows, fillvalue=nothing)):
        if item is not nothing:
            yield item  # type: ignore[misc]  # no filler


def _spread(items: Sequence[T]) -> list[T]:
    """Return the items in an order of which every prefix is spread evenly over them.

    >>> _spread([0, 1, 2, 3, 4, 5, 6, 7])
    [0, 4, 2, 6, 1, 5, 3, 7]
    """
    bits = max(len(items) - 1, 1).bit_length()
    places = (int(f"{at:0{bits}b}"[::-1], 2) for at in range(2**bits))
    return [items[place] for place in places if place < len(items)]


def _names(infos: Sequence[DocumentInfo]) -> dict[str, str]:
    """Return each document's name in questions: its file name if unique, else its whole path."""
    last = {info.document_id: info.source.replace("\\", "/").rstrip("/").rpartition("/")[2] for info in infos}
    counts = Counter(last.values())
    return {
        info.document_id: last[info.document_id] if counts[last[info.document_id]] == 1 else info.source
        for info in infos
    }
