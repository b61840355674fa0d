"""The seams: what any embedder, chat model, ranker and store must do so that it can take the place of ours.

The steps know these interfaces only; `rag/engine.py` chooses the classes behind them. Each contract stands in a
docstring here and is tested in ``tests/contracts``, over the real part and over its fake. What LangChain has an
interface for satisfies that too: a class of ours (`LlamaChat`, `StudyhallEmbeddings`), or an adapter around it.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rag.events import Progress, Text
from rag.types import ANYWHERE, Chunk, CollectionInfo, Document, DocumentInfo, Page, Reading, Scope

if TYPE_CHECKING:
    import threading

    import numpy as np
    from langchain_core.messages import BaseMessage
    from numpy.typing import NDArray
    from tokenizers import Tokenizer


@dataclass(frozen=True, slots=True)
class Choice:
    """Which embedder: what a home writes down of the one that its vectors are of, to question them with it again."""

    model: str  # a name or a folder
    quantisation: str = "int8"
    query_prefix: str = ""  # empty: the model's own
    document_prefix: str = ""

    def __str__(self) -> str:
        return f"{Path(self.model).name}, {self.quantisation}"


@runtime_checkable
class Embedder(Protocol):
    """Text in, unit vectors out.

    A vector depends on its text alone: a text embeds the same by itself and beside others. Rows come in the order of
    the texts; no texts give no rows, and the empty text has a vector too. Nothing is truncated in silence. Any
    thread may ask at any time. Every method may raise EmbedderError, when the model can't be loaded.
    """

    @property
    def choice(self) -> Choice:
        """Which embedder this is; `like` makes it again of that."""

    @property
    def fingerprint(self) -> str:
        """Letters and digits that change whenever the vector of some text does."""

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""

    @property
    def room(self) -> int:
        """The most tokens, as `count_tokens` counts them, of a text that `embed` takes."""

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer, which cuts nothing; its offsets are code points of the text."""

    @property
    def tokenizer_file(self) -> Path:
        """The ``tokenizer.json`` that chunks are cut with, for processes that don't embed."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a (texts, dimensions) array; raises TextTooLong for a text of more than `room` tokens."""

    def embed_whole(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the same for texts of any length."""

    def embed_question(self, question: str) -> NDArray[np.float32]:
        """Return the vector of a question of any length, shape (dimensions,)."""

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text has, special ones not counted."""

    def is_word(self, text: str) -> bool:
        """Say whether the tokenizer has a word as one token: then it is common, and spelt right."""

    def like(self, choice: Choice) -> Embedder:
        """Return another embedder on this machine."""

    def prepare(self) -> None:
        """Load the model now rather than at the first text."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a model read and wrote, in its own tokens; zeros where it does not say."""

    prompt_tokens: int = 0
    answer_tokens: int = 0
    read_tokens: int = 0  # of the prompt, those that were not in the model's cache
    read_s: float = 0.0  # seconds that reading them took
    cut_off: bool = False  # the answer ended at the most tokens it may have


@runtime_checkable
class ChatModel(Protocol):
    """Messages in, text out, piece by piece.

    The same messages give the same text, unless the settings ask for chance. Counting is allowed at any time from any
    thread; answers may wait for one another.
    """

    @property
    def name(self) -> str:
        """What an answer calls the model."""

    @property
    def context_tokens(self) -> int:
        """The most tokens of prompt and answer together."""

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text has as part of a message."""

    def prompt_tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Return how many tokens the prompt for some messages has: never fewer than their texts have."""

    def stream(
        self, messages: Sequence[BaseMessage], cancelled: threading.Event
    ) -> Generator[Progress | Text, None, Usage]:
        """Yield the share of the prompt that has been read, where the model tells it, then the text; return its usage.

        A generator that is closed early stops the model. Raises Cancelled soon after `cancelled` is set, PromptTooLong
        before anything is read, and ModelError, with the model's name, for all that fails in the model.
        """

    def close(self) -> None:
        """Give the memory back; a later question loads the model again."""


@runtime_checkable
class Ranker(Protocol):
    """What reads a question and passages together: the reader, or any cross-encoder."""

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """Return a reading for each passage, given as (line above it, text), in their order.

        Offsets are code points of the text, ``0 <= start <= end <= len(text)``. A reading depends on the question and
        its own passage alone, and a passage that answers is the more relevant one. Raises ReaderError.
        """


@runtime_checkable
class VectorStore(Protocol):
    """The vectors of chunks: one index per collection and embedder.

    Without a `fingerprint` the index of the embedder of now is meant. An index that was never written to is empty, not
    an error. Similarities are cosines, -1 to 1. Every method raises HomeError when the store can't be read or written.
    """

    def add(self, collection_id: int, document_id: str, chunk_ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add or overwrite the vectors of a document's chunks; `vectors` is (chunks, dimensions)."""

    def search(
        self,
        collection_id: int,
        vector: NDArray[np.float32],
        *,
        limit: int,
        documents: Collection[str] | None = None,
        fingerprint: str | None = None,
    ) -> list[tuple[str, float]]:
        """Return (chunk id, similarity) of at most `limit` chunks, nearest first; of some documents (none: none)."""

    def compare(
        self, collection_id: int, vector: NDArray[np.float32], chunk_ids: Sequence[str], fingerprint: str | None = None
    ) -> dict[str, float]:
        """Return the similarity of each of the chunks that has a vector, worked out one by one."""

    def vectors(
        self, collection_id: int, chunk_ids: Sequence[str], fingerprint: str | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """Return the vectors of those of the chunks that have them."""

    def present(self, collection_id: int, chunk_ids: Sequence[str]) -> set[str]:
        """Return those of the chunks that have their vectors."""

    def count(self, collection_id: int, fingerprint: str | None = None) -> int:
        """Return how many vectors a collection has."""

    def document_ids(self, collection_id: int) -> dict[str, int]:
        """Return how many vectors each document has in a collection."""

    def indexes(self) -> list[tuple[int, str]]:
        """Return (collection number, fingerprint) of all indexes there are."""

    def remove(self, collection_id: int, document_id: str) -> None:
        """Delete a document's vectors from a collection, those of other embedders too."""

    def drop_index(self, collection_id: int, fingerprint: str) -> None:
        """Delete one index."""

    def drop(self) -> None:
        """Delete all vectors, also when what is there can't be read."""

    def probe(self, collection_id: int) -> None:
        """Search a collection for one of its own vectors; raises HomeError when that fails."""

    def warm(self) -> None:
        """Open the store now rather than at the first search."""

    def close(self) -> None:
        """Let go of the files; the store is not used any more."""


@runtime_checkable
class LexicalIndex(Protocol):
    """Finds chunks by their stems. It follows the catalog by itself: what is stored is found at once."""

    def search(
        self,
        stems: Sequence[tuple[str, ...]],
        *,
        limit: int,
        scope: Scope = ANYWHERE,
    ) -> list[tuple[str, float]]:
        """Return (chunk id, score) of at most `limit` chunks that have any of the stems, best first; higher is better.

        Each group holds the forms of one word in several languages; a stem of several words is a phrase. Of documents
        with pages, only the chunks that touch the pages of the scope are searched.
        """

    def counts(self, stems: set[str]) -> dict[str, int]:
        """Return in how many chunks each of the stems is, 0 for those that are in none."""

    def weights(self, stems: Sequence[str]) -> dict[str, float]:
        """Return the inverse document frequency of each stem: never negative, higher for what is rarer."""

    def beginning_with(self, letter: str, shortest: int, longest: int) -> dict[str, int]:
        """Return the stems that begin with a letter and are so long, with the number of chunks that have each."""

    def known(self, stems: set[str]) -> dict[str, int]:
        """Return in how many chunks each of the stems is that may be a part of a compound."""

    def compounds(self, part: str) -> list[str]:
        """Return words that hold a stem as a part, the shortest first."""


@runtime_checkable
class CatalogCollections(Protocol):
    """Which collections there are."""

    def all(self) -> list[CollectionInfo]:
        """Return a line per collection, by name."""

    def searchable(self) -> list[tuple[int, str]]:
        """Return (number, name) of the collections that hold a chunk."""

    def number(self, name: str) -> int:
        """Return the number of a collection; raises NotFound with the names there are."""


@runtime_checkable
class CatalogDocuments(Protocol):
    """What is known of documents. Offsets are code points of a document's text."""

    def all(self, collection: str | None = None) -> list[DocumentInfo]:
        """Return a line per document and collection: what is held, and what is queued."""

    def languages(self, collection: str | None = None) -> list[str]:
        """Return the languages that the searchable documents were stemmed in."""

    def get(self, document_id: str) -> Document:
        """Return a whole document as it was stored; raises NotFound."""

    def body(self, document_id: str) -> Document:
        """Return a document without the way back to its pages; raises NotFound."""

    def text(self, document_id: str, start: int = 0, end: int | None = None) -> str:
        """Return ``document.text[start:end]``; raises NotFound."""

    def page(self, document_id: str, number: int) -> Page | None:
        """Return a page of a document, or None when it has no such page."""

    def page_starts(self, document_id: str, start: int, end: int) -> tuple[tuple[int, int, str | None], ...]:
        """Return (offset where it starts, number, label) of the pages that ``[start, end)`` touches."""

    def heading_at(self, document_id: str, offset: int) -> str | None:
        """Return the heading that the character at `offset` stands under, verbatim; None before the first one."""


@runtime_checkable
class CatalogChunks(Protocol):
    """The chunks of the documents. Those that aren't there (any more) are left out of every answer."""

    def get(self, chunk_ids: Sequence[str], collection: str | None = None) -> dict[str, tuple[Chunk, str, str]]:
        """Return (chunk, source, title) by chunk id; the source is the path in the collection, where one is asked."""

    def neighbours(self, document_id: str, first: int, last: int) -> list[Chunk]:
        """Return the chunks of a document with ordinals `first` to `last`, in order."""

    def origins(self, chunk_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Return (document id, its language) by chunk id."""

    def on_pages(self, chunk_ids: Collection[str], pages: tuple[int, int]) -> set[str]:
        """Return those of the chunks that touch the pages, first and last."""


@runtime_checkable
class Catalog(Protocol):
    """What is held, as far as answering needs it."""

    @property
    def collections(self) -> CatalogCollections:
        """Which collections there are."""

    @property
    def documents(self) -> CatalogDocuments:
        """What is known of documents."""

    @property
    def chunks(self) -> CatalogChunks:
        """The chunks of the documents."""
