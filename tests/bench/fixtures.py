"""Difficult files: `make bench-fixtures`. Each must end in text or in a reason, and none may take over 60 s.

All of `../shared/data/fixtures`, parsed as `studyhall ingest` does it, one file after the other; a table by kind.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.accept.acceptor import document_id_of, source_of
from ingest.accept.sources import Found, Skipped, discover
from ingest.parse.parsing import ParseTask
from ingest.parse.worker import command
from ingest.parse.workers import Workers
from rag.errors import StudyhallError
from rag.library.home import cache_folder
from rag.models.embedder import SentenceEmbedder
from tests.bench.measuring import SHARED, table


@dataclass(frozen=True)
class Outcome:
    """What became of a file."""

    kind: str
    name: str
    seconds: float
    characters: int
    reason: str


def outcomes(folder: Path) -> Iterator[Outcome]:
    """Parse every file of a folder in a worker, one after the other."""
    workers = Workers(1, command(SentenceEmbedder(cache_folder()).tokenizer_file))
    try:
        for item in discover([folder]):
            path = Path(item.uri)
            kind = "/".join(path.relative_to(folder).parts[:2]) if path.is_relative_to(folder) else ""
            kind = "html" if kind.startswith("html") else kind
            began = time.perf_counter()
            if isinstance(item, Skipped):
                continue
            characters, reason = 0, ""
            try:
                assert isinstance(item, Found)
                source = source_of(item.uri, path.read_bytes())
                parsed = workers.submit(ParseTask(source, path, document_id_of(source))).result()
                characters = len(parsed.document.text)
            except StudyhallError as exc:
                reason = str(exc)
            yield Outcome(kind, path.name, time.perf_counter() - began, characters, reason)
    finally:
        workers.close()


def main() -> None:
    """Parse them, and print the table and every reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=SHARED / "data/fixtures")
    folder: Path = parser.parse_args().folder
    if not folder.is_dir():
        sys.exit(f"There are no files in {folder}: name a folder with --folder.")
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes(folder):
        kinds[outcome.kind].append(outcome)
        sys.stderr.write(
            f"{outcome.seconds:5.1f} s {outcome.kind} {outcome.name}: {outcome.reason or outcome.characters}\n"
        )
    everything = [file for files in kinds.values() for file in files]
    rows = []
    for kind, files in [*sorted(kinds.items()), ("all", everything)]:
        slowest = max(files, key=lambda file: file.seconds)
        text = sum(bool(file.characters) for file in files)
        reasons = sum(bool(file.reason) for file in files)
        rows.append([kind, len(files), text, reasons, f"{slowest.seconds:.1f}", slowest.name])
    sys.stdout.write(table(["kind", "files", "text", "reasons", "slowest, s", "which"], rows) + "\n")
    for file in (file for file in everything if file.reason):
        sys.stdout.write(f"- {file.kind}: {file.reason}\n")


if __name__ == "__main__":
    main()
