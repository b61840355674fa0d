"""The embedder that comes along and its predecessor: one text per call, nothing truncated."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_tests.integration_tests import EmbeddingsIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

from rag.errors import EmbedderError, TextTooLong
from rag.models.embedder import SentenceEmbedder
from rag.models.embedder_spec import MINILM, read_spec
from rag.models.embeddings import StudyhallEmbeddings
from rag.models.export import exported
from rag.ports import Choice

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[3]
SENTENCES = [
    "An inverted index lists the documents of each term.",
    "PageRank is the share of time a random surfer spends on a page.",
    "Ein Suchbaum ordnet Schlüssel.",
    "BM25 saturates the frequency of a term: $k_1$ says how fast.",
    "The mitochondrion is the powerhouse of the cell.",
    "2 + 2 = 4",
    "def index(text): return text.split()",
    "🎓",
]
MINILM_INT8, MINILM_FP32 = Choice(MINILM), Choice(MINILM, "fp32")
ELSEWHERE = """
import hashlib, sys
from pathlib import Path
from rag.models.embedder import SentenceEmbedder
vectors = SentenceEmbedder(Path(sys.argv[1]), threads=1).embed(sys.argv[2:])
print(hashlib.sha256(vectors.tobytes()).hexdigest(), sorted({"torch", "transformers"} & set(sys.modules)))
"""


def of_tokens(embedder: SentenceEmbedder, count: int) -> str:
    """Return a text of so many tokens, the special ones not counted."""
    text = " ".join(["index"] * count)
    assert embedder.count_tokens(text) == count
    return text


def test_embeddings_are_unit_vectors_in_the_order_of_the_texts(embedder: SentenceEmbedder) -> None:
    vectors = embedder.embed(SENTENCES)
    assert (vectors.shape, vectors.dtype) == ((len(SENTENCES), embedder.dimensions), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(SENTENCES)), abs=1e-5)
    for text, vector in zip(SENTENCES, vectors, strict=True):
        assert (embedder.embed([text])[0] == vector).all()


def test_an_empty_list_and_an_empty_text_are_fine(embedder: SentenceEmbedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimensions)
    assert np.linalg.norm(embedder.embed([""])[0]) == pytest.approx(1.0, abs=1e-5)


def test_a_text_embeds_the_same_whatever_stands_beside_it(embedder: SentenceEmbedder) -> None:
    alone = embedder.embed([SENTENCES[0]])[0]
    for others in (SENTENCES[1:], SENTENCES[:0:-1], [of_tokens(embedder, 250)] * 3):
        assert (embedder.embed([*others, SENTENCES[0]])[-1] == alone).all()


def test_a_text_embeds_the_same_in_many_threads(embedder: SentenceEmbedder) -> None:
    expected = embedder.embed(SENTENCES)
    with ThreadPoolExecutor(4) as pool:
        assert all((found == expected).all() for found in pool.map(embedder.embed, [SENTENCES] * 12))


def test_a_text_embeds_the_same_in_another_process_without_torch(
    embedder: SentenceEmbedder, cache_folder: Path
) -> None:
    embedder.prepare()
    command = [sys.executable, "-c", ELSEWHERE, str(cache_folder), *SENTENCES]
    told = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=True).stdout.split(" ", 1)
    assert told[0] == hashlib.sha256(embedder.embed(SENTENCES).tobytes()).hexdigest()
    assert told[1].strip() == "[]"


def test_what_means_the_same_is_nearer_than_what_does_not(embedder: SentenceEmbedder) -> None:
    asked = embedder.embed_question("How does a search engine find the documents with a word?")
    cosines = embedder.embed(SENTENCES) @ asked
    assert cosines.argmax() == 0
    assert cosines[0] > cosines[4] + 0.2


def test_the_longest_text_is_embedded_whole(embedder: SentenceEmbedder) -> None:
    """A token more or less at the end changes the embedding: nothing is cut off."""
    whole = of_tokens(embedder, embedder.room)
    changed = whole.removesuffix("index") + "tree"
    assert (embedder.embed([whole]) != embedder.embed([changed])).any()


def test_a_longer_text_is_refused_not_truncated(embedder: SentenceEmbedder) -> None:
    text = of_tokens(embedder, embedder.room + 1)
    with pytest.raises(TextTooLong, match="257 tokens"):
        embedder.embed([SENTENCES[0], text])


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("index " * 255, id="one token too many"),
        pytest.param("What is an index? " * 1000, id="many windows"),
        pytest.param("x" * 20_000, id="one word"),
        pytest.param("ab/" * 5000, id="no white space"),
        pytest.param("索引" * 2000, id="Chinese"),
        pytest.param("🎓" * 2000, id="emoji"),
        pytest.param("unbelievabilities" * 500, id="one word of many pieces"),
        pytest.param("antidisestablishmentarianism," * 400, id="long words without white space"),
        pytest.param("\n" * 5000 + "index", id="line ends"),
    ],
)
def test_a_question_of_any_length_has_an_embedding(question: str, embedder: SentenceEmbedder) -> None:
    vector = embedder.embed_question(question)
    assert vector.shape == (embedder.dimensions,)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(question=st.one_of(st.text(), st.text(min_size=1).map(lambda text: text * 300)))
def test_no_question_fails(embedder: SentenceEmbedder, question: str) -> None:
    assert np.linalg.norm(embedder.embed_question(question)) == pytest.approx(1.0, abs=1e-4)


def test_a_long_question_stays_near_its_subject(embedder: SentenceEmbedder) -> None:
    near, far = "The inverted index of a search engine.", "Mitochondria in the cell."
    asked = embedder.embed_question("Tell me all about the inverted index of a search engine. " * 60)
    cosines = embedder.embed([near, far]) @ asked
    assert cosines[0] > cosines[1] + 0.4


def test_langchains_methods_return_the_same_as_lists(embedder: SentenceEmbedder, cache_folder: Path) -> None:
    embeddings = StudyhallEmbeddings(cache_folder, threads=1)
    assert embeddings.embed_documents(SENTENCES[:2]) == embedder.embed(SENTENCES[:2]).tolist()
    assert embeddings.embed_query(SENTENCES[0]) == embedder.embed_question(SENTENCES[0]).tolist()
    assert embeddings.embed_documents([]) == []


def test_the_fingerprint_names_what_an_embedding_depends_on(tmp_path: Path) -> None:
    ours, older, plain = (SentenceEmbedder(tmp_path, choice) for choice in (Choice(""), MINILM_INT8, MINILM_FP32))
    assert len({ours.fingerprint, older.fingerprint, plain.fingerprint}) == 3
    assert ours.fingerprint == SentenceEmbedder(tmp_path / "elsewhere", threads=3).fingerprint
    assert {len(embedder.fingerprint) for embedder in (ours, older, plain)} == {8}
    assert list(tmp_path.iterdir()) == []  # asking for it exports nothing


def test_the_embedder_that_comes_along_is_the_one_of_its_card() -> None:
    folder = read_spec("").folder
    with (folder / "embedder.onnx").open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    assert digest == read_spec("").graph_sha256
    assert digest in (folder / "README.md").read_text(encoding="utf-8")


def test_a_question_finds_its_answer_in_the_other_language(embedder: SentenceEmbedder) -> None:
    passages = [
        "Ein invertierter Index nennt zu jedem Wort die Dokumente, in denen es steht.",
        "The mitochondrion is the powerhouse of the cell.",
        "An inverted index lists the documents of each term.",
        "Das Mitochondrium ist das Kraftwerk der Zelle.",
    ]
    for question in ("What does an inverted index list?", "Was steht in einem invertierten Index?"):
        cosines = embedder.embed(passages) @ embedder.embed_question(question)
        assert min(cosines[0], cosines[2]) > max(cosines[1], cosines[3]) + 0.2


def test_quantising_changes_minilms_embeddings_hardly(cache_folder: Path) -> None:
    small, plain = (SentenceEmbedder(cache_folder, choice, threads=1) for choice in (MINILM_INT8, MINILM_FP32))
    cosines = (small.embed(SENTENCES) * plain.embed(SENTENCES)).sum(axis=1)
    assert cosines.mean() >= 0.98
    assert cosines.min() >= 0.95


def test_an_export_leaves_one_file_and_no_scratch(tmp_path: Path, cache_folder: Path) -> None:
    fresh = SentenceEmbedder(tmp_path / "cache", MINILM_INT8, threads=1)
    assert (fresh.embed(SENTENCES) == SentenceEmbedder(cache_folder, MINILM_INT8, threads=1).embed(SENTENCES)).all()
    assert [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()] == ["int8.onnx"]
    assert list((tmp_path / "cache").rglob("tmp*")) == []


def test_a_cache_that_is_a_file_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EmbedderError, match="STUDYHALL_CACHE"):
        SentenceEmbedder(tmp_path / "cache", MINILM_INT8).embed(["text"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_without_write_permission_is_told_in_words(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(EmbedderError, match="STUDYHALL_CACHE"):
            SentenceEmbedder(tmp_path / "cache", MINILM_INT8).embed(["text"])
    finally:
        tmp_path.chmod(0o700)


def test_a_damaged_export_is_told_in_words(tmp_path: Path, cache_folder: Path) -> None:
    export = tmp_path / exported(cache_folder, "int8").relative_to(cache_folder)
    export.parent.mkdir(parents=True)
    export.write_bytes(b"cut off")
    with pytest.raises(EmbedderError, match=r"int8\.onnx"):
        SentenceEmbedder(tmp_path, MINILM_INT8).embed(["text"])


class _Ours:
    """What LangChain's suites are told."""

    @property
    def embeddings_class(self) -> type[StudyhallEmbeddings]:
        return StudyhallEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"cache": Path(os.environ["STUDYHALL_CACHE"]), "threads": 1}


class TestOursUnit(_Ours, EmbeddingsUnitTests):
    pass


class TestOursIntegration(_Ours, EmbeddingsIntegrationTests):
    pass
