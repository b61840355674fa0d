"""Watching: a change in a folder is told once it has come to rest."""

import threading
import time
from pathlib import Path

import pytest

from ingest.watch import changes


@pytest.mark.slow
def test_a_new_file_is_told_and_stopping_ends_the_watch(tmp_path: Path) -> None:
    stopped = threading.Event()

    def write_later() -> None:
        time.sleep(0.5)
        (tmp_path / "new.md").write_text("# New")

    thread = threading.Thread(target=write_later)
    thread.start()
    told = []
    for count in changes([tmp_path, tmp_path / "missing"], stopped):
        told.append(count)
        stopped.set()
    thread.join()
    assert told == [1]
