"""Runs a model that can't be exported with torch, behind the interface of an onnxruntime session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.models.export import whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class TorchSession:
    """Token ids in, unit vector out; slower than an exported graph, and torch has to be imported in each process."""

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = whole(SentenceTransformer(str(folder), device="cpu", local_files_only=True))

    def run(self, _outputs: Any, feed: dict[str, NDArray[np.int64]]) -> list[NDArray[np.float32]]:
        """Return the embeddings as the first output."""
        import torch

        with torch.no_grad():
            vectors: NDArray[np.float32] = self._model(torch.from_numpy(feed["input_ids"])).numpy()
        return [vectors]
