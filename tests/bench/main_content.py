"""The main content of web pages: `make bench-html`.

Token F1 of what is ingested against what a reader would keep (a multiset of words, case folded), on saved pages
with their expected content in `../shared/data/fixtures/html`, and the same for trafilatura alone.
"""

from __future__ import annotations

import argparse
import logging
import re
import statistics
import sys
from collections import Counter
from pathlib import Path

from ingest.loaders.markup.html import load
from rag.errors import StudyhallError
from tests.bench.measuring import SHARED, table

_WORD = re.compile(r"\w+")


def words(text: str) -> Counter[str]:
    """Return the words of a text with how often each is there."""
    return Counter(_WORD.findall(text.casefold()))


def scores(found: Counter[str], wanted: Counter[str]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of words found against words wanted."""
    shared = (found & wanted).total()
    if not shared:
        return 0.0, 0.0, 0.0
    precision, recall = shared / found.total(), shared / wanted.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def expected(file: Path) -> str:
    """Return the text of a page's expected content."""
    from lxml import html

    tree = html.fromstring(file.read_text(encoding="utf-8"))
    # A space at each tag: "<li>one</li><li>two</li>" is two words.
    return " ".join(tree.itertext())


def trafilatura_alone(data: bytes) -> str:
    """Return what trafilatura makes of a page by itself."""
    import trafilatura

    return trafilatura.extract(data.decode("utf-8", "replace")) or ""


def ours(data: bytes, name: str) -> str:
    """Return what is ingested of a page; nothing when it is refused."""
    try:
        return load(data, name=name).text
    except StudyhallError:
        return ""


def main() -> None:
    """Compare, page by page, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=SHARED / "data/fixtures/html")
    folder: Path = parser.parse_args().folder
    if not folder.is_dir():
        sys.exit(f"There are no saved pages in {folder}: name a folder with --folder.")
    logging.disable(logging.WARNING)
    rows, means = [], []
    for page in sorted(folder.glob("*/source.html")):
        data, wanted = page.read_bytes(), words(expected(page.parent / "expected.html"))
        precision, recall, f1 = scores(words(ours(data, page.parent.name)), wanted)
        alone = scores(words(trafilatura_alone(data)), wanted)[2]
        means.append((precision, recall, f1, alone))
        rows.append([page.parent.name, *(f"{value:.3f}" for value in means[-1])])
    rows.append(["mean", *(f"{statistics.mean(column):.3f}" for column in zip(*means, strict=True))])
    sys.stdout.write(table(["page", "precision", "recall", "F1", "F1, trafilatura alone"], rows))


if __name__ == "__main__":
    main()
