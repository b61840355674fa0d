"""The readers: small models that predict a passage's relevance, the span of the answer, and whether it answers.

Trained by `rag/training`. There are two: one for English, from all-MiniLM-L6-v2's encoder (``data/models/reader``), and
one for pairs with German in them, from our own embedder's (``data/models/bilingual-reader``). The second has its table
of words from the embedder's file: the training leaves it as it is, and it is two thirds of all weights. One pair per
call: with dynamic int8 quantisation, a pair's scores would depend on its batch.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from rag.errors import ReaderError
from rag.models.bert import table_of_words
from rag.models.embedder_spec import GRAPH as EMBEDDER_GRAPH
from rag.models.export import onnx_sessions
from rag.models.tokenizer import load_tokenizer
from rag.platform import data
from rag.platform.threads import cores
from rag.types import Reading

if TYPE_CHECKING:
    import numpy as np
    import onnxruntime
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

QUESTION_TOKENS = 64  # maximum of a question
PAIR_TOKENS = 384  # maximum of question and passage together; a chunk with its headings has 254
CONTEXT_TOKENS = 48  # maximum of title and headings, as in the embedder
_ANSWER_TOKENS = 40  # maximum of an answer
_PEAKS = 12  # likely first tokens of an answer that are kept
_STRIDE = 64  # tokens shared by two windows of a long passage


ENGLISH, BILINGUAL = "reader", "bilingual-reader"  # folders of data/models
GRAPH, PROPERTIES = "reader.onnx", "reader.json"


def shipped(name: str = ENGLISH) -> Path:
    """Return the folder of a reader shipped with Studyhall: in the installed package, or in the repository.

    Raises ReaderError if it is missing.
    """
    folder = data.shipped(name)
    if (folder / GRAPH).is_file():
        return folder
    message = "The reader that comes with Studyhall is missing from this installation."
    raise ReaderError(message, remedy='Install Studyhall again, or set reranker = "none".')


class ShippedReaders:
    """The two readers that come with Studyhall, as one ranker: the languages of a pair decide which one reads it.

    Raises ReaderError if a model's files are missing or damaged.
    """

    def __init__(self, *, threads: int = 0) -> None:
        self._english = Reader(shipped(ENGLISH), threads=threads)
        self._bilingual = Reader(shipped(BILINGUAL), threads=threads)

    def read(
        self, question: str, passages: Sequence[tuple[str, str]], languages: Collection[str] = ()
    ) -> list[Reading]:
        """Return a reading for each passage, as `Reader.read` does; without a language it is taken for English."""
        reader = self._english if set(languages) <= {"en"} else self._bilingual
        return reader.read(question, passages)

    def prepare(self) -> None:
        """Load both models."""
        self._english.prepare()
        self._bilingual.prepare()


class Reader:
    """Reads passages for a question. Nothing is loaded before the first use.

    Raises ReaderError if the model's files are missing or damaged.
    """

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        self._folder = folder
        self._sessions_wanted = threads or cores()
        self._loading = Lock()

    def read(
        self, question: str, passages: Sequence[tuple[str, str]], languages: Collection[str] = ()
    ) -> list[Reading]:
        """Return a reading for each passage, given as (context line, text), with offsets in its text.

        A long text is read in windows; a long question is truncated, since its subject stands early.
        """
        del languages  # this one model reads them all, each as well as it was trained for
        asked = self.tokenizer.encode(question, add_special_tokens=False).ids[:QUESTION_TOKENS]
        jobs = [(number, *passage) for number, passage in enumerate(passages)]
        sessions = self._sessions
        if len(jobs) < 2 or len(sessions) == 1:
            return [_read(sessions[0], self.tokenizer, asked, context, text) for _, context, text in jobs]
        parts = [jobs[start :: len(sessions)] for start in range(len(sessions))]

        def work(session: onnxruntime.InferenceSession, part: list[tuple[int, str, str]]) -> list[tuple[int, Reading]]:
            return [(number, _read(session, self.tokenizer, asked, context, text)) for number, context, text in part]

        found = dict(pair for group in self._pool.map(work, sessions, parts) for pair in group)
        return [found[number] for number in range(len(jobs))]

    def prepare(self) -> None:
        """Load the model."""
        _ = self._sessions, self.tokenizer

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer, without truncation."""
        return load_tokenizer((self._words or self._folder) / "tokenizer.json")

    @cached_property
    def _words(self) -> Path | None:
        """The folder of the model that the table of words and the tokenizer are shared with, if any."""
        properties = self._folder / PROPERTIES
        told = json.loads(properties.read_text(encoding="utf-8")) if properties.is_file() else {}
        return data.shipped(str(told["words"])) if "words" in told else None

    def _shared(self) -> dict[str, NDArray[Any]]:
        return table_of_words(self._words / EMBEDDER_GRAPH) if self._words else {}

    @cached_property
    def _sessions(self) -> list[onnxruntime.InferenceSession]:
        with self._loading:
            path = self._folder / GRAPH
            try:
                return onnx_sessions(path, self._sessions_wanted, self._shared())
            except Exception as exc:  # onnxruntime's errors have no common base class
                message = f"The reader {path} can't be loaded: {exc}."
                raise ReaderError(message, remedy="Install Studyhall again: the file comes with it.") from exc

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(len(self._sessions), thread_name_prefix="read")


