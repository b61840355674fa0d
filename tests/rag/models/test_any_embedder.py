"""Any sentence-transformers model: its vectors are those of its own library, and no word is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.errors import EmbedderError, TextTooLong
from rag.models.embedder import SentenceEmbedder
from rag.models.embedder_spec import read_spec
from rag.ports import Choice
from tests.tiny_embedder import write_model

pytestmark = pytest.mark.slow

TEXTS = ["a tree", "graphs have nodes and edges."]
PROMPTS = {"query": "ask: ", "document": "text: "}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "tiny", prompts=PROMPTS)


def change(folder: Path, name: str, **values: Any) -> None:
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def own_vectors(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return what sentence-transformers makes of the texts, as documents and as questions."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    return (
        model.encode_document(TEXTS, normalize_embeddings=True),
        model.encode_query(TEXTS, normalize_embeddings=True),
    )


def test_a_spec_is_read_from_the_models_own_files(model: Path) -> None:
    spec = read_spec(str(model))
    assert (spec.name, spec.max_tokens, spec.dimensions, spec.pooling) == ("tiny", 48, 32, "mean")
    assert (spec.query_prefix, spec.document_prefix) == ("ask: ", "text: ")
    assert read_spec(str(model), query_prefix="Q: ").query_prefix == "Q: "


@pytest.mark.parametrize("pooling", ["mean", "cls", "max", "weightedmean", "lasttoken"])
def test_vectors_are_those_of_its_own_library(pooling: str, tmp_path: Path) -> None:
    folder = write_model(tmp_path / pooling, pooling=pooling, prompts=PROMPTS)
    embedder = SentenceEmbedder(tmp_path / "cache", Choice(str(folder), "fp32"), threads=1)
    documents, questions = own_vectors(folder)
    assert embedder.embed(TEXTS) == pytest.approx(documents, abs=1e-5)
    assert np.stack([embedder.embed_question(text) for text in TEXTS]) == pytest.approx(questions, abs=1e-5)


def test_a_model_that_cannot_be_exported_is_run_by_torch(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "tiny")
    embedder = SentenceEmbedder(tmp_path / "cache", Choice(str(folder), "fp32"), threads=1)
    vectors = embedder.embed(TEXTS)
    next(tmp_path.glob("cache/*/fp32.onnx")).with_name("not-exported.txt").write_text("ValueError: it differs")
    again = SentenceEmbedder(tmp_path / "cache", Choice(str(folder), "fp32"), threads=1)
    assert again.embed(TEXTS) == pytest.approx(vectors, abs=1e-5)
    assert again.fingerprint != embedder.fingerprint


def test_a_text_longer_than_the_window_is_embedded_whole(model: Path, tmp_path: Path) -> None:
    """Every word changes the vector, also the last one; `embed` refuses what it would have to cut."""
    embedder = SentenceEmbedder(tmp_path, Choice(str(model)), threads=1)
    long = " ".join(["node"] * 40)
    with pytest.raises(TextTooLong, match="tiny reads 48"):
        embedder.embed([long])
    whole, changed = embedder.embed_whole([long, f"{long} edge"])
    assert np.linalg.norm(whole) == pytest.approx(1.0, abs=1e-5)
    assert (whole != changed).any()


def test_a_short_text_is_embedded_the_same_either_way(model: Path, tmp_path: Path) -> None:
    embedder = SentenceEmbedder(tmp_path, Choice(str(model)), threads=1)
    assert (embedder.embed_whole(TEXTS) == embedder.embed(TEXTS)).all()


def test_the_fingerprint_names_prefixes_and_window(model: Path, tmp_path: Path) -> None:
    plain = SentenceEmbedder(tmp_path / "cache", Choice(str(model)))
    prefixed = SentenceEmbedder(tmp_path / "cache", Choice(str(model), query_prefix="q "))
    shorter = write_model(tmp_path / "tiny", window=32, prompts=PROMPTS)
    short = SentenceEmbedder(tmp_path / "cache", Choice(str(shorter)))
    fingerprints = {plain.fingerprint, prefixed.fingerprint, short.fingerprint}
    assert len(fingerprints) == 3


def test_a_model_in_the_homes_folder_is_found_by_its_name(model: Path, tmp_path: Path) -> None:
    assert read_spec("tiny", model.parent).folder == model
    with pytest.raises(EmbedderError, match="There are: studyhall-en-de, all-MiniLM-L6-v2, tiny"):
        read_spec("other", model.parent)


def test_a_folder_that_is_no_such_model_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(EmbedderError, match="can't be used"):
        read_spec(str(tmp_path))
    folder = write_model(tmp_path / "tiny")
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps(modules[1:]))
    with pytest.raises(EmbedderError, match="only transformers with a pooling"):
        read_spec(str(folder))
