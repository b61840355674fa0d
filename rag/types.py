"""The nouns that travel between the steps: frozen records, offsets in Python code points.

Every document is one canonical text and everything else is a span in it, so ``text[start:end]`` is the
only way anything is ever quoted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block of a document is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    CODE = "code"
    FORMULA = "formula"
    CAPTION = "caption"


class RunKind(StrEnum):
    """Where the characters of an alignment run come from."""

    PDF = "pdf"  # PDFium characters of the page
    OCR = "ocr"  # a word that was recognised in a picture: one of the page's boxes
    INSERTED = "inserted"  # written by us (a line end, a table bar): stands nowhere on the page


class DocumentState(StrEnum):
    """How far a document has come; `parsed` is found by words, `ready` by meaning too."""

    QUEUED = "queued"
    PARSED = "parsed"
    READY = "ready"
    FAILED = "failed"


class AnswerStatus(StrEnum):
    """What kind of answer this is."""

    ANSWERED = "answered"  # written by a language model
    QUOTED = "quoted"  # sentences quoted from the documents, no language model
    NOT_IN_DOCUMENTS = "not_in_documents"
    NO_DOCUMENTS = "no_documents"


@dataclass(frozen=True, slots=True)
class Source:
    """Where bytes come from: a path or URL, with what tells whether they changed."""

    uri: str
    media_type: str
    size: int  # bytes
    sha256: str
    mtime_ns: int | None = None  # files only
    etag: str | None = None  # web pages only


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document in reading order: ``text[start:end]``."""

    start: int
    end: int
    kind: BlockKind
    level: int = 0  # 1 to 6 for headings
    page: int | None = None  # 1-based


@dataclass(frozen=True, slots=True)
class AlignmentRun:
    """`length` characters of text from `start` that stand one for one at `source`, `source` + 1 and so on.

    For PDF pages `source` is the index of a PDFium character, which counts UTF-16 units: a mathematical
    letter outside the basic plane is a run of its own, and the next run begins two units on. For words that
    were recognised it is the index of the page's box that all of the run's characters stand in.
    """

    start: int
    source: int
    length: int
    kind: RunKind = RunKind.PDF


