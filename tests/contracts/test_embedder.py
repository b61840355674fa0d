"""What any embedder does."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import TextTooLong
from rag.ports import Choice, Embedder
from tests.fake_parts import FakeEmbedder

TEXTS = [
    "An inverted index lists the documents of each term.",
    "Ein Suchbaum ordnet seine Schlüssel.",
    "def index(text): return text.split()",
    "2 + 2 = 4",
    "🎓",
    "",
]
WORD = "index"


@pytest.fixture(scope="module", params=[pytest.param("fake", id="fake"), pytest.param("ours", marks=pytest.mark.slow)])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return FakeEmbedder() if request.param == "fake" else request.getfixturevalue("real_embedder")


def of_tokens(embedder: Embedder, count: int) -> str:
    text = " ".join([WORD] * count)
    assert embedder.count_tokens(text) == count
    return text


def test_it_is_an_embedder(embedder: Embedder) -> None:
    assert isinstance(embedder, Embedder)


def test_each_text_has_a_unit_vector(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), embedder.dimensions), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_no_texts_have_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimensions)
    assert embedder.embed_whole([]).shape == (0, embedder.dimensions)


def test_a_text_embeds_the_same_alone_and_among_others_in_any_order(embedder: Embedder) -> None:
    vectors, backwards = embedder.embed(TEXTS), embedder.embed(TEXTS[::-1])
    assert (vectors == backwards[::-1]).all()
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert (embedder.embed([text])[0] == vector).all()
        assert (embedder.embed_whole([text])[0] == vector).all()


def test_what_means_the_same_is_nearer_than_what_does_not(embedder: Embedder) -> None:
    asked = embedder.embed_question("What does an inverted index list?")
    nearest, *others = embedder.embed([TEXTS[0], TEXTS[1], "Cows eat grass."]) @ asked
    assert asked.shape == (embedder.dimensions,)
    assert nearest > max(others)


def test_as_many_tokens_as_there_is_room_for_are_embedded_and_no_more(embedder: Embedder) -> None:
    assert embedder.embed([of_tokens(embedder, embedder.room)]).shape == (1, embedder.dimensions)
    with pytest.raises(TextTooLong):
        embedder.embed([of_tokens(embedder, embedder.room + 1)])


@pytest.mark.parametrize("times", [2, 40])
def test_a_text_or_a_question_of_any_length_has_a_vector_when_asked_so(embedder: Embedder, times: int) -> None:
    text = of_tokens(embedder, times * embedder.room)
    for vector in (embedder.embed_whole([text])[0], embedder.embed_question(text)):
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(text=st.text(max_size=80))
def test_tokens_are_counted_as_the_tokenizer_counts_and_point_into_the_text(embedder: Embedder, text: str) -> None:
    offsets = embedder.tokenizer.encode(text, add_special_tokens=False).offsets
    assert embedder.count_tokens(text) == len(offsets)
    assert all(0 <= start <= end <= len(text) for start, end in offsets)


def test_its_fingerprint_is_its_own_and_survives(embedder: Embedder) -> None:
    assert re.fullmatch(r"\w{4,}", embedder.fingerprint)
    assert embedder.like(embedder.choice).fingerprint == embedder.fingerprint
    other = Choice(embedder.choice.model, embedder.choice.quantisation, query_prefix="ask: ", document_prefix="tell: ")
    assert embedder.like(other).fingerprint != embedder.fingerprint


def test_its_tokenizer_file_is_there(embedder: Embedder) -> None:
    embedder.prepare()
    assert embedder.tokenizer_file.is_file()
