"""The ports: the contracts of embedder, chat model, ranker, vector store, lexical index and catalog.

The steps know the classes behind these interfaces only as parts of a library or an engine, and `rag/engine.py` chooses
them. Each contract is stated in a
docstring here and tested in ``tests/contracts``, with the real component and with its fake. Where LangChain has an
interface, a class of ours satisfies that too (`LlamaChat`, `StudyhallEmbeddings`), or an adapter does.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rag.events import Step
from rag.types import ANYWHERE, Chunk, CollectionInfo, Document, DocumentInfo, Page, Reading, Scope

if TYPE_CHECKING:
    import threading

    import numpy as np
    from langchain_core.messages import BaseMessage
    from numpy.typing import NDArray
    from tokenizers import Tokenizer


@dataclass(frozen=True, slots=True)
class Choice:
    """An embedder's specification. A home records it with its vectors, so that queries are embedded the same way."""

    model: str  # name or folder
    quantisation: str = "int8"
    query_prefix: str = ""  # empty: the model's default
    document_prefix: str = ""  # likewise

    def __str__(self) -> str:
        return f"{Path(self.model).name}, {self.quantisation}"


@runtime_checkable
class Embedder(Protocol):
    """An embedding model: text in, unit vectors out.

    A vector depends on its text alone, never on the batch. Rows come in the order of the texts; no texts give no
    rows, and the empty text has a vector. Nothing is truncated silently. All methods are thread-safe, and each may
    raise EmbedderError when the model can't be loaded.
    """

    @property
    def choice(self) -> Choice:
        """The specification of this embedder; `like` builds an equal one from it."""

    @property
    def fingerprint(self) -> str:
        """Letters and digits that change whenever the vector of any text changes."""

    @property
    def dimensions(self) -> int:
        """The length of a vector."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages that the model knows, as ISO 639-1 codes; "*" for all."""

    @property
    def room(self) -> int:
        """The most tokens that a text for `embed` may have, as counted by `count_tokens`."""

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer, without truncation; its offsets are code points of the text."""

    @property
    def tokenizer_file(self) -> Path:
        """The ``tokenizer.json`` for chunking, for processes that don't embed."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (texts, dimensions); raises TextTooLong for a text of more than `room` tokens."""

    def embed_whole(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (texts, dimensions) for texts of any length."""

    def embed_question(self, question: str) -> NDArray[np.float32]:
        """Return the vector of a question of any length, of shape (dimensions,)."""

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a text, without special tokens."""

    def like(self, choice: Choice) -> Embedder:
        """Return the embedder of another specification on this machine."""

    def prepare(self) -> None:
        """Load the model now rather than at the first text."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens that a model read and generated, by its own count; None where it reports none."""

    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    read_tokens: int = 0  # prompt tokens that were not in the model's cache
    read_s: float = 0.0  # seconds for reading those
    cut_off: bool = False  # the answer reached its token limit


@runtime_checkable
class ChatModel(Protocol):
    """A chat model: messages in, text out, piece by piece.

    The same messages give the same text, unless the settings ask for sampling. Counting is thread-safe at any time;
    answers may wait for one another.
    """

    @property
    def name(self) -> str:
        """The name shown with an answer."""

    @property
    def context_tokens(self) -> int:
        """The size of the context: the most tokens of prompt and answer together."""

    @property
    def counts_exactly(self) -> bool:
        """Whether it counts with the model's own tokenizer; otherwise its counts are estimates."""

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of a text within a message."""

    def prompt_tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Return the number of tokens of the prompt for some messages: never fewer than their texts have."""

    def stream(self, messages: Sequence[BaseMessage], cancelled: threading.Event) -> Generator[Step, None, Usage]:
        """Yield the model's queue and progress on the prompt, if it tells them, then the text; return the usage.

        Closing the generator stops the model. Raises Cancelled soon after `cancelled` is set, PromptTooLong before
        anything is read, and ModelError, with the model's name, for any failure of the model.
        """

    def prepare(self) -> None:
        """Begin to load the model, and return at once; where that fails, the next answer tells why."""

    def close(self) -> None:
        """Free the memory; a later question loads the model again."""


@runtime_checkable
class Ranker(Protocol):
    """A reranking model that reads a question and a passage together: the readers, or any cross-encoder."""

    def read(
        self, question: str, passages: Sequence[tuple[str, str]], languages: Collection[str] = ()
    ) -> list[Reading]:
        """Return a reading for each passage, given as (context line, text), in the same order.

        `languages` are those of the question and of the passages (ISO 639-1), as far as they are known.
        Offsets are code points of the text, ``0 <= start <= end <= len(text)``. A reading depends on the question and
        its own passage alone; a passage that answers the question is more relevant than one that doesn't. Raises
        ReaderError.
        """


@runtime_checkable
class VectorStore(Protocol):
    """The vectors of chunks: one index per collection and embedder.

    The default `fingerprint` is that of the current embedder. An index that was never written to is empty, not an
    error. Similarities are cosines, -1 to 1. Every method raises HomeError when the store can't be read or written.
    """

    def add(self, collection_id: int, document_id: str, chunk_ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add or overwrite the vectors of a document's chunks; `vectors` has the shape (chunks, dimensions)."""

    def search(
        self,
        collection_id: int,
        vector: NDArray[np.float32],
        *,
        limit: int,
        documents: Collection[str] | None = None,
        fingerprint: str | None = None,
    ) -> list[tuple[str, float]]:
        """Return (chunk id, similarity) of at most `limit` chunks, nearest first.

        `documents` restricts the search to their chunks; with no ids in it, nothing is found.
        """

    def compare(
        self, collection_id: int, vector: NDArray[np.float32], chunk_ids: Sequence[str], fingerprint: str | None = None
    ) -> dict[str, float]:
        """Return the similarities of the given chunks by id, computed exactly; chunks without a vector are left out."""

    def vectors(
        self, collection_id: int, chunk_ids: Sequence[str], fingerprint: str | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """Return the vectors of the given chunks by id, each of shape (dimensions,); missing ones are left out."""

    def present(self, collection_id: int, chunk_ids: Sequence[str]) -> set[str]:
        """Return the given chunks that have a vector."""

    def count(self, collection_id: int, fingerprint: str | None = None) -> int:
        """Return the number of vectors of a collection."""

    def document_ids(self, collection_id: int) -> dict[str, int]:
        """Return the number of vectors of a collection by document id."""

    def indexes(self) -> list[tuple[int, str]]:
        """Return (collection number, fingerprint) of every index."""

    def remove(self, collection_id: int, document_id: str) -> None:
        """Delete a document's vectors from all indexes of a collection."""

    def drop_index(self, collection_id: int, fingerprint: str) -> None:
        """Delete one index."""

    def tidy(self) -> None:
        """Give back the space of what was removed; takes a while where much was."""

    def drop(self) -> None:
        """Delete all vectors, even from a store that can't be read."""

    def probe(self, collection_id: int) -> None:
        """Search a collection for one of its own vectors; raises HomeError when the search fails."""

    def warm(self) -> None:
        """Begin to open the store, and return at once; where that fails, the first search tells why."""

    def close(self) -> None:
        """Release the files; the store is not used afterwards."""


@runtime_checkable
class LexicalIndex(Protocol):
    """The index of chunks by their stems. It follows the catalog: a stored chunk is found at once."""

    def search(
        self,
        stems: Sequence[tuple[str, ...]],
        *,
        limit: int,
        scope: Scope = ANYWHERE,
    ) -> list[tuple[str, float]]:
        """Return (chunk id, score) of at most `limit` chunks with any of the stems, best first; higher is better.

        Each group holds the stems of one word in several languages; a stem of several words is a phrase. A scope with
        pages admits only chunks that touch those pages.
        """

    def counts(self, stems: set[str]) -> dict[str, int]:
        """Return the document frequency of each stem: the number of chunks that have it, 0 included."""

    def weights(self, stems: Sequence[str]) -> dict[str, float]:
        """Return the inverse document frequency of each stem: never negative, higher for rarer stems."""

    def beginning_with(self, letter: str, shortest: int, longest: int) -> dict[str, int]:
        """Return the stems of `shortest` to `longest` letters that begin with `letter`, with their frequencies."""

    def known(self, stems: set[str]) -> dict[str, int]:
        """Return the document frequency of those stems that may be parts of a compound."""

    def compounds(self, part: str) -> list[str]:
        """Return the compounds that have a stem as a part, the shortest first."""


@runtime_checkable
class CatalogCollections(Protocol):
    """The collections of the catalog."""

    def all(self) -> list[CollectionInfo]:
        """Return all collections, sorted by name."""

    def searchable(self) -> list[tuple[int, str]]:
        """Return (number, name) of the collections that have chunks."""

    def number(self, name: str) -> int:
        """Return the number of a collection; raises NotFound, which lists the available names."""


@runtime_checkable
class CatalogDocuments(Protocol):
    """The documents of the catalog. Offsets are code points of a document's text."""

    def all(self, collection: str | None = None) -> list[DocumentInfo]:
        """Return one entry per document and collection, including queued documents."""

    def languages(self, collection: str | None = None) -> list[str]:
        """Return the languages in which the searchable documents were stemmed."""

    def get(self, document_id: str) -> Document:
        """Return a document as it was stored; raises NotFound."""

    def body(self, document_id: str) -> Document:
        """Return a document without the alignment of its pages; raises NotFound."""

    def text(self, document_id: str, start: int = 0, end: int | None = None) -> str:
        """Return ``document.text[start:end]``; raises NotFound."""

    def page(self, document_id: str, number: int) -> Page | None:
        """Return a page of a document by its number; None when there is none."""

    def page_starts(self, document_id: str, start: int, end: int) -> tuple[tuple[int, int, str | None], ...]:
        """Return (start offset, number, label) of the pages that ``[start, end)`` touches."""

    def heading_at(self, document_id: str, offset: int) -> str | None:
        """Return the heading above the character at `offset`, verbatim; None before the first heading."""


@runtime_checkable
class CatalogChunks(Protocol):
    """The chunks of the catalog. Unknown or removed chunks are left out of every result."""

    def get(self, chunk_ids: Sequence[str], collection: str | None = None) -> dict[str, tuple[Chunk, str, str]]:
        """Return (chunk, source, title) by chunk id; the source is the document's path in `collection`, if given."""

    def neighbours(self, document_id: str, first: int, last: int) -> list[Chunk]:
        """Return the chunks of a document with ordinals `first` to `last`, in order."""

    def origins(self, chunk_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Return (document id, document language) by chunk id."""

    def on_pages(self, chunk_ids: Collection[str], pages: tuple[int, int]) -> set[str]:
        """Return the given chunks that touch the pages from the first to the last of `pages`."""


@runtime_checkable
class Catalog(Protocol):
    """The stored collections, documents and chunks, as far as answering needs them."""

    @property
    def collections(self) -> CatalogCollections:
        """The collections."""

    @property
    def documents(self) -> CatalogDocuments:
        """The documents."""

    @property
    def chunks(self) -> CatalogChunks:
        """The chunks."""
