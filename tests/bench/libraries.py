"""The libraries that sets are measured in: ingested once into a cache folder, as a person would, and kept.

A run that was stopped is taken up where it was, as every ingestion. When the code that makes a library changes, it
is made anew: measuring an old one would measure old code.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.report import Embedding, IngestReport
from rag.library.home import cache_folder
from tests.bench.sets import QuestionSet
from ui.hall import Studyhall

ROOT = Path(__file__).resolve().parents[2]
_TOLD = 500  # chunks between two lines of progress
_MAKERS = ("ingest/**/*.py", "rag/text/words.py", "rag/text/sentences.py", "rag/library/*.py", "rag/models/embedder.py")


def bench_folder() -> Path:
    """Return where benchmarks keep what takes long to make: ``STUDYHALL_BENCH``, or a part of the cache."""
    named = os.environ.get("STUDYHALL_BENCH")
    return Path(named) if named else cache_folder() / "bench"


@contextmanager
def library_of(questions: QuestionSet) -> Iterator[Studyhall]:
    """Open a home that holds the files of a set; they are ingested first where that was not done yet."""
    name = f"{questions.library or questions.name}-{questions.version}"
    folder = bench_folder() / f"{name}-{makers()}"
    for old in bench_folder().glob(f"{name}-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    files, done = folder / "files", folder / "done"
    if not done.is_file():
        shutil.rmtree(files, ignore_errors=True)
        files.mkdir(parents=True)
        questions.write(files)
    with Studyhall.open(folder / "home") as hall:
        if not done.is_file():
            _ingest(hall, files, name)
            done.touch()
        yield hall


def makers() -> str:
    """Return a hash of the code that decides what a library holds."""
    paths = sorted(path for pattern in _MAKERS for path in ROOT.glob(pattern))
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:8]


def _ingest(hall: Studyhall, files: Path, name: str) -> None:
    told = 0
    for event in hall.ingest_events([files]):
        match event:
            case Embedding(done, total) if done - told >= _TOLD:
                told = done
                sys.stderr.write(f"{name}: {done} of {total} chunks embedded\n")
            case IngestReport() as report:
                failed = [document.error for document in report.documents if document.error]
                if failed:
                    sys.exit(f"{name} can't be ingested: {failed[0]}")