def _read(session: Any, tokenizer: Tokenizer, asked: list[int], context: str, text: str) -> Reading:
    """Read a passage, in windows if it is longer than a pair may be; the best window's scores count."""
    line = tokenizer.encode(context, add_special_tokens=False).ids[:CONTEXT_TOKENS] if context else []
    encoded = tokenizer.encode(text, add_special_tokens=False)
    room = PAIR_TOKENS - 3 - len(asked) - len(line)
    starts = [0] if len(encoded.ids) <= room else list(range(0, len(encoded.ids) - _STRIDE, room - _STRIDE))
    readings = [
        _window(
            session, tokenizer, asked, line, encoded.ids[start : start + room], encoded.offsets[start : start + room]
        )
        for start in starts
    ]
    return max(readings, key=lambda reading: reading.relevance + reading.answers)


def _window(
    session: Any,
    tokenizer: Tokenizer,
    asked: list[int],
    line: list[int],
    ids: list[int],
    offsets: Sequence[tuple[int, int]],
) -> Reading:
    import numpy as np

    cls, sep = tokenizer.encode("").ids
    pair = np.array([[cls, *asked, sep, *line, *ids, sep]], dtype=np.int64)
    begin = len(asked) + 2
    types = np.zeros_like(pair)
    types[0, begin:] = 1
    start, end, relevance = session.run(None, {"ids": pair, "types": types})
    nothing = float(start[0, 0] + end[0, 0])
    if not ids:
        return Reading(0, 0, float(relevance[0]), -nothing)
    first = begin + len(line)
    text = slice(first, first + len(ids))
    score, at, to = best_span(start[0, text], end[0, text])
    found = Reading(offsets[at][0], offsets[to][1], float(relevance[0]), score - nothing)
    return replace(found, peaks=_peaks(start[0, text], offsets))


def _peaks(start: NDArray[np.float32], offsets: Sequence[tuple[int, int]]) -> tuple[tuple[int, float], ...]:
    """Return the likely starts of an answer, if there is one in the text: offsets with probabilities."""
    import numpy as np

    likely = np.exp(start - start.max())
    likely /= likely.sum()
    best = np.argsort(-likely)[:_PEAKS]
    return tuple((offsets[number][0], round(float(likely[number]), 4)) for number in sorted(best))


def best_span(start: NDArray[np.float32], end: NDArray[np.float32]) -> tuple[float, int, int]:
    """Return score, first and last token of the best span of at most 40 tokens, from start and end logits.

    >>> import numpy as np
    >>> best_span(np.array([0.0, 2.0, 1.0]), np.array([3.0, 0.0, 1.0]))
    (3.0, 0, 0)
    """
    import numpy as np

    sums = start[:, None] + end[None, :]
    count = len(start)
    valid = np.triu(np.ones((count, count), dtype=bool)) & ~np.triu(np.ones((count, count), dtype=bool), _ANSWER_TOKENS)
    at, to = np.unravel_index(int(np.where(valid, sums, -np.inf).argmax()), sums.shape)
    return float(sums[at, to]), int(at), int(to)
