"""Computes what the student learns: the teacher's state of every token, and their mean, the vector of the text.

The teacher runs in int8 as the project's embedder, five times as fast as in torch. Its results are written to disk as
they come, so a restart continues; the student reads them from there.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.models.embedder import SentenceEmbedder
from rag.models.export import onnx_sessions
from rag.training.distil_texts import MAX_TOKENS, Taught

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CHUNK = 1000  # texts computed before they are noted as done

logger = logging.getLogger("rag.training")


class Lessons:
    """The tokens of all texts, and the teacher's states and vectors of those done so far."""

    def __init__(self, folder: Path, ids: Sequence[Sequence[int]], width: int) -> None:
        import numpy as np

        self.ids = ids
        self.ends = np.cumsum([len(one) for one in ids])
        self._note = folder / "taught.json"
        self.states = _mapped(folder / "states.f16", (int(self.ends[-1]), width))
        self.vectors = _mapped(folder / "vectors.f16", (len(ids), width))

    @property
    def done(self) -> int:
        """The number of texts that the teacher has read."""
        return int(json.loads(self._note.read_text())) if self._note.is_file() else 0

    def of(self, place: int) -> NDArray[np.float16]:
        """Return the teacher's states of one text, shape (tokens, dimensions)."""
        end = int(self.ends[place])
        states: NDArray[np.float16] = self.states[end - len(self.ids[place]) : end]
        return states

    def write(self, first: int, states: Sequence[NDArray[np.float32]]) -> None:
        """Keep the states of neighbouring texts, and note that they are done."""
        import numpy as np

        for place, found in enumerate(states, first):
            self.of(place)[:] = found
            mean = found.mean(axis=0)
            self.vectors[place] = mean / np.linalg.norm(mean)
        for written in (self.states, self.vectors):
            written.flush()
        fresh = self._note.with_suffix(".new")
        fresh.write_text(json.dumps(first + len(states)))
        fresh.replace(self._note)


def tokens(texts: Sequence[Taught], embedder: SentenceEmbedder) -> list[list[int]]:
    """Return the token ids of texts with the model's prefixes, cut after the length of the longest chunk."""
    spec = embedder.spec
    written = [(spec.query_prefix if one.asked else spec.document_prefix) + one.text for one in texts]
    encoded = embedder.tokenizer.encode_batch(written)
    return [one.ids if len(one.ids) <= MAX_TOKENS else [*one.ids[: MAX_TOKENS - 1], one.ids[-1]] for one in encoded]


def teach(lessons: Lessons, graph: Path, *, threads: int) -> None:
    """Let the teacher read all texts that it hasn't read; `graph` is a file of `with_states`."""
    import numpy as np

    session = onnx_sessions(graph, 1)[0]

    def states(ids: Sequence[int]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = session.run(["states"], {"input_ids": np.array([ids], dtype=np.int64)})[0][0]
        return found

    began, before = time.perf_counter(), lessons.done
    with ThreadPoolExecutor(threads) as pool:
        for first in range(before, len(lessons.ids), _CHUNK):
            lessons.write(first, list(pool.map(states, lessons.ids[first : first + _CHUNK])))
            speed = (lessons.done - before) / (time.perf_counter() - began)
            left = (len(lessons.ids) - lessons.done) / speed / 60
            logger.info("Teacher: %d of %d texts, %.0f min left.", lessons.done, len(lessons.ids), left)


def with_states(graph: Path, made: Path) -> Path:
    """Write an exported embedder that returns the states of its tokens, too; the mean of them is its vector."""
    import onnx

    if not made.is_file():
        model = onnx.load(graph)
        mean = [node for node in model.graph.node if node.op_type == "ReduceMean"][-1]
        model.graph.node.append(onnx.helper.make_node("Identity", [mean.input[0]], ["states"]))
        model.graph.output.append(
            onnx.helper.make_tensor_value_info("states", onnx.TensorProto.FLOAT, ["batch", "tokens", "size"])
        )
        fresh = made.with_suffix(".new")
        onnx.save(model, fresh)
        fresh.replace(made)
    return made


def _mapped(path: Path, shape: tuple[int, int]) -> Any:
    import numpy as np

    return np.memmap(path, dtype=np.float16, mode="r+" if path.is_file() else "w+", shape=shape)
