"""Of a very long file the beginning is read, whole lines of it, and the report says so."""

from __future__ import annotations

import pytest

from ingest.chunk import TokenCounts
from ingest.loaders import length, load
from rag.models.embedder import SentenceEmbedder

ROW = ",".join(str(number) for number in range(1000, 1050)) + "\n"
LINE = "A trie stores strings by their letters.\n"


@pytest.mark.parametrize(
    ("name", "unit"),
    [("long.txt", LINE), ("long.md", f"{LINE}\n"), ("long.csv", ROW), ("long.py", f"x = '{LINE.strip()}'\n")],
)
def test_the_beginning_of_a_long_file_is_read(name: str, unit: str) -> None:
    data = (unit * (length.MOST // len(unit) + 50_000)).encode()
    document = load(data, name=name)
    assert 0.8 * length.MOST < len(document.text) <= length.MOST
    (note,) = document.notes
    assert note.startswith("only the first 24")
    assert note.endswith("divide the file to have the rest found")
    assert document.blocks[-1].end == len(document.text.rstrip())


def test_a_long_file_in_utf_16_is_cut_between_characters() -> None:
    data = (LINE * (length.MOST // len(LINE))).encode("utf-16")
    document = load(data, name="long.txt")
    assert set(document.text) <= set(LINE)
    assert document.notes


def test_a_file_within_the_limit_has_no_note() -> None:
    assert load(LINE.encode(), name="short.txt").notes == ()


def test_a_header_that_leaves_no_room_for_its_rows_is_not_repeated() -> None:
    header = ",".join(f"a rather long name {number}" for number in range(30)) + "\n"
    text = load((header + ROW * 50).encode(), name="wide.csv").text
    assert text.count("long name 17") == 1


def test_tokens_counted_in_parts_are_those_of_the_whole(embedder: SentenceEmbedder) -> None:
    text = "\n".join(f"Line {number} says that a trie stores strings." for number in range(12_000))
    whole = [start for start, _ in embedder.tokenizer.encode(text, add_special_tokens=False).offsets]
    counts = TokenCounts(text, embedder.tokenizer)
    assert len(text) > 400_000
    assert counts.count(0, len(text)) == len(whole)
    for start, end in ((0, 1000), (199_000, 202_000), (150_000, len(text))):
        assert counts.count(start, end) == sum(start <= at < end for at in whole)
