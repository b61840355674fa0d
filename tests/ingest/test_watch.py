"""Watching: a change in a folder is told once it has come to rest."""

import threading
from pathlib import Path

import pytest

from ingest.watch import changes


@pytest.mark.slow
def test_a_new_file_is_told_and_stopping_ends_the_watch(tmp_path: Path) -> None:
    stopped = threading.Event()

    def write_until_told() -> None:
        number = 0
        while not stopped.wait(2):  # longer than a change takes to come to rest
            number += 1
            (tmp_path / f"{number}.md").write_text("# New")

    thread = threading.Thread(target=write_until_told)
    thread.start()
    told = []
    for count in changes([tmp_path, tmp_path / "missing"], stopped):
        told.append(count)
        stopped.set()
    thread.join()
    assert len(told) == 1
    assert told[0] >= 1