@dataclass(frozen=True, slots=True)
class Alignment:
    """The way back from a page's text to the characters on the page: runs in the order of the text."""

    runs: tuple[AlignmentRun, ...] = ()

    def sources(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield (text offset, page character or box) for each character of ``[start, end)`` that stands on the page.

        >>> inserted = AlignmentRun(2, 0, 1, RunKind.INSERTED)
        >>> list(Alignment((AlignmentRun(0, 5, 2), inserted, AlignmentRun(3, 8, 2))).sources(1, 4))
        [(1, 6), (3, 8)]
        >>> list(Alignment((AlignmentRun(0, 7, 2, RunKind.OCR),)).sources(0, 2))
        [(0, 7), (1, 7)]
        """
        first = max(bisect_right(self.runs, start, key=lambda run: run.start) - 1, 0)
        for run in self.runs[first:]:
            if run.start >= end:
                return
            if run.kind is RunKind.INSERTED:
                continue
            for offset in range(max(start, run.start), min(end, run.start + run.length)):
                yield offset, run.source + (0 if run.kind is RunKind.OCR else offset - run.start)

    def shifted(self, by: int) -> Alignment:
        """Return the same alignment for a text that begins `by` characters later."""
        return Alignment(tuple(AlignmentRun(run.start + by, run.source, run.length, run.kind) for run in self.runs))


@dataclass(frozen=True, slots=True)
class Page:
    """A page or slide of a document: ``text[start:end]``, numbered from 1."""

    number: int
    start: int
    end: int
    label: str | None = None  # what is printed on the page: "iv", "A-3"
    alignment: Alignment = Alignment()
    boxes: tuple[tuple[float, float, float, float], ...] = ()  # of recognised words: x0, y0, x1, y1, from 0 to 1


@dataclass(frozen=True, slots=True)
class Quality:
    """How completely a document was read; pages are named by their numbers, from 1.

    A loader says what only it can know: which pages are pictures, were recognised, can't be read. The rest is
    counted when the chunks are cut.
    """

    without_text: tuple[int, ...] = ()
    images: tuple[int, ...] = ()  # of those: something is drawn on them all the same
    by_ocr: tuple[int, ...] = ()
    unreadable: tuple[int, ...] = ()  # they are broken
    tables: int = 0
    coverage: float = 1.0  # share of what is no white space that lies in some chunk


@dataclass(frozen=True, slots=True)
class Document:
    """What a loader makes of a source: one canonical text, and spans in it."""

    text: str
    title: str
    language: str = ""  # ISO 639-1, empty when unknown
    blocks: tuple[Block, ...] = ()
    pages: tuple[Page, ...] = ()  # empty for formats without pages
    notes: tuple[str, ...] = ()  # for people: "pages 12-19 are images without text"
    quality: Quality = Quality()

    def __repr__(self) -> str:
        return f"Document({self.title!r}, {len(self.text)} characters, {len(self.pages)} pages)"

    def page_at(self, offset: int) -> Page | None:
        """Return the page that holds the character at `offset`, or None in a document without pages."""
        if not self.pages:
            return None
        return self.pages[max(bisect_right(self.pages, offset, key=lambda page: page.start) - 1, 0)]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of a document that fits the embedder: what is searched."""

    id: str
    document_id: str
    ordinal: int  # 0, 1, 2, … within the document
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()  # the path from the chapter down
    page: int | None = None
    page_end: int | None = None
    page_label: str | None = None

    def __repr__(self) -> str:
        return f"Chunk({self.document_id[:8]}#{self.ordinal} [{self.start}:{self.end}] {self.text[:60]!r})"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of a chunk or passage for a question: ``document.text[start:end]`` answers best.

    `relevance` and `answers` are logits: above 0 is likelier than not. `answers` is that of the best answer over
    "not answered here". `peaks` are the offsets where an answer most likely begins, each with its probability.
    """

    start: int
    end: int
    relevance: float
    answers: float
    peaks: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Twin:
    """Another place where the same words stand."""

    source: str
    title: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, with its scores."""

    chunk: Chunk
    source: str
    title: str
    dense: float | None = None  # cosine similarity, -1 to 1
    lexical: float | None = None  # BM25, higher is better
    fused: float = 0.0
    rerank: float | None = None
    reading: Reading | None = None
    document: float | None = None  # what speaks for its document, 0 to 1
    defines: float | None = None  # how plainly it says what a term means, 0 to 1, where that was asked
    also: tuple[Twin, ...] = ()  # the same text in other files, or again in this one

    @property
    def score(self) -> float:
        """The score that orders the hits: the reranker's when there is one."""
        return self.fused if self.rerank is None else self.rerank


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring chunks as one span, numbered for the prompt from 1."""

    number: int
    document_id: str
    chunk_id: str  # of the best hit in it
    source: str
    title: str
    start: int
    end: int
    text: str
    score: float
    headings: tuple[str, ...] = ()
    page: int | None = None
    page_end: int | None = None
    page_label: str | None = None
    pages: tuple[tuple[int, int, str | None], ...] = ()  # (offset where it starts, number, label)
    dense: float | None = None
    lexical: float | None = None
    fused: float | None = None
    document: float | None = None
    defines: float | None = None
    rerank: float | None = None
    also: tuple[Twin, ...] = ()  # where the same words stand besides
    readings: tuple[Reading, ...] = ()  # of the hits in it, in the document's order

    def __repr__(self) -> str:
        return f"Passage([{self.number}] {self.title!r} p. {self.page} {self.text[:60]!r})"

    def page_of(self, offset: int) -> tuple[int | None, str | None]:
        """Return number and label of the page that holds the document offset."""
        at = bisect_right(self.pages, offset, key=lambda page: page[0]) - 1
        return (self.pages[at][1], self.pages[at][2]) if at >= 0 else (self.page, self.page_label)


@dataclass(frozen=True, slots=True)
class Citation:
    """Marker [n] of an answer, and the words it stands on: ``quote == document.text[start:end]``.

    `answer` are the words in the quote that answer the question, where they are known.
    """

    marker: int
    source: str
    title: str
    quote: str
    start: int
    end: int
    document_id: str
    page: int | None = None
    page_end: int | None = None
    page_label: str | None = None
    answer: str | None = None
    answer_start: int | None = None  # in the document's text
    answer_end: int | None = None
    before: str = ""  # the sentences around a quote that is the answer, in its paragraph, verbatim
    after: str = ""
    section: str | None = None  # the heading it stands under, as it is written there: "## Sorting"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer, the markers it carries, and how well the cited words support it."""

    text: str
    markers: tuple[int, ...]
    supported: bool
    score: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Timings:
    """How long the steps of an answer took, in seconds."""

    retrieve_s: float = 0.0
    first_token_s: float | None = None
    total_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a language model read and wrote, in its own tokens."""

    prompt: int = 0
    answer: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What else bounds a search: all of it must hold."""

    tags: tuple[str, ...] = ()  # a person's, or what a path tells: "week 5"
    pages: tuple[int, int] | None = None  # first and last
    until: int | None = None  # the last week or lecture


EVERYWHERE = Filter()


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a search looks: a filter as the documents and pages that are within it."""

    collection: str | None = None  # None: all of them
    documents: frozenset[str] | None = None  # by id; None: all of the collection
    pages: tuple[int, int] | None = None  # first and last

    @property
    def is_empty(self) -> bool:
        """Whether no document is left."""
        return self.documents is not None and not self.documents


ANYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of which collection, and what was said before."""

    text: str
    collection: str | None = None  # None: all of them
    document: str | None = None  # an id, or part of a source's name
    quote: bool = False  # quote, even when there is a language model
    history: tuple[Turn, ...] = ()
    filter: Filter = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, with everything it stands on."""

    question: str
    text: str
    status: AnswerStatus
    citations: tuple[Citation, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    passages: tuple[Passage, ...] = ()
    model: str | None = None
    notes: tuple[str, ...] = ()  # for people: "2 documents are not embedded yet"
    about: str = ""  # of an answer about the whole: what it tells of, "lecture-notes.pdf"
    timings: Timings = field(default_factory=Timings)
    tokens: Tokens = field(default_factory=Tokens)
    understood: str | None = None  # what was searched for, when the question leaned on the conversation or was misspelt
    confidence: float | None = None  # 0 to 1: how sure it is that the documents answer; None where it wasn't asked


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages for a query, best first."""

    query: str
    passages: tuple[Passage, ...]
    retrieve_s: float
    notes: tuple[str, ...] = ()
    understood: str | None = None  # what was searched for, when the query was misspelt


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A line of the list of documents."""

    document_id: str
    source: str
    title: str
    state: DocumentState
    collection: str
    pages: int
    chunks: int
    added: str  # ISO 8601, UTC
    media_type: str = ""
    language: str = ""
    size: int = 0  # bytes
    characters: int = 0
    notes: tuple[str, ...] = ()
    error: str | None = None
    quality: Quality | None = None  # None: not read yet, or by a version that did not keep it
    needs_password: bool = False  # it failed for want of one


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """A line of the list of collections."""

    name: str
    documents: int
    chunks: int
