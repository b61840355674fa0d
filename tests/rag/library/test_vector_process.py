"""Chroma in a process of its own: a crash or a hang there costs one request, and no secret of ours reaches it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from rag.errors import HomeError
from rag.library.vector_process import VectorProcess
from tests.processes import children
from tests.small_disk import fill, small_disk

pytestmark = pytest.mark.slow

AXES = np.eye(4, dtype=np.float32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VectorProcess]:
    opened = VectorProcess(tmp_path / "chroma", "abcd1234")
    yield opened
    opened.close()


def holders() -> list[int]:
    """Return the process ids of the processes that hold Chroma for this one."""
    calls = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in children(os.getpid())}
    return [child for child, call in calls.items() if b"vector_process" in call]


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the process in /proc")


@linux
def test_a_crash_of_chroma_costs_nothing(store: VectorProcess) -> None:
    store.add(1, "d", ["a"], AXES[:1])
    (process,) = holders()
    os.kill(process, signal.SIGKILL)
    assert store.count(1) == 1
    (process,) = holders()
    os.kill(process, signal.SIGSTOP)  # so that it ends in the middle of a request
    killing = threading.Timer(0.2, os.kill, (process, signal.SIGKILL))
    killing.start()
    store.add(1, "d", ["b"], AXES[1:2])
    assert store.count(1) == 2


@linux
def test_a_request_that_never_ends_is_given_up(tmp_path: Path, store: VectorProcess) -> None:
    store.add(1, "d", ["a"], AXES[:1])
    (process,) = holders()
    os.kill(process, signal.SIGSTOP)
    impatient = VectorProcess(tmp_path / "chroma", "abcd1234", patience_s=0.5)
    with pytest.raises(HomeError, match=r"given up .* doctor"):
        impatient.count(1)
    assert store.count(1) == 1


@linux
def test_a_process_that_takes_nothing_in_is_ended_and_blocks_nobody(tmp_path: Path, store: VectorProcess) -> None:
    store.add(1, "d", ["a"], AXES[:1])
    (process,) = holders()
    os.kill(process, signal.SIGSTOP)
    impatient = VectorProcess(tmp_path / "chroma", "abcd1234", patience_s=0.5)
    large = np.tile(AXES, (5000, 1))  # more than a pipe holds
    with suppress(HomeError):  # the new process may take longer than that to start
        impatient.add(1, "e", [str(number) for number in range(len(large))], large)
    assert store.present(1, ["a"]) == {"a"}
    assert process not in holders()


def test_no_second_process_gets_into_the_folder(tmp_path: Path, store: VectorProcess) -> None:
    store.add(1, "d", ["a"], AXES[:1])
    call = f"""
from pathlib import Path
from rag.library import vector_process
vector_process.VectorProcess(Path({str(tmp_path / "chroma")!r}), "abcd1234").count(1)
"""
    other = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=False)
    assert "held by another process" in other.stderr
    assert store.count(1) == 1


@linux
def test_a_killed_program_leaves_no_process_behind(tmp_path: Path) -> None:
    call = f"""
import os, signal
from pathlib import Path
from rag.library.vector_process import VectorProcess
VectorProcess(Path({str(tmp_path / "chroma")!r}), "abcd1234").count(1)
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", call], check=False)
    assert killed.returncode == -signal.SIGKILL
    after = VectorProcess(tmp_path / "chroma", "abcd1234")  # waits for the folder
    assert after.count(1) == 0
    after.close()


def test_a_full_disk_is_told_and_freeing_space_is_enough(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 24) as disk:
        store = VectorProcess(disk / "chroma", "abcd1234")
        store.add(1, "d", ["a"], AXES[:1])
        filling = fill(disk, leave=1_000_000)
        with pytest.raises(HomeError, match=r"The disk of .* is full: .* MB are free"):
            store.add(1, "d", ["b"], AXES[1:2])
        assert store.search(1, AXES[0], limit=5)[0][0] == "a"
        filling.unlink()
        store.add(1, "d", ["b"], AXES[1:2])
        assert store.count(1) == 2
        store.close()


SECRET = "swordfish-and-chips"
# Chroma works in threads, whose memory comes from where other threads' went back to: there the secret is left. Freeing
# a large block first makes glibc take blocks of Chroma's size from there too, and not fresh from the system.
RUN = f"""
import sys, threading
from ui.hall import Studyhall

def leave(gate):
    gate.wait()
    blocks = [bytearray(b"{SECRET} " * count) for count in (4_000, 9_000, 20_000) for _ in range(6)]
    gate.wait()
    del blocks
    gate.wait()

with Studyhall.open(sys.argv[1]) as hall:
    large = bytearray(30_000_000)
    del large
    gate = threading.Barrier(24)
    threads = [threading.Thread(target=leave, args=[gate]) for _ in range(24)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    hall.ingest([sys.argv[2]])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc can be told to overwrite")
def test_what_chroma_has_not_filled_holds_nothing_of_what_was_in_memory(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# Tries\n\nA trie is a tree of letters.\n", encoding="utf-8")
    home = tmp_path / "home"
    subprocess.run([sys.executable, "-c", RUN, str(home), str(tmp_path / "notes.md")], check=True)
    files = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name == "data_level0.bin" for path in files)
    assert [path.name for path in files if SECRET.encode() in path.read_bytes()] == []
