"""Loads a model's own tokenizer, for the embedder and for the processes that cut chunks to the embedder's size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LETTERS = 2  # increased when the mapping of letters changes, so that texts are embedded again


def load_tokenizer(path: Path) -> Tokenizer:
    """Return the tokenizer in a ``tokenizer.json``, without the file's truncation and padding.

    all-MiniLM-L6-v2's file truncates and pads everything to 128 tokens; nothing here may be truncated silently. A word
    with a letter missing in BERT's vocabulary is unknown as a whole, so "𝑛" and "ᴺ" are mapped to "n" and "N".
    """
    from tokenizers import Tokenizer, normalizers

    tokenizer = Tokenizer.from_file(str(path))
    if isinstance(tokenizer.normalizer, normalizers.BertNormalizer):
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), tokenizer.normalizer])
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
