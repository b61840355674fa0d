"""Fakes of the ports: they honour the contracts of `rag/ports.py`, load no model, and what they do is seen by eye."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Sequence
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
from langchain_core.messages import BaseMessage
from numpy.typing import NDArray
from tokenizers import Tokenizer

from rag.errors import Cancelled, ModelError, PromptTooLong, StudyhallError, TextTooLong
from rag.events import Step, Text
from rag.library.home import Home
from rag.library.library import Library
from rag.models.reader import shipped
from rag.models.tokenizer import load_tokenizer
from rag.ports import Choice, Embedder, Usage
from rag.types import Reading

_TOKENIZER = shipped() / "tokenizer.json"  # BERT's: real words have one token, so spelling and chunks are as ever
_DIMENSIONS = 2048  # so many that two words hardly ever share one
_SMALL = frozenset(
    """a an and are at be by can do does did for from how in is it its me of on or so that the then this to was what
    when where which who why will with wie was wer wo wann warum ist sind der die das den dem ein eine einen und oder
    in im zu von mit auf sich""".split()
)


def content(text: str) -> set[str]:
    """Return the words that a text is about, cut to their first five letters: "compressed" is "compression"."""
    return {word[:5] for word in re.findall(r"[^\W_]+", text.casefold()) if word not in _SMALL}


@cache
def _tokenizer() -> Tokenizer:
    return load_tokenizer(_TOKENIZER)


class FakeEmbedder:
    """Words as vectors: the similarity of two texts is the share of content words that they have in common.

    ``|a and b| / sqrt(|a| * |b|)``: "What is a trie?" and "A trie is a tree." have 1 / sqrt(1 * 2) = 0.71.
    """

    dimensions = _DIMENSIONS
    languages = frozenset({"en"})
    tokenizer_file = _TOKENIZER

    def __init__(self, choice: Choice = Choice("words"), *, room: int = 254) -> None:  # noqa: B008  # it is frozen
        self.choice = choice
        self.room = room
        self.fingerprint = f"{crc32(repr((choice, room)).encode()):08x}"

    @property
    def tokenizer(self) -> Tokenizer:
        return _tokenizer()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        for text in texts:
            if self.count_tokens(text) > self.room:
                message = f"{text[:40]!r}… has more than {self.room} tokens."
                raise TextTooLong(message)
        return self.embed_whole(texts)

    def embed_whole(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), _DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            # A text without a word has a direction of its own.
            places = sorted({crc32(word.encode()) % _DIMENSIONS for word in content(text) or {""}})
            vectors[row, places] = 1 / np.sqrt(len(places))
        return vectors

    def embed_question(self, question: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self.embed_whole([question])[0]
        return vector

    def count_tokens(self, text: str) -> int:
        return len(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def like(self, choice: Choice) -> FakeEmbedder:
        return FakeEmbedder(choice, room=self.room)

    def prepare(self) -> None:
        """Nothing is loaded."""


OnPiece = Callable[[int, threading.Event], object]


def go_on(_number: int, _cancelled: threading.Event) -> None:
    """Wait for nothing."""


def pause(number: int, cancelled: threading.Event, *, seconds: float) -> None:
    """Take so many seconds for the first word."""
    if number == 1:
        cancelled.wait(seconds)


class ScriptedModel:
    """Writes the queued replies word by word, and keeps the messages that it was sent; a token is a word.

    A queued error is raised in its turn. With nothing queued it says `always`, and fails where there is none.
    `on_piece` is called once a word is out, with its number and the event that stops the answer: what it waits for,
    the answer waits for.
    """

    def __init__(
        self,
        *replies: str | StudyhallError,
        name: str = "scripted",
        context_tokens: int = 8192,
        always: str | None = None,
        on_piece: OnPiece = go_on,
        counts_exactly: bool = True,
    ) -> None:
        self.name = name
        self.counts_exactly = counts_exactly
        self.context_tokens = context_tokens
        self.history: list[list[BaseMessage]] = []
        self._replies = list(replies)
        self._always = always
        self._on_piece = on_piece

    def enqueue(self, *replies: str | StudyhallError) -> ScriptedModel:
        """Add replies to the script; return the model."""
        self._replies.extend(replies)
        return self

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def prompt_tokens(self, messages: Sequence[BaseMessage]) -> int:
        return sum(self.count_tokens(str(message.content)) + 8 for message in messages)

    def prepare(self) -> None:
        """It is ready."""

    def stream(self, messages: Sequence[BaseMessage], cancelled: threading.Event) -> Generator[Step, None, Usage]:
        prompt = self.prompt_tokens(messages)
        if prompt > self.context_tokens:
            message = f"{prompt} tokens are more than {self.context_tokens}."
            raise PromptTooLong(message)
        self.history.append(list(messages))
        words = re.findall(r"\s*\S+\s*", self._next())
        for number, word in enumerate(words, start=1):
            if cancelled.is_set():
                message = "The answer was stopped."
                raise Cancelled(message)
            yield Text(word)
            self._on_piece(number, cancelled)
        return Usage(prompt, len(words))

    def close(self) -> None:
        """There is nothing to let go of."""

    def _next(self) -> str:
        reply = self._replies.pop(0) if self._replies else self._always
        if isinstance(reply, StudyhallError):
            raise reply
        if reply is None:
            message = f"The language model {self.name} failed: it has nothing to say."
            raise ModelError(message)
        return reply


class OverlapRanker:
    """Reads by the words: the more of the question's a passage holds, the better it answers, where the first stands.

    All of them give a relevance of 4, none -4.
    """

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.languages: list[set[str]] = []  # of each call

    def read(
        self, question: str, passages: Sequence[tuple[str, str]], languages: Collection[str] = ()
    ) -> list[Reading]:
        self.seen.extend(passages)
        self.languages.append(set(languages))
        asked = content(question)
        return [self._reading(asked, text) for _, text in passages]

    def _reading(self, asked: set[str], text: str) -> Reading:
        there = [match.span() for match in re.finditer(r"[^\W_]+", text) if content(match.group()) & asked]
        if not there:
            return Reading(0, 0, -4.0, -4.0)
        relevance = 8 * len(content(text) & asked) / len(asked) - 4
        start, end = there[0]
        return Reading(start, end, relevance, relevance, ((start, 0.9),))


def a_library(folder: Path, embedder: Embedder) -> Library:
    """Open a library on a real catalog, with its vectors in memory."""
    return Library(Home(folder), embedder.fingerprint, MemoryVectors(embedder.fingerprint))


class MemoryVectors:
    """A vector store that forgets everything when it is closed."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        self._rows: dict[tuple[int, str], dict[str, tuple[str, NDArray[np.float32]]]] = defaultdict(dict)

    def add(self, collection_id: int, document_id: str, chunk_ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._index(collection_id).update(
            {key: (document_id, vector) for key, vector in zip(chunk_ids, vectors, strict=True)}
        )

    def search(
        self,
        collection_id: int,
        vector: NDArray[np.float32],
        *,
        limit: int,
        documents: Collection[str] | None = None,
        fingerprint: str | None = None,
    ) -> list[tuple[str, float]]:
        index = self._index(collection_id, fingerprint)
        wanted = [key for key, (document_id, _) in index.items() if documents is None or document_id in documents]
        found = self.compare(collection_id, vector, wanted, fingerprint)
        return sorted(found.items(), key=lambda pair: -pair[1])[:limit]

    def compare(
        self, collection_id: int, vector: NDArray[np.float32], chunk_ids: Sequence[str], fingerprint: str | None = None
    ) -> dict[str, float]:
        found = self.vectors(collection_id, chunk_ids, fingerprint)
        length = np.linalg.norm(vector)
        return {key: float(row @ vector / (np.linalg.norm(row) * length)) for key, row in found.items()}

    def vectors(
        self, collection_id: int, chunk_ids: Sequence[str], fingerprint: str | None = None
    ) -> dict[str, NDArray[np.float32]]:
        index = self._index(collection_id, fingerprint)
        return {key: index[key][1] for key in chunk_ids if key in index}

    def present(self, collection_id: int, chunk_ids: Sequence[str]) -> set[str]:
        return set(chunk_ids) & self._index(collection_id).keys()

    def count(self, collection_id: int, fingerprint: str | None = None) -> int:
        return len(self._index(collection_id, fingerprint))

    def document_ids(self, collection_id: int) -> dict[str, int]:
        counts: dict[str, int] = defaultdict(int)
        for document_id, _ in self._index(collection_id).values():
            counts[document_id] += 1
        return dict(counts)

    def indexes(self) -> list[tuple[int, str]]:
        return list(self._rows)

    def remove(self, collection_id: int, document_id: str) -> None:
        for (number, _), index in self._rows.items():
            if number == collection_id:
                for key in [key for key, (owner, _) in index.items() if owner == document_id]:
                    del index[key]

    def drop_index(self, collection_id: int, fingerprint: str) -> None:
        self._rows.pop((collection_id, fingerprint), None)

    def drop(self) -> None:
        self._rows.clear()

    def probe(self, collection_id: int) -> None:
        """Whatever is in memory can be read."""

    def warm(self) -> None:
        """There is nothing to open."""

    def tidy(self) -> None:
        """What is removed takes no space."""

    def close(self) -> None:
        self._rows.clear()

    def _index(self, collection_id: int, fingerprint: str | None = None) -> dict[str, tuple[str, NDArray[np.float32]]]:
        return self._rows[collection_id, fingerprint or self._fingerprint]
