"""A model's own tokenizer, for whoever counts tokens: the embedder, and the processes that cut chunks to its size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LETTERS = 2  # raised when letters are read otherwise, so that texts are embedded anew


def load_tokenizer(path: Path) -> Tokenizer:
    """Return the tokenizer in a ``tokenizer.json``, with the truncation and padding that the file asks for taken off.

    all-MiniLM-L6-v2's file cuts and pads everything to 128 tokens; nothing here may be cut in silence. A word with a
    letter that BERT's vocabulary lacks is unknown as a whole, so that "𝑛" and "ᴺ" are read as "n" and "N".
    """
    from tokenizers import Tokenizer, normalizers

    tokenizer = Tokenizer.from_file(str(path))
    if isinstance(tokenizer.normalizer, normalizers.BertNormalizer):
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), tokenizer.normalizer])
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
