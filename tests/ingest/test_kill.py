"""kill -9 in the middle of an ingestion: nothing lost, nothing double, and the next run completes."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag.library.repair import examine
from rag.types import DocumentState
from ui.hall import Studyhall

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system knows no SIGKILL"),
]

DOCUMENTS = 12
PARAGRAPH = "The postings list of a term names the documents that hold it, in ascending order. "


def write_course(folder: Path) -> None:
    folder.mkdir()
    for number in range(DOCUMENTS):
        text = "\n\n".join(f"## Section {part}\n\n{number} {PARAGRAPH * 6}" for part in range(8))
        (folder / f"{number:02}.md").write_text(f"# Lecture {number}\n\n{text}\n", encoding="utf-8")


def ingest_and_kill(course: Path, home: Path, after: float) -> None:
    command = [sys.executable, "-c", "from ui.cli import run; run()", "ingest", str(course), "--home", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # The clock starts when the library is there: before that there is nothing to lose.
    while not (home / "library.db").exists() and process.poll() is None:
        time.sleep(0.005)
    time.sleep(after)
    process.kill()
    process.wait()


def test_nothing_is_lost_or_double_after_kills_at_random_moments(tmp_path: Path) -> None:
    course, home = tmp_path / "course", tmp_path / "home"
    write_course(course)
    moments = random.Random(11)
    for round_ in range(4):
        ingest_and_kill(course, home, after=moments.uniform(0.05, 1.5))
        with Studyhall.open(home) as hall:
            # Each document is wholly in one of its states, and is found by words once it is parsed.
            infos = hall.documents()
            # A changed file is its old version, and beside it the new one in the queue.
            shown = [info for info in infos if info.state is not DocumentState.QUEUED]
            assert len({info.source for info in shown}) == len(shown)
            parsed = [info for info in infos if info.state in {DocumentState.PARSED, DocumentState.READY}]
            assert all(info.chunks > 0 for info in parsed)
            assert not [info for info in infos if info.state is DocumentState.FAILED], f"round {round_}"
        # A change and a removal between the kills.
        (course / "00.md").write_text(f"# Lecture 0, version {round_}\n\n{PARAGRAPH * 20}\n", encoding="utf-8")
    with Studyhall.open(home) as hall:
        hall.ingest([course])
        assert [info.state for info in hall.documents()] == [DocumentState.READY] * DOCUMENTS
        assert [finding for finding in examine(hall.engine.library) if not finding.well] == []
        found = [passage.text for passage in hall.search("version", k=5).passages]
        assert [text for text in found if "version" in text] == [text for text in found if "version 3" in text] != []
        assert not list(hall.engine.home.files.glob(f"*/*.{os.getpid()}"))
