"""A cross-encoder of one's own as reranker: a tiny real one, made on the spot."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import ReaderError
from rag.models.crossencoder import CrossEncoder

pytestmark = pytest.mark.slow

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "what", "are", "tries", "trees", "tulips", "bloom"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder with random weights, as sentence-transformers saves one."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    path = tmp_path_factory.mktemp("cross")
    (path / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizerFast(vocab_file=str(path / "vocab.txt")).save_pretrained(path)
    shape = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=1,
    )
    BertForSequenceClassification(shape).save_pretrained(path)
    return path


def test_it_scores_pairs_as_the_model_itself_does(folder: Path, tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder as Itself
    from torch.nn import Identity

    pairs = [("Tries\n", "tries are trees"), ("", "tulips bloom")]
    said = CrossEncoder(str(folder), tmp_path).read("what are tries", pairs)
    expected = Itself(str(folder), device="cpu").predict(
        [("what are tries", f"{line}{text}") for line, text in pairs], activation_fn=Identity()
    )
    assert [reading.relevance for reading in said] == pytest.approx([float(score) for score in expected], abs=1e-4)
    assert all(reading.start == reading.end == 0 and not reading.peaks for reading in said)


def test_a_pair_that_is_too_long_loses_the_end_of_its_passage(folder: Path, tmp_path: Path) -> None:
    ranker = CrossEncoder(str(folder), tmp_path)
    long, longer = ranker.read("what are tries", [("", "trees " * 600), ("", "trees " * 900)])
    assert long.relevance == pytest.approx(longer.relevance)


def test_what_is_no_cross_encoder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="cross-encoder"):
        CrossEncoder(str(tmp_path / "nothing"), tmp_path).read("what", [("", "trees")])
