"""Prunes a Unigram tokenizer to the pieces that texts are made of, and to the letters that spell every other word."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_READ = 12_000_000  # characters of each file of plain text
_PIECE = 4000  # characters tokenised at once
_WORD = "▁"  # begins a piece that begins a word


def pieces_of(tokenizer: Tokenizer, texts: Iterator[str]) -> set[int]:
    """Return the ids of all pieces that occur in `texts`."""
    found: Counter[int] = Counter()
    for text in texts:
        parts = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
        for encoded in tokenizer.encode_batch(parts):
            found.update(encoded.ids)
    return set(found)


def all_texts(data: Path) -> Iterator[str]:
    """Yield the text of all files of `data`, of large ones the beginning."""
    for path in sorted((data / "text").glob("*.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield file.read(_READ)
    for path in sorted((data / "train").glob("*.json")):
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            for entry in article["paragraphs"]:
                yield "\n".join([entry["context"], *(asked["question"] for asked in entry["qas"])])


def kept_pieces(tokenizer: Tokenizer, found: Collection[int]) -> list[int]:
    """Return the ids to keep, in order: what was found, special tokens, and every single letter or sign.

    A word whose pieces are not all kept is spelt by shorter ones; only a letter that the teacher doesn't know is lost.
    """
    written = json.loads(tokenizer.to_str())
    special = {token["id"] for token in written["added_tokens"]}
    single = {at for at, (piece, _) in enumerate(written["model"]["vocab"]) if len(piece.removeprefix(_WORD)) <= 1}
    return sorted({*found, *special, *single, written["model"]["unk_id"]})


def pruned(tokenizer: Tokenizer, kept: list[int]) -> dict[str, Any]:
    """Return the content of a ``tokenizer.json`` with the kept pieces only; their ids are their places in `kept`."""
    written: dict[str, Any] = json.loads(tokenizer.to_str())
    place = {old: new for new, old in enumerate(kept)}
    model = written["model"]
    if model["type"] != "Unigram":
        message = f"A {model['type']} tokenizer can't be pruned: its pieces depend on one another."
        raise ValueError(message)
    model["vocab"] = [model["vocab"][old] for old in kept]
    model["unk_id"] = place[model["unk_id"]]
    for token in written["added_tokens"]:
        token["id"] = place[token["id"]]
    for token in (written["post_processor"] or {}).get("special_tokens", {}).values():
        token["ids"] = [place[old] for old in token["ids"]]
    return written
